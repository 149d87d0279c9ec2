"""A task that is killed in the middle of asking, and tried again."""

import signal
import subprocess
import sys
from pathlib import Path

from tests.endpoint import Behaviour, Served, serving
from tests.waiting import wait_until

PROJECT = Path(__file__).parents[2]
AT_ONCE = 16
TASK = """
import os, sys
from dataflow_ops.llm.chat import Completion
from dataflow_ops.llm.endpoint import Endpoint, Server
from tests.llm.asks import content, requests

url, notes = sys.argv[1:]
file = os.open(notes, os.O_CREAT | os.O_RDWR | os.O_APPEND)
known = set(os.read(file, 1 << 20).decode().split())

def done(request, outcome):
    if isinstance(outcome, Completion):
        os.write(file, f"{content(request)}\\n".encode())

with Endpoint(Server(url, "tiny", concurrency=%d, backoff_s=0.01)) as endpoint:
    endpoint.complete(requests(number for number in range(600) if str(number) not in known), done)
"""


def task(served: Served, notes: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", TASK % AT_ONCE, served.url, str(notes)], cwd=PROJECT)


def test_only_what_was_in_flight_is_asked_again(tmp_path):
    notes = tmp_path / "notes"
    with serving(Behaviour(latency=0.02, failing=0.05, cut=0.05)) as served:
        first = task(served, notes)
        wait_until(lambda: len(served.times("answered")) > 200, 30)
        first.send_signal(signal.SIGKILL)
        assert first.wait() == -signal.SIGKILL
        second = task(served, notes)
        assert second.wait(60) == 0
        answers = served.times("answered")
    assert set(answers) == set(notes.read_text().split()) == {str(number) for number in range(600)}
    assert sum(times - 1 for times in answers.values()) <= 2 * AT_ONCE  # in flight, and answered but not yet noted
