"""How a vLLM server is started, by whom, and with which GPUs."""

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import dataflow_ops
from dataflow_ops.errors import BadArgument

HOST = "127.0.0.1"
PYTHON = "DATAFLOW_VLLM_PYTHON"
"""The variable that names the interpreter of vLLM's environment."""
# Decoding by schema that even a model of random weights cannot leave, and that puts no blanks without end.
STRUCTURED = '{"backend": "guidance", "disable_any_whitespace": true}'
NOT_PASSED_ON = re.compile(r"AIRFLOW_|PYTHON(PATH|HOME|DONTWRITEBYTECODE)$|VIRTUAL_ENV|__PYVENV_LAUNCHER__")


@dataclass(frozen=True)
class VllmSettings:
    """A model and how vLLM serves it."""

    model: str
    """A name on the hub, or the path of a folder."""
    python: Path | None = None
    """The interpreter of vLLM's environment; None finds it: see `interpreter`."""
    flags: tuple[str, ...] = ()
    """Flags of vLLM's server, as `("--max-model-len", "8192")`."""
    warm_seconds: float = 120.0
    """How long the server waits for the next task of its run."""
    start_seconds: float = 900.0
    """How long it may take to be ready: a large model is loaded for minutes, when it must be downloaded for longer."""
    served_name: str | None = None
    """What requests call the model; None is `model`."""

    @property
    def name(self) -> str:
        """Return what requests call the model."""
        return self.served_name or self.model


def interpreter(settings: VllmSettings) -> Path:
    """Return the Python that has vLLM: the setting, DATAFLOW_VLLM_PYTHON, .venv-vllm of the project, this one."""
    named = settings.python or os.environ.get(PYTHON)
    beside = Path(dataflow_ops.__file__).parents[1] / ".venv-vllm" / "bin" / "python"
    if named:
        if not os.access(named, os.X_OK):
            raise BadArgument(f"vLLM's interpreter {str(named)!r} is not a program; expected the path of a Python")
        return Path(named)
    if beside.exists():
        return beside
    if importlib.util.find_spec("vllm"):
        return Path(sys.executable)
    raise BadArgument(
        f"no vLLM for {settings.model!r}: install it into an environment of its own and name its Python in {PYTHON}"
    )


def command(python: Path, settings: VllmSettings, port: int) -> list[str]:
    """Return the command line of the server; what `flags` say goes before what is chosen here."""
    given = {flag.partition("=")[0].replace("_", "-") for flag in settings.flags}
    gpus = len(visible_gpus())
    chosen = {"--structured-outputs-config": STRUCTURED}
    if gpus > 1:
        chosen["--tensor-parallel-size"] = str(gpus)
    if given & {"-tp", "--tensor-parallel-size", "--data-parallel-size", "-dp", "--pipeline-parallel-size", "-pp"}:
        chosen.pop("--tensor-parallel-size", None)
    # A part of a setting may be given by itself: --structured-outputs-config.backend xgrammar.
    own = [
        each
        for flag, value in chosen.items()
        if flag not in {one.partition(".")[0] for one in given}
        for each in (flag, value)
    ]
    named = ["--model", settings.model, "--served-model-name", settings.name, "--host", HOST, "--port", str(port)]
    # By its module: the command `vllm` needs metadata that some builds lack.
    return [str(python), "-m", "vllm.entrypoints.openai.api_server", *named, *own, *settings.flags]


def environment(key: str, around: Mapping[str, str]) -> dict[str, str]:
    """Return the server's variables: those `around`, less Airflow's secrets and another Python's paths, and its key."""
    kept = {name: value for name, value in around.items() if not NOT_PASSED_ON.match(name)}
    # Nothing is reported to anybody.
    return {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1", **kept, "VLLM_API_KEY": key}


def visible_gpus() -> tuple[str, ...]:
    """Return the GPUs that a process started here can use: what CUDA_VISIBLE_DEVICES names, else all there are."""
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    if named is not None:
        return tuple(each.strip() for each in named.split(",") if each.strip() not in ("", "-1"))
    try:
        listed = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=30, check=False)
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return ()
    found = re.findall(r"^GPU (\d+):", listed.stdout, flags=re.MULTILINE) if listed.returncode == 0 else []
    return tuple(found)
