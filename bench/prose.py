"""Plain text out of installed documentation: HTML, reStructuredText, POD and plain files."""

import gzip
import html
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

PAGES = {".html", ".htm", ".xhtml"}
TEXTS = {".txt", ".rst", ".pod", ".yaml", ""}
SKIPPED = re.compile(r"/(_sources|examples?|genindex|py-modindex|search|chunks|COPYING|changelog)|\.js(on)?|/copyright")
DROPPED = re.compile(r"(?is)<(script|style|nav|header|footer|head|noscript|svg|math)\b.*?</\1\s*>|<!--.*?-->")
VERBATIM = re.compile(r"(?is)<pre\b[^>]*>(.*?)</pre\s*>")
PARAGRAPH = re.compile(r"(?i)</?(p|h[1-6]|ul|ol|dl|table|section|article|blockquote|div|pre)\b[^>]*>")
LINE = re.compile(r"(?i)<(br|li|tr|dt|dd)\b[^>]*>")
TAG = re.compile(r"<[^>]{0,2000}>")
BLANK = re.compile(r"\n\s*\n+")


def page_text(page: str) -> str:
    """Return the text of an HTML page, paragraphs parted by a blank line and verbatim blocks as they stand."""
    pieces = []
    for number, piece in enumerate(VERBATIM.split(DROPPED.sub(" ", page))):
        flowing = number % 2 == 0
        laid_out = PARAGRAPH.sub("\n\n", LINE.sub("\n", re.sub(r"\s+", " ", piece))) if flowing else piece
        pieces.append(html.unescape(TAG.sub("", laid_out)))
    return "\n\n".join(pieces).replace("\xb6", "").replace("\uf0c1", "")


def paragraphs(path: Path) -> list[str]:
    """Return the paragraphs of one file, a packed one (`.gz`) included; none when it holds no text."""
    opened, kind = (gzip.open, Path(path.stem).suffix) if path.suffix == ".gz" else (open, path.suffix)
    if kind not in PAGES | TEXTS or SKIPPED.search(str(path)):
        return []
    with opened(path, "rb") as file:
        text = file.read(4_000_000).decode("utf-8", "replace")
    if "\0" in text or text.count("\ufffd") > 20:
        return []
    text = page_text(text) if kind in PAGES else text
    lines = (re.sub(r"[ \t]+(?=\n)", "", piece).strip("\n ") for piece in BLANK.split(text))
    return [line for line in lines if line]


def documents(files: Sequence[list[str]], seed: int, most_seen: int = 4) -> Iterator[str]:
    """Cut files into documents of 0.4-30 kB at paragraph ends, lengths log-normal, page furniture left out.

    A paragraph that stands in more than `most_seen` files is navigation or a licence header, not prose.
    """
    seen = Counter(piece for file in files for piece in set(file))
    random = np.random.default_rng(seed)
    for file in files:
        size, wanted, held = 0, int(np.clip(random.lognormal(8.7, 0.8), 400, 28_000)), []
        for piece in file:
            if seen[piece] > most_seen:
                continue
            held.append(piece[:30_000])
            size += len(piece) + 2
            if size >= wanted:
                yield "\n\n".join(held)[:30_000]
                size, wanted, held = 0, int(np.clip(random.lognormal(8.7, 0.8), 400, 28_000)), []
        if size >= 400:
            yield "\n\n".join(held)[:30_000]


def distinct(texts: Iterator[str], most_shared: float = 0.25) -> Iterator[str]:
    """Pass on texts that share at most `most_shared` of their five-word shingles with all texts before them.

    Every fourth shingle by hash is looked at, so that 15 million words fit in memory.
    """
    seen: set[int] = set()
    numbers: dict[str, int] = {}
    powers = np.random.default_rng(7).integers(1, 2**63, 5, dtype=np.uint64) | np.uint64(1)
    for text in texts:
        words = [numbers.setdefault(word, len(numbers)) for word in re.findall(r"\w+", text.lower())]
        if len(words) < 60:
            continue
        windows = np.lib.stride_tricks.sliding_window_view(np.array(words, np.uint64) + np.uint64(1), 5)
        hashes = (windows * powers).sum(axis=1, dtype=np.uint64)
        hashes ^= hashes >> np.uint64(29)
        kept = set(hashes[hashes % np.uint64(4) == 0].tolist())
        if len(kept & seen) <= most_shared * len(kept):
            seen |= kept
            yield text
