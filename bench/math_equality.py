"""Equality of final answers, ours beside the plain library calls: `python -m bench.math_equality [rows]`.

Prints wrong verdicts on the table of pairs that the tests keep, then pairs per CPU second of each kind, processes that were
started included. `delimited` is `verify(parse("$…$"), parse("$…$"))`; `bare` the same without dollars, as DataFlow calls it.
"""

import logging
import random
import resource
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from math_verify import parse, verify

from bench.report import table
from dataflow_ops.maths.compare import Comparer

PAIRS = Path(__file__).parents[1] / "tests" / "maths" / "pairs.tsv"
Pair = tuple[str, str]
Way = Callable[[Sequence[Pair]], list[bool]]


def ours(pairs: Sequence[Pair]) -> list[bool]:
    """Compare as `score.math.equal` does."""
    with Comparer() as comparer:
        return [verdict.equal for verdict in comparer.compare(pairs)]


def delimited(pairs: Sequence[Pair]) -> list[bool]:
    """Compare by the library, each answer between dollars."""
    return [verify(parse(f"${gold}$"), parse(f"${answer}$")) for answer, gold in pairs]


def bare(pairs: Sequence[Pair]) -> list[bool]:
    """Compare by the library, answers as they are."""
    return [verify(parse(gold), parse(answer)) for answer, gold in pairs]


WAYS: dict[str, Way] = {"ours": ours, "delimited": delimited, "bare": bare}


def plain(rng: random.Random) -> Pair:
    """Draw two numbers, whole ones and decimals."""
    number = rng.randrange(1_000_000)
    return str(number), f"{number}.0" if rng.random() < 0.5 else str(rng.randrange(1_000_000))


def fraction(rng: random.Random) -> Pair:
    """Draw a fraction, and another spelling or another fraction."""
    over, under, more = rng.randint(1, 999), rng.randint(2, 999), rng.randint(2, 9)
    return rf"\frac{{{over}}}{{{under}}}", f"{over * more}/{under * more + (rng.random() < 0.5)}"


def latex(rng: random.Random) -> Pair:
    """Draw a root or a polynomial, and one that is equal or nearly so."""
    number, off = rng.randint(2, 99), int(rng.random() < 0.5)
    if rng.random() < 0.5:
        return rf"\frac{{{number}\sqrt{{3}}}}{{2}}", rf"{number + off}\sqrt{{3}}/2"
    return f"(x+{number})^2", f"x^2+{2 * number}x+{number * number + off}"


def text(rng: random.Random) -> Pair:
    """Draw two words, the same in other case half of the time."""
    word, other = ("".join(rng.choices("aeioulmnrst", k=8)) for _ in range(2))
    return word, rf"\text{{{word.title() if rng.random() < 0.5 else other}}}"


KINDS = {"plain numbers": plain, "fractions": fraction, "LaTeX": latex, "text": text}


def wrong() -> Iterator[list[str]]:
    """Yield for each way how many unequal pairs it takes for equal, and how many equal ones for unequal."""
    lines = [line.split("\t") for line in PAIRS.read_text().splitlines()]
    for name, way in WAYS.items():
        found = list(zip(lines, way([(left, right) for _, left, right in lines]), strict=True))
        false_equal = sum(equal and kind == "different" for (kind, *_), equal in found)
        missed = sum(not equal and kind == "equal" for (kind, *_), equal in found)
        yield [name, str(len(lines)), str(false_equal), str(missed)]


def speeds(rows: int) -> Iterator[list[str]]:
    """Yield pairs per CPU second of each kind for each way; the library gets a tenth of the cheap ones."""
    for kind, draw in KINDS.items():
        rng = random.Random(0)
        pairs = [draw(rng) for _ in range(rows if kind == "LaTeX" else 10 * rows)]
        rates = [_speed(way, pairs if name == "ours" else pairs[:rows]) for name, way in WAYS.items()]
        yield [kind, *(f"{rate:,.0f}" for rate in rates)]


def _speed(way: Way, pairs: Sequence[Pair]) -> float:
    before = _cpu()
    way(pairs)
    return len(pairs) / max(_cpu() - before, 1e-6)


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def main(rows: int = 1_000) -> None:
    """Print both tables."""
    logging.disable(logging.WARNING)
    say = sys.stdout.write
    say(table(["way", "pairs", "false equal", "missed"], list(wrong())) + "\n\n")
    say(table(["pairs per CPU second", *WAYS], list(speeds(rows))) + "\n")


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:]))
