"""Cut documents into chunks of a few hundred tokens, each with the headings and pages it comes from.

What holds for all ways: a document becomes one row for each chunk, and a chunk is a stretch of its text as it is,
`text[begin:end]`. Tables, code and displayed formulas are not cut, unless one is more than four times `size`: then
between its lines, of a table behind its first row, and the head is not repeated. A heading begins a chunk with what it
stands over and never ends one. A chunk of fewer than `min_size` tokens (None: an eighth of `size`) is joined to a
neighbour under the same heading, or under the one above, where both together are at most `size + min_size`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import pyarrow as pa
from pydantic import Field

from dataflow_ops.documents import chunking_semantic
from dataflow_ops.documents.chunking import Settings
from dataflow_ops.extract._chunk_rows import Names, chunked
from dataflow_ops.models.loading import Dtype
from dataflow_ops.op import Reads, Writes

CARRIED = ("source", "source_row", "title")
LONGEST = 256
"""Tokens of a sentence that are embedded."""
Size = Annotated[int, Field(ge=1, le=10_000_000)]
Count = Annotated[int, Field(ge=0, le=10_000_000)]


def recursive(
    table: pa.Table,
    *,
    text: Reads = "text",
    blocks: Reads | None = "blocks",
    chunk: Writes = "chunk",
    chunk_number: Writes = "chunk_number",
    headings: Writes = "headings",
    pages: Writes = "pages",
    places: Writes = "places",
    begin: Writes = "begin",
    end: Writes = "end",
    chunk_tokens: Writes = "chunk_tokens",
    oversize: Writes = "oversize",
    carry: Sequence[str] = CARRIED,
    size: Size = 512,
    overlap: Count = 0,
    min_size: Count | None = None,
    tokenizer: str | None = None,
) -> pa.Table:
    """Cut documents where they part best: at headings, else blocks, items of lists, sentences, clauses, words.

    A better place is not taken where it would leave a chunk of less than a quarter of `size`.

    `blocks` is what `extract.documents.parsed` wrote; without it (None), or where the text was changed since,
    headings, tables and code are read from the Markdown, and blocks found again in the text still give their pages.
    `chunk` is text, `chunk_number` counts from 0 in its document, `headings` is the path of headings over all of the
    chunk, outermost first, `pages` the pages it stands on and `places` the boxes of its blocks there, in points;
    `begin` and `end` are characters of the text.

    Sizes are tokens: of `tokenizer`, the hub name or folder of a model, else a quarter of the characters, which is
    far too few for Chinese or Japanese. A token is counted where it ends in the whole text: a chunk counted by
    itself may differ by one or two. `oversize` says of a chunk that it has more than `size + min_size`, for a table or the like. With
    `overlap` a chunk begins with up to so many tokens of the last sentences before it, in the same section.

    A chunk has a new `id`, its document in `parents`, and of the document the columns in `carry`. A document without
    text is rejected.
    """
    names = Names(text, blocks, carry, chunk, chunk_number, headings, pages, places, begin, end, chunk_tokens, oversize)
    settings = Settings("recursive", size, overlap, min_size, _tokenizer(tokenizer))
    return chunked(table, names, settings, made_by="extract.chunks.recursive")


def sentences(
    table: pa.Table,
    *,
    text: Reads = "text",
    blocks: Reads | None = "blocks",
    chunk: Writes = "chunk",
    chunk_number: Writes = "chunk_number",
    headings: Writes = "headings",
    pages: Writes = "pages",
    places: Writes = "places",
    begin: Writes = "begin",
    end: Writes = "end",
    chunk_tokens: Writes = "chunk_tokens",
    oversize: Writes = "oversize",
    carry: Sequence[str] = CARRIED,
    size: Size = 512,
    overlap: Count = 0,
    min_size: Count | None = None,
    tokenizer: str | None = None,
) -> pa.Table:
    """Cut documents into chunks of whole sentences, new ones where a heading stands.

    A sentence ends with the marks of its script, not with abbreviations and initials; where one is larger than a chunk,
    it is cut at lines, clauses, words. Columns and settings: see `extract.chunks.recursive`.
    """
    names = Names(text, blocks, carry, chunk, chunk_number, headings, pages, places, begin, end, chunk_tokens, oversize)
    settings = Settings("sentences", size, overlap, min_size, _tokenizer(tokenizer))
    return chunked(table, names, settings, made_by="extract.chunks.sentences")


def tokens(
    table: pa.Table,
    *,
    text: Reads = "text",
    blocks: Reads | None = "blocks",
    chunk: Writes = "chunk",
    chunk_number: Writes = "chunk_number",
    headings: Writes = "headings",
    pages: Writes = "pages",
    places: Writes = "places",
    begin: Writes = "begin",
    end: Writes = "end",
    chunk_tokens: Writes = "chunk_tokens",
    oversize: Writes = "oversize",
    carry: Sequence[str] = CARRIED,
    size: Size = 512,
    overlap: Count = 0,
    min_size: Count | None = None,
    tokenizer: str | None = None,
) -> pa.Table:
    """Cut documents into windows of `size` tokens, whatever headings and sentences there are.

    A window ends with a word where one ends within its last eighth. Columns and settings: see
    `extract.chunks.recursive`; `overlap` is in whole words.
    """
    names = Names(text, blocks, carry, chunk, chunk_number, headings, pages, places, begin, end, chunk_tokens, oversize)
    settings = Settings("tokens", size, overlap, min_size, _tokenizer(tokenizer))
    return chunked(table, names, settings, made_by="extract.chunks.tokens")


def semantic(
    table: pa.Table,
    *,
    text: Reads = "text",
    blocks: Reads | None = "blocks",
    chunk: Writes = "chunk",
    chunk_number: Writes = "chunk_number",
    headings: Writes = "headings",
    pages: Writes = "pages",
    places: Writes = "places",
    begin: Writes = "begin",
    end: Writes = "end",
    chunk_tokens: Writes = "chunk_tokens",
    oversize: Writes = "oversize",
    carry: Sequence[str] = CARRIED,
    size: Size = 512,
    overlap: Count = 0,
    min_size: Count | None = None,
    tokenizer: str | None = None,
    cutoff: Annotated[float, Field(ge=-10, le=10)] = -0.5,
    model: str | None = None,
    revision: str | None = None,
    batch_tokens: Annotated[int, Field(ge=1)] = 16384,
    device: str | None = None,
    dtype: Dtype = "auto",
) -> pa.Table:
    """Cut documents where they turn to another subject, by the embeddings of their sentences.

    The four sentences before a place are compared with the four after it; a new chunk begins where they are least alike,
    in valleys deeper than the mean of all in the document and `cutoff` standard deviations more: 0 makes fewer cuts, of
    which more are right. After TextTiling (Hearst 1997). Headings begin chunks as well, and what is larger than `size` is
    cut between sentences.

    `model` is a hub name or a folder, None all-MiniLM-L6-v2, see `score.embeddings.embedding`. Other columns and
    settings: see `extract.chunks.recursive`.
    """
    names = Names(text, blocks, carry, chunk, chunk_number, headings, pages, places, begin, end, chunk_tokens, oversize)
    how = {"model": model, "revision": revision, "batch_tokens": batch_tokens, "device": device, "dtype": dtype}
    vectors = _vectors(how)
    borders = lambda found: chunking_semantic.borders(found, vectors, cutoff)  # noqa: E731
    settings = Settings("semantic", size, overlap, min_size, _tokenizer(tokenizer), borders)
    return chunked(table, names, settings, made_by="extract.chunks.semantic")


def _tokenizer(name: str | None) -> Any | None:
    if not name:
        return None
    from dataflow_ops.models.counting import tokenizer_of  # noqa: PLC0415 - only where it is asked for

    return tokenizer_of(name)


def _vectors(how: Mapping[str, Any]) -> Callable[[Sequence[str]], Any]:
    """Return what embeds sentences; the model is loaded when the first is to be."""

    def embed(sentences: Sequence[str]) -> Any:
        from dataflow_ops.models.embedding import embedded  # noqa: PLC0415 - only where it is asked for

        return embedded(sentences, max_tokens=LONGEST, **how)

    return embed
