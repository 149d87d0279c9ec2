"""What identifies people or opens doors, masked in the example values that prompts show."""

import re
from collections.abc import Sequence
from functools import cache

from dataflow_ops.databases._personal_columns import rule
from dataflow_ops.databases.words import words
from dataflow_ops.personal.identifiers import KINDS, Check
from dataflow_ops.personal.randomness import is_key
from dataflow_ops.personal.secrets import SHAPES, shaped

_FLAG = re.compile(r"[01tfyn-]|yes|no|true|false|null|none|n/?a|unknown", re.IGNORECASE)
_MOMENT = re.compile(
    r"\d{4}-\d\d?(?:-\d\d?)?(?:[T ]\d\d?:\d\d.{0,20})?|\d\d?:\d\d(?::\d\d(?:\.\d+)?)?|\d\d?[./]\d\d?[./]\d{2,4}"
)
_DATE = re.compile(r"(?:19|20)\d\d-\d\d?-\d")
_SHORT_NUMBER = re.compile(r"[+-]?\d{0,10}(?:\.\d*)?(?:e[+-]?\d+)?", re.IGNORECASE)
_NUMBER = re.compile(r"\d+")
_CREDENTIALS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}://[^\s:/@<>\"']{0,256}:[^\s/@<>\"']{1,256}@[^\s<>\"']*")
_KEY_IN_URL = re.compile(
    r"https?://[^\s<>\"']*[?&](?:[\w-]{0,32}[_-])?(?:key|token|secret|password|sig|signature)=[^\s<>\"']+",
    re.IGNORECASE,
)
_LONG = re.compile(r"\S{16}")
_WORD = re.compile(r"(?<!\S)[^\s,;'\"]{20,512}(?!\S)")
_UUID = re.compile(r"\{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?", re.IGNORECASE)
_CODE = re.compile(
    r"ids?|uuid|guid|codes?|sku|isbn|issn|ean|upc|gtin|version|hash|sha|md5|checksum|etag|digest|barcode|serial|doi|ref(?:erence)?|key"
)
_LABELS = {
    "email": "<email>", "iban": "<account number>", "national_id": "<national id>", "credit_card": "<card number>",
    "ip": "<ip address>",
}  # fmt: skip
_REGIONS = ("US", "GB", "CN")


def masked(column: str, value: str, *, table: str = "") -> str:
    """Return a value of a column with `<email>`, `<phone>`, `<name>` … in the place of what identifies a person.

    Whole values of columns whose name says so (`email`, `birth_date`, `first_name`, `api_key`; `name` in a `table` of
    persons), and what is an identifier by its form and check digits in any other: e-mail and IP addresses, telephone,
    card, account and identity numbers, addresses with credentials, keys and tokens. Names of products and places, codes,
    ids, dates and flags stay. Values are masked before they are cut, since half an address is still one.
    """
    if not value.strip():
        return value
    claimed = rule(column, table)
    if claimed and claimed.check(value) and _tells(value, claimed.label):
        return claimed.label
    if _SHORT_NUMBER.fullmatch(value) or _MOMENT.fullmatch(value):
        return value
    return _without_identifiers(value, is_code=any(map(_CODE.fullmatch, words(column)[-1:])))


def _tells(value: str, label: str) -> bool:
    """Tell a value from a flag that says whether there is one, and from when it was changed."""
    return not _FLAG.fullmatch(value) and (label == "<birth date>" or not _MOMENT.fullmatch(value))


def _without_identifiers(value: str, *, is_code: bool) -> str:
    value = _KEY_IN_URL.sub("<url>", _CREDENTIALS.sub("<url>", value)) if "://" in value else value
    if _LONG.search(value):
        value = _without_keys(value, is_code=is_code)
    if "@" not in value and ":" not in value and sum(map(str.isdigit, value)) < 4:
        return value
    for kind in ("email",) if is_code else _LABELS:
        for pattern, check in KINDS[kind].rules:
            value = _replaced(value, pattern, check, _LABELS[kind])
    return value if is_code or _NUMBER.fullmatch(value) else _without_phones(value)


def _without_keys(value: str, *, is_code: bool) -> str:
    for name in SHAPES:
        for start, end, _ in reversed(shaped(value, name)):
            value = f"{value[:start]}<secret>{value[end:]}"
    return value if is_code else _WORD.sub(lambda word: "<secret>" if _is_secret(word[0]) else word[0], value)


def _is_secret(word: str) -> bool:
    return is_key(word) and not _UUID.fullmatch(word)


def _without_phones(value: str) -> str:
    if sum(map(str.isdigit, value)) < 7:
        return value
    for pattern, check in _phones():
        value = _replaced(value, pattern, check, "<phone>")
    return value


@cache
def _phones() -> Sequence[tuple[re.Pattern[str], Check]]:
    from dataflow_ops.personal.phones import phone  # noqa: PLC0415 - the numbering plans take 0.3 s to import

    return [(pattern, _not_a_date(check)) for pattern, check in phone(_REGIONS).rules]


def _not_a_date(check: Check) -> Check:
    return lambda found: 0 if _DATE.match(found[0]) else check(found)


def _replaced(value: str, pattern: re.Pattern[str], check: Check, label: str) -> str:
    return pattern.sub(lambda found: label + found[0][size:] if (size := check(found)) else found[0], value)
