"""Words changed or dropped: contractions, function words, numbers, dates, amounts of money."""

import re
from collections.abc import Collection
from datetime import date

_APOSTROPHE = "['’ʼ]"
_WHOLE = {
    "can't": "cannot", "won't": "will not", "shan't": "shall not", "let's": "let us", "y'all": "you all", "i'm": "i am",
    "'tis": "it is", "'twas": "it was", "gimme": "give me", "gonna": "going to", "gotta": "got to", "wanna": "want to",
    "lemme": "let me",
}  # fmt: skip
_ENDINGS = {"n't": " not", "'re": " are", "'ve": " have", "'ll": " will"}
_NEGATED = "are|could|did|does|do|had|has|have|is|might|must|need|ought|should|was|were|would|may|dare"
# 's (is, has, possessive), 'd (had, would) and ain't have several readings: they stay.
_CONTRACTION = re.compile(
    r"(?<![\w'’ʼ])(?P<whole>" + "|".join(word.replace("'", _APOSTROPHE) for word in _WHOLE) + r")(?![\w'’ʼ])"
    rf"|(?<![\w'’ʼ])(?P<negated>(?:{_NEGATED})n{_APOSTROPHE}t)(?=(?:{_APOSTROPHE}(?:ve|re|ll|d|s))?+(?![\w'’ʼ]))"
    rf"|(?<=\w)(?P<ending>{_APOSTROPHE}(?:re|ve|ll))(?!\w)",
    re.IGNORECASE,
)

_FUNCTION_WORDS = (
    "a about above after again against all am an and any are as at be because been before being below between both but by "
    "can cannot could did do does doing down during each few for from further had has have having he her here hers herself "
    "him himself his how i if in into is it its itself just me more most my myself no nor not now of off on once only or "
    "other our ours ourselves out over own same shall she should so some such than that the their theirs them themselves "
    "then there these they this those through to too under until up upon very was we were what when where which while who "
    "whom whose why will with would you your yours yourself yourselves "
    "aren't can't couldn't didn't doesn't don't hadn't hasn't haven't he'd he'll he's i'd i'll i'm i've isn't it's let's "
    "mustn't shan't she'd she'll she's shouldn't that's there's they'd they'll they're they've wasn't we'd we'll we're "
    "we've weren't what's who's won't wouldn't you'd you'll you're you've"
)
STOP_WORDS = frozenset(_FUNCTION_WORDS.split())
_PIECE = re.compile(r"[^\W_]+(?:['’][^\W_]+)*+[^\S\n]*+|[\W_]+")

_LONE_NUMBER = re.compile(r"(?<![\w.,])(?:(?<!\S)[+-])?\d+(?:[.,]\d+)*+(?![^\W\d_]|_)")
_ANY_NUMBER = re.compile(r"\d+(?:[.,]\d+)*+")

_NAMES = (
    *("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug"),
    *("september sept sep", "october oct", "november nov", "december dec"),
)
_MONTHS = {name: number for number, names in enumerate(_NAMES, start=1) for name in names.split()}
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})\b\.?"
_DAY, _YEAR, _GAP = r"(?P<day>[0-3]?\d)", r"(?P<year>[12]\d{3})", r"[^\S\n]+"
_DATES = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_MONTH}{_GAP}{_DAY}(?:st|nd|rd|th)?,?{_GAP}{_YEAR}\b",
        rf"\b{_DAY}(?:st|nd|rd|th)?{_GAP}(?:of{_GAP})?{_MONTH},?{_GAP}{_YEAR}\b",
        rf"(?<![\d./-]){_YEAR}(?P<mark>[/.])(?P<month>[01]?\d)(?P=mark){_DAY}(?![\d/]|[.-]\d)",
        rf"(?<!\d){_YEAR}[ ]?年[ ]?(?P<month>[01]?\d)[ ]?月[ ]?{_DAY}[ ]?[日号]",
    )
]
DATE = (
    rf"(?i)\b(?:{'|'.join(_MONTHS)})\b\.?,?[^0-9\n]{{1,9}}[0-9]|[0-9][/.][0-9]{{1,2}}[/.][0-9]|[0-9]-[0-9]{{1,2}}-[12][0-9]{{3}}"
    r"|[12][0-9]{3} ?年"
)
_NUMERIC_DATE = re.compile(r"(?<![\d./-])([0-3]?\d)([/.-])([0-3]?\d)\2([12]\d{3})(?![\d/]|[.-]\d)")

