"""Bring a set-up up, take it down, and say how it is."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from dataflow_ops.errors import BadArgument, Transient
from dataflow_ops.local import seaweed
from dataflow_ops.local.home import Home
from dataflow_ops.local.processes import MARK, mark, stop
from dataflow_ops.local.supervisor import lock

PATIENCE = 600.0


def is_running(home: Home) -> bool:
    """Return whether a supervisor holds this home."""
    if not home.root.exists():
        return False
    held = lock(home.root)
    if held is not None:
        held.close()
    return held is None


def status(home: Home) -> dict[str, Any]:
    """Return what the supervisor last reported; its state is `down` when none runs."""
    path = home.root / "status.json"
    report: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    if not is_running(home):
        return {**report, "state": "failed" if report.get("state") == "failed" else "down", "services": {}}
    return {"state": "starting", "detail": "", "services": {}} | report


def up(home: Home, show: Callable[[str], None]) -> bool:
    """Start the set-up unless it runs, and wait until it is up; return whether this call started it."""
    if not (home.project / "dags").is_dir():
        raise BadArgument(f"there is no folder 'dags' in {str(home.project)!r}: go to the project's folder first")
    home.create()
    started = not is_running(home)
    if started:
        (home.root / "status.json").unlink(missing_ok=True)
        _spawn(home)
    _wait_until_up(home, show)
    return started


def _spawn(home: Home) -> None:
    argv = [sys.executable, "-m", "dataflow_ops.local.supervisor", str(home.root), str(home.project)]
    env = {**os.environ, MARK: mark(home.root, "supervisor")}
    with (home.logs / "supervisor.log").open("ab") as log:
        process = subprocess.Popen(
            argv, env=env, cwd=home.root, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    deadline = time.monotonic() + 30
    while not is_running(home):
        if process.poll() is not None or time.monotonic() > deadline:
            raise Transient(f"the supervisor did not start: see {home.logs / 'supervisor.log'}")
        time.sleep(0.1)


def _wait_until_up(home: Home, show: Callable[[str], None]) -> None:
    deadline, shown = time.monotonic() + PATIENCE, ""
    while (report := status(home))["state"] != "up":
        if report["state"] in ("failed", "down"):
            raise Transient(f"the set-up did not start: {report.get('detail') or home.logs / 'supervisor.log'}")
        if time.monotonic() > deadline:
            raise Transient(
                f"the set-up is not up after {PATIENCE:.0f} s, still starting {report['detail']!r}: see {home.logs}"
            )
        if report["detail"] and report["detail"] != shown:
            shown = report["detail"]
            show(shown)
        time.sleep(0.2)


def down(home: Home) -> bool:
    """Stop everything that belongs to this home; data stay. Return whether anything ran."""
    if not home.root.exists():
        return False
    running = is_running(home)
    stop(mark(home.root, "supervisor"), patience=25)  # it stops the others
    left = stop(mark(home.root))
    seaweed.remove_sockets(home)
    (home.root / "status.json").unlink(missing_ok=True)
    return running or left > 0
