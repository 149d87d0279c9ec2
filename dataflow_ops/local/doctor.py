"""What this machine lacks for the set-up, and the cure. Runs with nothing but Python, before anything is installed."""

import os
import shutil
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec

from dataflow_ops.local.home import BUCKET, PREFERRED, Home, is_free
from dataflow_ops.local.terminal import Terminal

GIB = 2**30
DISK_GIB, MEMORY_GIB = 5, 3


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; without a cure it is fine, and `fatal` says whether the set-up works without it."""

    subject: str
    seen: str
    cure: str = ""
    fatal: bool = True


def python_version() -> Finding:
    """Look at the version of Python."""
    cure = "" if (3, 11) <= sys.version_info < (3, 15) else "install Python 3.11 to 3.14"
    return Finding("python", sys.version.split()[0], cure)


def make() -> Finding:
    """Look for make."""
    found = shutil.which("make")
    return Finding(
        "make", found or "missing", "" if found else "install make, or call dataflow-ops itself", fatal=False
    )


def disk(home: Home) -> Finding:
    """Look at the free space where data will lie."""
    folder = next(path for path in (home.root, *home.root.parents) if path.exists())
    free = shutil.disk_usage(folder).free / GIB
    cure = "" if free >= DISK_GIB else f"free {DISK_GIB} GiB, or name a folder on another disk in DATAFLOW_HOME"
    return Finding("disk", f"{free:.0f} GiB free at {folder}", cure)


def memory() -> Finding:
    """Look at the memory of the machine."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    cure = "" if total >= MEMORY_GIB else f"{MEMORY_GIB} GiB are needed: with less, processes are killed"
    return Finding("memory", f"{total:.0f} GiB, {os.cpu_count()} cores", cure, fatal=False)


def ports(home: Home) -> Iterator[Finding]:
    """Look who holds the ports that we like best."""
    own = home.ports() if _runs(home) else {}
    for name, port in PREFERRED.items():
        if own.get(name) == port:
            yield Finding(f"port {port}", "held by this set-up")
        elif is_free(port):
            yield Finding(f"port {port}", "free")
        else:
            cure = f"nothing to do: {name} takes another one, `dataflow-ops status` shows which"
            yield Finding(f"port {port}", "held by another program", cure, fatal=False)


def installed(home: Home) -> Finding:
    """Compare what is installed with the lock file."""
    lock = home.project / "locks" / "dev.txt"
    if not lock.exists():
        return Finding("packages", "no lock file here: not the project's folder?", "cd into the project's folder")
    pinned = dict(line.split(" ")[0].split("==") for line in lock.read_text().splitlines() if _pins_here(line))
    wrong = [
        f"{name} {have or 'missing'}, locked {want}"
        for name, want in pinned.items()
        if (have := _version(name)) != want
    ]
    seen = f"{len(pinned)} locked" + (f", {len(wrong)} differ: " + "; ".join(wrong[:3]) if wrong else "")
    return Finding("packages", seen, "make bootstrap" if wrong else "")


def _pins_here(line: str) -> bool:
    # A package that only some machines need has a marker; whether this one does is the installer's business.
    return "==" in line and not line.startswith((" ", "#")) and ";" not in line


def _version(name: str) -> str | None:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

    try:
        return version(name)
    except PackageNotFoundError:
        return None


def dags(home: Home) -> Finding:
    """Look for the folder with the pipelines."""
    there = (home.project / "dags").is_dir()
    return Finding(
        "dags", str(home.project / "dags"), "" if there else "cd into the project's folder: it has a folder dags/"
    )


def store(home: Home) -> Finding:
    """Ask the S3 server to create one object twice: it must refuse the second, or two runs could overwrite each other."""
    if not _runs(home):
        return Finding("s3", "does not run", "dataflow-ops up, then ask again", fatal=False)
    from botocore.exceptions import ClientError  # noqa: PLC0415 - not before it is installed

    from dataflow_ops.local import seaweed  # noqa: PLC0415

    client, key = seaweed.client(home), f"probe/{uuid.uuid4().hex}"
    client.put_object(Bucket=BUCKET, Key=key, Body=b"1", IfNoneMatch="*")
    try:
        client.put_object(Bucket=BUCKET, Key=key, Body=b"2", IfNoneMatch="*")
    except ClientError as error:
        refused = error.response["Error"]["Code"] == "PreconditionFailed"
    else:
        refused = False
    finally:
        client.delete_object(Bucket=BUCKET, Key=key)
    return Finding(
        "s3",
        "creates an object only once" if refused else "ignores If-None-Match",
        "" if refused else "use another S3 server",
    )


def sandbox() -> Finding:
    """Run a program in the sandbox for untrusted code; pipelines without code do without."""
    if cure := python_version().cure:
        return Finding("sandbox", "not looked at", cure, fatal=False)
    from dataflow_ops.errors import DataflowError  # noqa: PLC0415
    from dataflow_ops.sandbox.run import Sandbox  # noqa: PLC0415

    try:
        with Sandbox():
            return Finding("sandbox", "isolates programs")
    except DataflowError as error:
        return Finding("sandbox", "does not work", str(error), fatal=False)


def _runs(home: Home) -> bool:
    if not find_spec("psutil"):
        return False
    from dataflow_ops.local.control import is_running  # noqa: PLC0415 - needs what may not be installed

    return is_running(home)


def findings(home: Home) -> Iterator[Finding]:
    """Look at everything."""
    singles: tuple[Callable[[], Finding], ...] = (python_version, make, memory, sandbox)
    for look in singles:
        yield look()
    for look_at in (disk, dags, installed):
        yield look_at(home)
    yield from ports(home)
    yield store(home)


def report(home: Home, terminal: Terminal) -> int:
    """Write what was found; return 1 when something is missing that the set-up cannot do without."""
    found = list(findings(home))
    for each in found:
        terminal.line(
            f"  {'ok' if not each.cure else 'MISSING' if each.fatal else 'note':<8} {each.subject:<10} {each.seen}"
        )
        if each.cure:
            terminal.line(f"  {'':<8} {'':<10} -> {each.cure}")
    return int(any(each.cure and each.fatal for each in found))


if __name__ == "__main__":
    sys.exit(report(Home.find(), Terminal()))
