"""Run the compiled loops over an Arrow column of code files, a batch of files at a time."""

from functools import cache

import numpy as np
import pyarrow as pa

from dataflow_ops.score import _code_kernel as kernel
from dataflow_ops.score import _code_kernel_html as html
from dataflow_ops.score import _code_kernel_words as words
from dataflow_ops.score import _text_kernel_unicode as unicode
from dataflow_ops.score import _text_kernel_words as tallies
from dataflow_ops.score._text_kernel_batches import each_text

WIDTHS = (2, 3, 4, 5)
_SPANS = ("different_lines", "written_lines", *(f"repeated_{width}" for width in WIDTHS))
_PAGE = ("visible", "page")


def count(column: pa.ChunkedArray, pages: np.ndarray) -> dict[str, np.ndarray]:
    """Return counts by name, one number a row, `entropy`, and `valid`: whether the row holds a text.

    Where `pages` is true also `visible` and `page`: characters that a reader of HTML sees, and all, blanks aside.
    """
    scratch, parts, row = _Scratch(), [], 0
    for data, bounds, valid in each_text(column):
        wanted = pages[row : row + len(valid)] & valid
        row += len(valid)
        parts.append(np.concatenate([scratch.measure(data, bounds, valid), _visible(data, bounds, wanted)], axis=1))
    names = (*kernel.COUNTS, *_SPANS, "entropy", "valid", *_PAGE)
    rows = np.concatenate(parts) if parts else np.zeros((0, len(names)))
    return dict(zip(names, rows.T, strict=True))


def _visible(data: np.ndarray, bounds: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    out = np.zeros((len(wanted), len(_PAGE)), np.int64)
    html.visible(data, bounds, wanted, html.UNSEEN, out)
    return out


@cache
def _tables() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    kinds = kernel.encodings()
    kinds.flags.writeable = False
    return unicode.flags(), unicode.ascii_words(), kinds


class _Scratch:
    """Working memory that grows with the largest batch."""

    def __init__(self) -> None:
        self._room = -1

    def _make_room(self, size: int, files: int) -> None:
        room = max(size // 2 + files + 2, files + 1)  # a word is a letter and something that is none, at least
        if room <= self._room:
            return
        self._room, new = room, np.empty
        self.words, self.lines = new(room, np.uint64), new(room, np.uint64)
        self.numbers, self.places, self.counts = new(room, np.int32), new(room, np.int32), new(room, np.int64)
        self.numbering = new(0, np.int32), new(room, np.int32), new(room, np.int32)
        self.table = np.zeros(4 * (1 << max(12, room.bit_length())) + 1, np.uint64)

    def measure(self, data: np.ndarray, bounds: np.ndarray, valid: np.ndarray) -> np.ndarray:
        files = len(valid)
        self._make_room(int(bounds[-1] - bounds[0]), files)
        spans, counts = np.zeros((files + 1, 2), np.int64), np.zeros((files, len(kernel.COUNTS)), np.int64)
        kernel.scan(data, bounds, valid, _tables(), self.words, self.lines, spans, counts)
        known, entropy = np.zeros((files, len(_SPANS)), np.int64), np.zeros(files)
        self._count_lines(np.ascontiguousarray(spans[:, 1:]), known)
        self._count_words(spans, known, entropy)
        return np.concatenate([counts, known, entropy[:, None], valid[:, None]], axis=1)

    def _count_lines(self, spans: np.ndarray, known: np.ndarray) -> None:
        words.different(self.numbers, self._number(self.lines, spans), known[:, 0])
        known[:, 1] = np.diff(spans[:, 0])

    def _count_words(self, spans: np.ndarray, known: np.ndarray, entropy: np.ndarray) -> None:
        ends = self._number(self.words, spans)
        words.entropy(self.numbers, ends, self.counts, self.places, entropy)
        spare = np.zeros(len(entropy), np.int64)
        for width in (1, *WIDTHS):
            repeated = spare if width == 1 else known[:, width]
            words.longer(self.numbers, ends, self.counts, self.places, self.words, spans, repeated)
            if width < WIDTHS[-1]:
                ends = self._number(self.words, spans)

    def _number(self, keys: np.ndarray, spans: np.ndarray) -> np.ndarray:
        """Number the keys of each file by first appearance; return where each file ends."""
        ends = np.zeros(len(spans) - 1, np.int64)
        tallies.types(keys, spans, self.numbering, self.table, self.numbers, ends)
        return ends
