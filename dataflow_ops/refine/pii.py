"""Mask what identifies people."""

import re
from collections.abc import Callable, Sequence
from typing import Annotated, Literal

import pyarrow as pa
import pyarrow.compute as pc

from dataflow_ops.columns import put
from dataflow_ops.errors import BadArgument, nearest
from dataflow_ops.op import Changes
from dataflow_ops.refine._identifiers import KINDS, Check, Kind
from dataflow_ops.refine._rewrite import found_rows, put_rows, replace, strings

Name = Literal["email", "phone", "ip", "credit_card", "iban", "national_id"]
Entity = Literal["PERSON", "LOCATION", "ORGANIZATION", "NRP", "DATE_TIME"]
Masker = Callable[[str], tuple[str, int]]


def mask_pii(
    table: pa.Table,
    *,
    text: Changes = "text",
    kinds: tuple[Name, ...] = ("email", "phone", "ip", "credit_card", "iban", "national_id"),
    replacement: str = "[{kind}]",
    regions: tuple[str, ...] = ("US", "GB", "CN"),
    found: Annotated[str | None, "writes"] = None,
) -> pa.Table:
    """Mask e-mail addresses, telephone numbers, IP addresses, card and account numbers and identity numbers.

    A number is masked only when it is a valid one: Luhn for cards, mod 97 for IBANs, the check digits of Chinese,
    Brazilian, Spanish, Indian, Italian and French identity numbers, the area rules of US social security numbers, and
    the numbering plan for telephones (with a country code, or as written in one of `regions`). Of IP addresses
    127.0.0.1, 0.0.0.0 and what follows `version` or `section` stay. `{kind}` in `replacement` becomes EMAIL, PHONE, …;
    column `found` receives how many were masked in the row.
    """
    chosen = _chosen(kinds, regions)
    needed = "|".join(f"(?:{kind.needed})" for kind in chosen.values())
    labels = [(_label(replacement, name), kind) for name, kind in chosen.items()]
    return _masked(table, text, needed, lambda value: _mask(value, labels), found)


def mask_names(
    table: pa.Table,
    *,
    text: Changes = "text",
    entities: tuple[Entity, ...] = ("PERSON", "LOCATION"),
    replacement: str = "[{kind}]",
    model: str = "en_core_web_sm",
    language: str = "en",
    found: Annotated[str | None, "writes"] = None,
) -> pa.Table:
    """Mask names of people and places as a spaCy `model` for `language` sees them (presidio).

    Needs the extra `pii` and the model as an installed package; nothing is downloaded.
    """
    from dataflow_ops.refine import _names  # noqa: PLC0415 - optional and heavy

    recognise = _names.recognizer(model, language, entities)
    return _masked(table, text, r"\pL", lambda value: _mask_spans(value, recognise(value), replacement), found)


def _chosen(kinds: Sequence[str], regions: Sequence[str]) -> dict[str, Kind]:
    known = [*KINDS, "phone"]
    for kind in kinds:
        if kind not in known:
            raise BadArgument(f"kinds: there is no kind {kind!r}; {nearest(kind, known)}")
    chosen = {name: kind for name, kind in KINDS.items() if name in kinds}
    if "phone" in kinds:
        from dataflow_ops.refine._phones import phone  # noqa: PLC0415 - the numbering plans take 0.3 s to import

        chosen["phone"] = phone(regions)
    if not chosen:
        raise BadArgument(f"kinds={kinds!r}: expected at least one of {', '.join(map(repr, known))}")
    return chosen


def _label(replacement: str, kind: str) -> str:
    return replacement.replace("{kind}", kind.upper())


def _mask(text: str, kinds: Sequence[tuple[str, Kind]]) -> tuple[str, int]:
    """Mask the lines that a search over all of them points at, kind by kind; no identifier goes over a line's end."""
    lines, count = text.split("\n"), 0
    searched = pa.array(lines, pa.large_string())
    for label, kind in kinds:
        for row in found_rows(searched, kind.needed):
            for pattern, check in kind.rules:
                lines[row], masked = _mask_one(lines[row], label, pattern, check)
                count += masked
    return "\n".join(lines), count


def _mask_one(text: str, label: str, pattern: re.Pattern[str], check: Check) -> tuple[str, int]:
    spans = [(match.start(), match.start() + size) for match in pattern.finditer(text) if (size := check(match))]
    return _cut(text, [(start, end, label) for start, end in spans]), len(spans)


def _mask_spans(text: str, spans: Sequence[tuple[int, int, str]], replacement: str) -> tuple[str, int]:
    return _cut(text, [(start, end, _label(replacement, kind)) for start, end, kind in spans]), len(spans)


def _cut(text: str, spans: Sequence[tuple[int, int, str]]) -> str:
    """Return `text` with a label in place of each span; spans come in order and apart."""
    pieces, at = [], 0
    for start, end, label in spans:
        pieces += [text[at:start], label]
        at = end
    return "".join([*pieces, text[at:]]) if spans else text


def _masked(table: pa.Table, column: str, needed: str, mask: Masker, found: str | None) -> pa.Table:
    texts = strings(table, column)
    parts = [_mask_chunk(chunk, needed, mask) for chunk in texts.chunks]
    if any(new is not old for (new, _), old in zip(parts, texts.chunks, strict=True)):
        table = replace(table, column, [new for new, _ in parts])
    if found is None:
        return table
    counts = pa.chunked_array([count for _, count in parts], pa.int64()) if parts else pa.nulls(len(table), pa.int64())
    return put(table, found, counts)


def _mask_chunk(chunk: pa.Array, needed: str, mask: Masker) -> tuple[pa.Array, pa.Array]:
    """Return the masked strings and how many places were masked in each; null for null."""
    rows = found_rows(chunk, needed)
    masked = [mask(text) for text in chunk.take(pa.array(rows)).to_pylist()]
    hits = [at for at, (_, count) in enumerate(masked) if count]
    counts = [0] * len(chunk)
    for at in hits:
        counts[rows[at]] = masked[at][1]
    known = pc.if_else(chunk.is_valid(), pa.array(counts, pa.int64()), pa.scalar(None, pa.int64()))
    return put_rows(chunk, rows[hits], [masked[at][0] for at in hits]), known
