"""Real processes, real signals; only the server is another program than vLLM."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from dataflow_ops.errors import BadArgument, Transient
from dataflow_ops.llm.vllm import keeper
from dataflow_ops.llm.vllm.kept import KEPT_SECONDS, clear, dismiss, find, folder_of
from dataflow_ops.llm.vllm.lease import Leased, lease
from dataflow_ops.llm.vllm.processes import Life, alive, look
from dataflow_ops.llm.vllm.server import VllmSettings
from tests.waiting import wait_until

TASK = """
import sys, time
from pathlib import Path
from dataflow_ops.llm.vllm.lease import lease
from dataflow_ops.llm.vllm.server import VllmSettings
python, root, model, run, then = sys.argv[1:]
with lease(VllmSettings(model, Path(python), warm_seconds=60), run, root=Path(root)) as leased:
    print(leased.url, leased.started, flush=True)
    exec(then)
"""


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that is called as vLLM's Python is."""
    path = tmp_path_factory.mktemp("standin") / "python"
    server = Path(__file__).with_name("standin.py")
    path.write_text(f'#!/bin/sh\nshift 2\nexec {sys.executable} -S {server} "$@"\n')
    path.chmod(0o755)
    return path


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A folder of leases; what still runs in it is ended."""
    folder = tmp_path / "leases"
    yield folder
    for noted in folder.glob("*/keeper.json"):
        kept = find(noted.parent)
        if kept and alive(kept.keeper):
            dismiss(kept)
        elif kept:
            clear(noted.parent, kept)


@pytest.fixture
def settings(python: Path) -> VllmSettings:
    return VllmSettings("tiny", python, warm_seconds=60, start_seconds=30)


def ask(leased: Leased, key: str | None = None) -> int:
    """Return the number of the process that answers."""
    shown = {"Authorization": f"Bearer {leased.key if key is None else key}"}
    with urlopen(Request(f"{leased.url}/models", headers=shown), timeout=5) as answer:
        return int(answer.read())


def processes(root: Path) -> list[Life]:
    """Return the keeper, the server and the server's child of the one folder in `root`."""
    (noted,) = root.glob("*/keeper.json")
    kept = find(noted.parent)
    assert kept
    engine = look(int((noted.parent / "engine.pid").read_text()))
    assert engine
    return [kept.keeper, kept.server, engine[0]]


def none_alive(found: list[Life]) -> bool:
    return not any(map(alive, found))


def task(python: Path, root: Path, then: str, run: str = "run") -> "subprocess.Popen[str]":
    """Start a process that holds a lease, and wait until it does."""
    words = [sys.executable, "-c", TASK, str(python), str(root), "tiny", run, then]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline().startswith("http://127.0.0.1:")
    return process


def test_tasks_of_a_run_share_one_server(root: Path, settings: VllmSettings) -> None:
    with lease(settings, "run", root=root) as first:
        server = ask(first)
    with lease(settings, "run", root=root) as second, lease(settings, "run", root=root) as third:
        assert (ask(second), ask(third)) == (server, server)
    assert (first.started, second.started, third.started) == (True, False, False)


