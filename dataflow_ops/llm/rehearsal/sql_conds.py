"""Conditions read from the parse tree of a statement, as far as rules know them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dataflow_ops.llm.rehearsal.sql_exprs import DEEPEST, Aliases, ExprReader, Scopes, Seen, Unreadable, told
from dataflow_ops.llm.rehearsal.sql_plan import (
    OPPOSITE,
    All,
    Col,
    Cond,
    Either,
    Exists,
    Expr,
    Item,
    Lit,
    Query,
    Raw,
    Sub,
    Test,
    together,
)

if TYPE_CHECKING:
    from sqlglot import exp

COMPARISONS = {"eq": "=", "neq": "<>", "lt": "<", "lte": "<=", "gt": ">", "gte": ">=", "like": "like"}


class CondReader(ExprReader):
    """Reads conditions beside expressions."""

    def cond(self, node: "exp.Expr", scopes: Scopes, aliases: Aliases) -> Cond:
        """Read a condition."""
        self.deep += 1
        if self.deep > DEEPEST:
            raise Unreadable
        found = self._cond(node, scopes, aliases)
        self.deep -= 1
        return found

    def _cond(self, node: "exp.Expr", scopes: Scopes, aliases: Aliases) -> Cond:
        match node.key:
            case "and" | "or":
                kind: type[All] | type[Either] = All if node.key == "and" else Either
                parts = [self.cond(each, scopes, aliases) for each in node.flatten()]
                return kind(tuple(inner for each in parts for inner in (each.items if type(each) is kind else (each,))))
            case "paren":
                return self.cond(node.this, scopes, aliases)
            case "not":
                return negated(self.cond(node.this, scopes, aliases))
            case "exists":
                return self._exists(node, scopes)
        return self._test(node, scopes, aliases)

    def _test(self, node: "exp.Expr", scopes: Scopes, aliases: Aliases) -> Test:
        if node.key in COMPARISONS and not told(node, {"this", "expression"}):
            return Test(
                self.expr(node.this, scopes, aliases),
                COMPARISONS[node.key],
                (self.expr(node.expression, scopes, aliases),),
            )
        if node.key == "is" and node.expression.key == "null":
            return Test(self.expr(node.this, scopes, aliases), "null")
        if node.key == "between" and not told(node, {"this", "low", "high"}):
            sides = tuple(self.expr(node.args[side], scopes, aliases) for side in ("low", "high"))
            return Test(self.expr(node.this, scopes, aliases), "between", sides)
        if node.key == "in" and not told(node, {"this", "expressions", "query"}):
            return Test(self.expr(node.this, scopes, aliases), "in", self._among(node, scopes, aliases))
        if node.key == "match":
            return self._near(node, scopes, aliases)
        return Test(self._raw(node, scopes, aliases), "holds")

    def _among(self, node: "exp.Expr", scopes: Scopes, aliases: Aliases) -> tuple[Expr, ...]:
        if query := node.args.get("query"):
            return (Sub(self.query(query, scopes)),)
        found = tuple(self.expr(each, scopes, aliases) for each in node.expressions)
        if not found or not all(isinstance(each, Lit | Raw) for each in found):
            raise Unreadable
        return found

    def _near(self, node: "exp.Expr", scopes: Scopes, aliases: Aliases) -> Test:
        call = node.expression
        if (
            call.key != "anonymous"
            or call.name.lower() != "embed"
            or [each.key for each in call.expressions] != ["literal"]
        ):
            raise Unreadable
        return Test(self.expr(node.this, scopes, aliases), "near", (Lit(call.expressions[0].name),))

    def _exists(self, node: "exp.Expr", scopes: Scopes) -> Exists:
        query = self.query(node.this, scopes)
        if query.also or query.named or query.group or query.having or query.order or query.limit == 0 or query.offset:
            raise Unreadable
        return Exists(Query((Item(Lit("1", number=True)),), query.source, query.joins, where=query.where))

    def using(self, names: Sequence[str], before: Sequence[Seen], new: Seen) -> Cond | None:
        """Return the condition that USING stands for."""
        tables = [(each.source.alias, self.tables.find(each.source.table)) for each in (*before, new)]
        found = []
        for name in names:
            cols = [Col(a, t.by_name[name.lower()].name) for a, t in tables if t and name.lower() in t.by_name]
            if len(cols) != 2 or cols[1].of != new.source.alias:
                raise Unreadable
            found.append(Test(cols[0], "=", (cols[1],)))
        return together(tuple(found))


def negated(cond: Cond) -> Cond:
    """Return the opposite of a condition, null as before where it is null."""
    match cond:
        case Test(left, op, right) if op in OPPOSITE:
            return Test(left, OPPOSITE[op], right)
        case Exists(query, opposite):
            return Exists(query, not opposite)
        case All(items):
            return Either(tuple(map(negated, items)))
        case Either(items):
            return All(tuple(map(negated, items)))
    raise Unreadable
