"""What the processes of one run use together, read from the kernel's list of processes."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
MIB = 1 << 20
INODE = 1024
"""Bytes of memory that a file takes besides its content."""
GONE = (FileNotFoundError, ProcessLookupError, PermissionError)


@dataclass
class Tree:
    """All processes below `first`, the first one of their namespace, and what was seen of them so far."""

    first: int
    folders: tuple[str, ...]
    peak: float = 0.0
    """MiB, the most that was seen at once."""
    _spent: dict[tuple[int, str], float] = field(default_factory=dict)

    def offer(self) -> None:
        """Let the kernel end them first when the machine runs out of memory; those to come inherit it."""
        with contextlib.suppress(OSError):
            Path(f"/proc/{self.first}/oom_score_adj").write_text("1000")

    def look(self) -> tuple[float, float]:
        """Return CPU seconds and MiB of all of them."""
        members = [self.first, *_below(self.first)]
        return self._cpu(members), self._memory(members[1:])

    def _cpu(self, members: list[int]) -> float:
        total = 0.0
        for pid in members:
            with contextlib.suppress(*GONE):
                own, ended, began = _times(pid)
                total += own + ended
                self._spent[pid, began] = own
        # Whoever does not wait for its children is not charged with their time: what was seen of them counts.
        return max(total, sum(self._spent.values()))

    def _memory(self, members: list[int]) -> float:
        files = sum(map(self._folder, self.folders))
        each = [found for pid in members if (found := _resident(pid)) is not None]
        now = files + sum(now if len(each) > 1 else most for now, most in each)
        if len(each) > 1 and now > self.peak:
            # Forked processes share pages, and a sum counts them twice; the exact number is dear, so only now.
            now = files + sum(map(_share, members))
        self.peak = max(self.peak, now)
        return now

    def _folder(self, folder: str) -> float:
        with contextlib.suppress(*GONE):
            if Path(f"/proc/{self.first}/root/").stat().st_dev == Path("/").stat().st_dev:
                return 0.0  # it has not left our files yet
            used = os.statvfs(f"/proc/{self.first}/root{folder}")
            return ((used.f_blocks - used.f_bfree) * used.f_frsize + (used.f_files - used.f_ffree) * INODE) / MIB
        return 0.0


def _below(pid: int) -> Iterator[int]:
    parents = [pid]
    while parents:
        children = _children(parents.pop())
        parents += children
        yield from children


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(*GONE):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, _read(f"{thread}/children").split())
    return found


def _times(pid: int) -> tuple[float, float, str]:
    """Return CPU seconds of a process, those of its children that ended, and when it began."""
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    user, system, ended_user, ended_system = map(int, fields[11:15])
    return (user + system) / TICKS, (ended_user + ended_system) / TICKS, fields[19]


def _resident(pid: int) -> tuple[float, float] | None:
    """Return MiB of a process now, swapped out or not, and the most it had; None where it is gone."""
    with contextlib.suppress(*GONE):
        sizes = _sizes(f"/proc/{pid}/status")
        now = sizes.get("VmRSS", 0.0) + sizes.get("VmSwap", 0.0)
        return now, max(now, sizes.get("VmHWM", 0.0))
    return None


def _share(pid: int) -> float:
    """Return MiB of a process, a page that several have counted for each in part."""
    with contextlib.suppress(*GONE):
        sizes = _sizes(f"/proc/{pid}/smaps_rollup")
        return sizes.get("Pss", 0.0) + sizes.get("SwapPss", 0.0)
    found = _resident(pid)
    return found[0] if found else 0.0


def _sizes(path: str) -> dict[str, float]:
    # A process may call itself anything: only lines of sizes are read.
    lines = (line.split() for line in _read(path).splitlines() if line.startswith(("Vm", "Pss:", "SwapPss:")))
    return {name.rstrip(":"): int(size) / 1024 for name, size, _ in lines}


def _read(path: str) -> str:
    return Path(path).read_text(encoding="utf-8", errors="replace")
