"""The process that owns a model server: it outlives the task that started it, and ends the server in its time.

    root/lock               held while a server is started or ended, by a task or by a keeper
    root/<key>/holders/     a file for each task that uses the server, locked by it, taken away when it is done
    root/<key>/keeper.json  who keeps the server, and how to reach it
    root/<key>/server.log

A holder's file that is there and not locked means that its task was killed. Its lock is a POSIX record lock: unlike
`flock` a forked child does not inherit it, so nothing that the task left behind keeps the server alive.

It runs without site packages: the standard library alone, so that it starts in a tenth of a second.
"""

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NamedTuple

from dataflow_ops.llm.vllm.processes import Life, end, life

TICK = 0.2
"""Seconds between two looks at the holders."""
GRACE = 5.0
"""Seconds a server may take to end by itself."""


def main() -> None:
    """Read from standard input what to keep, and keep it, in a process without parent or terminal."""
    job = json.load(sys.stdin)
    reading, writing = os.pipe()
    if os.fork():
        os.close(writing)
        sys.exit(0 if os.read(reading, 1) else 1)  # nothing to read: the other one failed, and its log says why
    os.close(reading)
    os.setsid()
    keep(Path(job["folder"]), job, writing)


class Holders(NamedTuple):
    """Tasks that use a server, and files of tasks that were killed."""

    live: int
    killed: list[Path]


def keep(folder: Path, job: dict[str, Any], started: int) -> None:
    """Start the server, say so to the file `started`, wait until nobody needs the server, leave nothing of it."""
    asked = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: asked.set())
    server = launch(folder, job)
    leader = life(server.pid)
    record = {"keeper": life(os.getpid()), "server": leader, **job["record"]}
    write_private(folder / "keeper.json", json.dumps(record))
    os.write(started, b"1")
    os.close(started)
    guard(leader)
    grace, held = until_unneeded(folder, server, job["warm_seconds"], asked)
    end(leader, grace)
    server.wait()
    (folder / "keeper.json").unlink(missing_ok=True)
    if held:
        held.close()


def launch(folder: Path, job: dict[str, Any]) -> "subprocess.Popen[bytes]":
    """Start the server in a session of its own: whatever it starts belongs to that, and ends with it."""
    log = folder / "server.log"
    with suppress(FileNotFoundError):
        log.replace(folder / "server.1.log")
    with log.open("wb") as out:
        return subprocess.Popen(
            job["argv"],
            env=job["env"],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )


def guard(leader: Life) -> None:
    """Start a process that ends the server when this one was killed: it reads a pipe until its other end is gone."""
    reading, writing = os.pipe()
    if os.fork():
        os.close(reading)
        return
    os.close(writing)
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.read(reading, 1)
    end(leader, 0)
    os._exit(0)


def until_unneeded(
    folder: Path, server: "subprocess.Popen[bytes]", warm: float, asked: threading.Event
) -> tuple[float, IO[bytes] | None]:
    """Wait until the server may end; return the grace it has, and the root's lock, held so that nobody joins.

    Who asks for the end holds the lock already.
    """
    idle_since = time.monotonic()
    while server.poll() is None and not asked.wait(TICK):
        live, killed = holders(folder)
        idle_since = time.monotonic() if live else idle_since
        over = killed or time.monotonic() - idle_since > warm
        if over and (held := try_lock(folder.parent)):
            live, killed = holders(folder)  # again: only now nobody is about to come
            forget(killed)
            if not live:
                return (0.0 if killed else GRACE), held
            held.close()
    return (GRACE if asked.is_set() else 0.0), None


def holders(folder: Path) -> Holders:
    """Look which holders' files are locked."""
    live, killed = 0, []
    own = f"{os.getpid()}-"
    for path in (folder / "holders").iterdir():
        if path.name.startswith(own):  # to look would be to lock it anew, and then to unlock it
            live += 1
            continue
        with suppress(FileNotFoundError), path.open("r+b") as file:
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (BlockingIOError, PermissionError):
                live += 1
            else:
                killed.append(path)
    return Holders(live, [path for path in killed if path.exists()])  # a release between the two looks is no death


def forget(killed: list[Path]) -> None:
    """Take away the files of tasks that were killed."""
    for path in killed:
        path.unlink(missing_ok=True)


def lock(root: Path) -> IO[bytes]:
    """Return the file, locked, that makes the starts and the ends of servers happen one at a time."""
    file = (root / "lock").open("ab")
    fcntl.flock(file, fcntl.LOCK_EX)
    return file


def try_lock(root: Path) -> IO[bytes] | None:
    """Return the locked file; None when a task or a keeper has it."""
    file = (root / "lock").open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads, all at once."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    aside.replace(path)


if __name__ == "__main__":
    main()
