"""The rules of the gate, over the words and the tree of a query. Imported inside functions: it loads the parser."""

from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect as Parser

from dataflow_ops.databases import _tree
from dataflow_ops.databases._functions import KNOWN, LONGEST, SIZED, TYPES, WORDS
from dataflow_ops.databases._lexical import Piece, calls, unquoted
from dataflow_ops.databases.result import Failed
from dataflow_ops.databases.schema import Dialect, Schema
from dataflow_ops.errors import nearest

ALLOWED = (
    exp.Query, exp.With, exp.CTE, exp.TableAlias, exp.Table, exp.From, exp.Join, exp.Lateral, exp.Unnest, exp.Values,
    exp.Where, exp.Group, exp.Having, exp.Order, exp.Ordered, exp.Limit, exp.LimitOptions, exp.Offset, exp.Fetch,
    exp.Distinct, exp.Rollup, exp.Cube, exp.GroupingSets, exp.Window, exp.WindowSpec, exp.Filter, exp.WithinGroup,
    exp.TableSample, exp.IndexTableHint, exp.Partition, exp.Final, exp.Column, exp.Identifier, exp.Star, exp.Alias,
    exp.Literal, exp.Null, exp.Boolean, exp.HexString, exp.BitString, exp.ByteString, exp.National, exp.Tuple,
    exp.Paren, exp.Binary, exp.Unary, exp.Between, exp.In, exp.Interval, exp.Var, exp.DataType, exp.DataTypeParam,
    exp.Slice, exp.Bracket, exp.Func, exp.AtTimeZone, exp.JSONPath, exp.JSONPathPart, exp.JSONSchema, exp.JSONColumnDef,
    exp.IgnoreNulls, exp.RespectNulls, exp.HavingMax, exp.PivotAny, exp.IntervalSpan, exp.SubqueryPredicate, exp.ColumnDef, exp.JSONKeyValue, exp.Introducer,
    exp.Lambda,
)  # fmt: skip
"""What a tree may be made of: a list of what is allowed, for nobody knows all that is to be forbidden."""
FORBIDDEN = (exp.PropertyEQ, exp.Operator, exp.NextValueFor, exp.XMLTable, exp.ObjectIdentifier, exp.PseudoType)
"""What is allowed by its kind, but writes variables, names functions by other means, or looks into the catalogue."""
MODIFIED = {"locks": "a lock", "hint": "a hint", "operation_modifiers": "a modifier of SELECT"}
CHARSETS = frozenset({"_utf8", "_utf8mb4", "_latin1", "_binary"})
CALLED = {dialect: known | WORDS | TYPES for dialect, known in KNOWN.items()}
"""What a bracket may follow."""
LENGTHS: dict[type[exp.Expr], str] = {exp.Repeat: "times", exp.Space: "this", exp.Pad: "expression"}
OWN = {"sqlite": "main", "postgres": "public", "mysql": None}
"""The schema a table is in where none is written."""
CATALOGUES = {
    "sqlite": frozenset({"temp"}),
    "postgres": frozenset({"pg_catalog", "information_schema", "pg_toast"}),
    "mysql": frozenset({"mysql", "information_schema", "performance_schema", "sys"}),
}
SYSTEM = {
    "sqlite": ("sqlite_", "pragma_", "dbstat", "bytecode", "tables_used", "completion", "fsdir", "zipfile"),
    "postgres": ("pg_",),
    "mysql": (),
}
"""What the names of tables begin with that are the engine's own."""


def refused(sql: str, dialect: Dialect, schema: Schema | None) -> Failed | None:
    """Return why a statement is not to be run."""
    read = _remembered(sql, dialect) if len(sql) <= _tree.SHORT else _read(sql, dialect)
    if isinstance(read, Failed):
        return read
    return next((found for name in read if (found := _unreadable(name, dialect, schema))), None)


@lru_cache(maxsize=4096)
def _remembered(sql: str, dialect: Dialect) -> tuple[str | Failed, ...] | Failed:
    """Judge a short statement once: the same are checked, run and compared."""
    return _read(sql, dialect)


def _read(sql: str, dialect: Dialect) -> tuple[str | Failed, ...] | Failed:
    """Return the tables that a statement reads, for one that no statement may read why; or why it is not to be run."""
    query = _tree.query(sql, dialect)
    return query if isinstance(query, Failed) else _tree.deeply(lambda: _tables(query, dialect))


def _tables(query: _tree.Query, dialect: Dialect) -> tuple[str | Failed, ...] | Failed:
    nodes = list(query.tree.walk())
    why = next(_called(query.pieces, nodes, dialect), None) or next(_built(nodes), None)
    if why:
        return Failed("refused", why)
    found = (_table(table, dialect) for table in _tree.tables(query.tree, dialect))
    return tuple(dict.fromkeys(name for name in found if name is not None))


