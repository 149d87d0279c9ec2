"""The command line and the variables of a vLLM server."""

from pathlib import Path

import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.llm.vllm.server import PYTHON, VllmSettings, command, environment, interpreter, visible_gpus

VLLM = Path("/opt/vllm/bin/python")


@pytest.mark.parametrize(
    ("named", "expected"),
    [("0,1,3", ("0", "1", "3")), ("GPU-8f2a, GPU-11", ("GPU-8f2a", "GPU-11")), ("", ()), ("-1", ())],
)
def test_visible_gpus(monkeypatch: pytest.MonkeyPatch, named: str, expected: tuple[str, ...]) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", named)
    assert visible_gpus() == expected


def test_gpus_are_counted_where_none_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert visible_gpus() == ()
    listing = tmp_path / "nvidia-smi"
    listing.write_text(
        "#!/bin/sh\necho 'GPU 0: H100 (UUID: GPU-a)'\necho '  MIG 1g'\necho 'GPU 1: H100 (UUID: GPU-b)'\n"
    )
    listing.chmod(0o755)
    assert visible_gpus() == ("0", "1")


@pytest.mark.parametrize(
    ("gpus", "flags", "has", "lacks"),
    [
        ("0,1", (), ["--tensor-parallel-size 2"], []),
        ("0", (), [], ["--tensor-parallel-size"]),
        ("", (), [], ["--tensor-parallel-size"]),
        ("0,1,2,3", ("-tp", "2"), ["-tp 2"], ["--tensor-parallel-size"]),
        ("0,1,2,3", ("--tensor_parallel_size=2",), ["--tensor_parallel_size=2"], ["--tensor-parallel-size"]),
        ("0,1", ("--data-parallel-size", "2"), [], ["--tensor-parallel-size"]),
        ("", (), ['--structured-outputs-config {"backend": "guidance"'], []),
        ("", ("--structured-outputs-config.backend", "xgrammar"), ["xgrammar"], ["guidance"]),
    ],
)
def test_command(
    monkeypatch: pytest.MonkeyPatch, gpus: str, flags: tuple[str, ...], has: list[str], lacks: list[str]
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", gpus)
    line = " ".join(command(VLLM, VllmSettings("org/model", flags=flags, served_name="m"), 8123))
    start = f"{VLLM} -m vllm.entrypoints.openai.api_server --model org/model --served-model-name m --host 127.0.0.1"
    assert line.startswith(f"{start} --port 8123")
    assert all(each in line for each in has)
    assert not any(each in line for each in lacks)


def test_a_server_gets_no_secrets_of_airflow() -> None:
    around = {
        "AIRFLOW__CORE__FERNET_KEY": "secret",
        "AIRFLOW_CONN_LLM": "secret",
        "PYTHONPATH": "/another/python",
        "VIRTUAL_ENV": "/another",
        "HF_TOKEN": "kept",
        "VLLM_CACHE_ROOT": "/cache",
        "VLLM_API_KEY": "of another server",
    }
    given = environment("key", around)
    expected = {"HF_TOKEN": "kept", "VLLM_CACHE_ROOT": "/cache", "VLLM_API_KEY": "key"}
    assert given == {**expected, "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}


def test_interpreter(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "python"
    program.touch(mode=0o755)
    monkeypatch.setenv(PYTHON, str(program))
    assert interpreter(VllmSettings("m")) == program
    monkeypatch.setenv(PYTHON, str(tmp_path / "missing"))
    assert interpreter(VllmSettings("m", program)) == program
    with pytest.raises(BadArgument, match="expected the path of a Python"):
        interpreter(VllmSettings("m"))
