"""The schema that a prompt shows, read back: tables, columns with their kind and examples, foreign keys."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from dataflow_ops.llm.rehearsal.sql_plan import Call, Col, Cond, Lit, Over, Query, Source, Test, together

READ = 400_000
"""Characters of a schema that are read."""
NAME = r"(?:\"(?:[^\"\n]|\"\")++\"|`(?:[^`\n]|``)++`|\[[^\]\n]++\]|[^\s\"`\[\](),;'.]++)"
_TABLE = re.compile(rf"\s*+CREATE\s++(?:\w++\s++){{0,3}}?(?:TABLE|VIEW)\s++({NAME}(?:\.{NAME})?)\s*+\(", re.IGNORECASE)
_NAMES = re.compile(NAME)
_KEY = re.compile(
    r"\s*+(?:CONSTRAINT\s++\S++\s++)?(PRIMARY|FOREIGN|UNIQUE)\s++KEY\b|\s*+(UNIQUE|CHECK)\s*+\(", re.IGNORECASE
)
_FOREIGN = re.compile(
    rf"FOREIGN\s++KEY\s*+\(([^()]*+)\)\s*+REFERENCES\s++({NAME})\s*+(?:\(([^()]*+)\))?", re.IGNORECASE
)
_POINTS = re.compile(rf"\bREFERENCES\s++({NAME})\s*+(?:\(([^()]*+)\))?", re.IGNORECASE)
_PRIMARY = re.compile(r"PRIMARY\s++KEY\s*+\(([^()]*+)\)", re.IGNORECASE)
_COLUMN = re.compile(rf"\s*+({NAME})\s++([^,\n]*+)")
_EXAMPLE = re.compile(r"(?:'((?:[^'\n]|'')*+)'|(<[^<>\n]*+>|[^\s',;]++))(, )?+")
_MASKED = re.compile(r"<[a-z_ ]+>|\[[a-z_ ]+\]|.*(?:…|\.\.\.)", re.IGNORECASE)
_KINDS: Mapping[str, re.Pattern[str]] = {
    "vector": re.compile(r"float\["),
    "bool": re.compile(r"bool", re.IGNORECASE),
    "date": re.compile(r"date|timestamp", re.IGNORECASE),
    "text": re.compile(r"char|text|clob|enum|string", re.IGNORECASE),
    "number": re.compile(r"(?<!po)int(?!erval)|real|num|dec|float|doub|money|serial|year", re.IGNORECASE),
}
_END_OF_TYPE = re.compile(r"\b(?:NOT\s+NULL|PRIMARY\s+KEY|REFERENCES)\b", re.IGNORECASE)
_WHEN = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(?:Z|[+-]\d\d(?::?\d\d)?)?")
_DIGITS = re.compile(r"-?\d+(?:\.\d+)?")


_PIECES = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_a-zA-Z]+|\d+")


def in_words(name: str) -> tuple[str, ...]:
    """Return the words of a name, in lower case: `orderItems` and `order_items` have the same."""
    return tuple(each.lower() for each in _PIECES.findall(name))


@dataclass(frozen=True)
class Column:
    """A column: `kind` is `number`, `date`, `bool`, `text` or `other`."""

    name: str
    kind: str = "text"
    examples: tuple[str, ...] = ()
    key: bool = False
    """Whether it is a key, or part of one: no one asks for its average."""
    hidden: bool = False
    """Whether a star does not stand for it."""


@dataclass(frozen=True)
class Foreign:
    """Columns of a table that name rows of another."""

    columns: tuple[str, ...]
    table: str
    to: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table, or what stands for one."""

    name: str
    columns: tuple[Column, ...]
    foreign: tuple[Foreign, ...] = ()

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """The columns under their names in lower case."""
        return {column.name.lower(): column for column in self.columns}


@dataclass(frozen=True, eq=False)
class Tables:
    """All tables that a prompt shows; compared by identity, which is quick where there are hundreds."""

    tables: tuple[Table, ...] = ()

    @cached_property
    def by_name(self) -> dict[str, Table]:
        """The tables under their names in lower case."""
        return {table.name.lower(): table for table in self.tables}

    @cached_property
    def alike(self) -> Counter[tuple[str, ...]]:
        """How many tables have names of the same words."""
        return Counter(in_words(table.name) for table in self.tables)

    def find(self, name: str) -> Table | None:
        """Return the table of this name."""
        return self.by_name.get(name.lower())

    def with_named(self, named: Sequence[tuple[str, Query]]) -> "Tables":
        """Return these tables and what stands for queries that have names."""
        known = self
        for name, query in named:
            known = Tables((*(each for each in known.tables if each.name != name), known.standing_for(name, query)))
        return known

    def standing_for(self, name: str, query: Query) -> Table:
        """Return what a query looks like from outside, as a table."""
        return Table(name, tuple(self._column(item.expr, item.alias, query) for item in query.items))

    def _column(self, expr: object, alias: str | None, query: Query) -> Column:
        if isinstance(expr, Col):
            sources = {source.alias: source.table for source in query.sources}
            table = self.find(sources.get(expr.of, ""))
            known = table.by_name.get(expr.name.lower()) if table else None
            return Column(alias or expr.name, known.kind if known else "other")
        return Column(alias or "", "number" if isinstance(expr, Call | Over) else "other")


def linked(tables: Tables, before: Sequence[Source], new: Source) -> Cond | None:
    """Return the condition of the one foreign key between `new` and the sources before it; None for none or several."""
    found = [cond for source in before for cond in _links(tables, source, new)]
    return found[0] if len(found) == 1 else None


