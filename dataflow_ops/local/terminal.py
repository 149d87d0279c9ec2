"""Writing to the terminal: plain lines, a line that changes in place where a person looks on, and tables."""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Terminal:
    """Where commands write; knows how long each stage took."""

    stages: list[tuple[str, float]] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)
    _temporary: bool = False

    def line(self, text: str = "") -> None:
        """Write a line."""
        self._clear()
        sys.stdout.write(text + "\n")
        sys.stdout.flush()

    def now(self, text: str) -> None:
        """Write a line that the next one replaces; nothing when no person looks on."""
        if sys.stdout.isatty():
            self._clear()
            sys.stdout.write(text[:100])
            sys.stdout.flush()
            self._temporary = True

    def progress(self, text: str) -> None:
        """Write a line with the seconds since this stage began."""
        self.line(f"  {time.monotonic() - self._began:6.1f} s  {text}")

    def error(self, text: str) -> None:
        """Write what went wrong, beside what was asked for."""
        self._clear()
        sys.stderr.write(text + "\n")

    def stage(self, name: str) -> "Stage":
        """Return a context that heads what follows with `name` and takes its time."""
        return Stage(self, name)

    def _clear(self) -> None:
        if self._temporary:
            sys.stdout.write("\r\x1b[K")
            self._temporary = False


@dataclass
class Stage:
    """A part of a command."""

    terminal: Terminal
    name: str

    def __enter__(self) -> None:
        self.terminal._began = time.monotonic()
        self.terminal.line(f"{self.name} …")

    def __exit__(self, *_: object) -> None:
        self.terminal.stages.append((self.name, time.monotonic() - self.terminal._began))


def table(rows: Sequence[Sequence[str]], indent: str = "  ") -> list[str]:
    """Return lines with the cells of `rows` in columns: the first to the left, the others, numbers, to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))] if rows else []
    lines = []
    for row in rows:
        first, *others = (
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append((indent + "  ".join([first, *others])).rstrip())
    return lines
