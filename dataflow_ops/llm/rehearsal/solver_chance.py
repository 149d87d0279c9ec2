"""Chances and counting that a rehearsed solver knows."""

from fractions import Fraction
from math import comb, factorial

from dataflow_ops.llm.rehearsal.solver_kinds import Kind
from dataflow_ops.llm.rehearsal.solver_values import Value


def _dice(sides: Fraction, total: Fraction) -> Value | None:
    if not 2 <= sides <= 100:
        return None
    hits = sum(1 <= total - one <= sides for one in range(1, int(sides) + 1))
    return Fraction(hits, int(sides) ** 2)


def _heads(tosses: Fraction, heads: Fraction) -> Value | None:
    return Fraction(comb(int(tosses), int(heads)), 2 ** int(tosses)) if tosses <= 64 else None


def _chosen(members: Fraction, candidates: Fraction) -> Value | None:
    return comb(int(candidates), int(members)) if members <= candidates <= 200 else None


def _orders(things: Fraction) -> Value | None:
    return factorial(int(things)) if things <= 20 else None


def _dry(chance: Fraction, days: Fraction) -> Value | None:
    return (1 - chance) ** int(days) if chance <= 1 and days <= 20 else None


def _median(values: list[Fraction]) -> Value:
    ordered, middle = sorted(values), len(values) // 2
    return ordered[middle] if len(values) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


CHANCE = (
    Kind(
        ("dice with # sides … sum is #",),
        _dice,
        lambda draw: (draw.choice((4, 6, 8, 10)), draw.randint(3, 8)),
        ("Two fair dice with # sides each decide a game: a player wins if the sum is #. How likely is a win?",),
    ),
    Kind(
        ("# red and # blue marbles. One",),
        lambda red, blue: red / (red + blue),
        lambda draw: (draw.randint(1, 12), draw.randint(1, 12)),
        (("In a drawer there are # black and # white socks. Blindly one is taken out. With which probability is it "
          "black?"),),
    ),
    Kind(
        ("# red and # green balls. Two",),
        lambda red, green: red * (red - 1) / ((red + green) * (red + green - 1)),
        lambda draw: (draw.randint(3, 9), draw.randint(2, 9)),
        ("Of the cards on a table # win and # lose. A child takes two of them at once. How likely do both win?",),
    ),
    Kind(
        ("coin is tossed # times … exactly # heads",),
        _heads,
        lambda draw: (draw.randint(3, 6), draw.randint(1, 3)),
        ("Each of # children guesses yes or no by tossing a coin. With what probability do exactly # say yes?",),
    ),
    Kind(
        ("orders can # different",),
        _orders,
        lambda draw: (draw.randint(3, 8),),
        ("For a photograph # friends line up in one row. In how many ways can they do that?",),
    ),
    Kind(
        ("committees of # members … out of #",),
        _chosen,
        lambda draw: (draw.randint(2, 4), draw.randint(6, 14)),
        ("A pizza gets # different toppings out of #. How many different pizzas are there?",),
    ),
    Kind(
        ("all # guests shake hands",),
        lambda guests: comb(int(guests), 2),
        lambda draw: (draw.randint(5, 30),),
        ("In a league of # teams every team meets every other team once. How many matches are played?",),
    ),
    Kind(
        ("expected value … die with # sides",),
        lambda sides: (sides + 1) / 2,
        lambda draw: (draw.choice((4, 8, 10, 12, 20)),),
        ("What do the throws of a fair die with # sides come to on average, in the long run?",),
    ),
    Kind(
        ("probability # on each of # days",),
        _dry,
        lambda draw: (draw.choice((0.1, 0.2, 0.25, 0.5)), draw.randint(2, 3)),
        ("A bus is late with probability # on each of # days, independently. How likely is it on time throughout?",),
    ),
    Kind(
        ("# cards that has # kings",),
        lambda cards, kings: kings / cards if kings <= cards else None,
        lambda draw: (4 * draw.randint(8, 14), 4),
        ("One ticket is taken from a box of # tickets of which # win. What are the chances of a win, as a fraction?",),
    ),
    Kind(
        ("codes of # decimal digits",),
        lambda digits: 10 ** int(digits) if digits <= 30 else None,
        lambda draw: (draw.randint(3, 7),),
        ("A lock has # rings with the digits from 0 to 9. How many settings are there?",),
    ),
    Kind(
        ("median of @",),
        _median,
        lambda draw: ([draw.randint(1, 40) for _ in range(5)],),
        ("Five parcels weigh @ kg. Sort them by weight: how heavy is the one in the middle?",),
    ),
    Kind(
        ("range of the data @",),
        lambda values: max(values) - min(values),
        lambda draw: ([draw.randint(1, 60) for _ in range(5)],),
        ("The guides are @ years old. By how many years do the oldest and the youngest differ?",),
    ),
    Kind(
        ("# starters, # main courses and # desserts",),
        lambda a, b, c: a * b * c,
        lambda draw: (draw.randint(2, 9), draw.randint(2, 9), draw.randint(2, 9)),
        ("A wardrobe holds # hats, # coats and # scarves. In how many ways can one of each be put on?",),
    ),
    Kind(
        ("number from 1 to # … multiple of #",),
        lambda most, of: Fraction(int(most) // int(of), int(most)),
        lambda draw: (10 * draw.randint(2, 10), draw.randint(3, 9)),
        ("Tickets bear a number from 1 to # each, and a multiple of # wins. What is the probability of winning?",),
    ),
)  # fmt: skip
