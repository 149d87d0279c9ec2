"""The command line that isolates: what a program in the sandbox can see, and what it may use."""

import math
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from dataflow_ops.sandbox._ground import Ground
from dataflow_ops.sandbox.limits import Limits

MIB = 1 << 20
WORK = "/work"
TEMPORARY = "/tmp"  # noqa: S108 - a folder of the sandbox
WRITABLE = (WORK, TEMPORARY, "/dev/shm")  # noqa: S108
DEVICES = ("/dev/null", "/dev/random", "/dev/urandom")
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin", "HOME": WORK, "TMPDIR": TEMPORARY, "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2",
}  # fmt: skip
USER = "1000"
ROOM_MIB = 256
"""Addresses that a process may reserve beyond what it may use: stacks of threads, libraries."""
OPEN_FILES = 64
"""Of a process; what lies in sockets and pipes is memory that nobody is charged for."""
NO_CORE = 1
"""A limit of 0 would still start the machine's handler of core dumps, one of 1 does not."""
READY = b"\x06"
FIRST = 'printf "\\006" >&2; read -r _ || exit 1; "$@"; exit $?'
"""The first process: it says READY, waits for an empty line, takes in orphans, and passes on how the program ended.

When it speaks, bubblewrap is bound to end with its caller. Without the line, a caller that is killed before would leave
a program that nobody watches.
"""
NAMESPACES = [
    "--unshare-all", "--unshare-user", "--disable-userns", "--cap-drop", "ALL", "--die-with-parent", "--new-session",
    "--as-pid-1", "--uid", USER, "--gid", USER, "--hostname", "sandbox", "--clearenv",
]  # fmt: skip


def executable() -> str:
    """Return the interpreter that this process runs on, outside of any virtual environment."""
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def options(ground: Ground, limits: Limits, files: Mapping[str, int], seccomp: int, status: int) -> list[str]:
    """Return bubblewrap's options; `files` are names and descriptors of what lies in the working folder."""
    given = [*NAMESPACES, *ground.visible, *_devices()]
    for folder in WRITABLE:
        given += ["--size", str(limits.disk_mib * MIB), "--tmpfs", folder]
    for name, descriptor in files.items():
        given += ["--perms", "0644", "--file", str(descriptor), f"{WORK}/{name}"]
    for name, value in ENVIRONMENT.items():
        given += ["--setenv", name, value]
    given += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", WORK]
    return [*given, "--seccomp", str(seccomp), "--json-status-fd", str(status)]


def limited(limits: Limits, program: Sequence[str]) -> list[str]:
    """Return the command inside: the limits that the kernel keeps for each process, then the program."""
    seconds = math.ceil(limits.cpu_seconds) + 1
    kept = {
        "as": (limits.memory_mib + ROOM_MIB) * MIB, "nproc": limits.processes + 1, "cpu": f"{seconds}:{seconds + 1}",
        "core": NO_CORE, "nofile": OPEN_FILES, "fsize": limits.disk_mib * MIB, "msgqueue": 0, "sigpending": 256,
        "stack": 8 * MIB,
    }  # fmt: skip
    return ["/usr/bin/prlimit", *(f"--{name}={value}" for name, value in kept.items()), "--", "/bin/sh", "-c", FIRST,
            "sh", *program]  # fmt: skip


def visible(ground: Ground) -> Iterator[str]:
    """Yield the options that show what an interpreter needs, and nothing else."""
    for folder in ("/usr/bin", "/usr/lib", "/usr/lib32", "/usr/lib64"):
        yield from ("--ro-bind-try", folder, folder)
    for link in map(Path, ("/bin", "/lib", "/lib32", "/lib64")):
        if link.is_symlink():
            yield from ("--symlink", str(link.readlink()), str(link))
        else:
            yield from ("--ro-bind-try", str(link), str(link))
    yield from ("--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache")
    yield from _interpreter(ground)


def _interpreter(ground: Ground) -> Iterator[str]:
    prefix, program = Path(os.path.realpath(sys.base_prefix)), Path(executable())
    libraries = [Path("/usr/lib")]
    if prefix != Path("/usr"):
        libraries.append(prefix / "lib")
        yield from ("--ro-bind", str(ground.interpreter / "lib"), str(prefix / "lib"))
        source = ground.interpreter / program.relative_to(prefix) if program.is_relative_to(prefix) else program
        yield from ("--ro-bind", str(source), str(program))
    # Packages that are installed beside the interpreter may be anybody's, the project itself among them.
    for packages in (found for folder in libraries for found in folder.glob("python3*/*-packages")):
        yield from ("--size", "4096", "--tmpfs", str(packages), "--remount-ro", str(packages))


def _devices() -> Iterator[str]:
    # No /dev/zero: a shared mapping of it is memory that no process is charged for.
    yield from ("--size", "65536", "--tmpfs", "/dev")
    for device in DEVICES:
        yield from ("--dev-bind", device, device)
