"""Arithmetic that a rehearsed solver knows."""

from fractions import Fraction
from math import gcd, isqrt, lcm, prod

from dataflow_ops.llm.rehearsal.solver_kinds import Kind
from dataflow_ops.llm.rehearsal.solver_values import MOST, Value, decimal, root, shown


def _small(value: Fraction) -> int:
    if value.denominator != 1 or not 0 < value <= MOST:
        raise ValueError(f"{value} is no whole number from 1 to {MOST:,}")
    return int(value)


def _largest_prime(value: Fraction) -> Value:
    left, found, factor = _small(value), 1, 2
    while left > 1:
        if factor * factor > left:
            factor = left
        if left % factor == 0:
            found, left = factor, left // factor
        else:
            factor += 1
    return found


def _is_prime(value: Fraction) -> str:
    whole = _small(value)
    return "yes" if whole > 1 and all(whole % each for each in range(2, isqrt(whole) + 1)) else "no"


def _divisors(value: Fraction) -> int:
    whole = _small(value)
    return sum(2 - (each * each == whole) for each in range(1, isqrt(whole) + 1) if whole % each == 0)


def _power(base: Fraction, exponent: Fraction, less: Fraction) -> Value | None:
    return base ** int(exponent) + less if 0 <= exponent <= 64 and abs(base) <= 1000 else None


def _based(value: Fraction, base: Fraction) -> Value | None:
    left, digits = _small(value), ""
    if not 2 <= base <= 9:
        return None
    while left:
        left, digit = divmod(left, int(base))
        digits = f"{digit}{digits}"
    return digits


