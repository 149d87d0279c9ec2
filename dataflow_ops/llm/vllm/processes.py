"""Processes as Linux shows them: who lives, what belongs to a session, and its end."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

PATIENCE = 30.0
"""Seconds until the kernel has taken away what was killed: freeing the memory of a GPU takes a while."""
STEP = 0.05


class Life(NamedTuple):
    """A process: its number may be given to another one later, but not with the same birth."""

    pid: int
    session: int
    born: int
    """Clock ticks since the machine was started."""


def look(pid: int) -> tuple[Life, bool] | None:
    """Return the process with this number and whether it lives (or only waits to be noticed), None when none is."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name, in parentheses, may hold spaces and parentheses.
    state, *fields = stat.rpartition(b")")[2].split()
    return Life(pid, int(fields[2]), int(fields[18])), state not in (b"Z", b"X")


def life(pid: int) -> Life:
    """Return a process that must be there: this one, or a child that was not waited for."""
    found = look(pid)
    if not found:
        raise ProcessLookupError(f"there is no process {pid}")
    return found[0]


def alive(one: Life) -> bool:
    """Return whether this very process lives."""
    return look(one.pid) == (one, True)


def members(leader: Life) -> Iterator[Life]:
    """Yield what lives of the session that `leader` began, itself included."""
    now = look(leader.pid)
    if now and now[0].born != leader.born:
        return  # the number was given anew, so nothing was left of the session
    for name in os.listdir("/proc"):  # noqa: PTH208 - pathlib makes an object for each
        found = look(int(name)) if name.isdigit() else None
        if found and found[1] and found[0].session == leader.pid:
            yield found[0]


def end(leader: Life, grace: float) -> bool:
    """End a session; its leader has `grace` seconds to end by itself. Return whether nothing is left."""
    if grace and alive(leader):
        send(leader, signal.SIGTERM)
        wait_for_end(leader, grace)
    deadline = time.monotonic() + PATIENCE
    while left := list(members(leader)):
        for each in left:  # again each time: what was being forked is seen only now
            send(each, signal.SIGKILL)
        if time.monotonic() > deadline:
            return False
        time.sleep(STEP)
    return True


def wait_for_end(one: Life, seconds: float) -> bool:
    """Wait until a process has ended; return whether it has."""
    deadline = time.monotonic() + seconds
    while alive(one):
        if time.monotonic() > deadline:
            return False
        time.sleep(STEP)
    return True


def send(one: Life, number: signal.Signals) -> None:
    """Send a signal to a process, if it still lives."""
    with suppress(ProcessLookupError):
        if alive(one):
            os.kill(one.pid, number)
