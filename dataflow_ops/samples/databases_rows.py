"""Rows of a sample database, made column by column from its description: the same ones every time."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import product
from random import Random
from typing import Any
from unicodedata import normalize

from dataflow_ops.samples import vocabulary

Description = Mapping[str, Any]
Values = list[Any]
Table = dict[str, Values]
"""The values of a table by column, all of one length."""


@dataclass(frozen=True)
class _At:
    """Where a column is filled: its table as far as it has been made, the tables before it, and words to draw from."""

    rng: Random
    count: int
    table: Table
    tables: Mapping[str, Table]
    words: Mapping[str, Sequence[str]]


def tables(description: Description, seed: str) -> dict[str, Table]:
    """Return the values of every table of a description; each column is drawn on its own, by `seed` and its name."""
    words = {**vocabulary.read("databases/people"), **description["words"]}
    made: dict[str, Table] = {}
    for table in description["table"]:
        values = made[table["name"]] = {}
        for column in table["columns"]:
            rng = Random(f"{seed}.{table['name']}.{column['name']}")  # noqa: S311 - to be repeatable
            at = _At(rng, table["rows"], values, made, words)
            values[column["name"]] = _thinned(_FILLS[column["fill"]](column, at), column, at)
    return made


def _thinned(values: Values, column: Description, at: _At) -> Values:
    """Return the values with NULL, or a text without characters, in the place of some of them."""
    kept = [None if value == column["void"] else value for value in values] if "void" in column else values
    if "when" in column:
        told = at.table[column["when"]["column"]]
        kept = [value if state in column["when"]["is"] else None for value, state in zip(kept, told, strict=True)]
    null, empty = column.get("null", 0.0), column.get("empty", 0.0)
    drawn = [at.rng.random() for _ in kept]
    return [
        None if chance < null else "" if chance < null + empty else value
        for chance, value in zip(drawn, kept, strict=True)
    ]


def _number(_column: Description, at: _At) -> Values:
    return list(range(1, at.count + 1))


def _listed(column: Description, at: _At) -> Sequence[Any]:
    of = column["of"]
    return at.words[of] if isinstance(of, str) else of


def _each(column: Description, at: _At) -> Values:
    of = _listed(column, at)
    return [of[number % len(of)] for number in range(at.count)]


def _choose(column: Description, at: _At) -> Values:
    return at.rng.choices(_listed(column, at), k=at.count)


def _pick(column: Description, at: _At) -> Values:
    """Draw values, the first ones more often the higher `skew` is."""
    of = _listed(column, at)
    return [of[_skewed(at.rng, len(of), column)] for _ in range(at.count)]


def _skewed(rng: Random, count: int, column: Description) -> int:
    return int(count * rng.random() ** column.get("skew", 1.0))


def _row(column: Description, at: _At) -> Values:
    """Draw keys of the table that the column refers to; each at most once where they are `distinct`."""
    keys = _keys(column, at)
    if column.get("distinct"):
        return at.rng.sample(keys, at.count)
    drawn = [keys[_skewed(at.rng, len(keys), column)] for _ in range(at.count)]
    # What is skewed would favour the first keys: those of a few, anywhere in the table, are drawn more often instead.
    places = dict(zip(keys, at.rng.sample(keys, len(keys)), strict=True))
    return [places[key] for key in drawn]


def _keys(column: Description, at: _At) -> Values:
    table, key = column["refers"].split(".")
    return at.tables[table][key]


def _cycle(column: Description, at: _At) -> Values:
    keys = _keys(column, at)
    return [keys[number % len(keys)] for number in range(at.count)]


def _apart(column: Description, at: _At) -> Values:
    """Draw keys, never the same one twice beside the same value of column `of`."""
    keys, seen, starts = _keys(column, at), Counter[Any](), dict[Any, int]()
    values: Values = []
    for value in at.table[column["of"]]:
        start = starts.setdefault(value, at.rng.randrange(len(keys)))
        values.append(keys[(start + 7 * seen[value]) % len(keys)])
        seen[value] += 1
    return values


def _earlier(column: Description, at: _At) -> Values:
    """Draw keys of rows above; the first row has none."""
    keys = _keys(column, at)
    return [keys[at.rng.randrange(number)] if number else None for number in range(at.count)]


def _within(column: Description, at: _At) -> Values:
    """Count the rows that have the same value in column `of`."""
    seen = Counter[Any]()
    values: Values = []
    for value in at.table[column["of"]]:
        seen[value] += 1
        values.append(seen[value])
    return values


def _through(column: Description, at: _At) -> Values:
    return _followed(column["by"], column["column"], at)


def _followed(by: str, wanted: str, at: _At) -> Values:
    """Return the values of a column of the rows that the keys in column `by` name: of the table that begins with it."""
    table = next(table for table in at.tables.values() if next(iter(table)) == by)
    found = dict(zip(table[by], table[wanted], strict=True))
    return [found[value] for value in at.table[by]]


def _between(column: Description, at: _At) -> Values:
    steps = range(column["low"], column["high"] + 1, column.get("step", 1))
    return at.rng.choices(steps, k=at.count)


def _money(column: Description, at: _At) -> Values:
    return [_cents(value) for value in _between(column, at)]


def _choose_money(column: Description, at: _At) -> Values:
    return [_cents(value) for value in _choose(column, at)]


def _cents(value: int) -> Decimal:
    return Decimal(value).scaleb(-2)


def _flag(column: Description, at: _At) -> Values:
    return [at.rng.random() < column["share"] for _ in range(at.count)]


def _date(column: Description, at: _At) -> Values:
    days = (column["to"] - column["from"]).days
    return [column["from"] + timedelta(at.rng.randint(0, days)) for _ in range(at.count)]


def _moment(column: Description, at: _At) -> Values:
    """Draw times of day while doors are open, to five minutes: some of them are the same."""
    opening = (timedelta(minutes=at.rng.randrange(8 * 60, 19 * 60, 5)) for _ in range(at.count))
    return [datetime.combine(day, time()) + since for day, since in zip(_date(column, at), opening, strict=True)]


def _after(column: Description, at: _At) -> Values:
    """Draw days after those in column `of`, which is in the same table or in the one that column `by` refers to."""
    of = column["of"]
    begun = _followed(column["by"], of, at) if "by" in column else at.table[of]
    low, high = column["days"]
    ahead = range(low, high + 1, column.get("step", 1))
    return [_day(moment) + timedelta(at.rng.choice(ahead)) for moment in begun]


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _join(column: Description, at: _At) -> Values:
    """Put one word of each list together; no two values are the same where they are `distinct`."""
    combined = list(product(*(at.words[name] for name in column["of"])))
    drawn = at.rng.sample(combined, at.count) if column.get("distinct") else at.rng.choices(combined, k=at.count)
    return [" ".join(words) for words in drawn]


def _email(_column: Description, at: _At) -> Values:
    """Make addresses of names, in the domain that is reserved for examples."""
    names = at.table.get("last_name") or at.table["name"]
    return [f"{_plain(name)}{number + 1}@example.org" for number, name in enumerate(names)]


def _plain(name: str) -> str:
    letters = normalize("NFKD", name.lower().split()[0]).encode("ascii", "ignore").decode()
    return "".join(filter(str.isalpha, letters)) or "post"


def _phone(_column: Description, at: _At) -> Values:
    """Draw numbers that Ofcom has set aside for fiction."""
    prefixes = ("01632 960", "07700 900", "+44 1632 960", "020 7946 0")
    return [f"{at.rng.choice(prefixes)}{at.rng.randrange(1000):03}" for _ in range(at.count)]


def _street(_column: Description, at: _At) -> Values:
    return [f"{at.rng.randint(1, 120)} {at.rng.choice(at.words['streets'])}" for _ in range(at.count)]


def _code(column: Description, at: _At) -> Values:
    """Draw codes after a pattern, in which @ stands for a letter of the first six and # for a digit."""
    signs = {"@": "ABCDEF", "#": "0123456789"}
    return ["".join(at.rng.choice(signs.get(sign, sign)) for sign in column["pattern"]) for _ in range(at.count)]


_FILLS: Mapping[str, Callable[[Description, _At], Values]] = {
    "number": _number,
    "each": _each,
    "choose": _choose,
    "pick": _pick,
    "row": _row,
    "cycle": _cycle,
    "apart": _apart,
    "earlier": _earlier,
    "within": _within,
    "through": _through,
    "between": _between,
    "money": _money,
    "choose_money": _choose_money,
    "flag": _flag,
    "date": _date,
    "moment": _moment,
    "after": _after,
    "join": _join,
    "email": _email,
    "phone": _phone,
    "street": _street,
    "code": _code,
}
