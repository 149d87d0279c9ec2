"""Algebra that a rehearsed solver knows."""

from fractions import Fraction
from math import isqrt, log

from dataflow_ops.llm.rehearsal.solver_kinds import Kind
from dataflow_ops.llm.rehearsal.solver_values import Value, root, shown


def _signed(value: Fraction, name: str = "") -> str:
    return f"{'-' if value < 0 else '+'} {shown(abs(value))}{name}"


def _roots(b: Fraction, c: Fraction) -> Value | None:
    """Return the set of solutions of x^2 + bx + c = 0 where they are rational."""
    inside = b * b - 4 * c
    whole = int(inside)
    if whole < 0 or whole != inside or isqrt(whole) ** 2 != whole:
        return None
    both = sorted({(-b - isqrt(whole)) / 2, (-b + isqrt(whole)) / 2})
    return f"\\{{{', '.join(map(shown, both))}\\}}"


def _expanded(a: Fraction, b: Fraction) -> str:
    middle = f" {_signed(a + b, 'x')}" if a + b else ""
    return f"x^2{middle} {_signed(a * b)}"


def _below(a: Fraction, b: Fraction, c: Fraction) -> str:
    end = shown((c - b) / a)
    return f"(-\\infty, {end})" if a > 0 else f"({end}, \\infty)"


def _between(low: Fraction, a: Fraction, b: Fraction, high: Fraction) -> str | None:
    ends = (low - b) / a, (high - b) / a
    return f"[{shown(min(ends))}, {shown(max(ends))}]" if low <= high else None


def _logarithm(base: Fraction, value: Fraction) -> Value | None:
    found = round(log(value, base))
    return found if 0 <= found <= 64 and base**found == value else None


def _term(first: Fraction, ratio: Fraction, at: Fraction) -> Value | None:
    return first * ratio ** (int(at) - 1) if 1 <= at <= 64 and abs(ratio) <= 1000 else None


def _real_solutions(b: Fraction, c: Fraction) -> int:
    inside = b * b - 4 * c
    return 0 if inside < 0 else 1 + (inside > 0)


def _factors(square: Fraction) -> str | None:
    end = isqrt(int(square))
    return f"(x - {end})(x + {end})" if end * end == square else None


