"""Plans drawn by chance from the tables of a schema, as complex as they are wanted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from dataflow_ops.llm.rehearsal.sql_plan import (
    Call,
    Col,
    Cond,
    Exists,
    Expr,
    Item,
    Join,
    Key,
    Lit,
    Over,
    Query,
    Source,
    Sub,
    Test,
    together,
)
from dataflow_ops.llm.rehearsal.sql_schema import Column, Table, Tables, linked, value_of

LEVELS = ("simple", "moderate", "complex", "highly complex")
MOST_COLUMNS = 6


@dataclass
class Wish:
    """What a query should be like."""

    level: str = "simple"
    columns: int = 2
    functions: str = ""
    dialect: str = "sqlite"

    def names(self, *functions: str) -> bool:
        """Tell whether one of these functions is to be tried."""
        return any(each in self.functions.upper() for each in functions)


@dataclass
class Pen:
    """Draws the parts of a plan."""

    tables: Tables
    draw: Random
    wish: Wish = field(default_factory=Wish)

    def columns(self, sources: Sequence[Source], *kinds: str) -> list[tuple[Col, Column]]:
        """Return the columns of these kinds, all kinds if none is named, without those that are keys."""
        return [
            (Col(source.alias, column.name), column)
            for source in sources
            if (table := self.tables.find(source.table))
            for column in table.columns
            if not column.key and column.kind in (kinds or ("number", "text", "date", "bool"))
        ]

    def free(self, name: str) -> str:
        """Return a name that no table has."""
        return name if self.tables.find(name) is None else self.free(f"{name}_2")

    def start(self) -> Table:
        """Return a table, rather one that says something."""
        useful = [table for table in self.tables.tables if any(not column.key for column in table.columns)]
        return self.draw.choice(useful or self.tables.tables)

    def joined(self, most: int) -> tuple[Source, tuple[Join, ...]]:
        """Return a table and up to `most` more that foreign keys lead to, each by one key only."""
        first = self.draw.choice(self._linked() or [self.start()])
        sources, joins = [Source(first.name, first.name)], []
        for _ in range(most):
            names = [source.table for source in sources]
            near = [Source(table.name, table.name) for table in self.tables.tables if table.name not in names]
            found = [source for source in near if linked(self.tables, sources, source)]
            if not found:
                break
            sources.append(self.draw.choice(found))
            joins.append(Join(sources[-1]))
        return sources[0], tuple(joins)

    def _linked(self) -> list[Table]:
        return [table for table in self.tables.tables if table.foreign]

    def condition(self, sources: Sequence[Source]) -> Cond | None:
        """Return a condition that rows of the examples meet."""
        found = self.columns(sources)
        telling = [each for each in found if each[1].examples]
        if not found:
            return None
        col, column = self.draw.choice(telling or found)
        if not column.examples:
            return Test(col, "not null")
        values = self._in_order(column)
        form = {"number": self._range, "date": self._range, "text": self._text}.get(column.kind, self._equal)
        return form(col, values)

    def _in_order(self, column: Column) -> list[Lit]:
        values = [value_of(column, each) for each in column.examples]
        plain = all(value.number for value in values)
        return sorted(values, key=lambda each: (float(each.text), "") if plain else (0.0, each.text))

    def _equal(self, col: Col, values: Sequence[Lit]) -> Cond:
        return Test(col, "=", (self.draw.choice(values),))

    def _range(self, col: Col, values: Sequence[Lit]) -> Cond:
        kind = self.draw.choice(("at least", "at most", "more", "between"))
        if kind == "between" and len(values) > 1:
            return Test(col, "between", (values[0], values[-1]))
        if kind == "more" and len(values) > 1:
            return Test(col, self.draw.choice(("<", ">")), (values[len(values) // 2],))
        return Test(col, ">=", (values[0],)) if kind == "at least" else Test(col, "<=", (values[-1],))

    def _text(self, col: Col, values: Sequence[Lit]) -> Cond:
        kind = self.draw.choice(("equal", "equal", "in", "not", "like"))
        if kind == "in" and len(values) > 1:
            return Test(col, "in", tuple(self.draw.sample(list(values), 2)))
        chosen = self.draw.choice(values)
        start = chosen.text[:3].strip()
        if kind == "like" and start.isalpha():
            return Test(col, "like", (Lit(f"{start}%"),))
        return Test(col, "<>" if kind == "not" and len(values) > 1 else "=", (chosen,))

    def shown(self, sources: Sequence[Source], count: int) -> tuple[Item, ...]:
        """Return columns to be shown, keys only where there is nothing else."""
        found = [col for col, _ in self.columns(sources)]
        if not found:
            table = self.tables.find(sources[0].table)
            found = [Col(sources[0].alias, column.name) for column in (table.columns if table else ())]
        chosen = self.draw.sample(found, min(count, len(found)))
        return tuple(Item(col) for col in sorted(chosen, key=found.index))

    def measure(self, sources: Sequence[Source]) -> Expr:
        """Return a number that groups are compared by."""
        numbers = [col for col, column in self.columns(sources, "number")]
        others = [col for col, column in self.columns(sources, "text", "date")]
        forms: list[Callable[[], Expr]] = [lambda: Call("count")]
        if numbers:
            forms += [lambda: Call(self.draw.choice(("sum", "avg", "min", "max")), (self.draw.choice(numbers),))] * 2
        if others:
            forms += [lambda: Call("count distinct", (self.draw.choice(others),))]
        expr = self.draw.choice(forms)()
        rounds = self.wish.names("ROUND") and self.wish.dialect != "postgres" and expr.name in ("avg", "sum")  # type: ignore[union-attr]
        return Call("round", (expr, Lit("2", number=True))) if rounds else expr

    def group(self, sources: Sequence[Source]) -> Expr | None:
        """Return what rows can be grouped by."""
        dates = [col for col, _ in self.columns(sources, "date")]
        if dates and self.wish.names("STRFTIME", "YEAR", "EXTRACT", "DATE"):
            return Call("year", (self.draw.choice(dates),))
        found = self.columns(sources, "text", "bool") or self.columns(sources)
        few = [col for col, column in found if len(column.examples) > 0]
        return self.draw.choice(few or [col for col, _ in found]) if found else None

    def dressed(self, query: Query) -> Query:
        """Put a function that is to be tried around a column of text."""
        texts = {col for col, column in self.columns(query.sources, "text")}
        wanted = [name for name in ("UPPER", "LOWER", "LENGTH") if self.wish.names(name)]
        places = [i for i, item in enumerate(query.items) if item.expr in texts]
        if not wanted or not places or query.group or query.distinct or query.also or query.order:
            return query
        place = self.draw.choice(places)
        item = Item(Call(self.draw.choice(wanted).lower(), (query.items[place].expr,)))
        return replace(query, items=(*query.items[:place], item, *query.items[place + 1 :]))

    def grouped(self, source: Source, joins: tuple[Join, ...]) -> Query | None:
        """Return groups and what is measured of each, the largest first or without an order."""
        sources = (source, *(join.source for join in joins))
        by = self.group(sources)
        if by is None:
            return None
        measures = list(dict.fromkeys(self.measure(sources) for _ in range(max(self.wish.columns - 1, 1))))
        items = (Item(by), *map(Item, measures))
        order = (Key(measures[0], down=True), Key(by)) if self.draw.random() < 0.6 else ()
        where = self.condition(sources) if self.draw.random() < 0.5 else None
        return Query(items, source, joins, where=where, group=(by,), order=order)

    def above_average(self, source: Source) -> Cond | None:
        """Return the condition that a number is above its average."""
        numbers = [col for col, _ in self.columns([source], "number")]
        if not numbers:
            return None
        col = self.draw.choice(numbers)
        return Test(col, ">", (Sub(Query((Item(Call("avg", (col,))),), source)),))

    def child_of(self, source: Source) -> tuple[Source, Cond] | None:
        """Return a table whose rows point to those of another by one key, and the condition of that key."""
        found = [
            (other, cond)
            for table in self.tables.tables
            if table.name != source.table and any(key.table == source.table for key in table.foreign)
            if (cond := linked(self.tables, [source], other := Source(table.name, table.name)))
        ]
        return self.draw.choice(found) if found else None

    def with_child(self, source: Source) -> Cond | None:
        """Return the condition that a row has, or lacks, rows of another table."""
        found = self.child_of(source)
        if found is None:
            return None
        child, cond = found
        more = self.condition([child])
        rows = Query((Item(Lit("1", number=True)),), child, where=together((cond, more) if more else (cond,)))
        return Exists(rows, negated=self.draw.random() < 0.3)

    def ranked(self, source: Source, joins: tuple[Join, ...]) -> Query | None:
        """Return rows with their rank among those of their group."""
        sources = (source, *(join.source for join in joins))
        by, numbers = self.group(sources), [col for col, _ in self.columns(sources, "number", "date")]
        if by is None or not numbers:
            return None
        call = Call(self.draw.choice(("rank", "dense_rank")))
        window = Over(call, (by,), (Key(self.draw.choice(numbers), down=True),))
        items = [*self.shown(sources, self.wish.columns), Item(by), Item(window, "place")]
        return Query(tuple(dict.fromkeys(items)), source, joins, where=self.condition(sources))
