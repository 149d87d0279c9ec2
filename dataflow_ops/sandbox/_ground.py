"""Where bubblewrap is started from: as which user, and with the interpreter where that user can read it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dataflow_ops.errors import Permanent

FIRST_USER = 65_400
"""Numbers of users that no system gives away; a run has one of its own, so that runs do not share counts."""
MOUNTED = Path("/sys/interpreter")
MOUNT = (
    'mount -t tmpfs -o mode=0755,size=64k none /sys && mkdir /sys/interpreter && mount --bind "$1" /sys/interpreter '
    "&& echo ready && read -r _"
)


@dataclass(frozen=True)
class Ground:
    """What comes before bubblewrap in the command, and how the interpreter's folder is called there."""

    root: bool
    interpreter: Path
    namespace: str = ""
    visible: tuple[str, ...] = ()
    """Bubblewrap's options that show files: found once, not for each run."""

    def command(self, slot: int) -> tuple[list[str], dict[str, Any]]:
        """Return what to put before bubblewrap's command and what to tell `Popen`."""
        if not self.root:
            return [], {}
        user = FIRST_USER + slot
        if not self.namespace:
            return [], {"user": user, "group": user, "extra_groups": []}
        return [needed("nsenter"), f"--mount={self.namespace}", f"--setuid={user}", f"--setgid={user}", "--"], {}


@contextmanager
def ground() -> Iterator[Ground]:
    """Find out as whom to start bubblewrap.

    The kernel counts no processes of root, so root gives its place to a user without any rights. Such a user cannot
    read an interpreter below /root: then a mount namespace is made in which its folder lies elsewhere as well.
    """
    needed("bwrap")
    prefix = Path(os.path.realpath(sys.base_prefix))
    root = os.geteuid() == 0
    if not root or _is_open(prefix):
        yield Ground(root, prefix)
        return
    namespace = _mounted(prefix)
    try:
        yield Ground(root, MOUNTED, f"/proc/{os.getpid()}/fd/{namespace}")
    finally:
        os.close(namespace)


def needed(program: str) -> str:
    """Return the path of `program`.

    Raises:
        Permanent: It is missing.
    """
    found = shutil.which(program)
    if found:
        return found
    package = "bubblewrap 0.8 or newer" if program == "bwrap" else "util-linux"
    raise Permanent(
        f"{program!r} is missing, and untrusted code never runs without a sandbox: install {package} "
        f"(Debian, Ubuntu: apt-get install {package.split(maxsplit=1)[0]})"
    )


def _is_open(folder: Path) -> bool:
    return all(path.stat().st_mode & 0o005 == 0o005 for path in (folder, *folder.parents))


def _mounted(prefix: Path) -> int:
    """Return a file descriptor of a mount namespace with `prefix` at a place that everybody can read."""
    command = [needed("unshare"), "--mount", "--propagation", "slave", needed("sh"), "-c", MOUNT, "sh", str(prefix)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        ready = process.stdout is not None and process.stdout.readline() == b"ready\n"
        if ready:
            return os.open(f"/proc/{process.pid}/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
        said = process.communicate()[1].decode(errors="replace").strip()
    raise Permanent(
        f"the sandbox cannot show its user the interpreter in {str(prefix)!r} ({said}): "
        "run the worker as a user other than root, or install Python where everybody can read it"
    )
