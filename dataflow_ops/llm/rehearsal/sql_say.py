"""Plans said in English, completely enough to be heard again; see `sql_hear`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dataflow_ops.llm.rehearsal.sql_plan import (
    ARITHMETIC,
    RANKS,
    All,
    Call,
    Col,
    Cond,
    Either,
    Exists,
    Expr,
    Join,
    Key,
    Lit,
    Over,
    Query,
    Raw,
    Source,
    Sub,
    Test,
)
from dataflow_ops.llm.rehearsal.sql_schema import Tables
from dataflow_ops.llm.rehearsal.sql_words import (
    BARE,
    CLAUSES,
    COMPARED,
    FUNCTIONS,
    PLAIN,
    SUMS,
    Scope,
    quoted,
    table_words,
)


def said(query: Query, tables: Tables, register: int = PLAIN) -> tuple[str, str]:
    """Return what a query gives names to, "" for nothing, and what it asks for, without the words around it."""
    speaker = _Speaker(tables, register)
    return speaker.lets(query), speaker.core(replace(query, named=()), None)


def text_of(text: str) -> str:
    """Return a value between single quotes."""
    return "'" + text.replace("'", "''") + "'"


def things(source: Source, tables: Tables) -> str:
    """Return the words for a source, its name where there are none."""
    words = table_words(tables, source)
    return " ".join(words) if words else quoted(source.table)


class _Speaker:
    def __init__(self, tables: Tables, register: int):
        self.tables, self.register, self.naming = tables, register, False
        self.scope = Scope(tables, ())

    def word(self, concept: str, among: Mapping[str, Sequence[str]] = CLAUSES) -> str:
        return among[concept][self.register]

    def core(self, query: Query, outer: Scope | None) -> str:
        """Say a query with what it names, what it is put together with, its order and its limit."""
        known, scope = self.tables, self.scope
        lets = self.lets(query)
        scope_inside = self._scoped(query, outer)
        text = self._select(query)
        for kind, other in query.also:
            text += f"; {self.word(kind)} ({self._other(other, outer)})"
        self.scope = scope_inside
        text += self._tail(query)
        self.tables, self.scope = known, scope
        return f"{lets}; {text}" if lets else text

    def lets(self, query: Query) -> str:
        """Say which names a query gives to others, and know them from there on."""
        return "; ".join(self._let(name, each) for name, each in query.named)

    def _scoped(self, query: Query, outer: Scope | None) -> Scope:
        self.scope = Scope(self.tables, query.sources, outer)
        return self.scope

    def _other(self, query: Query, outer: Scope | None) -> str:
        self._scoped(query, outer)
        return self._select(query)

    def _let(self, name: str, query: Query) -> str:
        text = f"{self.word('let')} {quoted(name)} {self.word('stand')} ({self._columns_named(query)})"
        self.tables = self.tables.with_named([(name, query)])
        return text

    def _columns_named(self, query: Query) -> str:
        """Say a query that others take columns from: what they are called matters there, and only there."""
        around, self.naming = self.naming, True
        text = self.core(query, None)
        self.naming = around
        return text

    def _select(self, query: Query) -> str:
        items = self.listed([self._item(item.expr, item.alias) for item in query.items])
        text = self._different(items) if query.distinct else items
        if query.source:
            text += f" {self.word('from')} {self.sources(query)}"
        text += f", {self.word('where')} {self.cond(query.where)}" if query.where else ""
        if query.group:
            text += f", {self.word('group')} {self.listed([self.expr(each) for each in query.group])}"
        return text + (f", {self.word('having')} {self.cond(query.having)}" if query.having else "")

    def _different(self, items: str) -> str:
        article = "the " if items.startswith("the ") else ""
        return f"{article}{self.word('distinct')} {items.removeprefix(article)}"

    def _item(self, expr: Expr, alias: str | None) -> str:
        return self.the(expr) + (f" {self.word('called')} {quoted(alias)}" if alias and self.naming else "")

    def _tail(self, query: Query) -> str:
        text = f", {self.word('order')} {self.listed(self._keys(query.order))}" if query.order else ""
        text += f", {self.word('limit')} {query.limit}" if query.limit is not None else ""
        return text + (f", {self.word('offset')} {query.offset}" if query.offset is not None else "")

    def _keys(self, keys: Sequence[Key]) -> list[str]:
        return [f"{self._position(key.by)} {self.word('down' if key.down else 'up')}" for key in keys]

    def _position(self, by: Expr) -> str:
        return f"{self.word('column')} {by.text}" if isinstance(by, Lit) and by.number else self.the(by)

    def sources(self, query: Query) -> str:
        """Say where rows come from."""
        article = "the " if self.register == PLAIN else ""
        texts = [article + self._source(query.source)] if query.source else []
        return " ".join([*texts, *map(self._join, query.joins)])

    def _source(self, source: Source) -> str:
        words = things(Source(source.table, source.table), self.tables)
        return f"{words} {self.word('called')} {quoted(source.alias)}" if source.renamed else words

    def _join(self, join: Join) -> str:
        on = f" {self.word('on')} ({self.cond(join.on)})" if join.on else ""
        return f"{self.word(join.kind)} {self._source(join.source)}{on}"

    def listed(self, texts: Sequence[str], last: str = "and") -> str:
        """Say a list."""
        return " ".join(filter(None, [", ".join(texts[:-1]), self.word(last) if texts[1:] else "", *texts[-1:]]))

    def the(self, expr: Expr) -> str:
        """Say an expression with the article it has in a sentence."""
        text = self.expr(expr)
        return f"the {text}" if self.register == PLAIN and text[:1] not in "'(-0123456789" else text

    def expr(self, expr: Expr) -> str:
        match expr:
            case Col():
                return self.scope.phrase(expr)
            case Lit(text, number):
                return text if number else text_of(text)
            case Raw(sql):
                return f"{self.word('formula')} {quoted(sql)}"
            case Sub(query):
                return f"{self.word('result')} ({self.core(query, self.scope)})"
            case Over(call, within, by):
                return f"{self.expr(call)} {self.word('over')} ({self._window(within, by)})"
            case Call(name, args):
                return self._call(name, args)

    def _window(self, within: Sequence[Expr], by: Sequence[Key]) -> str:
        texts = [f"{self.word('within')} {self.listed([self.expr(each) for each in within])}"] if within else []
        return ", ".join([*texts, *([f"{self.word('order')} {self.listed(self._keys(by))}"] if by else [])])

    def _call(self, name: str, args: Sequence[Expr]) -> str:
        if name in RANKS or not args:
            return self.word(name, BARE)
        if name in ARITHMETIC:
            return f" {self.word(name, SUMS)} ".join(map(self._operand, args))
        if name == "round":
            places = self.expr(args[1]) if len(args) > 1 else "0"
            return f"{self._operand(args[0], postfix=False)} {self.word('rounded')} {places} places"
        return f"{self.word(name, FUNCTIONS)} {self._operand(args[0])}"

    def _operand(self, expr: Expr, *, postfix: bool = True) -> str:
        inner = isinstance(expr, Over) or (isinstance(expr, Call) and expr.name in (*ARITHMETIC, *["round"] * postfix))
        return f"({self.expr(expr)})" if inner else self.expr(expr)

    def cond(self, cond: Cond) -> str:
        """Say a condition."""
        match cond:
            case All(items):
                return " and ".join(
                    f"({self.cond(each)})" if isinstance(each, Either) else self.cond(each) for each in items
                )
            case Either(items):
                return " or ".join(
                    f"({self.cond(each)})" if isinstance(each, All) else self.cond(each) for each in items
                )
            case Exists(query, negated):
                return self._exists(query, negated=negated)
            case Test():
                return self._test(cond)

    def _exists(self, query: Query, *, negated: bool) -> str:
        around = self.scope
        self._scoped(query, around)
        where = f", {self.word('where')} {self.cond(query.where)}" if query.where else ""
        text = f"{self.word('not exists' if negated else 'exists')} ({self.sources(query)}{where})"
        self.scope = around
        return text

    def _test(self, test: Test) -> str:
        left, right = self.the(test.left), [self.the(each) for each in test.right]
        match test.op:
            case "between" | "not between":
                return f"{left} {self.word(test.op, COMPARED)} {right[0]} and {right[1]}"
            case "in" | "not in":
                return f"{left} {self.word(test.op, COMPARED)} {self.listed(right, 'or')}"
            case "like" | "not like":
                return f"{left} {self._pattern(test)}"
            case "null" | "not null" | "holds":
                return f"{left} {self.word(test.op, COMPARED)}"
            case _:
                return f"{left} {self.word(test.op, COMPARED)} {right[0]}"

    def _pattern(self, test: Test) -> str:
        kind, shown = pattern(test.right[0])
        op = f"not {kind}" if test.op.startswith("not") else kind
        return f"{self.word(op, COMPARED)} {self.expr(shown)}"


def pattern(expr: Expr) -> tuple[str, Expr]:
    """Return what a pattern of LIKE looks for, and in which words it is said."""
    text = expr.text if isinstance(expr, Lit) and not expr.number else ""
    kinds = {(True, True): "contains", (False, True): "starts", (True, False): "ends"}
    inner, kind = text.strip("%"), kinds.get((text.startswith("%"), text.endswith("%")), "like")
    if not inner or any(mark in inner for mark in "%_\\") or whole_pattern(kind, inner) != text:
        return "like", expr
    return ("like", expr) if kind == "like" else (kind, Lit(inner))


def whole_pattern(kind: str, inner: str) -> str:
    """Return the pattern of LIKE for a text to look for."""
    before, after = ("%" if kind in ("contains", "ends") else ""), ("%" if kind in ("contains", "starts") else "")
    return f"{before}{inner}{after}"
