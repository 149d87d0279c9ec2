"""Questions of medicine, law and finance that a rehearsed solver knows: all the facts are in the question."""

from fractions import Fraction

from dataflow_ops.llm.rehearsal.solver_kinds import Kind
from dataflow_ops.llm.rehearsal.solver_values import Value, decimal, shown


def _of(unit: str, value: Fraction) -> Value:
    return f"{decimal(value, 0) if value.denominator == 1 else decimal(value, 2)} {unit}"


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"


def _pulse(low: Fraction, high: Fraction, found: Fraction) -> str:
    return "too low" if found < low else "too high" if found > high else "normal"


MEDICINE = (
    Kind(
        ("# mg per kg … patient of # kg",),
        lambda dose, weight: _of("mg", dose * weight),
        lambda draw: (draw.randint(2, 12), draw.randint(40, 95)),
        (("A child weighs little, an adult more: the syrup is dosed at # mg per kg. How many milligrams does an adult "
          "patient of # kg take?"),),
    ),
    Kind(
        ("# tablets of # mg # times a day",),
        lambda count, each, times: _of("mg", count * each * times),
        lambda draw: (draw.randint(1, 3), 50 * draw.randint(2, 8), draw.randint(2, 4)),
        ("The chart of a patient says: # tablets of # mg # times a day. What is the total of one day?",),
    ),
    Kind(
        ("infusion of # ml … for # hours",),
        lambda volume, hours: _of("ml per hour", volume / hours),
        lambda draw: (120 * draw.randint(2, 9), draw.choice((4, 6, 8))),
        ("A nurse sets up an infusion of # ml that is to last for # hours. To which rate is the pump set?",),
    ),
    Kind(
        ("half-life of # hours … after # hours",),
        lambda half, hours: shown(Fraction(1, 2 ** int(hours / half))) if hours <= 20 * half else None,
        lambda draw: draw.choice(((2, 8), (3, 12), (4, 8), (5, 20), (6, 24))),
        ("The marker for a scan has a half-life of # hours. Which fraction is still in the body after # hours?",),
    ),
    Kind(
        ("# mg in # ml … contain # mg",),
        lambda amount, volume, wanted: _of("ml", wanted * volume / amount),
        lambda draw: (500, 10, 50 * draw.randint(2, 8)),
        ("A nurse has # mg in # ml at hand. Which volume of it does contain # mg?",),
    ),
    Kind(
        ("as # degrees or more … has # degrees",),
        lambda least, found: _yes(found >= least),
        lambda draw: (38, draw.randint(360, 400) / 10),
        ("A school counts a temperature as # degrees or more as a fever. A pupil has # degrees. Is that a fever?",),
    ),
    Kind(
        ("from # to # beats … has #",),
        _pulse,
        lambda draw: (60, 100, draw.randint(40, 130)),
        ("At rest one expects from # to # beats a minute. A runner has #. Is this too low, normal or too high?",),
    ),
    Kind(
        ("weighs # kg and is # m tall",),
        lambda weight, height: decimal(weight / height**2, 0),
        lambda draw: (draw.randint(50, 110), draw.randint(150, 195) / 100),
        ("Divide weight by the square of height: a person weighs # kg and is # m tall. Which index results, rounded?",),
    ),
)  # fmt: skip
LAW = (
    Kind(
        ("within # days … on day #",),
        lambda days, start: f"day {shown(days + start)}",
        lambda draw: (draw.randint(7, 14), draw.randint(1, 12)),
        ("An objection can be raised within # days. The letter came on day # of the month. Which day is the last?",),
    ),
    Kind(
        ("# days ahead. … # days ahead",),
        lambda needed, given: _yes(given >= needed),
        lambda draw: (draw.choice((14, 30, 60)), draw.randint(5, 90)),
        ("The bylaws want an invitation # days ahead. It was sent # days ahead. Was it in time?",),
    ),
    Kind(
        ("under # cannot sign. … is # years",),
        lambda least, age: _yes(age >= least),
        lambda draw: (draw.choice((16, 18, 21)), draw.randint(12, 30)),
        ("By the statute of a club, members under # cannot sign. A member is # years old. Is a signature allowed?",),
    ),
    Kind(
        ("lapses after # years. It arose in #.",),
        lambda years, start: shown(years + start),
        lambda draw: (draw.randint(2, 10), draw.randint(1990, 2020)),
        ("A right of way lapses after # years. It arose in #. When does it end, as a year?",),
    ),
    Kind(
        ("one half, and # others share",),
        lambda others: shown(Fraction(1, 2) / others),
        lambda draw: (draw.randint(2, 6),),
        ("The will leaves a school one half, and # others share what is left in equal parts. Which part has each?",),
    ),
    Kind(
        ("# daily rates of # euros",),
        lambda rates, each: _of("euros", rates * each),
        lambda draw: (10 * draw.randint(1, 9), 5 * draw.randint(2, 20)),
        ("A court imposes # daily rates of # euros each. Which sum is to be paid?",),
    ),
    Kind(
        ("two thirds. Of # members # vote",),
        lambda members, votes: _yes(3 * votes >= 2 * members),
        lambda draw: (3 * draw.randint(10, 40), draw.randint(15, 90)),
        ("To change the statute takes two thirds. Of # members # vote for it. Is the statute changed?",),
    ),
)  # fmt: skip
FINANCE = (
    Kind(
        ("# dollars pays #% a year",),
        lambda start, rate: _of("dollars", start * rate / 100),
        lambda draw: (100 * draw.randint(5, 50), draw.randint(1, 8)),
        ("A note of # dollars pays #% a year. What does its owner receive every twelve months?",),
    ),
    Kind(
        ("A charges #% and fund B charges #%",),
        lambda a, b: f"fund {'A' if a < b else 'B'}" if a != b else None,
        lambda draw: draw.choice(((0.4, 1.1), (0.9, 0.3), (1.5, 1.6), (0.2, 0.1))),
        ("Two funds track the same index. Fund A charges #% and fund B charges #% a year. Which costs less?",),
    ),
    Kind(
        ("earns # euros with costs of # euros",),
        lambda income, costs: _of("euros", income - costs),
        lambda draw: (1000 * draw.randint(60, 90), 1000 * draw.randint(20, 50)),
        ("In a good year a shop earns # euros with costs of # euros. How much is left as its profit?",),
    ),
    Kind(
        ("costs # euros and is written off … over # years",),
        lambda price, years: _of("euros", price / years),
        lambda draw: (1200 * draw.randint(2, 20), draw.choice((3, 4, 6))),
        ("A van costs # euros and is written off in equal steps over # years. What is one step?",),
    ),
    Kind(
        ("bought at # euros and sold at # euros",),
        lambda start, end: f"{decimal(100 * (end - start) / start, 0)}%",
        lambda draw: (50, draw.randint(30, 90)),
        ("A painting is bought at # euros and sold at # euros. By how many percent did its price change?",),
    ),
    Kind(
        ("costs # euros a month, another # euros a year",),
        lambda month, year: "yearly" if year < 12 * month else "monthly",
        lambda draw: (draw.randint(8, 20), draw.randint(90, 240)),
        (("One ticket costs # euros a month, another # euros a year. Over twelve months, which is cheaper, monthly or "
          "yearly?"),),
    ),
    Kind(
        ("loan of # euros … in # equal parts",),
        lambda amount, parts: _of("euros", amount / parts),
        lambda draw: (1200 * draw.randint(2, 20), draw.choice((12, 24, 48))),
        ("Parents give a loan of # euros that comes back in # equal parts, free of interest. How much is each part?",),
    ),
)  # fmt: skip
GENERAL = (*MEDICINE, *LAW, *FINANCE)
