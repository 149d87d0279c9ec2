"""Classifiers published as an encoder with one linear layer on its first token, outside the classes of transformers.

NVIDIA's quality, domain and content-type classifiers are of this kind: their configuration names a `base_model` and the
labels, their weights are `model.*` and `fc.*`.
"""

from typing import Any


def is_mixin(model: str, revision: str | None) -> bool:
    """Return whether the configuration of `model` is of this kind."""
    return {"base_model", "fc_dropout", "id2label"} <= _settings(model, revision).keys()


def _settings(model: str, revision: str | None) -> dict[str, Any]:
    from transformers import PreTrainedConfig

    settings: dict[str, Any] = PreTrainedConfig.get_config_dict(model, revision=revision)[0]
    return settings


def classifier_of_mixin(model: str, given: dict[str, Any]) -> Any:
    """Build the network of `model`; only the configuration of its base model is read, not its weights."""
    from safetensors.torch import load_file  # noqa: PLC0415
    from transformers import AutoConfig, AutoModel
    from transformers.utils import cached_file

    settings = _settings(model, given["revision"])
    config = AutoConfig.from_pretrained(settings["base_model"], trust_remote_code=False)
    config.id2label = {int(number): label for number, label in settings["id2label"].items()}
    config.problem_type = "single_label_classification"
    network = _network(AutoModel.from_config(config, trust_remote_code=False), config)
    weights = load_file(str(cached_file(model, "model.safetensors", revision=given["revision"])))
    lost = network.load_state_dict(weights, strict=False)
    missing = [name for name in lost.missing_keys if "pooler" not in name and "position_ids" not in name]
    if missing:
        raise ValueError(f"it has no weights for {', '.join(missing[:3])}")
    return network.to(given["dtype"])


def _network(trunk: Any, config: Any) -> Any:
    import torch
    from transformers.modeling_outputs import SequenceClassifierOutput

    class FirstTokenClassifier(torch.nn.Module):  # a class of torch can only be made once torch is there
        def __init__(self) -> None:
            super().__init__()
            self.config, self.model = config, trunk
            self.fc = torch.nn.Linear(config.hidden_size, len(config.id2label))

        def forward(self, **inputs: Any) -> Any:
            return SequenceClassifierOutput(logits=self.fc(self.model(**inputs).last_hidden_state[:, 0]))

    return FirstTokenClassifier()
