"""Where in a text an identifier stands. ASCII rules words and digits here: 电话13812345678谢谢 has no spaces."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from dataflow_ops.personal import checksums

Check = Callable[[re.Match[str]], int]
"""Return how many of the matched characters are an identifier; 0 when none are."""


@dataclass(frozen=True)
class Kind:
    """One kind of identifier: an RE2 pattern that every text with one has, and the rules that find it."""

    needed: str
    rules: Sequence[tuple[re.Pattern[str], Check]]


def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


def _compact(text: str) -> str:
    return re.sub(r"[^0-9A-Za-z]", "", text).upper()


def _whole(found: re.Match[str]) -> int:
    return len(found[0])


def _checked(check: Callable[[str], bool]) -> Check:
    return lambda found: len(found[0]) if check(_compact(found[0])) else 0


_LATIN = "A-Za-z0-9\u00c0-\u024f"
_EMAIL = _pattern(
    rf"(?<![{_LATIN}_.%+-])[{_LATIN}_.%+-]{{1,64}}@(?:[{_LATIN}](?:[{_LATIN}-]{{0,61}}[{_LATIN}])?\.){{1,8}}"
    rf"(?:xn--[a-z0-9-]{{2,59}}|[A-Za-z]{{2,24}})(?![{_LATIN}-])"
)

# Issuer's prefix and length of a payment card: https://en.wikipedia.org/wiki/Payment_card_number
_CARD = _pattern(r"(?<![\w.,-])(?<!\d )[2-6](?:[ -]?\d){11,18}(?!\w|[.,-]\d)")
_ISSUERS = _pattern(
    r"4\d{12}(?:\d{3}(?:\d{3})?)?|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}|3[47]\d{13}"
    r"|(?:6011|65\d\d|64[4-9]\d)\d{12,15}|35(?:2[89]|[3-8]\d)\d{12,15}|3(?:0[0-59]|[689]\d)\d{11,16}"
    r"|62\d{14,17}|(?:5018|5020|5038|5893|6304|6759|676[1-3])\d{8,15}"
)

# Characters of an IBAN, by country (SWIFT registry).
_IBAN_LENGTHS = {
    15: "NO", 16: "BE|BI", 18: "DK|FI|FO|GL|NL", 19: "MK|SI", 20: "AT|BA|EE|KZ|LT|LU|MN|XK", 21: "CH|HR|LI|LV",
    22: "BG|BH|CR|DE|GB|GE|IE|ME|RS", 23: "AE|GI|IL|IQ|OM|SO|TL", 24: "AD|CZ|ES|MD|PK|RO|SA|SE|SK|TN|VG", 25: "LY|PT|ST",
    26: "IS|TR", 27: "BY|DJ|FR|GR|IT|MC|MR|SM", 28: "AL|AZ|CY|DO|GT|HU|LB|NI|PL|SV", 29: "BR|EG|PS|QA|UA", 30: "JO|KW|MU|YE",
    31: "MT|SC", 32: "LC", 33: "RU",
}  # fmt: skip
_IBANS = "|".join(rf"(?:{names})\d\d(?: ?[A-Z0-9]){{{size - 4}}}" for size, names in _IBAN_LENGTHS.items())
_IBAN = _pattern(rf"(?<!\w)(?:{_IBANS})(?!\w)")

_IPV4 = _pattern(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?!\w|\.\d)")
_IPV6 = _pattern(r"(?<![\w:.])(?=[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:)[0-9A-Fa-f:]{3,39}(?:(?:\.\d{1,3}){3})?(?![\w:])")
# `version 1.2.3.4`, `v1.2.3.4`, `section 1.2.3.4` number software and paragraphs, not machines.
_NUMBERING = re.compile(
    r"(?:\b(?:version|ver|v|release|build|firmware|driver|revision|rev|section|sec|chapter|clause|article|figure|table)|版本|§)"
    r"\s?[.:#=]?\s?$",
    re.IGNORECASE,
)


def _card(found: re.Match[str]) -> int:
    """Measure a card number, which a security code or a date may follow: groups are left off from the end."""
    text = found[0]
    while text:
        digits = _compact(text)
        if _ISSUERS.fullmatch(digits) and checksums.is_luhn(digits):
            return len(text)
        text = text[: max(text.rfind(" "), text.rfind("-"), 0)]
    return 0


def _ipv4(found: re.Match[str]) -> int:
    try:
        address = IPv4Address(found[0])
    except AddressValueError:
        return 0
    before = found.string[max(0, found.start() - 20) : found.start()]
    names_no_one = address.is_loopback or address.is_unspecified or _NUMBERING.search(before)
    return 0 if names_no_one else len(found[0])


def _ipv6(found: re.Match[str]) -> int:
    text = found[0].rstrip(":") if found[0].endswith(":") and not found[0].endswith("::") else found[0]
    try:
        address = IPv6Address(text)
    except AddressValueError:
        return 0
    # `a::b` is a name in C++, Perl or Rust; an address that tells anything about anyone holds digits and more groups.
    groups = [group for group in text.split(":") if group]
    tells = len(groups) > 1 and any(map(str.isdigit, text)) and not address.is_loopback
    return len(text) if tells else 0


KINDS: Mapping[str, Kind] = {
    "email": Kind(r"@[^\s@]+\.", [(_EMAIL, _whole)]),
    "iban": Kind(r"[A-Z]{2}[0-9]{2} ?[A-Z0-9]{4}", [(_IBAN, _checked(checksums.is_iban))]),
    "national_id": Kind(
        r"[0-9]{3}-[0-9]{2}-[0-9]{4}|[0-9]{17}[0-9Xx]|[0-9]{3}\.[0-9]{3}\.[0-9]{3}-|[0-9]{8}-?[A-Z]|[XYZ]-?[0-9]{7}"
        r"|[0-9]{4}[ -][0-9]{4}[ -][0-9]{4}|[A-Z]{6}[0-9]{2}[A-Z]|[12](?: ?[0-9AB]){14}",
        [
            (_pattern(r"(?<![\dA-Za-z])[1-9]\d{16}[\dXx](?![\dA-Za-z])"), _checked(checksums.is_chinese_id)),
            # A US social security number has no check digit: its area, group and serial number follow rules.
            (_pattern(r"(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])"), _whole),
            (_pattern(r"(?<![\w.-])\d{3}\.\d{3}\.\d{3}-\d{2}(?![\w-])"), _checked(checksums.is_cpf)),
            (_pattern(r"(?<![\w-])(?:\d{8}|[XYZ]-?\d{7})-?[A-HJ-NP-TV-Z](?![\w-])"), _checked(checksums.is_dni)),
            (
                _pattern(r"(?<![\w-])(?<!\d )[2-9]\d{3}([ -])\d{4}\1\d{4}(?!\w|-| \d)"),
                _checked(checksums.is_aadhaar),
            ),
            (
                _pattern(r"(?<!\w)[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z](?!\w)"),
                _checked(checksums.is_codice_fiscale),
            ),
            (
                _pattern(
                    r"(?<![\w.-])[12] ?\d\d ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d\d|2[AB]) ?\d{3} ?\d{3} ?\d\d(?![\w-])"
                ),
                _checked(checksums.is_nir),
            ),
        ],
    ),
    "credit_card": Kind(r"[2-6](?:[ -]?[0-9]){11}", [(_CARD, _card)]),
    "ip": Kind(r"(?:[0-9]{1,3}\.){3}[0-9]|:[0-9A-Fa-f]{0,4}:", [(_IPV6, _ipv6), (_IPV4, _ipv4)]),
}
"""The kinds whose rules need no library, in the order in which they claim the text."""