ARITHMETIC = (
    Kind(
        ("#% of #", "# percent of #"),
        lambda percent, whole: percent * whole / 100,
        lambda draw: (5 * draw.randint(1, 19), 20 * draw.randint(2, 40)),
        ("In a survey # percent of # villagers own a bicycle. How many villagers own one?",
         "A library has lent out # percent of # atlases. Work out the number of atlases that are lent out."),
    ),
    Kind(
        (r"\frac{#}{#} + \frac{#}{#}",),
        lambda a, b, c, d: a / b + c / d,
        lambda draw: (draw.randint(1, 5), draw.randint(6, 9), draw.randint(1, 4), draw.randint(5, 11)),
        (r"A jug is filled with $\frac{#}{#} + \frac{#}{#}$ of a litre. How much milk is that, as a fraction?",
         r"Two shares of an estate come to $\frac{#}{#} + \frac{#}{#}$. Write this sum as one fraction."),
    ),
    Kind(
        (r"\frac{#}{#} \cdot \frac{#}{#}",),
        lambda a, b, c, d: a * c / (b * d),
        lambda draw: (draw.randint(1, 8), draw.randint(9, 15), draw.randint(2, 6), draw.randint(7, 12)),
        (r"A field is $\frac{#}{#} \cdot \frac{#}{#}$ of a hectare large. Simplify this product.",),
    ),
    Kind(
        ("remainder when # is divided by #",),
        lambda whole, by: Fraction(int(whole) % int(by)),
        lambda draw: (draw.randint(200, 5000), draw.randint(3, 29)),
        ("A baker packs # rolls into boxes for # rolls each until no full box can be made. How many rolls are left?",
         "Divide # cards evenly among # players. How many cards stay on the table?"),
    ),
    Kind(
        ("greatest common divisor of # and #",),
        lambda a, b: gcd(int(a), int(b)),
        lambda draw: (12 * draw.randint(2, 20), 18 * draw.randint(2, 20)),
        ("What is the longest ruler, in whole centimetres, that measures both # cm and # cm without a rest?",
         "Tiles as large as possible cover a floor of # cm by # cm without cutting. What is their edge in cm?"),
    ),
    Kind(
        ("least common multiple of # and #",),
        lambda a, b: lcm(_small(a), _small(b)),
        lambda draw: (draw.randint(6, 24), draw.randint(25, 60)),
        ("Buses leave every # minutes to the north, every # minutes to the south. How often in minutes do both leave?",
         "One lamp flashes every # seconds, another every # seconds. How many seconds lie between flashes of both?"),
    ),
    Kind(
        ("write # as a fraction",),
        lambda value: value,
        lambda draw: ((draw.randint(1, 24) * 40 + 5) / 1000,),
        ("The scale shows # kg. Which fraction of a kilogram is this, in lowest terms?",),
    ),
    Kind(
        (r"percentage … \frac{#}{#}",),
        lambda a, b: f"{shown(100 * a / b)}\\%" if (100 * a / b).denominator == 1 else None,
        lambda draw: (draw.randint(1, 19), 20),
        (r"Which percentage of the seats is taken, if $\frac{#}{#}$ of them are?",),
    ),
    Kind(
        ("$#^{#} ±$",),
        _power,
        lambda draw: (draw.randint(2, 5), draw.randint(3, 6), -draw.randint(5, 60)),
        ("A culture of bacteria counts $#^{#} ±$ cells. Give the number of cells.",),
    ),
    Kind(
        ("divisors does # have",),
        _divisors,
        lambda draw: (12 * draw.randint(2, 30),),
        ("In how many different rectangles, told apart by their width, can # chairs be set up without a gap?",),
    ),
    Kind(
        ("digit sum of #",),
        lambda value: sum(int(each) for each in str(int(value))),
        lambda draw: (draw.randint(10_000, 999_999),),
        ("The house has the number #. What do you get when you add up the digits?",),
    ),
    Kind(
        (r"\sqrt{#}",),
        root,
        lambda draw: (draw.choice((2, 3, 5, 6, 7)) * draw.randint(2, 9) ** 2,),
        (r"A square lawn has an area of # square metres. How long is one side of the lawn, exactly?",),
    ),
    Kind(
        ("# #/# feet and # #/# feet",),
        lambda a, b, c, d, e, f: a + b / c + d + e / f,
        lambda draw: (draw.randint(1, 9), 1, 3, draw.randint(1, 9), draw.choice((1, 3, 5)), 8),
        ("A gardener lays hoses of # #/# feet and # #/# feet one behind the other. How long is the line?",),
    ),
    Kind(
        ("# and # inhabitants",),
        lambda a, b: a + b,
        lambda draw: (draw.randint(10_000, 90_000), draw.randint(10_000, 90_000)),
        ("Two islands with # and # inhabitants are counted as one county. What population does the county have?",),
    ),
    Kind(
        ("is # a prime",),
        _is_prime,
        lambda draw: (2 * draw.randint(20, 200) + 1,),
        ("Somebody claims: is # a prime number, then the lock opens. Does the lock open, yes or no?",),
    ),
    Kind(
        ("whole numbers from # to #",),
        lambda first, last: (first + last) * (last - first + 1) / 2,
        lambda draw: (draw.randint(1, 9), draw.randint(30, 99)),
        (("The rows of a hall have as many seats as the whole numbers from # to # say, one row each. How many seats "
          "are there in the hall?"),),
    ),
    Kind(
        ("round # to # decimal",),
        lambda value, places: decimal(value, int(places)) if places <= 9 else None,
        lambda draw: (draw.randint(10_000, 99_999) / 10_000, draw.randint(1, 3)),
        ("A clock shows # seconds. Round this time: with # places after the point, what is it?",),
    ),
    Kind(
        ("average of @", "mean of @"),
        lambda values: Fraction(sum(values)) / len(values),
        lambda draw: ([draw.randint(5, 60) for _ in range(draw.randint(4, 6))],),
        ("A sprinter notes the times @ seconds in training. What is the mean time?",
         "The thermometer showed @ degrees at noon this week. Give the average temperature."),
    ),
    Kind(
        ("largest prime factor of #",),
        _largest_prime,
        lambda draw: (draw.randint(30, 900),),
        ("Which is the greatest prime number that divides #?",),
    ),
    Kind(
        ("number # in base #",),
        _based,
        lambda draw: (draw.randint(20, 200), draw.choice((2, 3, 5))),
        ("An abacus shows # in the decimal system. Which digits stand for this value in base #?",),
    ),
    Kind(
        ("add up: @.", "total of @"),
        lambda values: Fraction(sum(values)),
        lambda draw: ([draw.randint(10, 99) for _ in range(5)],),
        ("A shopkeeper writes down the amounts @ in crowns. What is their sum?",),
    ),
    Kind(
        ("multiply @", "product of @"),
        lambda values: prod(values[:6]),
        lambda draw: ([draw.randint(2, 12) for _ in range(3)],),
        ("A crate measures @ decimetres in length, width and height. How many litres fit into the crate?",),
    ),
)  # fmt: skip