_SIGNS = {"US$": "USD", "A$": "AUD", "C$": "CAD", "HK$": "HKD", "NZ$": "NZD", "S$": "SGD", "R$": "BRL", "$": "USD", "€": "EUR", "£": "GBP",
          "₹": "INR", "₩": "KRW", "₽": "RUB", "₺": "TRY", "₫": "VND", "₪": "ILS", "฿": "THB", "₴": "UAH"}  # fmt: skip
_SIGN = "|".join(map(re.escape, _SIGNS))
_AMOUNT = r"\d{1,3}(?:,\d{3})++(?:\.\d+)?|\d+(?:[.,]\d+)?"
_BEFORE = re.compile(
    rf"(?<![\w$\\])({_SIGN})\s?({_AMOUNT})(?![\w$^{{\\]|[.,]\d)(\s(?:hundred|thousand|million|billion|trillion)\b)?"
)
_AFTER = re.compile(rf"(?<![\w.,])({_AMOUNT})\s?([€£₹₩₽₺₫₪฿₴])(?!\w)")
# A dollar that closes something, `$5 + x$`, makes its line one with formulas in it.
_FORMULA = re.compile(r"[^\s$]\$(?!\d)|\$\$")


def expanded(text: str) -> str:
    """Return `text` with the contractions that have one reading written out, letter case kept."""
    return _CONTRACTION.sub(_written_out, text)


def _written_out(found: re.Match[str]) -> str:
    short = re.sub(_APOSTROPHE, "'", found[0])
    if found["ending"]:
        return _cased(_ENDINGS[short.lower()], short)
    if found["negated"]:
        return short[:-3] + _cased(_ENDINGS["n't"], short[-3:])
    long = _WHOLE[short.lower()]
    if (len(short) > 3 and short.isupper()) or short == "I'M":
        return long.upper()
    return long[0].upper() + long[1:] if short.lstrip("'")[0].isupper() else long


def _cased(long: str, short: str) -> str:
    return long.upper() if short.isupper() else long


def without_words(text: str, words: Collection[str]) -> str:
    """Return `text` without `words`, given in lower case with straight apostrophes, and the spaces after them."""
    return "".join([each for each in _PIECE.findall(text) if each.strip().lower().replace("’", "'") not in words])


def without_numbers(text: str, inside_words: bool) -> str:
    """Return `text` without numbers; digits of words such as `H2O` go only with `inside_words`."""
    return (_ANY_NUMBER if inside_words else _LONE_NUMBER).sub("", text)


def dated(text: str, order: str | None) -> str:
    """Return a line with its dates as 2024-03-05; those in figures alone by `order`, or when only one order can be."""
    for pattern in _DATES:
        text = pattern.sub(_iso, text)
    return _NUMERIC_DATE.sub(lambda found: _numeric(found, order), text)


def _iso(found: re.Match[str]) -> str:
    month = found["month"].lower()
    return _date(found["year"], _MONTHS.get(month) or month, found["day"]) or found[0]


def _numeric(found: re.Match[str], order: str | None) -> str:
    first, _, second, year = found.groups()
    readings = {"dmy": _date(year, second, first), "mdy": _date(year, first, second)}
    if order:
        return readings[order] or found[0]
    possible = {day for day in readings.values() if day}
    return possible.pop() if len(possible) == 1 else found[0]


def _date(year: str, month: str | int, day: str) -> str | None:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def priced(text: str) -> str:
    """Return `text` with amounts as `5 USD`; lines with formulas between dollars are left alone."""
    return "\n".join(line if _FORMULA.search(line) else _priced_line(line) for line in text.split("\n"))


def _priced_line(line: str) -> str:
    line = _BEFORE.sub(lambda found: f"{found[2]}{found[3] or ''} {_SIGNS[found[1]]}", line)
    return _AFTER.sub(lambda found: f"{found[1]} {_SIGNS[found[2]]}", line)