def _called(pieces: Sequence[Piece], nodes: Sequence[exp.Expr], dialect: Dialect) -> Iterator[str]:
    """Yield what is wrong with the functions, by the names that are written: a parser gives them its own."""
    aliases, before = _aliases(nodes, dialect), {piece.start: left for left, piece in pairwise(pieces)}
    for piece in calls(pieces):
        name, left = unquoted(piece), before.get(piece.start)
        if left is not None and left.text == ".":
            yield f"function {name!r} is named with a schema"
        elif name not in aliases and not (piece.kind == "name" and name in CALLED[dialect]):
            yield f"function {name!r} is not among those known to only read"
    for piece, after in pairwise(pieces if dialect == "postgres" else ()):
        if after.text == "." and unquoted(piece) in CATALOGUES[dialect]:
            yield f"{unquoted(piece)!r} belongs to the engine itself"
    for call in nodes:
        if not isinstance(call, exp.Anonymous):
            continue
        if call.name.lower() not in KNOWN[dialect] | TYPES:
            yield f"function {call.name!r} is not among those known to only read"
        elif call.name.lower() in SIZED or (call.name.lower() == "embed" and not _embeds(call)):
            yield f"function {call.name!r} does not take these arguments"


def _aliases(nodes: Sequence[exp.Expr], dialect: Dialect) -> frozenset[str]:
    """Return the names that columns are named behind, `t(a, b)`, but for those that are functions as well."""
    aliases = (node for node in nodes if isinstance(node, exp.TableAlias))
    named = {alias.name.lower() for alias in aliases if alias.args.get("columns")}
    return frozenset(name for name in named if name.upper() not in _functions(dialect))


@cache
def _functions(dialect: Dialect) -> frozenset[str]:
    """Return the functions that the parser knows."""
    parser = Parser.get_or_raise(dialect).parser_class
    return frozenset(parser.FUNCTIONS) | frozenset(parser.FUNCTION_PARSERS)


def _embeds(call: exp.Expr) -> bool:
    return len(call.expressions) == 1 and call.expressions[0].is_string


def _built(nodes: Sequence[exp.Expr]) -> Iterator[str]:
    """Yield what a query is made of that does more than read, or costs without limit."""
    for node in nodes:
        for modifier in MODIFIED.keys() & node.args.keys():
            if node.args[modifier]:
                yield f"{MODIFIED[modifier]}; a query is to read and nothing else"
        if isinstance(node, exp.Introducer) and node.name.lower() not in CHARSETS:
            yield f"charset {node.name!r}: expected one of {', '.join(sorted(CHARSETS))}"
        kind: Any = type(node)
        if not _allowed(kind):
            yield f"{node.key!r} is not among what queries that only read are made of"
        if kind in LENGTHS:
            length = node.args.get(LENGTHS[kind])
            if not (isinstance(length, exp.Literal) and _short(length)):
                yield f"{node.key!r} to a length that is not a number up to {LONGEST:,}"


@cache
def _allowed(kind: type[exp.Expr]) -> bool:
    return issubclass(kind, ALLOWED) and not issubclass(kind, FORBIDDEN)


def _short(length: exp.Literal) -> bool:
    digits = length.name.lstrip("0") or "0"
    return not length.is_string and digits.isdecimal() and len(digits) < 9 and int(digits) <= LONGEST


def _table(table: exp.Expr, dialect: Dialect) -> str | Failed | None:
    """Return the name of a table; why no statement may read it; None for a function that returns rows."""
    if isinstance(table.this, exp.Func):
        return None
    name = _tree.named(table)
    *qualifiers, last = name.lower().split(".")
    if not last:
        return Failed("refused", f"{table.key!r} stands where a table is to be named")
    if CATALOGUES[dialect] & set(qualifiers) or last.startswith(SYSTEM[dialect]):
        return Failed("refused", f"table {name!r} belongs to the engine itself")
    return name


def _unreadable(name: str | Failed, dialect: Dialect, schema: Schema | None) -> Failed | None:
    """Return why a table is not to be read in this database."""
    if isinstance(name, Failed):
        return name
    return None if schema is None or (name.lower() == "dual" and dialect == "mysql") else _unknown(name, schema)


def _unknown(name: str, schema: Schema) -> Failed | None:
    """Return why a name is none of the tables; behind the schema a table is in where none is written, it is one."""
    qualifier, _, last = name.lower().rpartition(".")
    if name.lower() in schema.by_name or (last in schema.by_name and qualifier in {"", OWN[schema.dialect]}):
        return None
    if qualifier not in {"", OWN[schema.dialect]}:
        return Failed("refused", f"table {name!r} is of another schema; name tables of this database alone")
    return Failed("unknown name", f"there is no table {name!r}; {nearest(name, [each.name for each in schema.tables])}")
