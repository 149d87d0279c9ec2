"""Why a vLLM server did not start, by its log, and the cure."""

import re

from dataflow_ops.errors import BadArgument, DataflowError, Transient
from dataflow_ops.llm.vllm.server import PYTHON, VllmSettings

SHOWN = 8
"""Lines of a log that an error shows."""
REASONS: tuple[tuple[str, type[DataflowError], str], ...] = (
    (r"No module named '?vllm", BadArgument, f"this Python has no vLLM: name one that has in {PYTHON}"),
    (r"unrecognized arguments|invalid choice|expected one argument|argument --\S+: ", BadArgument, "correct `flags`"),
    (
        r"Free memory on device .* less than desired",
        Transient,
        "another process holds memory of the GPU; if it is to stay, lower --gpu-memory-utilization in `flags`",
    ),
    (
        r"KV cache .*(max_model_len|max seq len|model length)|max seq len .*KV cache|No available memory for the cache",
        BadArgument,
        "the context does not fit the memory: lower --max-model-len, or raise --gpu-memory-utilization, in `flags`",
    ),
    (
        r"out of memory|OutOfMemoryError|Cannot allocate memory",
        BadArgument,
        "the model does not fit: lower --gpu-memory-utilization or --max-model-len in `flags`, or take a smaller model",
    ),
    (
        r"max_model_len .*greater than the derived|maximum context length",
        BadArgument,
        "the model's context is shorter than what is asked for: lower --max-model-len in `flags`",
    ),
    (r"divisible by tensor parallel", BadArgument, "set --tensor-parallel-size in `flags` to what divides its heads"),
    (
        r"gated repo|GatedRepoError|401 Client Error|403 Client Error",
        BadArgument,
        "the hub does not give this model to everybody: accept its licence there and set HF_TOKEN",
    ),
    (
        r"not a valid model|Repository ?Not ?Found|Invalid repository|a file named \S*config\.json|Repo id must",
        BadArgument,
        "there is no such model: expected a name on the hub, as 'Qwen/Qwen2.5-7B-Instruct', or a folder",
    ),
    (
        r"couldn't connect to|LocalEntryNotFound|Max retries exceeded|ConnectError|OfflineModeIsEnabled|offline mode",
        Transient,
        "the hub cannot be reached and the model is not in its cache",
    ),
    (r"[Aa]ddress already in use", Transient, "another program took the port; trying again takes another"),
)


def diagnosis(settings: VllmSettings, log: str, what: str) -> DataflowError:
    """Return the error that says `what` happened to the server, why by its log, and the cure."""
    said = "\n".join(f"  {line}" for line in telling(log))
    for pattern, kind, cure in REASONS:
        if re.search(pattern, log):
            return kind(f"vLLM with {settings.model!r} {what}: {cure}. Its log says:\n{said}")
    return Transient(f"vLLM with {settings.model!r} {what}. Its log says:\n{said or '  nothing'}")


def telling(log: str) -> list[str]:
    """Return the last lines of a log that name an error, without times and process names; else its last lines."""
    lines = [re.sub(r"^\(\w+[^)]*\) |\w+ [\d-]+ [\d:]+ \[[^\]]*\] ", "", line).strip() for line in log.splitlines()]
    lines = [line for line in (re.sub(r"^\w+ [\d-]+ [\d:]+ \[[^\]]*\] ", "", line) for line in lines) if line]
    named = [line for line in lines if re.match(r"[\w.]*(Error|Exception)\b|.*\b[Ee]rror[:,]", line)]
    return [line[:500] for line in dict.fromkeys(named or lines)][-SHOWN:]
