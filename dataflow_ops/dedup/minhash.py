"""Rows whose text is nearly the same: MinHash sketches, compared band by band over all shards.

Broder, "On the resemblance and containment of documents", 1997; banding after Leskovec, Rajaraman and Ullman, "Mining
of Massive Datasets", chapter 3.
"""

from collections.abc import Iterator
from typing import Annotated

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from dataflow_ops.columns import put
from dataflow_ops.dedup._similar import MARGIN, Keep, Pairs, Ranking, agreement, candidates, needed, stay
from dataflow_ops.dedup._sketch import Bands, Recipe, rows_of_band
from dataflow_ops.dedup._text import texts
from dataflow_ops.dedup._verify import jaccard
from dataflow_ops.errors import BadArgument
from dataflow_ops.op import InMemory, Reads, Shards, Writes
from dataflow_ops.positions import ids_of, joined, sparse

MaybeReads = Annotated[str | None, "reads"]
MaybeWrites = Annotated[str | None, "writes"]
MOST_WORDS = 127
"""Longest shingle: the mark of a recipe has 7 bits for it."""


def sketch(
    table: pa.Table,
    *,
    text: Reads = "text",
    minhash: Writes = "minhash",
    threshold: float = 0.5,
    ngram: int = 5,
    fold_numbers: bool = True,
    seed: int = 0,
) -> pa.Table:
    """Add a MinHash sketch of the text: what `duplicates` needs to find similar texts without reading them.

    Case, accents, punctuation and white space are folded, and with `fold_numbers` all numbers are one. Texts are sets of
    runs of `ngram` words; in scripts without spaces every character is a word. A text of at most `ngram` words is
    compared as a whole, numbers told apart; a text without any letter is similar only to the identical text; null has
    no sketch.

    The sketch is a struct: 128 hashes in bands of 64 bits, `words`, and `recipe`, a mark of these settings. The lower
    the `threshold` from which on pairs are to be found, the more bands: 32 at 0.5, 21 at 0.7, 14 at 0.8.
    """
    if not 1 <= ngram <= MOST_WORDS:
        raise BadArgument(f"ngram={ngram!r}: expected 1 to {MOST_WORDS} words")
    recipe = Recipe(rows_of_band(threshold), ngram, fold_numbers, seed)
    sketches = [recipe.apply(chunk) for chunk in texts(table, text)]
    return put(table, minhash, pa.chunked_array(sketches, recipe.type))


def duplicates(
    shards: Shards,
    *,
    minhash: Reads = "minhash",
    threshold: float = 0.5,
    keep: Keep = "first",
    score: MaybeReads = None,
    verify: float | None = None,
    text: Reads = "text",
    duplicate_of: Writes = "duplicate_of",
    similarity: MaybeWrites = None,
) -> Iterator[pa.Table]:
    """Name, for each row that resembles a better row, the best row that it resembles and that stays.

    Better is the `first`, the `longest` in words, or the one with the `best` (highest) or the `lowest` `score`, where
    false is less than true; a null score is worse than any, ties go to the first, and rows of published shards are
    better than all others. So keep="lowest" with score="synthetic" lets made rows go and given ones stay. Every row
    named stays itself: no row goes only because it is like one that is like one that stays.

    Two rows resemble each other when the Jaccard similarity of their shingles, estimated from 128 hashes (standard
    error at most .045), is at least `threshold`. Texts of some tens of words must be more alike, since a few common
    shingles prove little: by 10 / words of the way from `threshold` to 1. With `verify`, the true similarity of the
    shingles of `text` must be at least `verify` instead. `similarity` is the estimate, or the true value. Neither may
    be below the threshold of the sketches. Not all rows of a large bucket are compared with each other, so a second
    run may find some more; of 12,000 web pages with 4,200 duplicates taken out, it found 10.

    Memory: about 50 bytes a row, and 20 for each pair that meets; sketches are read one band at a time, twice. With
    `verify`, also the shingles of some 8 million words; texts of such pairs are read as often as that takes.
    """
    bands = Bands.of(shards, minhash, threshold if verify is None else verify)
    ranking = Ranking.kept(shards, keep, score, longest=f"{minhash}.words")
    pairs, similar = _alike(bands, ranking, threshold, verify, text)
    rows = ranking.worse(pairs)
    by_position = np.argsort(rows)
    columns = {duplicate_of: ids_of(shards, ranking.better(pairs)[by_position])}
    if similarity:
        columns[similarity] = pa.array(similar[by_position])
    yield from sparse(shards, rows[by_position], columns)


def _alike(
    bands: Bands, ranking: Ranking, threshold: float, verify: float | None, text: str
) -> tuple[Pairs, NDArray[np.float32]]:
    """Return the pairs by which a row goes, and how similar they are."""
    pairs = candidates(bands, ranking)
    similar = agreement(bands, ranking, pairs)
    if verify is None:
        close = similar >= needed(bands, ranking, pairs, threshold)
    else:
        near = similar >= verify - MARGIN
        pairs, similar = pairs[near], jaccard(bands, text, ranking.better(pairs[near]), ranking.worse(pairs[near]))
        close = similar >= verify
    pairs, similar = pairs[close], similar[close]
    used = stay(ranking, pairs)
    return pairs[used], similar[used]


def mark(
    df: pd.DataFrame,
    *,
    text: Reads = "text",
    threshold: float = 0.5,
    duplicate_of: Writes = "duplicate_of",
    similarity: Writes = "similarity",
) -> pd.DataFrame:
    """Name, for each row that resembles an earlier row of the same table, the first row that it resembles.

    This looks no further than the table it is given: `sketch` and `duplicates` compare all shards.
    """
    sketched = sketch(pa.Table.from_pandas(df[["id", text]], preserve_index=False), text=text, threshold=threshold)
    found = duplicates(InMemory([sketched]), threshold=threshold, duplicate_of=duplicate_of, similarity=similarity)
    return joined(df, next(found))