ALGEBRA = (
    Kind(
        ("$#x ± = #x ±",),
        lambda a, b, c, d: (d - b) / (a - c),
        lambda draw: (draw.randint(6, 12), draw.randint(1, 20), draw.randint(1, 5), -draw.randint(1, 20)),
        ("Two plans for a telephone cost the same when $#x ± = #x ±$. For which $x$ is that the case?",),
    ),
    Kind(
        ("± \\le #x ± \\le #", "# \\le #x ± \\le #"),
        _between,
        lambda draw: (draw.randint(1, 9), draw.randint(2, 5), -draw.randint(1, 9), draw.randint(10, 30)),
        ("A machine runs safely as long as $# \\le #x ± \\le #$. Describe the safe values of $x$ by an interval.",),
    ),
    Kind(
        ("$#x ± < #",),
        _below,
        lambda draw: (draw.randint(2, 6), draw.randint(1, 9), draw.randint(10, 40)),
        ("The cost $#x ± < #$ stays below the limit. Which interval do the real values of $x$ fill?",),
    ),
    Kind(
        ("$#x ± = #",),
        lambda a, b, c: (c - b) / a,
        lambda draw: (draw.randint(2, 9), draw.randint(1, 20), draw.randint(21, 90)),
        ("A taxi ride of $x$ kilometres satisfies $#x ± = #$. How long is the ride?",
         "When a secret number $x$ is put into the scale, it reads $#x ± = #$. Find the secret number."),
    ),
    Kind(
        ("sum of the … roots of $x^2 ±x ±",),
        lambda b, c: -b if b * b >= 4 * c else None,
        lambda draw: (-draw.randint(8, 20), draw.randint(1, 12)),
        ("What is the sum of the two real roots of $x^2 ±x ± = 0$?",),
    ),
    Kind(
        ("how many different real … x^2 ±x ± = 0",),
        _real_solutions,
        lambda draw: (draw.randint(1, 9), draw.randint(1, 30)),
        ("At how many points does a curve meet the axis, that is: how many different real numbers give $x^2 ±x ± = 0$?",),
    ),
    Kind(
        ("$x^2 ±x ± = 0$",),
        _roots,
        lambda draw: _of_roots(draw.randint(1, 9), draw.randint(-9, -1)),
        ("A stone is on the ground at the times $x$ with $x^2 ±x ± = 0$. Give the set of all such $x$.",),
    ),
    Kind(
        ("x^2 = #",),
        root,
        lambda draw: (draw.choice((2, 3, 5, 6, 7)) * draw.randint(2, 9) ** 2,),
        ("The side $x$ of a square plate fulfils $x^2 = #$. Give $x$ in its simplest exact form.",),
    ),
    Kind(
        ("$x + y = #$ and $x - y = #$",),
        lambda total, apart: f"({shown((total + apart) / 2)}, {shown((total - apart) / 2)})",
        lambda draw: (2 * draw.randint(11, 30), 2 * draw.randint(1, 10)),
        ("Two rods have lengths with $x + y = #$ and $x - y = #$. Write down the pair $(x, y)$.",),
    ),
    Kind(
        ("(x ±)(x ±)",),
        _expanded,
        lambda draw: (draw.randint(1, 9), -draw.randint(1, 9)),
        ("A rectangle has the area $(x ±)(x ±)$. Multiply out and put like terms together.",),
    ),
    Kind(
        ("slope of the … through $(#, #)$ and $(#, #)$",),
        lambda a, b, c, d: (d - b) / (c - a),
        lambda draw: (draw.randint(0, 4), draw.randint(0, 9), draw.randint(5, 9), draw.randint(10, 30)),
        ("A ramp is drawn as the segment through $(#, #)$ and $(#, #)$. How steep is the ramp, as a slope?",),
    ),
    Kind(
        ("f(x) = #x^2 ±x ±$, what is $f(#)$",),
        lambda a, b, c, x: a * x * x + b * x + c,
        lambda draw: (draw.randint(2, 5), draw.randint(-9, -1), draw.randint(1, 9), draw.randint(2, 6)),
        ("The height of a ball is $f(x) = #x^2 ±x ±$, what is $f(#)$?",),
    ),
    Kind(
        ("arithmetic sequence … # … difference # … term number #",),
        lambda first, step, at: first + step * (at - 1),
        lambda draw: (draw.randint(2, 20), draw.randint(2, 9), draw.randint(12, 40)),
        (("A theatre has # seats in its first row and # more in each row than in the row before. How many seats are in "
          "row #?"),),
    ),
    Kind(
        ("geometric sequence … # … ratio # … term number #",),
        _term,
        lambda draw: (draw.randint(2, 9), draw.randint(2, 3), draw.randint(5, 8)),
        ("Of # flies each becomes # in a week. Counting the start as week one, how many flies are there in week #?",),
    ),
    Kind(
        ("\\log_{#} #",),
        _logarithm,
        lambda draw: _of_powers(draw.randint(2, 5), draw.randint(2, 6)),
        ("To which power must one raise, to get $\\log_{#} #$? State the value.",),
    ),
    Kind(
        ("vertex of the parabola $y = x^2 ±x ±$",),
        lambda b, c: f"({shown(-b / 2)}, {shown(c - b * b / 4)})",
        lambda draw: (-2 * draw.randint(1, 6), draw.randint(1, 30)),
        ("A bridge follows a curve. Find the vertex of the parabola $y = x^2 ±x ±$ that describes it.",),
    ),
    Kind(
        ("x^2 - #$ as a product",),
        _factors,
        lambda draw: (draw.randint(2, 15) ** 2,),
        ("Take a small square out of a large one and write what is left, $x^2 - #$ as a product.",),
    ),
    Kind(
        ("discriminant of … $#x^2 ±x ±$",),
        lambda a, b, c: b * b - 4 * a * c,
        lambda draw: (draw.randint(2, 6), draw.randint(1, 9), -draw.randint(1, 9)),
        ("A program needs the discriminant of $#x^2 ±x ±$ first. Which value does it compute?",),
    ),
)  # fmt: skip


def _of_roots(one: int, other: int) -> tuple[int, int]:
    return (-(one + other) or 5, one * other if one + other else 6)


def _of_powers(base: int, exponent: int) -> tuple[int, int]:
    return base, base**exponent
