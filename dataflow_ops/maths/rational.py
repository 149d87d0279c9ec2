"""Rational numbers as people write them, read exactly: fractions, decimals, thousands, powers, sums of these."""

import re
from fractions import Fraction

MIXED = re.compile(r"([+-]?)\s*(\d{1,18})(?:\s+(\d{1,18})\s*/\s*(\d{1,18})|\s*\\frac\{(\d{1,18})\}\{(\d{1,18})\})")
TOKEN = re.compile(
    r"\s*(?:(?P<number>[1-9]\d{0,2}(?:,\d{3})+(?![\d,])(?:\.\d+)?|[1-9]\d{0,2}(?: \d{3})+(?!\d)(?:\.\d+)?"
    r"|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+(?![\d.]))?)"
    r"|(?P<sign>\\frac|\\cdot|\\div|[-+/^(){}]))"
)
PERIODIC = re.compile(r"([+-]?)(\d{1,18})\.(\d{0,18})\\(?:overline|bar)\{(\d{1,18})\}")
OVER = {"\\div": "/", "\\cdot": "*"}
ENDS = {"(": ")", "{": "}"}
MOST_BITS = 20_000
MOST_POWER = 5_000
DEEPEST = 30


class TooLarge(ValueError):
    """A number nobody means: its digits would fill pages, and computing them is the attack."""


class _NoNumber(ValueError):
    pass


def rational(text: str) -> Fraction | None:
    """Return the number that `text` writes; None when it writes none, TooLarge for `9^{9^9}` and its like.

    A whole number before a fraction is a mixed number. A product without a sign between its factors is left to others,
    and so is division by nothing.
    """
    mixed = MIXED.fullmatch(text)
    if mixed:
        sign, whole, *parts = mixed.groups()
        over, under = (int(part) for part in parts if part is not None)
        value = Fraction(int(whole)) + (Fraction(over, under) if 0 < over < under else Fraction(0))
        return (-value if sign == "-" else value) if 0 < over < under else None
    periodic = PERIODIC.fullmatch(text)
    if periodic:
        return _periodic(*periodic.groups())
    try:
        return _Reader(_tokens(text)).whole()
    except _NoNumber:
        return None


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    while at < len(text):
        token = TOKEN.match(text, at)
        if token is None:
            raise _NoNumber
        tokens.append(token["number"] or OVER.get(token["sign"], token["sign"]))
        at = token.end()
    return tokens


def _periodic(sign: str, whole: str, digits: str, period: str) -> Fraction:
    steady = Fraction(int(whole + digits + period) - int(whole + digits), 10 ** len(digits) * (10 ** len(period) - 1))
    return -steady if sign == "-" else steady


class _Reader:
    """Reads sums of products of powers, from left to right."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    def whole(self) -> Fraction:
        value = self.sum()
        if self.at < len(self.tokens):
            raise _NoNumber
        return value

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, *expected: str) -> str:
        token = self.peek()
        if not token or (expected and token not in expected):
            raise _NoNumber
        self.at += 1
        return token

    def sum(self) -> Fraction:
        self.depth += 1
        if self.depth > DEEPEST:
            raise _NoNumber
        value = self.product()
        while self.peek() in ("+", "-"):
            value = value + self.product() if self.take() == "+" else value - self.product()
        self.depth -= 1
        return _bounded(value)

    def product(self) -> Fraction:
        value = self.signed()
        while self.peek() in ("*", "/"):
            value = _bounded(value * self.signed() if self.take() == "*" else _divided(value, self.signed()))
        return value

    def signed(self) -> Fraction:
        if self.peek() in ("+", "-"):
            sign = self.take()
            if self.peek() in ("+", "-"):
                raise _NoNumber
            return -self.power() if sign == "-" else self.power()
        return self.power()

    def power(self) -> Fraction:
        base = self.factor()
        if self.peek() != "^":
            return base
        self.take("^")
        exponent = self.signed() if self.peek() in ("-", "+") else self.factor()
        if self.peek() == "^":
            raise TooLarge
        return _power(base, exponent)

    def factor(self) -> Fraction:
        if self.peek() in ENDS:
            return self.inside(self.take())
        if self.peek() == r"\frac":
            self.take()
            return _divided(self.inside(self.take("{")), self.inside(self.take("{")))
        return _number(self.take())

    def inside(self, opening: str) -> Fraction:
        value = self.sum()
        self.take(ENDS[opening])
        return value


def _number(token: str) -> Fraction:
    digits, _, power = token.replace(",", "").replace(" ", "").lower().partition("e")
    if not digits[:1].isdigit() and digits[:1] != ".":
        raise _NoNumber
    if len(digits) > 1 and not digits.strip("0"):
        raise _NoNumber  # `000` is half of a number with thousands, or a code
    if len(digits) > MOST_POWER or len(power) > 5 or abs(int(power or 0)) > MOST_POWER:
        raise TooLarge
    return Fraction(f"{digits}e{power}" if power else digits)


def _divided(over: Fraction, under: Fraction) -> Fraction:
    if under == 0:
        raise _NoNumber
    return over / under


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator != 1 or (base == 0 and exponent <= 0):
        raise _NoNumber
    size = max(base.numerator.bit_length(), base.denominator.bit_length())
    if abs(exponent) > MOST_POWER or size * abs(exponent) > MOST_BITS:
        raise TooLarge
    return Fraction(base ** int(exponent))


def _bounded(value: Fraction) -> Fraction:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MOST_BITS:
        raise TooLarge
    return value
