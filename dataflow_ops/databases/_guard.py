"""The rules of the gate, over the words and the tree of a query. Imported inside functions: it loads the parser."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

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
    query = _tree.query(sql, dialect)
    return query if isinstance(query, Failed) else _tree.deeply(lambda: _refused(query, dialect, schema))


def _refused(query: _tree.Query, dialect: Dialect, schema: Schema | None) -> Failed | None:
    tree, pieces = query
    why = next(_called(pieces, tree, dialect), None) or next(_built(tree), None)
    if why:
        return Failed("refused", why)
    return next(
        (found for table in _tree.tables(tree, dialect) if (found := _unreadable(table, dialect, schema))), None
    )


def _called(pieces: Sequence[Piece], tree: exp.Expr, dialect: Dialect) -> Iterator[str]:
    """Yield what is wrong with the functions, by the names that are written: a parser gives them its own."""
    aliases, before = _aliases(tree, dialect), {piece.start: left for left, piece in pairwise(pieces)}
    for piece in calls(pieces):
        name, left = unquoted(piece), before.get(piece.start)
        if left is not None and left.text == ".":
            yield f"function {name!r} is named with a schema"
        elif name not in aliases and not (piece.kind == "name" and name in KNOWN[dialect] | WORDS | TYPES):
            yield f"function {name!r} is not among those known to only read"
    for piece, after in pairwise(pieces):
        if dialect == "postgres" and after.text == "." and unquoted(piece) in CATALOGUES[dialect]:
            yield f"{unquoted(piece)!r} belongs to the engine itself"
    for call in tree.find_all(exp.Anonymous):
        if call.name.lower() not in KNOWN[dialect] | TYPES:
            yield f"function {call.name!r} is not among those known to only read"
        elif call.name.lower() in SIZED or (call.name.lower() == "embed" and not _embeds(call)):
            yield f"function {call.name!r} does not take these arguments"


def _aliases(tree: exp.Expr, dialect: Dialect) -> frozenset[str]:
    """Return the names that columns are named behind, `t(a, b)`, but for those that are functions as well."""
    named = {alias.name.lower() for alias in tree.find_all(exp.TableAlias) if alias.args.get("columns")}
    parser = Parser.get_or_raise(dialect).parser_class
    functions = parser.FUNCTIONS.keys() | parser.FUNCTION_PARSERS.keys()
    return frozenset(name for name in named if name.upper() not in functions)


def _embeds(call: exp.Expr) -> bool:
    return len(call.expressions) == 1 and call.expressions[0].is_string


def _built(tree: exp.Expr) -> Iterator[str]:
    """Yield what a query is made of that does more than read, or costs without limit."""
    for node in tree.walk():
        for modifier, told in MODIFIED.items():
            if node.args.get(modifier):
                yield f"{told}; a query is to read and nothing else"
        if isinstance(node, exp.Introducer) and node.name.lower() not in CHARSETS:
            yield f"charset {node.name!r}: expected one of {', '.join(sorted(CHARSETS))}"
        if not isinstance(node, ALLOWED) or isinstance(node, FORBIDDEN):
            yield f"{node.key!r} is not among what queries that only read are made of"
        length = node.args.get(LENGTHS.get(type(node), ""))
        if type(node) in LENGTHS and not (isinstance(length, exp.Literal) and _short(length)):
            yield f"{node.key!r} to a length that is not a number up to {LONGEST:,}"


def _short(length: exp.Literal) -> bool:
    digits = length.name.lstrip("0") or "0"
    return not length.is_string and digits.isdecimal() and len(digits) < 9 and int(digits) <= LONGEST


def _unreadable(table: exp.Expr, dialect: Dialect, schema: Schema | None) -> Failed | None:
    """Return why a table is not to be read."""
    if isinstance(table.this, exp.Func):
        return None
    name = _tree.named(table)
    *qualifiers, last = name.lower().split(".")
    if not last:
        return Failed("refused", f"{table.key!r} stands where a table is to be named")
    if CATALOGUES[dialect] & set(qualifiers) or last.startswith(SYSTEM[dialect]):
        return Failed("refused", f"table {name!r} belongs to the engine itself")
    return None if schema is None or (name.lower() == "dual" and dialect == "mysql") else _unknown(name, schema)


def _unknown(name: str, schema: Schema) -> Failed | None:
    """Return why a name is none of the tables; behind the schema a table is in where none is written, it is one."""
    qualifier, _, last = name.lower().rpartition(".")
    if name.lower() in schema.by_name or (last in schema.by_name and qualifier in {"", OWN[schema.dialect]}):
        return None
    if qualifier not in {"", OWN[schema.dialect]}:
        return Failed("refused", f"table {name!r} is of another schema; name tables of this database alone")
    return Failed("unknown name", f"there is no table {name!r}; {nearest(name, [each.name for each in schema.tables])}")
