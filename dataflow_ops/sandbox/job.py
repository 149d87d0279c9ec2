"""What is asked of the sandbox: a program, its files, its input."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dataflow_ops.errors import BadArgument

LONGEST_ARGUMENT = 128 * 1024 - 1
"""Bytes of one argument: the kernel takes no longer one."""
MOST_ARGUMENTS = 1 << 20
"""Bytes of all arguments together."""
MOST_FILES = 200
LONGEST_NAME = 255
LONGEST_PATH = 1024


@dataclass(frozen=True)
class Job:
    """One run: `program` is the argument vector, `files` appear in its working folder, `stdin` is what it reads."""

    program: Sequence[str]
    files: Mapping[str, bytes] = field(default_factory=dict)
    stdin: bytes = b""

    def __post_init__(self) -> None:
        _check_program(self.program)
        _check_files(self.files)
        if not isinstance(self.stdin, bytes):
            raise BadArgument(f"stdin: expected bytes, found {type(self.stdin).__name__!r}")

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(map(len, self.files.values()))


def _check_program(program: Sequence[str]) -> None:
    if isinstance(program, str | bytes) or not program:
        raise BadArgument(f"program={program!r}: expected a list of arguments, the first names the program")
    sizes = [_bytes("an argument of the program", argument) for argument in program]
    if max(sizes) > LONGEST_ARGUMENT or sum(sizes) + 8 * len(sizes) > MOST_ARGUMENTS:
        raise BadArgument(
            f"program: {len(sizes):,} arguments of {sum(sizes):,} bytes are too long, {LONGEST_ARGUMENT:,} bytes each "
            f"and {MOST_ARGUMENTS:,} together at most: hand the data over as a file"
        )


def _check_files(files: Mapping[str, bytes]) -> None:
    if len(files) > MOST_FILES:
        raise BadArgument(f"files: at most {MOST_FILES:,} expected, found {len(files):,}")
    folders: set[str] = set()
    for name, content in files.items():
        _check_name(name)
        if not isinstance(content, bytes):
            raise BadArgument(f"file {name!r}: expected bytes, found {type(content).__name__!r}")
        parts = name.split("/")
        folders |= {"/".join(parts[:depth]) for depth in range(1, len(parts))}
    if both := sorted(folders & files.keys()):
        raise BadArgument(f"file {both[0]!r}: is a folder of another file as well")


def _check_name(name: str) -> None:
    size = _bytes("the name of a file", name)
    parts = name.split("/")
    plain = all(part not in ("", ".", "..") and len(part.encode()) <= LONGEST_NAME for part in parts)
    if not plain or size > LONGEST_PATH:
        raise BadArgument(f"file {name[:200]!r}: expected a plain relative name, such as 'main.py'")


def _bytes(what: str, text: object) -> int:
    if not isinstance(text, str) or "\0" in text:
        raise BadArgument(f"{what}: expected text without null characters, found {str(text)[:200]!r}")
    try:
        return len(text.encode())
    except UnicodeEncodeError as error:
        raise BadArgument(f"{what}: {text[:200]!r} cannot be written in UTF-8") from error
