"""A server and its keeper as a task finds them: start one, find one, clear away what is left of one."""

import hashlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import dataflow_ops
from dataflow_ops.errors import Transient
from dataflow_ops.llm.vllm import keeper
from dataflow_ops.llm.vllm.processes import PATIENCE, Life, alive, end, send, wait_for_end
from dataflow_ops.llm.vllm.server import HOST, VllmSettings, command, environment, interpreter, visible_gpus

KEPT_SECONDS = 7 * 86400.0
"""How long the logs of a server that ended are kept."""


@dataclass(frozen=True)
class Kept:
    """What `keeper.json` says of a server."""

    keeper: Life
    server: Life
    port: int
    gpus: tuple[str, ...]
    key: str = field(repr=False)


def folder_of(root: Path, settings: VllmSettings, run: str) -> Path:
    """Return the folder of the one server that tasks of a run with the same settings and GPUs share."""
    what = [settings.model, settings.name, settings.flags, str(settings.python), visible_gpus(), run]
    return root.absolute() / hashlib.sha256(json.dumps(what).encode()).hexdigest()[:16]


def find(folder: Path) -> Kept | None:
    """Return what is noted of the server of a folder, be it alive or not."""
    try:
        noted = json.loads((folder / "keeper.json").read_bytes())
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    keeping, server = Life(*noted["keeper"]), Life(*noted["server"])
    return Kept(keeping, server, noted["port"], tuple(noted["gpus"]), noted["key"])


def start(folder: Path, settings: VllmSettings) -> Kept:
    """Start a keeper and its server; the root's lock is held. Servers that are idle go first: they hold memory."""
    python = interpreter(settings)
    end_idle(folder.parent)
    sweep(folder)
    port, key = free_port(), secrets.token_urlsafe(24)
    job = {
        "folder": str(folder),
        "argv": command(python, settings, port),
        "env": environment(key, os.environ),
        "warm_seconds": settings.warm_seconds,
        "record": {"port": port, "key": key, "gpus": visible_gpus()},
    }
    found = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    log = folder / "keeper.log"
    with log.open("wb") as out:
        # Secrets go by a pipe: others can read command lines.
        ended = subprocess.run(
            [sys.executable, "-S", "-P", "-m", keeper.__name__],
            input=json.dumps(job).encode(),
            stdout=out,
            stderr=out,
            cwd=folder,
            env={**found, "PYTHONPATH": str(Path(dataflow_ops.__file__).parents[1])},
            check=False,
        )
    kept = find(folder)
    if ended.returncode or not kept:
        raise Transient(f"the keeper of vLLM with {settings.model!r} did not start: {log.read_text()[-2000:]}")
    return kept


def end_idle(root: Path) -> None:
    """End the servers that no task uses and that share a GPU with this process, and what is left of dead ones."""
    here = set(visible_gpus())
    for noted in root.glob("*/keeper.json"):
        kept = find(noted.parent)
        if kept and not alive(kept.keeper):
            clear(noted.parent, kept)
        elif kept and not keeper.holders(noted.parent).live and (not here or here & set(kept.gpus)):
            dismiss(kept)


def sweep(folder: Path) -> None:
    """Remove the other folders of this one's root whose servers ended a week ago; the root's lock is held."""
    for log in folder.parent.glob("*/server.log"):
        old = time.time() - log.stat().st_mtime > KEPT_SECONDS
        if old and log.parent != folder and not (log.parent / "keeper.json").exists():
            shutil.rmtree(log.parent)


def clear(folder: Path, kept: Kept) -> None:
    """End what is left of a server whose keeper was killed."""
    end(kept.server, 0)
    keeper.forget(keeper.holders(folder).killed)
    (folder / "keeper.json").unlink(missing_ok=True)


def dismiss(kept: Kept) -> None:
    """Have a keeper end its server; end both where it does not."""
    send(kept.keeper, signal.SIGTERM)
    if not wait_for_end(kept.keeper, keeper.GRACE + PATIENCE):
        send(kept.keeper, signal.SIGKILL)
        end(kept.server, 0)


def free_port() -> int:
    """Return a port that nothing uses now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


def tail(path: Path, size: int = 65536) -> str:
    """Return the end of a log; nothing when there is none."""
    with suppress(FileNotFoundError), path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - size))
        return file.read().decode(errors="replace")
    return ""