def _links(tables: Tables, one: Source, other: Source) -> Iterator[Cond]:
    pairs = [(one, other)] if one.table == other.table else [(one, other), (other, one)]
    for child, parent in pairs:
        table = tables.find(child.table)
        for key in table.foreign if table else ():
            if key.table.lower() == parent.table.lower():
                equal = zip(key.columns, key.to, strict=False)
                cond = together(tuple(Test(Col(child.alias, a), "=", (Col(parent.alias, b),)) for a, b in equal))
                yield from [cond] if cond else []


def is_date(text: str) -> bool:
    """Tell whether a text is a date, or a date and a time."""
    return _WHEN.fullmatch(text) is not None


def value_of(column: Column, text: str) -> Lit:
    """Return an example of a column as it is written in a statement."""
    return Lit(text, number=column.kind in ("number", "bool") and _DIGITS.fullmatch(text) is not None)


@lru_cache(maxsize=256)
def tables_in(text: str) -> Tables:
    """Read the tables in the schema text of a prompt; what is not understood is left out."""
    tables: dict[str, Table] = {}
    current = ""
    for line in text[:READ].splitlines():
        if found := _TABLE.match(line):
            current = ".".join(map(_plain, _NAMES.findall(found[1])))
            tables.setdefault(current.lower(), Table(current, ()))
        elif current and line.strip().startswith(")"):
            current = ""
        elif current:
            tables[current.lower()] = _with_line(tables[current.lower()], line)
    return _pointing(tuple(table for table in tables.values() if table.columns))


def _with_line(table: Table, line: str) -> Table:
    definition, remark = _parted(line)
    if _KEY.match(definition):
        return _with_key(table, definition)
    found = _COLUMN.match(definition)
    if not found:
        return table
    name, told = _plain(found[1]), definition[found.end(1) :]
    examples = tuple(each for each in _examples(remark) if not _MASKED.fullmatch(each))
    points = _POINTS.search(told)
    kind = _kind(_END_OF_TYPE.split(told)[0], examples)
    column = Column(name, kind, examples, bool(points) or "primary key" in told.lower())
    foreign = (Foreign((name,), _plain(points[1]), _listed(points[2])),) if points else ()
    hidden = _beside_vectors() if kind == "vector" else ()
    return replace(table, columns=(*table.columns, column, *hidden), foreign=(*table.foreign, *foreign))


def _beside_vectors() -> tuple[Column, ...]:
    """Return the columns that a table of vectors has and does not list."""
    return tuple(Column(name, "number", key=True, hidden=True) for name in ("distance", "k"))


def _with_key(table: Table, definition: str) -> Table:
    if primary := _PRIMARY.search(definition):
        return _keyed(table, _listed(primary[1]))
    if foreign := _FOREIGN.search(definition):
        columns = _listed(foreign[1])
        keyed = _keyed(table, columns)
        return replace(keyed, foreign=(*keyed.foreign, Foreign(columns, _plain(foreign[2]), _listed(foreign[3]))))
    return table


def _keyed(table: Table, names: tuple[str, ...]) -> Table:
    return replace(table, columns=tuple(replace(c, key=c.key or c.name in names) for c in table.columns))


def _pointing(tables: tuple[Table, ...]) -> Tables:
    """Complete foreign keys that leave out the columns they point to, and drop those that point to no table here."""
    known = Tables(tables)

    def whole(key: Foreign) -> Foreign | None:
        target = known.find(key.table)
        if target is None:
            return None
        keys = tuple(c.name for c in target.columns if c.key and not any(c.name in f.columns for f in target.foreign))
        return replace(key, table=target.name, to=key.to or keys[: len(key.columns)] or (target.columns[0].name,))

    return Tables(tuple(replace(t, foreign=tuple(filter(None, map(whole, t.foreign)))) for t in tables))


def _parted(line: str) -> tuple[str, str]:
    """Part a line where its remark begins."""
    place = re.search(r"(?:^|\s)--(?=\s|$)", line)
    return (line[: place.start()], line[place.end() :].strip()) if place else (line, "")


def _examples(remark: str) -> Iterator[str]:
    """Yield the values that a remark shows: `e.g. 'open', 'paid'; what else is said`."""
    at = len("e.g. ") if remark.startswith("e.g. ") else len(remark)
    while found := _EXAMPLE.match(remark, at):
        text = found[2] or found[1].replace("''", "'")
        yield from [text] if text and text != "NULL" else []
        at = found.end() if found[3] else len(remark)


def _kind(told: str, examples: tuple[str, ...]) -> str:
    name = told.split("(", maxsplit=1)[0]
    kind = next((kind for kind, pattern in _KINDS.items() if pattern.search(name)), "other")
    untold = kind == "other" and not name.strip(" ,")
    if examples and (untold or kind == "text"):
        kind = "date" if all(map(is_date, examples)) else kind
        kind = "number" if untold and all(map(_DIGITS.fullmatch, examples)) else kind
    return "text" if kind == "other" and untold else kind


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(map(_plain, _NAMES.findall(text or "")))


def _plain(name: str) -> str:
    """Return a name without its quotes."""
    for first, last in ('""', "``", "[]"):
        if name.startswith(first) and name.endswith(last) and len(name) > 1:
            return name[1:-1].replace(last * 2, last) if first == last else name[1:-1]
    return name
