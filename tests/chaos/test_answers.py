"""A task killed while it asks: what is answered is not asked again."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.asking import AT_ONCE

pytestmark = [pytest.mark.chaos]

ROWS = 1_000
KILLS = 3


@pytest.fixture
def server() -> Iterator[str]:
    """A model server in a process of its own, that takes 50 ms for an answer."""
    argv = [sys.executable, "-m", "tests.endpoint", "--latency", "0.05"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        yield process.stdout.readline().strip()
        process.kill()


def stats(url: str) -> dict:
    with urllib.request.urlopen(url.replace("/v1", "/stats"), timeout=30) as answer:
        return json.load(answer)


def answered(url: str) -> int:
    return stats(url)["counts"].get("answered", 0)


def start(url: str, folder: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "tests.chaos.asking", url, str(folder), str(ROWS)])


def test_kill_and_try_again_repeats_at_most_what_was_under_way(server, tmp_path):
    for killed in range(1, KILLS + 1):
        process = start(server, tmp_path)
        deadline = time.monotonic() + 100
        while answered(server) < killed * ROWS // (KILLS + 1):
            assert process.poll() is None, "it is killed before it is done"
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.kill()
        process.wait()
    assert start(server, tmp_path).wait(100) == 0
    assert ROWS <= answered(server) <= ROWS + KILLS * AT_ONCE
    before = answered(server)
    assert start(server, tmp_path).wait(100) == 0, "a third time all answers are known"
    assert answered(server) == before
