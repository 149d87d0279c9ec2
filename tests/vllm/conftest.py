"""Real vLLM on this machine's CPU: `make test-vllm`. A usual run of the tests does not even look here."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
PYTHON = PROJECT / ".venv-vllm" / "bin" / "python"
FLAGS = ("--load-format", "dummy", "--dtype", "float32", "--enforce-eager", "--max-num-seqs", "64")
CACHE = ("--kv-cache-memory-bytes", str(64 << 20))
HOLDER = Path(__file__).with_name("holder.py")


@dataclass(frozen=True)
class Served:
    """A vLLM server, and the process that holds its lease."""

    url: str
    model: str
    key: str
    root: Path
    holder: "subprocess.Popen[str]"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Look here only when asked for: `-m vllm`."""
    return None if "vllm" in (config.option.markexpr or "") else True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests here: vLLM takes a minute to start, several where other programs are busy."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker("vllm")
            item.add_marker(pytest.mark.timeout(600))


@pytest.fixture(scope="session")
def around() -> dict[str, str]:
    """The variables of vLLM: nothing from the network, what it compiles is kept."""
    told = {"HF_HUB_OFFLINE": "1", "VLLM_CACHE_ROOT": str(PROJECT / ".cache" / "vllm"), "VLLM_NO_USAGE_STATS": "1"}
    return {**{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}, **told}


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory, around: dict[str, str]) -> Path:
    """A folder with `llama`, `embedder` and `classifier`."""
    folder = tmp_path_factory.mktemp("models")
    subprocess.run([PYTHON, Path(__file__).with_name("tiny.py"), folder], check=True, env=around)
    return folder


@pytest.fixture(scope="session")
def served(models: Path, around: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for all tests; the last one of them kills the process that holds it."""
    root = tmp_path_factory.mktemp("leases")
    words = [sys.executable, HOLDER, models / "llama", PYTHON, root, *FLAGS, *CACHE]
    with subprocess.Popen(words, env=around, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        line = holder.stdout.readline()
        assert line, "the server did not start: see above"
        yield Served(**json.loads(line), root=root, holder=holder)
        holder.kill()
