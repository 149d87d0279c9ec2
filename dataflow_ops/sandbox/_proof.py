"""Show that isolation works before anything untrusted runs."""

from dataflow_ops.errors import Permanent, Transient
from dataflow_ops.sandbox._bubblewrap import executable
from dataflow_ops.sandbox._ground import Ground
from dataflow_ops.sandbox._together import together
from dataflow_ops.sandbox.job import Job
from dataflow_ops.sandbox.limits import Limits

PROGRAM = """
import os, socket
def works(family, address):
    try: socket.socket(family, socket.SOCK_DGRAM).connect(address)
    except OSError: return False
    return True
seen = [path for path in ("/proc", "/sys", "/etc/passwd") if os.path.lexists(path)]
nets = [works(socket.AF_NETLINK, (0, 0)), works(socket.AF_INET, ("192.0.2.1", 9))]
print(os.uname().nodename, os.getuid(), os.getpid(), seen, nets, sorted(os.environ))
"""
PROVEN = "sandbox 1000 2 [] [False, False] ['HOME', 'LANG', 'MALLOC_ARENA_MAX', 'PATH', 'PWD', 'TMPDIR']"
CURES = {
    "Unknown option": "install bubblewrap 0.8 or newer",
    "Errno 1]": "run the worker as a user other than root: this root cannot become another user",
    "Resource temporarily unavailable": "let this user start more processes (ulimit -u, pids limit of the container)",
    "ork": "let this user start more processes; below kernel 5.14 all that a user runs count together",
    "failed to set the": "lower the limits that were asked for, or raise the hard ones of this user (ulimit -H -a)",
    "setting up uid map": "let bubblewrap make user namespaces (AppArmor, Ubuntu 24.04 and newer)",
    "loopback": "let bubblewrap use its own network namespace (AppArmor, Ubuntu 24.04 and newer)",
    "slave": "let bubblewrap mount (AppArmor profile of the container)",
    "namespace": "let bubblewrap make user namespaces (settings of the kernel, seccomp profile of the container)",
    "mount": "let bubblewrap mount (AppArmor profile of the container)",
}
"""What to do, by what is said; the first that fits."""


def prove(ground: Ground, limits: Limits) -> None:
    """Run a program that looks around.

    Raises:
        Permanent: It did not run, or saw what it must not see. The message says what to do.
    """
    try:
        result = together(ground, limits, [Job([executable(), "-I", "-S", "-c", PROGRAM])], 1)[0]
    except Transient as error:
        raise _refusal(str(error)) from error
    seen = result.stdout.decode(errors="replace").strip()
    if (result.ended, result.code) != ("exit", 0):
        said = result.stderr.decode(errors="replace").strip()[:500]
        raise _refusal(f"nothing runs in a sandbox here ({result.ended}, {result.code}: {said!r})")
    if seen != PROVEN:
        raise _refusal(f"a sandbox does not isolate here: expected {PROVEN!r}, found {seen[:500]!r}")


def _refusal(what: str) -> Permanent:
    cures = [cure for words, cure in CURES.items() if words in what][:1]
    always = "untrusted code never runs without a sandbox, and docs/sandbox.md says what it needs"
    return Permanent("; ".join([what, *cures, always]))
