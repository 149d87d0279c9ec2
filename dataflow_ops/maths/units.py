"""Quantities: a value, and the unit or the noun behind it."""

import re
from fractions import Fraction

from dataflow_ops.maths.spelling import CURRENCY

NAMES = {
    "mm": "millimeter millimetre", "cm": "centimeter centimetre", "dm": "decimeter decimetre", "m": "meter metre",
    "km": "kilometer kilometre", "cl": "centiliter centilitre", "dl": "deciliter decilitre",
    "in": "inch inches", "ft": "foot feet", "yd": "yard", "mi": "mile", "mg": "milligram", "g": "gram gramme gm",
    "kg": "kilogram kilo kgs", "lb": "lbs", "oz": "ounce", "t": "tonne ton", "ml": "milliliter millilitre mL",
    "l": "liter litre L", "gal": "gallon", "s": "second sec secs", "min": "minute mins", "h": "hour hr hrs",
    "ms": "millisecond", "d": "day", "wk": "week", "yr": "year yrs", "°": "degree degrees deg", "rad": "radian",
    "$": f"dollar USD usd {CURRENCY}", "cent": "cents", "€": "euro EUR", "£": "GBP", "¥": "yen JPY yuan", "₹": "rupee",
    "km/h": "kmh kph kmph", "mi/h": "mph", "Hz": "hertz", "kHz": "", "MHz": "", "N": "newton", "J": "joule", "kJ": "",
    "W": "watt", "kW": "", "kWh": "", "V": "volt", "A": "ampere amp", "Ω": "ohm", "K": "kelvin", "Pa": "pascal", "kPa": "",
    "mol": "mole", "cc": "", "ha": "hectare", "acre": "", "cal": "calorie", "kcal": "", "%": "percent percentage pct",
    "°C": "celsius", "°F": "fahrenheit", "u": "unit", "rpm": "", "nm": "nanometer nanometre", "kb": "", "MB": "", "GB": "",
}  # fmt: skip
CANONICAL = {alias: unit for unit, aliases in NAMES.items() for alias in [unit, *aliases.split()]}
SCALES = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12, "dozen": 12}


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


NO_NOUN = _words(
    "or and more less not no at least most than minus plus times over under above below negative positive about mod "
    "remainder rem factorial squared cubed half halves third thirds fourth fourths fifth fifths sixth sixths eighth "
    "eighths tenth tenths quarter quarters hundredth hundredths base points point pm am noon percentile to the by of "
    "divided sqrt root pi sin cos tan cot sec csc log ln exp lim max min gcd lcm arcsin arccos arctan det score "
    "pair pairs loss debt decrease left right up down north south east west ago early late is are if approx"
)
"""Words that change what stands before them; behind one the answer is text."""
TAIL = re.compile(r"(.*?(?:[\d})\]°]|\\pi))(\s*)([A-Za-zµΩ°%€£¥₹][A-Za-zµΩ°%€£¥₹/^\d\s.{}\-]*|°)", re.DOTALL)
PLAIN = re.compile(r"[+-]?[\d.,\s/]+|[+-]?\d*\s*\\frac\{\d+\}\{\d+\}")
SIGNS = f"{CURRENCY}€£¥₹"
TEMPERATURE = re.compile(r"(?:°|\bdegrees?\b) ?(c|f)(?:elsius|ahrenheit)?$", re.IGNORECASE)
PIECE = re.compile(r"([A-Za-zµΩ°%€£¥₹]+)\.?(?:\^\{?(-?\d)\}?)?")


def quantity(text: str) -> tuple[str, Fraction, str]:
    """Split an answer into its value, what a word such as `million` multiplies it by, and its unit, "" for none."""
    text, money = _money(text)
    split = TAIL.fullmatch(text)
    if split is None:
        return text, Fraction(1), money
    value, gap, words = split.groups()
    scale, words = _scale(words)
    unit = _unit(words, bool(gap), bool(PLAIN.fullmatch(value))) if words else ""
    if unit is None or (unit and money and unit != money):
        return text, Fraction(1), money
    return value.strip(), scale, unit or money


def _money(text: str) -> tuple[str, str]:
    sign = text[:1] if text[:1] in ("-", "+") else ""
    rest = text[len(sign) :].lstrip()
    if rest[:1] and rest[:1] in SIGNS:
        return sign + rest[1:].lstrip(), CANONICAL[rest[0]]
    if rest[-1:] and rest[-1] in SIGNS:
        return sign + rest[:-1].rstrip(), CANONICAL[rest[-1]]
    return text, ""


def _scale(words: str) -> tuple[Fraction, str]:
    first, _, rest = words.strip().partition(" ")
    return (Fraction(SCALES[first.lower()]), rest.strip()) if first.lower() in SCALES else (Fraction(1), words.strip())


def _unit(words: str, apart: bool, plain: bool) -> str | None:
    """Return the unit in its one spelling; None where the words are no unit."""
    flat = re.sub(r"\s*(?:/|\bper\b(?! cent))\s*", " / ", words).replace("per cent", "percent")
    pieces = TEMPERATURE.sub(lambda match: "°" + match[1].upper(), flat).split()
    if not pieces or len(pieces) > 5:
        return None
    found: list[str] = []
    power = ""
    for piece in pieces:
        if piece.lower() in ("square", "sq", "sq.", "cubic"):
            power = "^3" if piece.lower() == "cubic" else "^2"
            continue
        name = "/" if piece == "/" else _name(piece, apart, plain)
        if name is None:
            return None
        found.append(name + (power if piece != "/" else ""))
        power = "" if piece != "/" else power
    return "".join(_spaced(found)) + (f"u{power}" if power else "")


def _spaced(found: list[str]) -> list[str]:
    return [
        f" {name}" if at and name != "/" and found[at - 1] != "/" else name
        for at, name in enumerate(found)
    ]  # fmt: skip


def _name(piece: str, apart: bool, plain: bool) -> str | None:
    matched = PIECE.fullmatch(piece)
    if matched is None:
        return None
    word, power = matched[1], f"^{matched[2]}" if matched[2] else ""
    known = CANONICAL.get(word) or CANONICAL.get(word.lower()) or CANONICAL.get(word.lower().removesuffix("s"))
    if len(word) == 1 and word.isalpha() and word.isascii():
        return known + power if known and word in (known, "L") and apart and plain else None
    if known:
        return known + power
    lower = word.lower()
    if len(word) < 3 or lower in NO_NOUN or power or not apart:
        return None
    return lower.removesuffix("s") if not lower.endswith("ss") else lower
