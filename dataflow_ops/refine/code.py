"""Clean source code: what must not be learnt from it, and what is not code."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Annotated, Literal, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataflow_ops.columns import put
from dataflow_ops.errors import BadArgument, nearest
from dataflow_ops.op import Changes, Writes
from dataflow_ops.personal import secrets
from dataflow_ops.refine import _armoured, _assignments, _header
from dataflow_ops.refine._licences import is_permissive
from dataflow_ops.refine._rewrite import cut, found_rows, put_rows, replace, rewrite_counted, strings

Secret = Literal[
    "anthropic_key", "assigned", "aws_access_key", "azure_storage_key", "databricks_token", "digitalocean_token",
    "github_token", "gitlab_token", "google_api_key", "google_oauth_token", "huggingface_token", "jwt", "npm_token",
    "openai_key", "private_key", "pypi_token", "sendgrid_key", "shopify_token", "slack_token", "slack_webhook",
    "stripe_key", "telegram_token", "twilio_key", "url_password",
]  # fmt: skip
Spans = list[tuple[int, int, str]]
Finder = Callable[[str], Spans]

SECRETS: tuple[Secret, ...] = get_args(Secret)
AT_ONCE = 256
"""Files whose lines are searched together."""


def redact_secrets(
    table: pa.Table,
    *,
    code: Changes = "code",
    kinds: tuple[Secret, ...] = SECRETS,
    found: Annotated[str | None, "writes"] = "secrets",
) -> pa.Table:
    """Replace passwords, keys and tokens in source code by labels such as `<github_token>`, and count them.

    Tokens are known by the shape their issuers publish, and by their checksum where it is public (GitHub, npm; the
    header of a JWT decodes); private keys by their armour, the whole block becoming one label; passwords in addresses
    (`scheme://user:…@host`) by their place. `assigned`: a value given to a name such as `password`, `api_key`, `token`
    or `secret`, or that follows `Bearer`, which has the randomness of a key of 16 characters or more, or in quotes and
    behind a password's name, letters and digits of 8 characters or more.

    Only the value is replaced: quotes, names and, but for private keys over several lines, the number of lines stay.
    What only holds the place of a secret stays: examples, masks, variables, rows of digits, `password`. Column `found`
    receives how many were replaced in the row; `filters.values.between(column="secrets", at_most=0)` drops such rows.
    """
    chosen = _chosen(kinds)
    in_lines = "|".join(f"(?:{needed})" for needed, _ in chosen)
    armour = _armoured.NEEDED if "private_key" in kinds else ""
    needed = "|".join(filter(None, (in_lines, armour)))

    def change(texts: list[str]) -> list[tuple[str, int]]:
        spans = [_armoured.private_keys(text) if armour else [] for text in texts]
        without = [cut(text, each) for text, each in zip(texts, spans, strict=True)]
        return [
            (text, count + len(each))
            for (text, count), each in zip(_redact(without, in_lines, chosen), spans, strict=True)
        ]

    return rewrite_counted(table, code, needed, change, found)


def strip_licence(
    table: pa.Table,
    *,
    code: Changes = "code",
    licence: Writes = "licence",
    permissive: Annotated[str | None, "writes"] = "permissive",
    strip: bool = True,
) -> pa.Table:
    """Name the licence in the comments at the top of source code, and take its notice out.

    `licence` is an SPDX expression such as `MIT` or `Apache-2.0 OR MIT`: the one tagged `SPDX-License-Identifier`, or
    those whose words the notice has (MIT, Apache, BSD, GPL, LGPL, AGPL, MPL, EPL, ISC, Unlicense and others); `unknown`
    for a copyright notice that names none, null where there is no notice. `permissive` is true where permissive licences
    alone can be chosen, false for others and unknown ones, null where there is none; to keep those and files without a
    notice, `filters.values.one_of(column="permissive", values=[True], keep_null=True)`.

    Comments are known by the marks of their language, up to the first line of code. Lines for tools (`#!`, encodings,
    editor settings) stay, and so does what a comment says besides; with `strip` off the code stays whole.
    """
    texts = strings(table, code)
    parts = [_headers(chunk, strip) for chunk in texts.chunks]
    if any(new is not old for (new, _), old in zip(parts, texts.chunks, strict=True)):
        table = replace(table, code, [new for new, _ in parts])
    names = [name for _, found in parts for name in found] if parts else [None] * table.num_rows
    table = put(table, licence, pa.array(names, pa.string()))
    if permissive is None:
        return table
    allowed = {name: is_permissive(name) for name in set(names) if name is not None}
    return put(table, permissive, pa.array([None if name is None else allowed[name] for name in names], pa.bool_()))


def _headers(chunk: pa.Array, strip: bool) -> tuple[pa.Array, list[str | None]]:
    """Return the texts without their headers, and the licence of each."""
    rows = found_rows(pc.utf8_slice_codeunits(chunk, 0, _header.LOOKED_AT), _header.NEEDED)
    old = chunk.take(pa.array(rows)).to_pylist()
    new = [_header.without_header(text, strip) for text in old]
    names: list[str | None] = [None] * len(chunk)
    for row, (_, name) in zip(rows, new, strict=True):
        names[row] = name
    changed = [at for at, (text, _) in enumerate(new) if text != old[at]]
    return put_rows(chunk, rows[changed], [new[at][0] for at in changed]), names


def _chosen(kinds: Sequence[str]) -> list[tuple[str, Finder]]:
    """Return an RE2 pattern and what finds the secrets of a line, of each kind in the order in which they claim it."""
    for kind in kinds:
        if kind not in SECRETS:
            raise BadArgument(f"kinds: there is no kind {kind!r}; {nearest(kind, SECRETS)}")
    if not kinds:
        raise BadArgument(f"kinds={kinds!r}: expected at least one of {', '.join(map(repr, SECRETS))}")
    shaped = [(shape.needed, _finder(name)) for name, shape in secrets.SHAPES.items() if name in kinds]
    beside = [(secrets.SHAPES["aws_access_key"].needed, _assignments.beside_access_key)]
    urls = [(_assignments.IN_URL, _assignments.in_urls)]
    named = [(_assignments.NAMED, _assignments.assigned), (_assignments.BEARER, _assignments.bearers)]
    return [
        *shaped,
        *(beside if "aws_access_key" in kinds else []),
        *(urls if "url_password" in kinds else []),
        *(named if "assigned" in kinds else []),
    ]


def _finder(name: str) -> Finder:
    return lambda line: secrets.shaped(line, name)


def _redact(texts: Sequence[str], needed: str, finders: Sequence[tuple[str, Finder]]) -> Iterator[tuple[str, int]]:
    """Redact the lines that a search over all of them points at; no secret but an armoured one has several lines.

    Many texts are searched at once, since it takes longer to compile the patterns than to search a file.
    """
    for start in range(0, len(texts), AT_ONCE):
        split = [text.split("\n") for text in texts[start : start + AT_ONCE]]
        lines = list(chain.from_iterable(split))
        counts = _redact_lines(lines, needed, finders)
        ends = np.cumsum([len(each) for each in split])
        for text, own, end in zip(texts[start:], split, ends, strict=False):
            count = int(counts[end - len(own) : end].sum())
            yield "\n".join(lines[end - len(own) : end]) if count else text, count


def _redact_lines(lines: list[str], needed: str, finders: Sequence[tuple[str, Finder]]) -> np.ndarray:
    """Redact `lines` in place and return how many secrets each had."""
    counts = np.zeros(len(lines), np.int64)
    rows = found_rows(pa.array(lines, pa.large_string()), needed)
    searched = pa.array([lines[row] for row in rows], pa.large_string())
    for pattern, find in finders:
        for row in rows[found_rows(searched, pattern)]:
            spans = find(lines[row])
            lines[row] = cut(lines[row], spans)
            counts[row] += len(spans)
    return counts
