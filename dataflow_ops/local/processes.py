"""Processes of a set-up: started in a group of their own, found again by a mark in their environment, stopped whole."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

MARK = "DATAFLOW_SERVICE"
LONGEST_LOG = 50 * 2**20


def always() -> bool:
    """Say yes: for a service that need not be waited for."""
    return True


@dataclass(frozen=True)
class Service:
    """A program to start, and to keep running."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[], bool] = always
    patience: float = 180.0  # seconds until it must be ready
    wait: bool = True  # before the next one starts
    once: bool = False  # it does its work and ends; ready is when it has ended
    optional: bool = False  # it may fail

    def start(self, root: Path) -> subprocess.Popen[bytes]:
        """Start it in a session of its own, writing to `logs/<name>.log`, marked as a part of the set-up at `root`."""
        # Airflow's processes rename themselves: without SPT_NOENV the new name is written over the environment.
        env = {**self.env, MARK: mark(root, self.name), "SPT_NOENV": "1"}
        path = root / "logs" / f"{self.name}.log"
        if path.exists() and path.stat().st_size > LONGEST_LOG:
            path.replace(path.with_suffix(".log.1"))
        with path.open("ab") as log:
            return subprocess.Popen(
                list(self.argv),
                env=env,
                cwd=root,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


def mark(root: Path, name: str = "") -> str:
    """Return what processes of a service carry in their environment; without a name, what all of them begin with."""
    return f"{root}|{name}"


def leftovers(marked: str) -> Iterator[psutil.Process]:
    """Yield living processes whose mark begins with `marked`: children inherit it, even those that were orphaned."""
    for process in psutil.process_iter():
        try:
            found = process.pid != os.getpid() and process.environ().get(MARK, "").startswith(marked)
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess, OSError):
            continue
        if found:
            yield process


def stop(marked: str, patience: float = 10.0) -> int:
    """Stop every process whose mark begins with `marked`; return how many there were.

    They are asked to stop and given `patience` seconds, then killed; without patience they are killed at once.
    """
    found = list(leftovers(marked))
    if patience:
        _signal(found, signal.SIGTERM)
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and any(map(_alive, found)):
        time.sleep(0.1)
    # Looked up again: what was started meanwhile carries the mark as well.
    _signal(list(leftovers(marked)), signal.SIGKILL)
    psutil.wait_procs(found, timeout=2)
    return len(found)


def _signal(processes: Sequence[psutil.Process], number: int) -> None:
    for process in processes:
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            continue


def _alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
