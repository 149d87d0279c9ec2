"""The program inside the sandbox: one candidate against its tests, each test in a child process of its own.

It is sent as data and never imported by the rest of the package. Only modules that cost nothing to load are imported,
since this starts once for each candidate. `_verdict.py` goes with it: what a child does.
"""

# pathlib takes as long to load as the interpreter itself:
# ruff: noqa: PTH102, PTH106, PTH108, PTH109

import builtins
import gc
import marshal
import os
import resource
import select
import sys
import time

LONGEST = 8192
"""Bytes that a child may say."""
GRACE = 0.5
"""Seconds that a process which has closed its report may take to end."""
PATIENCE = 2.0
"""Seconds that processes which were ended may take to be gone."""
PRELOADED = (
    "abc", "asyncio", "bisect", "collections", "contextlib", "copy", "dataclasses", "datetime", "decimal", "enum",
    "fractions", "functools", "hashlib", "heapq", "inspect", "io", "itertools", "json", "math", "operator", "random",
    "re", "statistics", "string", "typing", "unittest",
)  # fmt: skip
"""Modules that are loaded once, before there are children, where the text imports them."""


class Report:
    """Lines to the outside, each with a secret that no child has.

    Children cannot look for it here: there is no /proc, and the calls that read another process are refused.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._file = os.dup(1)

    def say(self, *parts: object) -> None:
        """Write one line; tabs and line ends in it become blanks."""
        cells = [" ".join(str(part).split()) for part in (self._secret, *parts)]
        # A program may have written to where this goes: a line of its own begins after a line end.
        line = b"\n" + "\t".join(cells).encode("utf-8", "backslashreplace") + b"\n"
        while line:
            line = line[os.write(self._file, line) :]

    def forget(self) -> None:
        """Leave nothing of it to a child."""
        os.close(self._file)
        self._secret = ""


def main() -> None:
    """Read the job, run its tests, report on each."""
    job = marshal.loads(_everything(0))  # noqa: S302 - from outside, where it is trusted
    if (os.uname().nodename, os.getcwd(), os.getppid()) != ("sandbox", "/work", 1):
        sys.exit("this is no sandbox: nothing is run here, since all other processes would be ended")
    report = Report(job.pop("secret"))
    _silence()
    _preload("\n".join((job["candidate"], *job["tests"])))
    scope: dict = {"__name__": "verdict", "__builtins__": dict(vars(builtins))}
    exec(job["verdict"], scope)  # noqa: S102 - from outside as well
    job["serve"] = scope["serve"]
    report.say("ready")
    report.say(0, *(control := _tried(job, job["control"], 0, report)))
    # Only a program that is loaded, and that cannot pass what must fail, is worth a test.
    if control[0] == "fail" and job["nonce"] in control[-1]:
        # A child has compiled it within its limits, so that this process may: once for all tests.
        job["compiled"] = compile(job["candidate"], "candidate", "exec", dont_inherit=True)
        for number, test in enumerate(job["tests"], 1):
            report.say(number, *_tried(job, test, number, report))


def _everything(file: int) -> bytes:
    parts = []
    while part := os.read(file, 1 << 20):
        parts.append(part)
    return b"".join(parts)


def _silence() -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for file in (0, 1, 2):
        os.dup2(nothing, file)
    os.close(nothing)


def _preload(text: str) -> None:
    lines = (line.strip() for line in text.split("\n") if "import " in line)
    named = {word for line in lines for word in line.replace(",", " ").replace(".", " ").split()}
    for name in PRELOADED:
        if name in named:
            __import__(name)
    gc.freeze()  # what is shared with the children stays shared


def _tried(job: dict, test: str, number: int, report: Report) -> tuple[str, str, int, str]:
    """Run one test in a child: what came of it, seconds, peak memory in KiB, what there is to say."""
    began = time.monotonic()
    said, said_in = os.pipe()
    told_out, told = os.pipe()
    child = _forked()
    if not child:
        _serve(job, test, number, report, (said, told, said_in, told_out))
    os.close(said_in)
    os.close(told_out)
    # Made after the fork: the child finds it in the pipe alone, where it looks when it is through.
    token = os.urandom(16).hex()
    os.write(told, token.encode())
    line, closed = _line(said, began + job["seconds"])
    status, peak = _ended(child, closed)
    _clear(str(number))
    os.close(said)
    os.close(told)
    kind, text = _meant(line, token, closed, status)
    return kind, f"{time.monotonic() - began:.6f}", peak, text


def _forked() -> int:
    """Fork, also where processes that were ended just now still count."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return os.fork()
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.002)


def _serve(job: dict, test: str, number: int, report: Report, pipes: tuple[int, int, int, int]) -> None:
    """Be the child: no way leads out of here but the end of the process."""
    try:
        report.forget()
        os.close(pipes[0])
        os.close(pipes[1])
        resource.setrlimit(resource.RLIMIT_AS, (job["memory"], job["memory"]))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.mkdir(str(number))
        os.chdir(str(number))
        os.environ["TMPDIR"] = os.getcwd()
        job["serve"](job["candidate"], job.get("compiled"), test, *pipes[2:])
    finally:
        os._exit(1)


def _line(file: int, deadline: float) -> tuple[bytes, bool]:
    """Return what a child says up to a line end, and whether it has said all it will."""
    poll, found = select.poll(), b""
    poll.register(file, select.POLLIN)
    while b"\n" not in found and len(found) <= LONGEST:
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            return found, False
        more = os.read(file, LONGEST)
        if not more:
            return found, True
        found += more
    return found, True


def _ended(child: int, closed: bool) -> tuple[int, int]:
    """End all that runs beside this process; return the wait status of the child and its peak memory in KiB."""
    deadline = time.monotonic() + (GRACE if closed else 0)
    found, status, used = os.wait4(child, os.WNOHANG)
    while not found and time.monotonic() < deadline:
        time.sleep(0.0005)
        found, status, used = os.wait4(child, os.WNOHANG)
    _end_others()
    if not found:
        _, status, used = os.wait4(child, 0)
    return status, used.ru_maxrss


def _end_others() -> None:
    try:  # noqa: SIM105 - contextlib takes its time to load
        os.kill(-1, 9)  # all in this process namespace but its first process and this one
    except ProcessLookupError:
        pass
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _meant(line: bytes, token: str, closed: bool, status: int) -> tuple[str, str]:
    text = line.decode("utf-8", "replace").rstrip("\n")
    said, kind, text = text[: len(token)], text[len(token) : len(token) + 4], text[len(token) + 4 :]
    if said == token and kind in ("pass", "fail", "load"):
        return kind, text
    if line:
        return "fake", ""
    if not closed:
        return "late", ""
    return ("kill", str(os.WTERMSIG(status))) if os.WIFSIGNALED(status) else ("exit", str(os.WEXITSTATUS(status)))


def _clear(folder: str) -> None:
    """Remove what a test has left in its folder, as far as it can be removed."""
    try:
        for each in os.scandir(folder):
            if each.is_dir(follow_symlinks=False):
                _clear(each.path)
            else:
                os.unlink(each.path)
        os.rmdir(folder)
    except (OSError, RecursionError):
        pass


if __name__ == "__main__":
    main()
