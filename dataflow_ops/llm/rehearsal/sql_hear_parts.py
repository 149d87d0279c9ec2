"""What a listener makes of words in one clause: values, formulas and conditions."""

from collections.abc import Callable

from dataflow_ops.llm.rehearsal.sql_listen import DEEPEST, Deaf, Listener
from dataflow_ops.llm.rehearsal.sql_plan import (
    RANKS,
    All,
    Call,
    Cond,
    Either,
    Exists,
    Expr,
    Key,
    Lit,
    Over,
    Query,
    Raw,
    Sub,
    Test,
)
from dataflow_ops.llm.rehearsal.sql_say import whole_pattern
from dataflow_ops.llm.rehearsal.sql_words import FUNCTION, OPERATOR, PLAIN_CALL, SUM, Scope, Token


class PartListener(Listener):
    """Hears expressions and conditions."""

    def core(self, outer: Scope | None) -> Query:
        """Hear a query."""
        raise NotImplementedError

    def exists(self) -> Query:
        """Hear the rows that there have to be."""
        raise NotImplementedError

    def expr(self) -> Expr:
        """Hear an expression."""
        self.deep += 1
        self.expect(self.deep < DEEPEST)
        left = self._postfixed(self._primary())
        start, deep = self.at, self.deep
        operation = self._longest(SUM)
        if operation is not None:
            try:
                left = Call(operation, (left, self._postfixed(self._primary())))
            except Deaf:
                self.at, self.deep = start, deep
        self.deep -= 1
        return left

    def _postfixed(self, expr: Expr) -> Expr:
        if self.clause("rounded"):
            places = Lit(self.number(), number=True)
            self.expect(self._token().text == "places")
            self.at += 1
            expr = Call("round", (expr, places))
        if isinstance(expr, Call) and self.clause("over"):
            expr = self._window(expr)
        return expr

    def _window(self, call: Call) -> Over:
        self.expect(self.mark("("))
        within = self.listed(self.expr, "and") if self.clause("within") else ()
        self.skip(",")
        by = self.listed(self._key, "and") if self.clause("order") else ()
        self.expect(self.mark(")"))
        return Over(call, within, by)

    def _key(self) -> Key:
        expr = self.expr()
        down = self.clause("down")
        self.expect(down or self.clause("up"))
        return Key(expr, down)

    def _primary(self) -> Expr:
        if self.mark("("):
            inner = self.expr()
            self.expect(self.mark(")"))
            return inner
        token = self._token()
        if token.kind in ("text", "number"):
            self.at += 1
            return Lit(token.text, number=token.kind == "number")
        return self._column(token) or self._called() or self._nested()

    def _column(self, token: Token) -> Expr | None:
        if token.kind == "name":
            self.at += 1
            owner = self._owner()
            found = self.scope.named(token.text, owner)
            self.expect(found is not None)
            return found
        near = self.found[self.at : self.at + self.scope.longest]
        texts = tuple(each.text if each.kind == "word" else "" for each in near)
        for size in range(len(texts), 0, -1):
            if col := self.scope.heard.get(texts[:size]):
                self.at += size
                return col
        return None

    def _owner(self) -> str | None:
        """Take the source that a quoted name belongs to, where one is said."""
        start = self.at
        if self.clause("of"):
            if self._token().kind == "name":
                return self.name()
            if alias := self._longest(self.scope.owners):
                return alias
        self.at = start
        return None

    def _called(self) -> Expr | None:
        start = self.at
        bare = self._longest(PLAIN_CALL)
        if bare is not None:
            return Call(bare) if bare in (*RANKS, "count") else None
        function = self._longest(FUNCTION)
        if function is None:
            self.at = start
            return None
        self.deep += 1
        self.expect(self.deep < DEEPEST)
        argument = self._primary()
        self.deep -= 1
        return Call(function, (argument,))

    def _nested(self) -> Expr:
        if self.clause("formula"):
            return Raw(self.name())
        self.expect(self.clause("result") and self.mark("("))
        self.deep += 1
        self.expect(self.deep < DEEPEST)
        query = self.core(self.scope)
        self.deep -= 1
        self.expect(self.mark(")"))
        return Sub(query)

    def _value(self) -> Expr:
        """Hear a value of a list, or a query that stands for the list."""
        value = self._postfixed(self._primary())
        self.expect(isinstance(value, Lit | Sub | Raw))
        return value

    def cond(self) -> Cond:
        """Hear a condition."""
        self.deep += 1
        self.expect(self.deep < DEEPEST)
        found = self._linked(lambda: self._linked(self._atom, "and", All), "or", Either)
        self.deep -= 1
        return found

    def _linked(self, hear: Callable[[], Cond], word: str, kind: type[All] | type[Either]) -> Cond:
        found = [hear()]
        while True:
            start, deep = self.at, self.deep
            if not self.clause(word):
                break
            try:
                found.append(hear())
            except Deaf:
                self.at, self.deep = start, deep
                break
        return found[0] if len(found) == 1 else kind(tuple(found))

    def _atom(self) -> Cond:
        for concept in ("exists", "not exists"):
            if self.clause(concept):
                query = self.exists()
                self.expect(self.mark(")"))
                return Exists(query, negated=concept == "not exists")
        start, deep = self.at, self.deep
        if self.mark("("):
            try:
                inner = self.cond()
                self.expect(self.mark(")"))
            except Deaf:
                self.at, self.deep = start, deep
            else:
                return inner
        return self._test()

    def _test(self) -> Test:
        left = self.expr()
        op = self._longest(OPERATOR)
        if op is None or op in ("null", "not null", "holds"):
            self.expect(op is not None)
            return Test(left, str(op))
        if op in ("in", "not in"):
            return Test(left, op, self.listed(self._value, "or"))
        right = self.expr()
        if op in ("between", "not between"):
            self.expect(self.clause("and"))
            return Test(left, op, (right, self.expr()))
        kind = op.removeprefix("not ")
        if kind in ("contains", "starts", "ends") and isinstance(right, Lit):
            op, right = op.replace(kind, "like"), Lit(whole_pattern(kind, right.text))
        return Test(left, op, (right,))
