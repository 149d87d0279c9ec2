"""Clean source code: what must not be learnt from it, and what is not code."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Annotated, Literal, get_args

import numpy as np
import pyarrow as pa

from dataflow_ops.errors import BadArgument, nearest
from dataflow_ops.op import Changes
from dataflow_ops.refine import _armoured, _assignments, _secrets
from dataflow_ops.refine._rewrite import cut, found_rows, rewrite_counted

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


def _chosen(kinds: Sequence[str]) -> list[tuple[str, Finder]]:
    """Return an RE2 pattern and what finds the secrets of a line, of each kind in the order in which they claim it."""
    for kind in kinds:
        if kind not in SECRETS:
            raise BadArgument(f"kinds: there is no kind {kind!r}; {nearest(kind, SECRETS)}")
    if not kinds:
        raise BadArgument(f"kinds={kinds!r}: expected at least one of {', '.join(map(repr, SECRETS))}")
    shaped = [(shape.needed, _finder(name)) for name, shape in _secrets.SHAPES.items() if name in kinds]
    beside = [(_secrets.SHAPES["aws_access_key"].needed, _assignments.beside_access_key)]
    urls = [(_assignments.IN_URL, _assignments.in_urls)]
    named = [(_assignments.NAMED, _assignments.assigned), (_assignments.BEARER, _assignments.bearers)]
    return [
        *shaped,
        *(beside if "aws_access_key" in kinds else []),
        *(urls if "url_password" in kinds else []),
        *(named if "assigned" in kinds else []),
    ]


def _finder(name: str) -> Finder:
    return lambda line: _secrets.shaped(line, name)


def _redact(texts: Sequence[str], needed: str, finders: Sequence[tuple[str, Finder]]) -> Iterator[tuple[str, int]]:
    """Redact the lines that a search over all of them points at; no secret but an armoured one goes over a line's end.

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
