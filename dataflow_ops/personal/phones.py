"""Telephone numbers, by the numbering plans of the countries (phonenumbers)."""

import re
from collections.abc import Sequence

import phonenumbers
from phonenumbers import Leniency, PhoneNumberMatch, PhoneNumberMatcher, PhoneNumberType

from dataflow_ops.errors import BadArgument, nearest
from dataflow_ops.personal.identifiers import Check, Kind

_GAP = r"[ .()/\u00a0\u2010-\u2013-]"
_CANDIDATE = re.compile(rf"(?<![\w@#/.,$€£-])(?:\+\s?|00)?\(?\d(?:{_GAP}{{0,3}}\d){{6,14}}(?![\w%]|[.,]\d)", re.ASCII)
# Rows of single figures and decimal fractions are no telephone numbers; asking the numbering plans takes 0.1 ms each.
_HOPELESS = re.compile(rf"(?:\d{_GAP}+){{3}}|(?:\d+{_GAP}+){{5}}|\d+\.\d+$", re.ASCII)


def phone(regions: Sequence[str]) -> Kind:
    """Return the kind of telephone numbers written with a country code, or as in one of `regions`."""
    for region in regions:
        if region not in phonenumbers.SUPPORTED_REGIONS:
            raise BadArgument(
                f"regions: {region!r} is no country code; {nearest(region, phonenumbers.SUPPORTED_REGIONS)}"
            )
    needed = r"[0-9](?:[ .()/\x{a0}\x{2010}-\x{2013}-]{0,3}[0-9]){6}"
    return Kind(needed, [(_CANDIDATE, _check(regions))])


def _check(regions: Sequence[str]) -> Check:
    # In North America mobile numbers cannot be told from others: a bare row of ten digits is not taken for one.
    mobile = [region for region in regions if phonenumbers.country_code_for_region(region) != 1]

    def length(found: re.Match[str]) -> int:
        text = found[0]
        if text.startswith(("+", "00")):
            number = "+" + text[2:] if text.startswith("00") else text
            match = _first(number, None, Leniency.VALID)
            return match.end + len(text) - len(number) if match else 0
        if text.isdigit():
            return len(text) if any(_is_mobile(text, region) for region in mobile) else 0
        if _HOPELESS.match(text):
            return 0
        matches = (_first(text, region, Leniency.STRICT_GROUPING) for region in regions)
        return next((match.end for match in matches if match and not match.raw_string.isdigit()), 0)

    return length


def _first(text: str, region: str | None, leniency: int) -> PhoneNumberMatch | None:
    """Return the number that `text` starts with."""
    match = next(iter(PhoneNumberMatcher(text, region, leniency, max_tries=3)), None)
    return match if match and match.start <= 1 else None


def _is_mobile(digits: str, region: str) -> bool:
    number = phonenumbers.parse(digits, region)
    kind = phonenumbers.number_type(number)
    return kind == PhoneNumberType.MOBILE and phonenumbers.is_valid_number_for_region(number, region)
