"""Make `.venv-vllm`: vLLM for machines without a GPU, apart from all else. Does nothing when nothing changed.

Needs `.venv` (bootstrap.py). 2.5 GB and some minutes: only `make test-vllm` and its benchmark ask for it.
"""

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

from bootstrap import ROOT, pip_configuration, told_by_pip

VENV = ROOT / ".venv-vllm"
PYTHON = VENV / "bin" / "python"
UV = ROOT / ".venv" / "bin" / "uv"
PACKAGES = ROOT / "locks" / "vllm.txt"
DONE = VENV / ".made"
# Not locked by hash: builds of one version (CPU, CUDA) differ, and pip's configuration says where the CPU build is.
TORCH = "torch==2.13.0"


def main() -> int:
    """Bring `.venv-vllm` up to date; return an exit code."""
    wanted = fingerprint()
    if PYTHON.exists() and DONE.exists() and DONE.read_text() == wanted:
        return 0
    began = time.monotonic()
    try:
        make()
    except subprocess.CalledProcessError as error:
        say(f"failed: {' '.join(map(str, error.cmd))}")
        return 1
    DONE.write_text(wanted)
    say(f"installed in {time.monotonic() - began:.0f} s")
    return 0


def fingerprint() -> str:
    """Return what changes when the environment must change: its lock, this file, this Python."""
    python = Path(sys.executable).resolve()  # python3 and python3.11 are the same
    made_of = f"{TORCH}{sys.version}{python}{ROOT}".encode()
    return hashlib.sha256(PACKAGES.read_bytes() + made_of).hexdigest()


def make() -> None:
    """Make the environment anew: every locked package by its hash, then torch, and see that torch loads."""
    env = {**os.environ, "VIRTUAL_ENV": str(VENV), **told_by_pip(pip_configuration())}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # without .pyc files vLLM takes a minute more to start
    say("installing locks/vllm.txt and torch, about 2.5 GB")
    subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True, env=env)
    locked: list[str | Path] = ["--no-deps", "--require-hashes", "-r", PACKAGES]
    pip: list[str | Path] = [PYTHON, "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    if subprocess.run([UV, "pip", "install", "--quiet", *locked], env=env, check=False).returncode:
        say("uv could not; trying pip")
        subprocess.run([*pip, *locked], check=True, env=env)
    subprocess.run([*pip, "--no-deps", TORCH], check=True, env=env)
    try:
        subprocess.run([PYTHON, "-c", "import torch"], check=True, env=env)
    except subprocess.CalledProcessError:
        say("torch does not load: tell pip where its CPU builds are (PIP_EXTRA_INDEX_URL), then try again")
        raise


def say(text: str) -> None:
    """Write a line."""
    sys.stdout.write(f"vllm_env: {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
