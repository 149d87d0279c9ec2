"""Starts the programs of a set-up in order, and starts again whichever ends: one process per home, on its own."""

import fcntl
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from dataflow_ops.errors import DataflowError, Transient
from dataflow_ops.local.home import Home, write_json
from dataflow_ops.local.processes import Service, mark, stop

log = logging.getLogger(__name__)
TICK = 0.3
QUICK = 60.0  # seconds: who ends sooner than this after its start waits longer before the next one
LONGEST_PAUSE = 30.0
MOST_DEATHS = 2  # of a service before it is ready for the first time
ATTEMPTS = 3


Step = Service | Callable[[], None]


class NotReady(Transient):
    """A service that did not come up."""


@dataclass
class Running:
    """A service and its present process."""

    service: Service
    process: subprocess.Popen[bytes]
    started: float
    restarts: int = 0
    quick: int = 0
    again_at: float | None = None


@dataclass
class Supervisor:
    """Carries out a plan, then keeps its services alive until it is told to stop."""

    root: Path
    plan: Sequence[Step]
    running: dict[str, Running] = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)
    born: float = field(default_factory=time.time)

    def run(self) -> None:
        """Start everything, watch over it, and stop everything in the end; raise NotReady when the start fails."""
        try:
            self._start_all()
            self.report("up")
            while not self.stopping.wait(TICK):
                self.heal()
        finally:
            stop(mark(self.root), patience=6)
            log.info("stopped")

    def _start_all(self) -> None:
        for step in self.plan:
            if self.stopping.is_set():
                return
            name = step.name if isinstance(step, Service) else step.__name__
            self.report("starting", name)
            if isinstance(step, Service):
                self._start(step)
                self._wait(step) if step.wait else None
            else:
                step()
        for step in self.plan:
            if isinstance(step, Service) and not self._is_ready(self.running[step.name]):
                self.report("starting", step.name)
                self._wait(step)

    def _start(self, service: Service) -> None:
        process = service.start(self.root)
        log.info("%s started, process %d", service.name, process.pid)
        self.running[service.name] = Running(service, process, time.monotonic())

    def _wait(self, service: Service) -> None:
        deadline = time.monotonic() + service.patience
        while not self._is_ready(self.running[service.name]):
            if self.stopping.wait(TICK):
                return
            if time.monotonic() > deadline:
                raise NotReady(f"{service.name} was not ready after {service.patience:.0f} s: {self._log_of(service)}")
            if self.running[service.name].restarts >= MOST_DEATHS:
                raise NotReady(f"{service.name} ends before it is ready: {self._log_of(service)}")
            self.heal()

    def _is_ready(self, running: Running) -> bool:
        if not running.service.once:
            return running.process.poll() is None and running.service.ready()
        code = running.process.poll()
        if code and not running.service.optional:
            raise Transient(f"{running.service.name} ended with code {code}: {self._log_of(running.service)}")
        return code is not None

    def _log_of(self, service: Service) -> str:
        return f"see {self.root / 'logs' / service.name}.log"

    def heal(self) -> None:
        """Start again what has ended: at once the first time, after longer and longer pauses if it keeps ending."""
        for running in self.running.values():
            code = running.process.poll()
            if code is None or running.service.once:
                continue
            if running.again_at is None:
                self._plan_restart(running, code)
            if running.again_at is not None and time.monotonic() >= running.again_at:
                self._restart(running)

    def _plan_restart(self, running: Running, code: int) -> None:
        lived = time.monotonic() - running.started
        running.quick = running.quick + 1 if lived < QUICK else 0
        pause = min(2.0**running.quick - 1, LONGEST_PAUSE)
        log.warning(
            "%s ended with code %d after %.0f s; starting it again in %.0f s", running.service.name, code, lived, pause
        )
        running.again_at = time.monotonic() + pause

    def _restart(self, running: Running) -> None:
        # Its orphans hold ports and half-done work. Not asked, but killed: a task that is asked to stop reports that it
        # failed; one that vanished is started again by the next scheduler, whatever retries it has left.
        stop(mark(self.root, running.service.name), patience=0)
        running.process = running.service.start(self.root)
        running.started, running.again_at, running.restarts = time.monotonic(), None, running.restarts + 1
        log.info("%s started again, process %d", running.service.name, running.process.pid)
        self.report("up")

    def report(self, state: str, detail: str = "") -> None:
        """Write how things are, for whoever asks."""
        services = {
            name: {"pid": each.process.pid, "restarts": each.restarts}
            for name, each in self.running.items()
            if not each.service.once
        }
        report = {"state": state, "detail": detail, "pid": os.getpid(), "since": self.born, "services": services}
        write_json(self.root / "status.json", report)


def lock(root: Path) -> IO[str] | None:
    """Take the lock of a home, which its supervisor holds while it lives; None when it is taken."""
    file = (root / "supervisor.lock").open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _lock_patiently(root: Path) -> IO[str] | None:
    # Whoever asks whether a supervisor runs holds the lock for a moment: that is no reason to give up.
    for _ in range(10):
        held = lock(root)
        if held is not None:
            return held
        time.sleep(0.1)
    return None


def supervise(root: Path, plan: Callable[[], Sequence[Step]]) -> int:
    """Run the supervisor of `root` in this process until SIGTERM; return an exit code."""
    held = _lock_patiently(root)
    if held is None:
        log.info("another supervisor runs here already")
        return 0
    with held:
        stop(mark(root))  # what a supervisor that was killed left behind, and its ports
        return 0 if any(_attempt(root, plan, last=number == ATTEMPTS) for number in range(1, ATTEMPTS + 1)) else 1


def _attempt(root: Path, plan: Callable[[], Sequence[Step]], *, last: bool) -> bool:
    """Run a new plan to its end; return False when it should be tried once more: it then chooses other ports."""
    supervisor = Supervisor(root, plan())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: supervisor.stopping.set())
    try:
        supervisor.run()
    except NotReady as error:
        # Between choosing a port and listening on it there are seconds: somebody else may have been quicker.
        log.warning("%s", error)
        if last:
            supervisor.report("failed", str(error))
        return False
    except (DataflowError, OSError) as error:
        log.error("giving up: %s", error)  # noqa: TRY400 - the message says all; a traceback would hide it
        supervisor.report("failed", str(error))
        raise SystemExit(1) from error
    return True


def main() -> int:
    """Run the set-up whose home and project are the two arguments."""
    from dataflow_ops.local.machine import plan  # noqa: PLC0415 - tests run a supervisor without Airflow's plan

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    os.umask(0o077)  # databases and logs are for their owner alone
    home = Home(*map(Path, sys.argv[1:3]))
    return supervise(home.root, lambda: plan(home))


if __name__ == "__main__":
    sys.exit(main())
