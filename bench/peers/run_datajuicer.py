"""data-juicer: ten of its text filters, its MinHash and its exact deduplicator, through its own `dj-process`."""

import json
import sys
from pathlib import Path

from data_juicer.tools.process_data import main as process

STOP_WORDS = [
    "a",
    "an",
    "and",
    "are",
    "as",
    "at",
    "be",
    "but",
    "by",
    "can",
    "do",
    "for",
    "from",
    "has",
    "have",
    "he",
    "her",
    "his",
    "i",
    "if",
    "in",
    "is",
    "it",
    "its",
    "me",
    "my",
    "no",
    "not",
    "of",
    "on",
    "or",
    "our",
    "she",
    "so",
    "that",
    "the",
    "their",
    "them",
    "there",
    "they",
    "this",
    "to",
    "was",
    "we",
    "were",
    "what",
    "when",
    "which",
    "who",
    "will",
    "with",
    "would",
    "you",
    "your",
]
FLAGGED = ["damn", "hell", "bastard", "crap", "piss", "porn", "sex", "slut", "whore", "viagra", "casino"]
TASKS = {
    "rules": [
        "alphanumeric_filter",
        "average_line_length_filter",
        "character_repetition_filter",
        "flagged_words_filter: {flagged_words_dir: WORDS}",
        "maximum_line_length_filter",
        "special_characters_filter",
        "stopwords_filter: {stopwords_dir: WORDS, min_ratio: 0.05}",
        "text_length_filter",
        "word_repetition_filter",
        "words_num_filter",
    ],
    "near": ["document_minhash_deduplicator"],
    "exact": ["document_deduplicator"],
}
"""Settings are its defaults; word lists, which it would download, are these."""


def main(task: str, source: str, target: str) -> None:
    """Write the recipe and the word lists, and process the files of `source`."""
    folder = Path(target).resolve()
    for kind, words in {"stopwords": STOP_WORDS, "flagged_words": FLAGGED}.items():
        (folder / f"{kind}.json").write_text(json.dumps({"en": words}))
    recipe = [
        "project_name: bench",
        f"dataset_path: {next(Path(source).resolve().iterdir())}",
        f"export_path: {folder}/survivors/part.jsonl",
        "np: 1",
        "text_keys: text",
        "use_cache: false",
        "open_tracer: false",
        "process:",
        *(f"  - {step}".replace("WORDS", str(folder)) + (":" if ":" not in step else "") for step in TASKS[task]),
    ]
    (folder / "recipe.yaml").write_text("\n".join(recipe) + "\n")
    sys.argv = ["dj-process", "--config", str(folder / "recipe.yaml")]
    process()


if __name__ == "__main__":
    main(*sys.argv[1:])
