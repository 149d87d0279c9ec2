"""What an answer is: a number, an expression, text, or a collection of these."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from dataflow_ops.maths.brackets import at_top, balanced, is_one, split
from dataflow_ops.maths.rational import TooLarge, rational
from dataflow_ops.maths.spelling import spelled
from dataflow_ops.maths.units import quantity

Kind = Literal["number", "expression", "equation", "text", "ordered", "unordered"]
"""`ordered` has brackets and an order: tuple, interval, row of a matrix; `unordered` is a set, a list or a union."""

LONGEST = 2_000
"""Characters from which on an answer is text, whatever it holds."""
MOST_PARTS = 100
DEEPEST = 8

EMPTY = frozenset({r"\emptyset", r"\{\}", r"\{ \}", "empty set", "the empty set", "{}"})


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


FUNCTIONS = _words(
    "sin cos tan cot sec csc log ln exp lim max min gcd lcm arcsin arccos arctan sinh cosh tanh det sqrt mod"
)
SMALL_WORDS = _words(
    "no on up or and by to the of in is if at am pm it as so do be we he an all any yes not for one two odd six ten "
    "red man men day off out low top may oct nov dec jan feb mar apr jun jul aug sep mon tue wed thu fri sat sun"
)
COMMAND = re.compile(r"\\[A-Za-z]+")
WORD = re.compile(r"[A-Za-z]{2,}")
MATHS = re.compile(r"[A-Za-z0-9\\{}()\[\]^_+\-*/=<>.,!|'° ]+")
OPTION = re.compile(r"(?:(?:option|choice|answer)\s+)?\(?([A-Za-z])[.):]{0,2}", re.IGNORECASE)
NAME = re.compile(
    r"(?:[A-Za-z]+|\\(?:theta|alpha|beta|gamma|lambda|phi|pi))(?:_(?:\w|\{\w+\}))?'?(?: ?\([a-z](?:, ?[a-z])*\))?"
)
ELEMENT = re.compile(rf"({NAME.pattern}) ?\\in(?![A-Za-z]) ?(.+)")
MATRIX = re.compile(r"\\begin\{([pbvVB]?)(?:matrix|array)\}(?:\{[lcr| ]*\})?(.*)\\end\{\1(?:matrix|array)\}", re.DOTALL)
RELATION = re.compile(r"(?<![\\<>!=])(=|<|>)(?!=)|\\(le|ge)(?![A-Za-z])")
CLOCK = re.compile(r"\d+ ?: ?\d+(?: ?: ?\d+)*")
AMBIGUOUS = re.compile(r"(?:\\?[{(\[])\s*\d{1,3}(?:,\d{3})+\s*(?:\\?[})\]])")
"""`(1,000)`: a thousand in brackets, or two numbers."""
BASE = re.compile(r"[\d)}]_")
"""`1011_2`: digits in another base, which readers of formulas leave out."""
HUGE = re.compile(r"\^\s*\{?-?\d{5,}|\^\{?\d+\^|\d{5,}!|!\s*!")
"""Powers and factorials that take pages to write down."""
UNCLEAR = re.compile(r"/ ?\d+(?:\.\d+)? ?(?:[A-Za-z(]|\\(?:frac|sqrt|pi|theta|alpha|beta|left))")
"""`1/2x`: half of x to some, the inverse of 2x to others."""
PLAIN = re.compile(r"[+-]?(?:0|[1-9]\d{0,17})")
DECIMAL = re.compile(r"([+-]?)(0|[1-9]\d{0,17})(?:\.(\d{1,18}))?")


@dataclass(frozen=True, slots=True)
class Form:
    """What an answer is: its kind, its spelling, and the value, unit, name or parts that it has."""

    kind: Kind
    text: str
    number: Fraction = Fraction(0)
    unit: str = ""
    name: str = ""
    brackets: str = ""
    parts: tuple["Form", ...] = ()


def read(answer: str) -> Form:
    """Return what `answer` is; what cannot be read as mathematics is text."""
    answer = answer.strip()
    if PLAIN.fullmatch(answer):
        return Form("number", answer, Fraction(int(answer)))
    if len(answer) > LONGEST:
        return Form("text", answer)
    return _read(spelled(answer), 0)


def decimal(answer: str) -> str | None:
    """Return a plain decimal number in its one spelling: what most answers are, without any further reading."""
    found = DECIMAL.fullmatch(answer)
    if found is None:
        return None
    sign, whole, digits = found.groups()
    value = f"{whole}.{digits}".rstrip("0").rstrip(".") if digits else whole
    return f"-{value}" if sign == "-" and value != "0" else value


def folded(text: str) -> str:
    """Return a text without what does not count in words: case, quotes, stops, and spaces about signs."""
    text = re.sub(r"\s*([:/,-])\s*", r"\1", re.sub(r"\b([ap])\.\s?m\b\.?", r"\1m", text.casefold()))
    shouted = " .!?\"'" if WORD.search(COMMAND.sub(" ", text)) else " .\"'"  # a factorial is none
    return " ".join(text.strip(shouted).split())


def _read(text: str, depth: int) -> Form:
    if depth > DEEPEST:
        return _text(text)
    text = text.strip()
    for reader in READERS:
        found = reader(text, depth)
        if found is not None:
            return found
    return _expression(text)


def _text(text: str) -> Form:
    short = len(text) <= 2 and text.lower() not in SMALL_WORDS
    return Form("text", text if short else folded(text))


def _special(text: str, _depth: int) -> Form | None:
    """Read what is neither number nor formula at first sight: nothing, an option, a clock, broken brackets."""
    if not text or text.lower() in EMPTY:
        return Form("text", r"\emptyset" if text else "")
    option = OPTION.fullmatch(text)
    if option:
        return Form("expression", option[1])
    if CLOCK.fullmatch(text) or BASE.search(text) or AMBIGUOUS.fullmatch(text) or not balanced(text):
        return _text(text)
    return None


def _number(text: str, _depth: int) -> Form | None:
    try:
        value = rational(text)
    except TooLarge:
        return _text(text)
    return Form("number", text, value) if value is not None else None


def _matrix(text: str, depth: int) -> Form | None:
    matrix = MATRIX.fullmatch(text)
    if matrix is None or matrix[2].count("&") + matrix[2].count(r"\\") > MOST_PARTS or "begin" in matrix[2]:
        return None
    rows = [row.strip() for row in matrix[2].split(r"\\")]
    rows = rows[:-1] if len(rows) > 1 and not rows[-1] else rows
    kind = "|" if matrix[1] in ("v", "V") else "M"
    made = [_ordered(row, [_read(cell.strip(), depth + 1) for cell in row.split("&")], "row") for row in rows]
    return _ordered(text, made, kind)


def _ordered(text: str, parts: list[Form], brackets: str) -> Form:
    return Form("ordered", text, brackets=brackets, parts=tuple(parts))


def _unordered(text: str, parts: list[Form], brackets: str = "{}") -> Form:
    return Form("unordered", text, brackets=brackets, parts=tuple(parts))


def _named(text: str, depth: int) -> Form | None:
    """Read `x = 5` as 5 that has a name, `x > 5` as an interval that has one, and other equations as such."""
    signs = [sign for sign in RELATION.finditer(text) if at_top(text, sign.start())]
    element = ELEMENT.fullmatch(text)
    if element:
        return replace(_read(element[2], depth + 1), name=element[1])
    if not signs or len(signs) > 2 or ("," in text and len(signs) == 2) or re.search(r"\b(?:and|or)\b|;", text):
        return None
    sides = _between(text, signs)
    kinds = "".join(sign[1] or {"le": "≤", "ge": "≥"}[sign[2]] for sign in signs)
    if kinds == "=":
        return _equation(text, sides[0], sides[1], depth)
    return None if "=" in kinds else _inequality(text, sides, kinds, depth)


def _between(text: str, signs: list[re.Match[str]]) -> list[str]:
    begins = [0, *(sign.end() for sign in signs)]
    ends = [*(sign.start() for sign in signs), len(text)]
    return [text[begin:end].strip() for begin, end in zip(begins, ends, strict=True)]


def _equation(text: str, left: str, right: str, depth: int) -> Form:
    if not left or not right:
        return _text(text)
    if NAME.fullmatch(right) and not NAME.fullmatch(left) and PLAIN.fullmatch(left):
        left, right = right, left
    if NAME.fullmatch(left):
        found = _read(right, depth + 1)
        return replace(found, name=left, text=text if found.kind == "expression" else found.text)
    return Form("equation", text) if _is_maths(text) else _text(text)


def _inequality(text: str, sides: list[str], kinds: str, depth: int) -> Form | None:
    r"""Read `a < x \le b` as the interval (a, b], named x."""
    if kinds[0] in ">≥":
        if len(kinds) == 2 and kinds[1] not in ">≥":
            return None
        sides, kinds = sides[::-1], kinds[::-1]
    elif len(kinds) == 2 and kinds[1] not in "<≤":
        return None
    if len(sides) == 2:
        named_first = bool(NAME.fullmatch(sides[0]))
        sides = [r"-\infty", *sides] if named_first else [*sides, r"\infty"]
        kinds = f"<{kinds}" if named_first else f"{kinds}<"
    if not NAME.fullmatch(sides[1]):
        return Form("equation", text) if _is_maths(text) else _text(text)
    brackets = ("(" if kinds[0] in "<>" else "[") + (")" if kinds[1] in "<>" else "]")
    ends = [_read(sides[0], depth + 1), _read(sides[2], depth + 1)]
    return replace(_ordered(text, ends, brackets), name=sides[1])


def _both(text: str, depth: int) -> Form | None:
    r"""Read `2 \pm \sqrt{3}` as two values."""
    if text.count(r"\pm") != 1:
        return None
    signs = [re.sub(r"\s*\\pm\s*", sign, text) for sign in "+-"]
    return _unordered(text, [_read(each.removeprefix("+"), depth + 1) for each in signs])


def _union(text: str, depth: int) -> Form | None:
    parts = list(split(text, re.compile(r"\\cup(?![A-Za-z])")))
    return (
        _unordered(text, [_read(each, depth + 1) for each in parts], "union") if 1 < len(parts) <= MOST_PARTS else None
    )


def _list(text: str, depth: int) -> Form | None:
    """Read items without brackets as a set: `1, 2 and 3`."""
    parts = _items(text, words=True)
    return _unordered(text, [_read(each, depth + 1) for each in parts]) if len(parts) > 1 else None


def _items(text: str, *, words: bool) -> list[str]:
    wide = r"\s*(?:,?\s(?:and|or)\s|;|,\s)\s*" if words else r"\s*(?:;|,\s)\s*"
    for pattern in (wide, ","):
        parts = list(split(text, re.compile(pattern)))
        if len(parts) > 1:
            return parts if len(parts) <= MOST_PARTS and all(parts) else [text]
    return [text]


def _bracketed(text: str, depth: int) -> Form | None:
    pairs = ((r"\{", r"\}", "{}"), (r"\langle", r"\rangle", "<>"), ("{", "}", "{}"), ("(", ")", "()"), ("[", "]", "[]"))
    for opening, closing, brackets in (*pairs, ("(", "]", "(]"), ("[", ")", "[)")):
        inner = text[len(opening) : -len(closing)]
        if text.startswith(opening) and text.endswith(closing) and is_one(text, opening):
            return _inside(text, inner.strip(), opening, brackets, depth)
    return None


def _inside(text: str, inner: str, opening: str, brackets: str, depth: int) -> Form | None:
    items = _items(inner, words=False)
    if len(items) == 1 and opening in ("{", "("):
        return _read(inner, depth + 1)
    if len(items) == 1 and opening == "[":
        return _text(text)
    parts = [_read(each, depth + 1) for each in items]
    return _unordered(text, parts, "{}") if brackets == "{}" else _ordered(text, parts, brackets)


def _quantity(text: str, depth: int) -> Form | None:
    value, scale, unit = quantity(text)
    if not unit and scale == 1:
        return None
    found = _read(value, depth + 1)
    if (
        found.kind not in ("number", "expression")
        or found.unit
        or found.name
        or (scale != 1 and found.kind != "number")
    ):
        return _text(text)
    return replace(found, unit=unit, number=found.number * scale)


def _expression(text: str) -> Form:
    return Form("expression", re.sub(r"° ?", r"^{\\circ}", text)) if _is_maths(text) else _text(text)


def _is_maths(text: str) -> bool:
    bare = COMMAND.sub(" ", text)
    words = [word.lower() for word in WORD.findall(bare)]
    if (
        not MATHS.fullmatch(text)
        or HUGE.search(text)
        or UNCLEAR.search(text)
        or "__" in text
        or re.fullmatch(r"[A-Za-z .'-]{2,}", text)
    ):
        return False
    return all(word in FUNCTIONS or (len(word) < 4 and word not in SMALL_WORDS) for word in words)


READERS: tuple[Callable[[str, int], Form | None], ...] = (
    _special, _number, _matrix, _bracketed, _union, _named, _quantity, _list, _both,
)  # fmt: skip
