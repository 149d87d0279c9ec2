"""OpenDCAI DataFlow: its rule filters one after the other, as its pipelines run them, and its deduplicators."""

import sys
from pathlib import Path
from typing import Any

from dataflow.operators.general_text import (
    AlphaWordsFilter,
    BlocklistFilter,
    CapitalWordsFilter,
    CharNumberFilter,
    ColonEndFilter,
    ContentNullFilter,
    CurlyBracketFilter,
    HashDeduplicateFilter,
    HtmlEntityFilter,
    IDCardFilter,
    LineEndWithEllipsisFilter,
    LineStartWithBulletpointFilter,
    LineWithJavascriptFilter,
    LoremIpsumFilter,
    MeanWordLengthFilter,
    MinHashDeduplicateFilter,
    NoPuncFilter,
    SentenceNumberFilter,
    SpecialCharacterFilter,
    SymbolWordRatioFilter,
    UniqueWordsFilter,
    WatermarkFilter,
    WordNumberFilter,
)
from dataflow.utils.storage import FileStorage


def rules() -> list[Any]:
    """Return the 19 rule filters of its pretraining pipeline and two more it has, at the pipeline's settings."""
    return [
        BlocklistFilter(),
        WordNumberFilter(min_words=20, max_words=100000),
        ColonEndFilter(),
        SentenceNumberFilter(min_sentences=3, max_sentences=7500),
        LineEndWithEllipsisFilter(threshold=0.3),
        ContentNullFilter(),
        MeanWordLengthFilter(min_length=3, max_length=10),
        SymbolWordRatioFilter(threshold=0.4),
        HtmlEntityFilter(),
        NoPuncFilter(threshold=112),
        SpecialCharacterFilter(),
        WatermarkFilter(watermarks=["Copyright", "Watermark", "Confidential"]),
        CurlyBracketFilter(threshold=0.025),
        CapitalWordsFilter(threshold=0.2, use_tokenizer=False),
        LoremIpsumFilter(threshold=3e-8),
        UniqueWordsFilter(threshold=0.1),
        CharNumberFilter(threshold=100),
        LineStartWithBulletpointFilter(threshold=0.9),
        LineWithJavascriptFilter(threshold=3),
        AlphaWordsFilter(threshold=0.3, use_tokenizer=False),
        IDCardFilter(threshold=3),
    ]


TASKS = {
    "rules": rules,
    "near": lambda: [MinHashDeduplicateFilter(num_perm=128, threshold=0.9, use_n_gram=True, ngram=5)],
    "exact": lambda: [HashDeduplicateFilter(hash_func="md5")],
}


def main(task: str, source: str, target: str, cache_type: str = "jsonl") -> None:
    """Run `task` over the one file in `source`, keeping what each step writes in `target`."""
    (file,) = Path(source).iterdir()
    storage = FileStorage(str(file), cache_path=target, file_name_prefix="step", cache_type=cache_type)
    steps = TASKS[task]()
    for number, step in enumerate(steps):
        step.run(storage=storage.step(), input_key="text")
        if number:  # what an earlier step wrote is not its answer
            (Path(target) / f"step_step{number}.{cache_type}").unlink()


if __name__ == "__main__":
    main(*sys.argv[1:])
