"""Whole models in a few files, made where transformers is: `python tiny.py folder` writes them all.

A Llama without weights (vLLM makes dummies), a BERT that makes vectors and one that sorts into classes, both of random
weights; a tokenizer of bytes for all.
"""

import json
import sys
from pathlib import Path

WINDOW = 512
"""Tokens a prompt and its answer may have together."""
LLAMA = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "max_position_embeddings": WINDOW,
    "vocab_size": 260,
    "bos_token_id": 256,
    "eos_token_id": 257,
    "pad_token_id": 258,
    "rms_norm_eps": 1e-5,
    "rope_theta": 10000.0,
    "hidden_act": "silu",
    "tie_word_embeddings": False,
    "torch_dtype": "float32",
}
SPECIAL = ("<|begin|>", "<|end|>", "<|pad|>", "<|turn|>")
TEMPLATE = (
    "{% for message in messages %}<|turn|>{{ message['role'] }}\n{{ message['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|turn|>assistant\n{% endif %}"
)


def write_llama(folder: Path) -> Path:
    """Write config and tokenizer of a chat model; the weights are the server's dummies."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(LLAMA))
    (folder / "generation_config.json").write_text(json.dumps({"eos_token_id": 257}))
    write_tokenizer(folder)
    return folder


def write_tokenizer(folder: Path) -> None:
    """Write a tokenizer of the 256 bytes and four special tokens: it needs no training and knows every text."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={letter: i for i, letter in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in SPECIAL])
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": SPECIAL[0],
        "eos_token": SPECIAL[1],
        "pad_token": SPECIAL[2],
        "chat_template": TEMPLATE,
        "model_max_length": WINDOW,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config))


def write_classifier(folder: Path, labels: int) -> Path:
    """Write a whole BERT of random weights that sorts texts into classes; runs where transformers is."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    torch.manual_seed(0)
    model = BertForSequenceClassification(_bert(BertConfig, num_labels=labels))
    model.save_pretrained(folder)
    write_tokenizer(folder)
    return folder


def write_embedder(folder: Path) -> Path:
    """Write a whole BERT of random weights that makes vectors; runs where transformers is."""
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    BertModel(_bert(BertConfig), add_pooling_layer=False).save_pretrained(folder)
    write_tokenizer(folder)
    return folder


def _bert(config, **more):
    small = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 128}
    return config(vocab_size=260, max_position_embeddings=WINDOW, pad_token_id=258, **small, **more)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    write_llama(target / "llama")
    write_embedder(target / "embedder")
    write_classifier(target / "classifier", labels=3)
