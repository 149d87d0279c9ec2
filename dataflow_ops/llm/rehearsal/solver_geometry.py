"""Geometry that a rehearsed solver knows."""

from fractions import Fraction

from dataflow_ops.llm.rehearsal.solver_kinds import Kind
from dataflow_ops.llm.rehearsal.solver_values import Value, pis, root, shown


def _third(a: Fraction, b: Fraction) -> Value | None:
    return 180 - a - b if a + b < 180 else None


def _times(factor: Fraction, square: int) -> Value:
    """Return `factor` times the root of 2 or 3."""
    return f"{'' if factor == 1 else shown(factor)}\\sqrt{{{square}}}"


def _distance(a: Fraction, b: Fraction, c: Fraction, d: Fraction) -> Value:
    return root((c - a) ** 2 + (d - b) ** 2)


GEOMETRY = (
    Kind(
        ("rectangle measures # cm by # cm",),
        lambda a, b: a * b,
        lambda draw: (draw.randint(5, 30), draw.randint(5, 30)),
        ("A poster is # cm wide and # cm high. How many square centimetres of wall does it cover?",
         "For a rug of # dm by # dm, how many square decimetres of wool have to be woven?"),
    ),
    Kind(
        ("triangle … base of # and a height of #",),
        lambda a, b: a * b / 2,
        lambda draw: (draw.randint(4, 30), draw.randint(4, 30)),
        ("The sail of a boat is a triangle with a base of # and a height of # metres. What is its area?",),
    ),
    Kind(
        ("legs of a right triangle are # and #", "right triangle with legs of # and #"),
        lambda a, b: root(a * a + b * b),
        lambda draw: (draw.randint(2, 12), draw.randint(2, 12)),
        ("From the harbour a ship sails # miles east, then # miles north. How far from the harbour is it, exactly?",),
    ),
    Kind(
        ("area of a circle with radius #",),
        lambda radius: pis(radius * radius),
        lambda draw: (draw.randint(2, 20),),
        ("A lamp lights everything within # metres on flat ground. How large is the lit ground, in terms of $\\pi$?",
         "A sprinkler reaches # metres in all directions. Give the watered area as a multiple of $\\pi$."),
    ),
    Kind(
        ("diameter of # … circumference",),
        pis,
        lambda draw: (draw.randint(3, 40),),
        ("A wheel with a diameter of # cm turns once. By how far does it roll? Answer exactly, with its circumference.",),
    ),
    Kind(
        ("angles of a triangle are #° and #°",),
        _third,
        lambda draw: (draw.randint(20, 80), draw.randint(20, 80)),
        ("At two corners of a plot with three sides one measures #° and #°. What does one measure at the last corner?",),
    ),
    Kind(
        ("cylinder has radius # and height #",),
        lambda radius, height: pis(radius * radius * height),
        lambda draw: (draw.randint(2, 9), draw.randint(3, 15)),
        ("A tin is round, # cm in radius and # cm high. How much does it hold, as a multiple of $\\pi$?",),
    ),
    Kind(
        ("cube has edges of #",),
        lambda edge: edge**3,
        lambda draw: (draw.randint(2, 15),),
        ("A crate has the same width, depth and height of # dm. How many cubic decimetres does it hold?",),
    ),
    Kind(
        ("diagonal of a square with side #",),
        lambda side: _times(side, 2),
        lambda draw: (draw.randint(2, 20),),
        ("A path cuts across a square yard with sides of # m, from one corner to the opposite one. Its exact length?",),
    ),
    Kind(
        ("distance between the points $(#, #)$ and $(#, #)$",),
        _distance,
        lambda draw: tuple(draw.randint(0, 12) for _ in range(4)),
        ("On squared paper an ant runs straight from $(#, #)$ to $(#, #)$. How long is the way, exactly?",),
    ),
    Kind(
        ("from $(#, #)$ to $(#, #)$",),
        lambda a, b, c, d: f"({shown((a + c) / 2)}, {shown((b + d) / 2)})",
        lambda draw: tuple(draw.randint(0, 20) for _ in range(4)),
        ("A lantern hangs in the middle of a wire that runs from $(#, #)$ to $(#, #)$ on the plan. Where is it?",),
    ),
    Kind(
        ("interior angles of a polygon with # sides",),
        lambda sides: 180 * (sides - 2) if sides >= 3 else None,
        lambda draw: (draw.randint(5, 20),),
        ("A coin has the shape of a polygon with # corners. How many degrees do all its inner angles have together?",),
    ),
    Kind(
        ("equilateral triangle has sides of length #",),
        lambda side: _times(side * side / 4, 3),
        lambda draw: (2 * draw.randint(2, 10),),
        ("A road sign has three equal sides of # dm. State the exact area of the sign.",),
    ),
    Kind(
        ("rectangle of length # m and width # m",),
        lambda a, b: 2 * (a + b),
        lambda draw: (draw.randint(12, 60), draw.randint(3, 11)),
        ("A runner goes once around a pitch that is # m long and # m wide. How many metres is that?",),
    ),
    Kind(
        ("edges of a cube measure #",),
        lambda edge: 6 * edge**2,
        lambda draw: (draw.randint(2, 12),),
        ("All faces of a die with edges of # cm are painted. How many square centimetres is that?",),
    ),
    Kind(
        ("parallel sides of # and # and a height of #",),
        lambda a, b, height: (a + b) * height / 2,
        lambda draw: (draw.randint(3, 12), draw.randint(13, 25), 2 * draw.randint(2, 9)),
        ("A roof is a trapezoid: the parallel sides are # m and # m long and # m apart. What is the area of the roof?",),
    ),
    Kind(
        ("arc of # degrees on a circle with radius #",),
        lambda angle, radius: pis(angle * radius / 180),
        lambda draw: (draw.choice((30, 45, 60, 90, 120)), 6 * draw.randint(1, 8)),
        ("A swing turns by # degrees on a rope of # dm. What way does the seat cover, as a multiple of $\\pi$?",),
    ),
    Kind(
        ("ball of radius #",),
        lambda radius: pis(4 * radius**3 / 3),
        lambda draw: (3 * draw.randint(1, 6),),
        ("How much gas is in a round balloon of # dm in radius? Give the exact volume.",),
    ),
    Kind(
        ("cone is # high and its base has radius #",),
        lambda height, radius: pis(radius * radius * height / 3),
        lambda draw: (3 * draw.randint(1, 9), draw.randint(2, 8)),
        ("Sand is heaped # m high on a round place with a radius of # m, up to a point. Find the exact volume of sand.",),
    ),
)  # fmt: skip
