"""Problems told as stories that a rehearsed solver knows."""

from fractions import Fraction
from random import Random

from dataflow_ops.llm.rehearsal.solver_kinds import Kind
from dataflow_ops.llm.rehearsal.solver_values import DAYS, Value


def _weekday(today: str, days: Fraction) -> Value:
    return DAYS[(DAYS.index(today.capitalize()) + int(days)) % 7]


def _clock(hour: Fraction, minute: Fraction, later: Fraction) -> Value:
    end = int(60 * hour + minute + later) % (24 * 60)
    return f"{end // 60}:{end % 60:02}"


def _rabbits(heads: Fraction, legs: Fraction) -> Value | None:
    found = (legs - 2 * heads) / 2
    return found if found.denominator == 1 and 0 <= found <= heads else None


def _largest(total: Fraction) -> Value | None:
    return total / 3 + 1 if total % 3 == 0 else None


def _compound(start: Fraction, rate: Fraction, years: Fraction) -> Value | None:
    return start * (1 + rate / 100) ** int(years) if 0 <= years <= 20 else None


def _farm(draw: Random) -> tuple[int, int]:
    hens, rabbits = draw.randint(3, 30), draw.randint(3, 30)
    return hens + rabbits, 2 * hens + 4 * rabbits


WORDS = (
    Kind(
        ("covers # km in # hours",),
        lambda way, hours: way / hours,
        lambda draw: (60 * draw.randint(2, 12), draw.randint(2, 6)),
        ("A pump moves # litres of water in # hours. What is its rate in litres per hour?",
         "In # pages a printer runs for # minutes. How many pages come out in one minute?"),
    ),
    Kind(
        ("for # euros is reduced by #%",),
        lambda price, percent: price * (100 - percent) / 100,
        lambda draw: (20 * draw.randint(2, 30), 5 * draw.randint(1, 10)),
        ("A herd of # sheep shrinks by #% in a hard winter. How many sheep live to see the spring?",),
    ),
    Kind(
        ("# crowns goes up by #%",),
        lambda price, percent: price * (100 + percent) / 100,
        lambda draw: (20 * draw.randint(5, 60), 5 * draw.randint(1, 10)),
        ("A village of # people grows by #% within ten years. How many people live there then?",),
    ),
    Kind(
        ("takes # workers # days … would # workers",),
        lambda workers, days, others: workers * days / others,
        lambda draw: (6 * draw.randint(1, 3), draw.randint(4, 12), draw.choice((2, 3, 4))),
        ("Feed for # horses lasts # days. For how many days would it last # horses?",),
    ),
    Kind(
        ("is # times as old as … are # years",),
        lambda times, total: total * times / (times + 1),
        lambda draw: (draw.randint(2, 5), 60),
        ("A brother has # times as many shells as his sister, # together. How many shells are his?",),
    ),
    Kind(
        ("interest … of # dollars earn at #% a year in # years",),
        lambda start, rate, years: start * rate * years / 100,
        lambda draw: (100 * draw.randint(5, 60), draw.randint(2, 7), draw.randint(2, 6)),
        ("Ida lends # dollars at #% simple interest a year. How much interest is due after # years?",),
    ),
    Kind(
        ("today is ~. … in # days",),
        _weekday,
        lambda draw: (draw.choice(DAYS), draw.randint(10, 400)),
        ("A ship sails on a ~ and comes back after # days. On which day of the week is it home?",),
    ),
    Kind(
        ("at #:# and runs for # minutes",),
        _clock,
        lambda draw: (draw.randint(6, 18), draw.randint(10, 59), draw.randint(45, 240)),
        ("The bread goes into the oven at #:# and stays there for # minutes. When is it done?",),
    ),
    Kind(
        ("fills a basin in # hours, another in # hours",),
        lambda a, b: a * b / (a + b),
        lambda draw: draw.choice(((3, 6), (4, 12), (6, 12), (10, 15), (20, 30), (4, 6))),
        ("Alone, one painter needs # hours for a fence, the other # hours. How many hours do they take side by side?",),
    ),
    Kind(
        ("for # people calls for # g … for # people",),
        lambda people, grams, others: grams * others / people,
        lambda draw: (draw.randint(2, 6), 60 * draw.randint(2, 10), draw.randint(7, 15)),
        ("With # litres of paint one covers # square metres. How many square metres do # litres cover?",),
    ),
    Kind(
        ("scale 1:# a path is # cm",),
        lambda scale, length: scale * length / 100_000,
        lambda draw: (25_000 * draw.randint(1, 8), 4 * draw.randint(1, 6)),
        ("A plan drawn 1:# shows a lake that is # cm long. How many kilometres long is the lake?",),
    ),
    Kind(
        ("share # coins in the ratio #:#",),
        lambda total, a, b: total * max(a, b) / (a + b),
        lambda draw: (60 * draw.randint(1, 10), *draw.choice(((1, 2), (1, 3), (2, 3), (1, 4), (1, 5)))),
        ("Concrete of # kg is mixed of two parts in the ratio #:#. How many kilograms does the larger part weigh?",),
    ),
    Kind(
        ("# heads and # legs",),
        _rabbits,
        _farm,
        ("In a yard stand bicycles and cars, # vehicles with # wheels in all. How many of them are cars?",),
    ),
    Kind(
        ("three consecutive whole numbers add up to #",),
        _largest,
        lambda draw: (3 * draw.randint(10, 90),),
        ("The page numbers of three pages in a row have the sum #. What is the highest of these page numbers?",),
    ),
    Kind(
        ("is #/# full and holds # litres",),
        lambda a, b, litres: litres * b / a,
        lambda draw: (2, draw.choice((3, 5, 7)), 10 * draw.randint(2, 30)),
        ("A reader has finished #/# of a novel, which is # pages. How many pages has the novel?",),
    ),
    Kind(
        ("burns # litres of fuel on 100 km. … # km",),
        lambda litres, way: litres * way / 100,
        lambda draw: (draw.randint(4, 12), 50 * draw.randint(3, 20)),
        ("A lamp uses # grams of oil in 100 minutes. How many grams does it use in # minutes?",),
    ),
    Kind(
        ("rope of # m … pieces of #/# m",),
        lambda whole, a, b: whole * b / a,
        lambda draw: (3 * draw.randint(2, 20), 3, draw.choice((4, 5, 8))),
        ("A barrel of # litres is poured into jars of #/# litre each. How many jars does one need?",),
    ),
    Kind(
        ("of # pounds grows at a compound rate of #% a year … after # years",),
        _compound,
        lambda draw: (1000 * draw.randint(1, 9), draw.choice((5, 10, 20)), 2),
        ("A forest of # trees grows by #% every year. How many trees does it count after # years?",),
    ),
    Kind(
        ("owned # stamps and gave #/#",),
        lambda whole, a, b: whole * (b - a) / b,
        lambda draw: (60 * draw.randint(1, 9), 1, draw.choice((3, 4, 5, 6))),
        ("Of # candles, #/# burn down during a feast. How many candles are still whole?",),
    ),
    Kind(
        ("# km at # km/h … back at # km/h",),
        lambda _way, there, back: 2 * there * back / (there + back),
        lambda draw: (60 * draw.randint(1, 4), *draw.choice(((20, 30), (40, 60), (60, 90), (30, 60), (12, 24)))),
        (("A ferry crosses a lake of # km at # km/h and returns at # km/h against the wind. "
          "Find the mean speed of the whole tour in km/h."),),
    ),
    Kind(
        ("sum of # and #",),
        lambda a, b: a + b,
        lambda draw: (draw.randint(10, 99), draw.randint(10, 99)),
        ("One tower is # steps high, the next # steps. How many steps does one climb who goes up both?",),
    ),
)  # fmt: skip