def test_tasks_that_start_at_once_share_one_server(root: Path, python: Path) -> None:
    words = [sys.executable, "-c", TASK, str(python), str(root), "tiny", "run", "sys.stdin.read()"]
    tasks = [subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = [each.stdout.readline().split() for each in tasks if each.stdout]
    for each in tasks:
        each.communicate(timeout=30)
    assert len({url for url, _ in said}) == 1
    assert sorted(started for _, started in said) == ["False", "False", "False", "True"]
    assert {each.returncode for each in tasks} == {0}


def test_only_the_key_opens(root: Path, settings: VllmSettings) -> None:
    with lease(settings, "run", root=root) as leased:
        with pytest.raises(HTTPError, match="401"):
            ask(leased, key="wrong")
        command = Path(f"/proc/{ask(leased)}/cmdline").read_text()
        assert leased.key not in command
        assert leased.key not in repr(leased)
        (noted,) = root.glob("*/keeper.json")
        assert noted.stat().st_mode & 0o077 == 0


def test_it_ends_when_nobody_came_for_a_while(root: Path, python: Path) -> None:
    with lease(VllmSettings("tiny", python, warm_seconds=0.5), "run", root=root):
        found = processes(root)
        time.sleep(1)
        assert all(map(alive, found)), "it is in use"
    wait_until(lambda: none_alive(found), 20)
    assert not list(root.glob("*/keeper.json"))


def test_an_exception_in_the_task_leaves_it_warm(root: Path, settings: VllmSettings) -> None:
    with pytest.raises(ZeroDivisionError), lease(settings, "run", root=root):
        raise ZeroDivisionError
    found = processes(root)
    time.sleep(3 * keeper.TICK)
    assert all(map(alive, found))


@pytest.mark.chaos
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_task_takes_everything_with_it(root: Path, python: Path, number: signal.Signals) -> None:
    with task(python, root, "time.sleep(600)") as holder:
        found = processes(root)
        holder.send_signal(number)
        wait_until(lambda: none_alive(found), 2)


@pytest.mark.chaos
def test_what_a_killed_task_forked_does_not_keep_the_server(root: Path, python: Path) -> None:
    fork = "import os; child = os.fork(); child and print(child, flush=True); time.sleep(600)"
    with task(python, root, fork) as holder:
        assert holder.stdout
        child = int(holder.stdout.readline())
        found = processes(root)
        holder.kill()
        try:
            wait_until(lambda: none_alive(found), 2)
        finally:
            os.kill(child, signal.SIGKILL)


@pytest.mark.chaos
def test_others_go_on_when_one_is_killed(root: Path, python: Path, settings: VllmSettings) -> None:
    with lease(settings, "run", root=root) as mine, task(python, root, "time.sleep(600)") as other:
        server = ask(mine)
        other.kill()
        other.wait()
        (noted,) = root.glob("*/keeper.json")
        wait_until(lambda: len(list((noted.parent / "holders").iterdir())) == 1, 2)
        assert ask(mine) == server
    time.sleep(3 * keeper.TICK)
    assert all(map(alive, processes(root))), "the last one was done: it stays warm"


@pytest.mark.chaos
def test_a_killed_keeper_takes_the_server_with_it(root: Path, settings: VllmSettings) -> None:
    with lease(settings, "run", root=root):
        found = processes(root)
        os.kill(found[0].pid, signal.SIGKILL)
        wait_until(lambda: none_alive(found), 2)
    with lease(settings, "run", root=root) as again:
        assert again.started


@pytest.mark.chaos
def test_what_a_keeper_and_its_guard_left_is_ended_by_the_next_lease(root: Path, settings: VllmSettings) -> None:
    with lease(settings, "run", root=root):
        found = processes(root)
    children = Path(f"/proc/{found[0].pid}/task/{found[0].pid}/children").read_text().split()
    for pid in [*children, found[0].pid]:
        if int(pid) != found[1].pid:
            os.kill(int(pid), signal.SIGKILL)
    os.kill(found[1].pid, signal.SIGKILL)
    wait_until(lambda: none_alive(found[:2]), 2)
    assert alive(found[2]), "nobody ended the server's child"
    with lease(settings, "another run", root=root):
        assert not alive(found[2])


def test_an_idle_server_makes_room_for_another_run(root: Path, settings: VllmSettings) -> None:
    with lease(settings, "run", root=root):
        found = processes(root)
    with lease(settings, "another run", root=root) as other:
        assert other.started
        assert none_alive(found)


def test_a_server_in_use_stays_beside_another(root: Path, python: Path, settings: VllmSettings) -> None:
    with lease(settings, "run", root=root) as mine, task(python, root, "time.sleep(600)", "other") as holder:
        assert ask(mine)
        holder.kill()
    with lease(settings, "run", root=root) as mine, lease(settings, "other", root=root) as other:
        assert ask(mine) != ask(other)


def test_a_server_that_will_not_end_is_killed(root: Path, python: Path) -> None:
    stubborn = VllmSettings("tiny", python, flags=("--stubborn",))
    with lease(stubborn, "run", root=root):
        found = processes(root)
    os.kill(found[0].pid, signal.SIGTERM)
    wait_until(lambda: none_alive(found), keeper.GRACE + 10)


def test_a_server_that_dies_in_use_is_started_anew(root: Path, settings: VllmSettings) -> None:
    with lease(settings, "run", root=root) as leased:
        found = processes(root)
        os.kill(ask(leased), signal.SIGKILL)
        wait_until(lambda: none_alive(found), 2)
    with lease(settings, "run", root=root) as again:
        assert again.started


WORDS = [
    ("OSError: no/such is not a local folder and is not a valid model identifier", BadArgument, "no such model"),
    ("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB", BadArgument, "--gpu-memory-utilization"),
    ("ValueError: Free memory on device (3/79 GiB) on startup is less than desired", Transient, "another process"),
    ("ValueError: To serve max seq len (32768), 4 GiB KV cache is needed", BadArgument, "--max-model-len"),
    ("ValueError: User-specified max_model_len (9) is greater than the derived", BadArgument, "context is shorter"),
    ("api_server.py: error: unrecognized arguments: --nonsense", BadArgument, "correct `flags`"),
    ("OSError: [Errno 98] Address already in use", Transient, "port"),
    ("OSError: We couldn't connect to the hub to load this file", Transient, "cannot be reached"),
    ("RuntimeError: something nobody foresaw", Transient, "something nobody foresaw"),
]


@pytest.mark.parametrize(("said", "kind", "cure"), WORDS)
def test_a_server_that_cannot_start_says_why(
    root: Path, python: Path, said: str, kind: type[Exception], cure: str
) -> None:
    failing = VllmSettings("tiny", python, flags=("--say", f"(APIServer pid=7) {said}", "--exit", "1"))
    with pytest.raises(kind) as raised, lease(failing, "run", root=root):
        pytest.fail("it is not ready")
    assert type(raised.value) is kind
    assert cure in str(raised.value)
    assert f"\n  {said}" in str(raised.value)


def test_a_server_that_is_never_ready_is_ended(root: Path, python: Path) -> None:
    deaf = VllmSettings("tiny", python, flags=("--deaf",), start_seconds=1.0)
    with pytest.raises(Transient, match="not ready after 1 s"), lease(deaf, "run", root=root):
        pytest.fail("it is not ready")
    wait_until(lambda: not list(root.glob("*/keeper.json")), 2)


def test_what_is_wrong_at_once(root: Path, tmp_path: Path) -> None:
    with pytest.raises(BadArgument, match="not a program"), lease(VllmSettings("m", Path("/no")), "run", root=root):
        pass
    missing = VllmSettings(str(tmp_path / "missing"), Path(sys.executable))
    with pytest.raises(BadArgument, match="no folder"), lease(missing, "run", root=root):
        pass


def test_an_old_record_of_another_process_harms_nobody(root: Path, settings: VllmSettings) -> None:
    folder = folder_of(root, settings, "run")
    (folder / "holders").mkdir(parents=True)
    me = [os.getpid(), os.getsid(0), 1]
    noted = {"keeper": me, "server": me, "port": 1, "key": "", "gpus": []}
    (folder / "keeper.json").write_text(json.dumps(noted))
    with lease(settings, "run", root=root) as leased:
        assert leased.started


def test_old_logs_are_swept(root: Path, settings: VllmSettings) -> None:
    for name, age in (("old", KEPT_SECONDS + 60), ("young", 60)):
        (root / name).mkdir(parents=True)
        (root / name / "server.log").touch()
        os.utime(root / name / "server.log", (time.time() - age,) * 2)
    with lease(settings, "run", root=root):
        assert {each.name for each in root.iterdir()} >= {"young"}
        assert not (root / "old").exists()
