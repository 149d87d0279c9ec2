"""Mask what identifies people."""

import re
from collections.abc import Sequence
from typing import Annotated, Literal

import pyarrow as pa

from dataflow_ops.errors import BadArgument, nearest
from dataflow_ops.op import Changes
from dataflow_ops.personal.identifiers import KINDS, Check, Kind
from dataflow_ops.refine._rewrite import cut, found_rows, rewrite_counted

Name = Literal["email", "phone", "ip", "credit_card", "iban", "national_id"]
Entity = Literal["PERSON", "LOCATION", "ORGANIZATION", "NRP", "DATE_TIME"]


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
    return rewrite_counted(table, text, needed, lambda values: [_mask(value, labels) for value in values], found)


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
    return rewrite_counted(
        table, text, r"\pL", lambda values: [_mask_spans(each, recognise(each), replacement) for each in values], found
    )


def _chosen(kinds: Sequence[str], regions: Sequence[str]) -> dict[str, Kind]:
    known = [*KINDS, "phone"]
    for kind in kinds:
        if kind not in known:
            raise BadArgument(f"kinds: there is no kind {kind!r}; {nearest(kind, known)}")
    chosen = {name: kind for name, kind in KINDS.items() if name in kinds}
    if "phone" in kinds:
        from dataflow_ops.personal.phones import phone  # noqa: PLC0415 - the numbering plans take 0.3 s to import

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
    return cut(text, [(start, end, label) for start, end in spans]), len(spans)


def _mask_spans(text: str, spans: Sequence[tuple[int, int, str]], replacement: str) -> tuple[str, int]:
    return cut(text, [(start, end, _label(replacement, kind)) for start, end, kind in spans]), len(spans)
