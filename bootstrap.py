"""Make `.venv`: the locked packages, each checked by its hash, then this project. Does nothing when nothing changed.

Needs Python and its own `venv` and `pip`, nothing else. `uv` does the work; where it cannot reach the packages, pip does.
"""

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
PACKAGES = ROOT / "locks" / "dev.txt"
INSTALLER = ROOT / "locks" / "uv.txt"
DONE = VENV / ".bootstrapped"
# What pip is told about where packages are, uv is told as well: it does not read pip's configuration.
FROM_PIP = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "no-index": "UV_NO_INDEX",
    "cert": "SSL_CERT_FILE",
}


def main() -> int:
    """Bring `.venv` up to date; return an exit code."""
    wanted = fingerprint()
    if PYTHON.exists() and DONE.exists() and DONE.read_text() == wanted:
        return 0
    began = time.monotonic()
    try:
        install()
    except subprocess.CalledProcessError as error:
        say(f"failed: {' '.join(map(str, error.cmd))}")
        return 1
    DONE.write_text(wanted)
    say(f"installed in {time.monotonic() - began:.0f} s")
    return 0


def fingerprint() -> str:
    """Return what changes when `.venv` must change: the locks, the project's metadata, this Python."""
    content = b"".join(path.read_bytes() for path in (PACKAGES, INSTALLER, ROOT / "pyproject.toml", Path(__file__)))
    return hashlib.sha256(content + f"{sys.version}{sys.executable}{ROOT}".encode()).hexdigest()


def install() -> None:
    """Make the environment and fill it."""
    env = {**os.environ, "VIRTUAL_ENV": str(VENV)}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # without .pyc files everything starts more slowly
    if not same_python():
        say("making .venv")
        subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True, env=env)
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    if not (VENV / "bin" / "uv").exists():
        subprocess.run([PYTHON, "-m", "ensurepip", "--upgrade"], check=True, env=env, stdout=subprocess.DEVNULL)
        subprocess.run([*pip, "install", "--require-hashes", "-r", INSTALLER], check=True, env=env)
    say(f"installing {PACKAGES.relative_to(ROOT)}")
    uv = [VENV / "bin" / "uv", "pip", *([] if sys.stderr.isatty() else ["--quiet"])]
    told = {**env, **told_by_pip(pip_configuration())}
    if subprocess.run([*uv, "sync", "--require-hashes", PACKAGES], env=told, check=False).returncode:
        say("uv could not; trying pip")
        subprocess.run([PYTHON, "-m", "ensurepip", "--upgrade"], check=True, env=env, stdout=subprocess.DEVNULL)
        subprocess.run([*pip, "install", "--require-hashes", "-r", PACKAGES], check=True, env=env)
    own = ["install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", ROOT]
    subprocess.run([VENV / "bin" / "uv", "pip", *own], check=True, env=told)


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
    sys.exit(main())
