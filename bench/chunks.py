"""Chunks: ours beside chonkie's of the same size, and where a text turns to another subject.

Run as `python -m bench.chunks speed [MB]` or `python -m bench.chunks subjects [texts]`; both read the corpus that
`python -m bench.corpus` makes; chonkie has to be installed beside ours (`pip install chonkie==1.7.0`). Each way runs on one core, in this process, its CPU seconds counted.
"""

import json
import logging
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from chonkie import RecursiveChunker, SemanticChunker, SentenceChunker, TokenChunker
from chonkie.embeddings import BaseEmbeddings

from dataflow_ops.databases.embedder import Embedder
from dataflow_ops.documents import chunking_semantic
from dataflow_ops.documents.chunking import Settings, chunks
from dataflow_ops.documents.chunking_splitting import sentences
from dataflow_ops.models.counting import tokenizer_of
from dataflow_ops.models.loading import packaged

CORPUS = Path(__file__).parent / "data" / "corpus" / "jsonl" / "1" / "part-00000.jsonl"
SIZE = 512
LONG = 200_000
"""Characters of one long text, beside the short ones of the corpus."""

Span = tuple[int, int, str]
"""Where a chunk says that it begins and ends, and what it holds."""
Way = Callable[[str], list[Span]]


def corpus() -> Iterator[str]:
    """Yield the documents of the corpus."""
    with CORPUS.open() as file:
        for line in file:
            yield json.loads(line)["text"]


def ours(method: Any, tokenizer: Any | None) -> Way:
    """Return our way to cut, without joining short chunks, which chonkie does not either."""
    wanted = Settings(method, SIZE, 0, 0, tokenizer)
    return lambda text: [(each.begin, each.end, text[each.begin : each.end]) for each in chunks(text, None, wanted)]


def theirs(chunker: Any) -> Way:
    """Return a way of chonkie."""
    return lambda text: [(each.start_index, each.end_index, each.text) for each in chunker.chunk(text)]


def ways() -> dict[str, Way]:
    """Return all ways; chonkie's count characters where ours estimate tokens by them."""
    counted = tokenizer_of(packaged())
    found: dict[str, Way] = {}
    for name, chunker in (("tokens", TokenChunker), ("sentences", SentenceChunker), ("recursive", RecursiveChunker)):
        found[f"ours, {name}"] = ours(name, None)
        found[f"chonkie, {name}"] = theirs(chunker(chunk_size=4 * SIZE))
        found[f"ours, {name}, tokenizer"] = ours(name, counted)
        found[f"chonkie, {name}, tokenizer"] = theirs(chunker(counted, chunk_size=SIZE))
    return found


def speed(megabytes: float) -> None:
    """Write, for each way, how fast it is, and how many chunks are not the text between their places or end in a word."""
    texts, size = [], 0
    for text in corpus():
        texts.append(text)
        size += len(text.encode())
        if size >= megabytes * 1e6:
            break
    long = "\n\n".join(texts)[:LONG]
    _say(f"{len(texts)} documents, {size / 1e6:.1f} MB; one text of {len(long.encode()) / 1e6:.1f} MB")
    _say(f"{'':32} {'MB/s':>7} {'chunks/s':>9} {'chunks':>7} {'not the text':>12} {'in a word':>9} {'MB/s, long':>10}")
    for name, way in ways().items():
        way(texts[0])
        seconds, found = _timed(lambda way=way: [way(text) for text in texts])
        slow, _ = _timed(lambda way=way: way(long))
        total = sum(map(len, found))
        wrong = sum(text[b:e] != said for text, each in zip(texts, found, strict=True) for b, e, said in each)
        cut = sum(_in_word(text, e) for text, each in zip(texts, found, strict=True) for _, e, _ in each)
        _say(
            f"{name:32} {size / 1e6 / seconds:7.2f} {total / seconds:9.0f} {total:7} {wrong / total:12.1%} "
            f"{cut / total:9.1%} {len(long.encode()) / 1e6 / slow:10.2f}"
        )


