"""Models of a few thousand random weights, with tokenizers, made on the spot: nothing is downloaded."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

WORDS = [
    "the",
    "a",
    "an",
    "sun",
    "moon",
    "is",
    "hot",
    "cold",
    "was",
    "seen",
    "by",
    "man",
    "woman",
    "in",
    "of",
    "river",
    "old",
    "new",
    "red",
    "blue",
    "what",
    "why",
    "how",
    "because",
    "it",
]
PUNCTUATION = [".", ",", "?", "!", "#", ":"]
LABELS = ("toxic", "obscene", "threat")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Return a function that makes the model of a name, once a session, and returns its folder."""
    import torch

    torch.set_num_threads(1)  # threads that wait for each other cost more than models this small gain
    root, made = tmp_path_factory.mktemp("models"), {}

    def folder(name: str) -> str:
        if name not in made:
            made[name] = str(root / name)
            MAKERS[name](root / name)
        return made[name]

    return folder


def bert_tokenizer() -> Any:
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *PUNCTUATION, *map(chr, range(97, 123))]
    pieces += [f"##{chr(code)}" for code in range(97, 123)]
    tokenizer = Tokenizer(
        models.WordPiece({piece: i for i, piece in enumerate(dict.fromkeys(pieces))}, unk_token="[UNK]")
    )
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    marks = {
        "unk_token": "[UNK]",
        "pad_token": "[PAD]",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
        "mask_token": "[MASK]",
    }
    names = ["input_ids", "token_type_ids", "attention_mask"]
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_input_names=names, model_max_length=64, **marks)


def byte_tokenizer(*, start: bool) -> Any:
    """Return a tokenizer of bytes and some words; without padding token, as those of GPT-2 and Llama."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    pieces = ["<|end|>", *sorted(pre_tokenizers.ByteLevel.alphabet())]
    tokenizer = Tokenizer(models.BPE({piece: number for number, piece in enumerate(pieces)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    if start:
        tokenizer.post_processor = processors.TemplateProcessing(single="<|end|> $A", special_tokens=[("<|end|>", 0)])
    names = ["input_ids", "attention_mask"]
    marks = {"bos_token": "<|end|>", "eos_token": "<|end|>", "model_max_length": 512}
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_input_names=names, **marks)


def save(folder: Path, network: Any, tokenizer: Any) -> None:
    network.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def bert_config(labels: tuple[str, ...] = ("one",), **more: Any) -> Any:
    from transformers import BertConfig

    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    named = {"id2label": dict(enumerate(labels)), "label2id": {label: i for i, label in enumerate(labels)}}
    return BertConfig(
        vocab_size=len(bert_tokenizer()), max_position_embeddings=64, initializer_range=0.5, **sizes, **named, **more
    )


def make_bert(*labels: str, **more: Any) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        import torch
        from transformers import BertForSequenceClassification

        torch.manual_seed(len(labels))
        save(folder, BertForSequenceClassification(bert_config(labels, **more)), bert_tokenizer())

    return make


def make_encoder(folder: Path) -> None:
    import torch
    from transformers import BertModel

    torch.manual_seed(3)
    save(folder, BertModel(bert_config(), add_pooling_layer=False), bert_tokenizer())


def make_decoder(kind: str, head: str, *, start: bool, **more: Any) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        import torch
        import transformers

        tokenizer = byte_tokenizer(start=start)
        config = getattr(transformers, f"{kind}Config")(
            vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
            num_key_value_heads=2, head_dim=16, max_position_embeddings=512, initializer_range=0.3, bos_token_id=0, eos_token_id=0, pad_token_id=None, **more,
        )  # fmt: skip
        torch.manual_seed(4)
        save(folder, getattr(transformers, f"{kind}{head}")(config), tokenizer)

    return make


def make_gpt2(folder: Path) -> None:
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    tokenizer = byte_tokenizer(start=False)
    marks = {"bos_token_id": 0, "eos_token_id": 0, "initializer_range": 0.3}
    torch.manual_seed(5)
    config = GPT2Config(vocab_size=len(tokenizer), n_positions=512, n_embd=32, n_layer=2, n_head=2, **marks)
    save(folder, GPT2LMHeadModel(config), tokenizer)


def make_mixin(folder: Path) -> None:
    """Make a classifier of the kind that NVIDIA publishes: an encoder and `fc`, weights named by hand."""
    import json

    import torch
    from safetensors.torch import save_file
    from transformers import BertModel

    base = folder.with_name("mixin_base")
    bert_config().save_pretrained(base)
    torch.manual_seed(6)
    trunk, last = BertModel(bert_config()), torch.nn.Linear(32, 3)
    weights = {f"model.{name}": value for name, value in trunk.state_dict().items()}
    bert_tokenizer().save_pretrained(folder)
    save_file({**weights, "fc.weight": last.weight.data, "fc.bias": last.bias.data}, folder / "model.safetensors")
    named = {str(number): label for number, label in enumerate(("High", "Medium", "Low"))}
    settings = {"base_model": str(base), "fc_dropout": 0.2, "id2label": named}
    (folder / "config.json").write_text(json.dumps(settings))


MAKERS: dict[str, Callable[[Path], None]] = {
    "regressor": make_bert("score"),
    "classes": make_bert("High", "Medium", "Low"),
    "many": make_bert(*LABELS, problem_type="multi_label_classification"),
    "encoder": make_encoder,
    "gpt2": make_gpt2,
    "llama": make_decoder("Llama", "ForCausalLM", start=True),
    "gemma2": make_decoder("Gemma2", "ForCausalLM", start=True, final_logit_softcapping=5.0),
    "four": make_decoder("Llama", "ForSequenceClassification", start=False, num_labels=4),
    "reward": make_decoder("Llama", "ForSequenceClassification", start=True, num_labels=1),
    "mixin": make_mixin,
}