def _timed(run: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.process_time()
    found = run()
    return time.process_time() - begun, found


def _in_word(text: str, end: int) -> bool:
    return 0 < end < len(text) and text[end - 1].isalnum() and text[end].isalnum()


def joined(count: int, seed: int) -> Iterator[tuple[str, list[int]]]:
    """Yield texts of ten passages, of 3 to 12 sentences each, of unrelated documents, and where passages begin.

    Nothing but a blank stands between passages, so that only what they say can tell.
    """
    rng = Random(seed)
    texts = list(corpus())
    rng.shuffle(texts)
    passages = filter(None, (_prose(text) for text in texts))
    for _ in range(count):
        text, borders = "", []
        for passage in (next(passages) for _ in range(10)):
            places = [*sentences(passage), len(passage)]
            if text:
                text += " "
                borders.append(len(text))
            text += passage[: places[min(rng.randint(2, 11), len(places) - 1)]].strip()
        yield text, borders


def _prose(text: str) -> str | None:
    found = [" ".join(each.split()) for each in text.split("\n\n")]
    found = [each for each in found if len(each) > 150 and each.endswith(".") and _is_words(each)]
    return " ".join(found)[:4000] if len(found) > 1 else None


def _is_words(text: str) -> bool:
    return sum(each.isalpha() or each == " " for each in text) > 0.9 * len(text)


class Vectors(BaseEmbeddings):
    """The packaged model for chonkie; what was embedded once is kept, so that settings can be compared."""

    def __init__(self) -> None:
        self.model, self.kept = Embedder(), {}
        self.asked = 0

    def embed(self, text: str) -> np.ndarray:
        """Return the vector of a text."""
        return self.embed_batch([text])[0]

    def embed_batch(self, texts: list[str]) -> list[np.ndarray]:
        """Return the vectors of texts."""
        self.asked += sum(map(len, texts))
        if new := [each for each in dict.fromkeys(texts) if each not in self.kept]:
            self.kept.update(zip(new, self.model.together(new), strict=True))
        return [self.kept[each] for each in texts]

    @property
    def dimension(self) -> int:
        """Numbers of a vector."""
        return 384

    def get_tokenizer(self) -> str:
        """Return what sizes are counted by."""
        return "character"


def subjects(count: int) -> None:
    """Write, for each way and setting, how many borders between passages it finds, and how many of its own are such."""
    texts, vectors = list(joined(count, seed=1)), Vectors()
    known = sum(any(abs(a - b) <= NEAR for b in sentences(text)) for text, borders in texts for a in borders)
    total = sum(len(borders) for _, borders in texts)
    _say(f"{count} texts of 10 passages; {known} of {total} borders are ends of sentences to us")
    for cutoff in (-1.0, -0.5, 0.0, 0.5):
        _found(f"ours, cutoff {cutoff}", texts, vectors, lambda text, cutoff=cutoff: _ours(text, vectors, cutoff))
    for window, threshold in ((1, 0.5), (1, 0.8), (3, 0.3), (3, 0.5), (3, 0.8)):
        chunker = SemanticChunker(
            embedding_model=vectors, threshold=threshold, chunk_size=1_000_000, similarity_window=window
        )
        cut = lambda text, chunker=chunker: [each.start_index for each in chunker.chunk(text)][1:]  # noqa: E731
        _found(f"chonkie, window {window}, threshold {threshold}", texts, vectors, cut)


def _ours(text: str, vectors: Vectors, cutoff: float) -> Sequence[int]:
    begins = [0, *sentences(text)]
    said = [text[a:b] for a, b in zip(begins, [*begins[1:], len(text)], strict=True)]
    found = chunking_semantic.borders(said, lambda each: np.stack(vectors.embed_batch(list(each))), cutoff)
    return [begins[number] for number in found]


NEAR = 3
"""Characters that a border may be off: blanks and quotes."""


def _found(name: str, texts: Sequence[tuple[str, list[int]]], vectors: Vectors, cut: Callable[[str], Any]) -> None:
    hits = cuts = borders = 0
    asked = vectors.asked
    for text, wanted in texts:
        found = cut(text)
        hits += sum(any(abs(place - border) <= NEAR for border in wanted) for place in found)
        cuts, borders = cuts + len(found), borders + len(wanted)
    precision, recall = hits / max(cuts, 1), hits / borders
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    embedded = (vectors.asked - asked) / sum(len(text) for text, _ in texts)
    _say(f"{name:36} precision {precision:.2f}  recall {recall:.2f}  F1 {f1:.2f}  embedded {embedded:.1f} x the text")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    if sys.argv[1:2] == ["subjects"]:
        subjects(int(sys.argv[2]) if len(sys.argv) > 2 else 20)
    else:
        speed(float(sys.argv[2]) if len(sys.argv) > 2 else 5)
