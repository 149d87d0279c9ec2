"""Parse trees of queries. Imported inside functions: it loads the parser."""

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from string import ascii_lowercase, ascii_uppercase
from typing import NamedTuple, TypeVar

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect as Reader
from sqlglot.errors import ErrorLevel, ParseError, SqlglotError

from dataflow_ops.databases._lexical import Piece, read
from dataflow_ops.databases.result import Failed
from dataflow_ops.databases.schema import Dialect

logging.getLogger("sqlglot").setLevel(logging.ERROR)  # what it warns of is one row's matter, and there are millions
Found = TypeVar("Found")
LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
"""How engines fold names; they leave other letters as they are."""
PLAIN_GAPS = frozenset({"", " ", "\n"})
"""What stands between words most often."""
SHORT = 4_000
"""Characters of a statement that is remembered when it was read."""
BROKEN = (SqlglotError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError, AssertionError)
"""What a parser and a generator raise on text they were not written for."""


def deeply(work: Callable[[], Found]) -> Found | Failed:
    """Run what recurses; what is too deep here gets a stack of its own, so that it is not so by where it is called."""
    try:
        return work()
    except RecursionError:
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(_deepest, work).result()


def _deepest(work: Callable[[], Found]) -> Found | Failed:
    try:
        return work()
    except RecursionError:
        return Failed("refused", "nested too deeply to be read")


class Query(NamedTuple):
    """A query as it was read. Readers share it: nobody changes it."""

    tree: exp.Expr
    pieces: Sequence[Piece]


def query(sql: str, dialect: Dialect) -> Query | Failed:
    """Return the tree and the words of one query; what is none, or not read alike by its engine's rules, is refused."""
    return _remembered(sql, dialect) if len(sql) <= SHORT else _query(sql, dialect)


@lru_cache(maxsize=128)
def _remembered(sql: str, dialect: Dialect) -> Query | Failed:
    """Read a short statement once, not for each thing that is asked of it."""
    return _query(sql, dialect)


def _query(sql: str, dialect: Dialect) -> Query | Failed:
    pieces = read(sql, dialect)
    if isinstance(pieces, Failed):
        return pieces
    tree = deeply(lambda: _parsed(sql, pieces, dialect))
    return tree if isinstance(tree, Failed) else Query(tree, pieces)


def parsed(sql: str, dialect: Dialect) -> exp.Expr | Failed:
    """Return the tree of one query, not to be changed."""
    found = query(sql, dialect)
    return found if isinstance(found, Failed) else found.tree


def _parsed(sql: str, pieces: Sequence[Piece], dialect: Dialect) -> exp.Expr | Failed:
    text, reader = _uncommented(sql, pieces), Reader.get_or_raise(dialect)
    try:
        tokens = reader.tokenize(text)
        if not _alike([text[token.start : token.end + 1] for token in tokens], [piece.text for piece in pieces]):
            return Failed("refused", "engine and parser do not read the same words in it")
        trees = reader.parser(error_level=ErrorLevel.IMMEDIATE).parse(tokens, text)
    except ParseError as error:
        return Failed("syntax", _told(error))
    except BROKEN as error:
        return Failed("syntax", f"it does not parse: {str(error)[:200]}")
    return _only(trees)


def _only(trees: Sequence[exp.Expr | None]) -> exp.Expr | Failed:
    if len(trees) > 1:
        return Failed("refused", "more than one statement")
    tree = trees[0] if trees else None
    if tree is None:
        return Failed("syntax", "it does not parse")
    return tree if isinstance(tree, exp.Query | exp.Values) else Failed("refused", f"{tree.key!r} is no query")


def _uncommented(sql: str, pieces: Sequence[Piece]) -> str:
    """Return the query with blanks for comments: the parser knows `GROUP BY` only with nothing else between."""
    found, end = [" " * pieces[0].start], pieces[0].start
    for piece in pieces:
        gap = sql[end : piece.start]
        found.append(gap if gap in PLAIN_GAPS else re.sub(r"[^\n]", " ", gap))
        found.append(piece.text)
        end = piece.end
    return "".join(found)


def _alike(theirs: Sequence[str], ours: Sequence[str]) -> bool:
    """Return whether the parser finds the same quotes, names and signs, and takes nothing else for blanks and comments.

    It may put words together, or take signs apart.
    """
    if theirs == ours:
        return True
    tight = [each if _is_quoted(each) else "".join(each.split()) for each in theirs]
    return "".join(tight) == "".join(ours) and [*filter(_is_quoted, tight)] == [*filter(_is_quoted, ours)]


def _is_quoted(text: str) -> bool:
    return len(text) > 1 and text[-1] in "'\"`]"


def _told(error: ParseError) -> str:
    """Return what the parser expected and where; its own message shows the text, with signs for a terminal."""
    first = error.errors[0] if error.errors else {}
    place = f", line {first['line']}, column {first['col']}" if first.get("line") else ""
    return f"{first.get('description') or 'it does not parse'}{place}".replace("\x1b[4m", "").replace("\x1b[0m", "")


def canonical(sql: str, dialect: Dialect) -> str | None:
    """Return the text that all spellings of a query share; None when it does not parse."""
    tree = parsed(sql, dialect)
    if isinstance(tree, Failed):
        return None
    found = deeply(lambda: _canonical(tree.copy(), dialect))
    return None if isinstance(found, Failed) else found


def _canonical(tree: exp.Expr, dialect: Dialect) -> str | None:
    for node in list(tree.find_all(exp.Identifier, exp.Var, exp.WindowSpec)):
        if isinstance(node, exp.WindowSpec):
            for part in [name for name, value in node.args.items() if isinstance(value, str)]:
                node.set(part, node.args[part].upper())
        elif not node.args.get("quoted") and not (dialect == "mysql" and _names_table(node)):
            node.set("this", node.name.translate(LOWER))
    try:
        return tree.sql(dialect, comments=False, identify=True, unsupported_level=ErrorLevel.IGNORE)
    except BROKEN:
        return None


def _names_table(name: exp.Expr) -> bool:
    """Return whether this names a table, or an alias of one: MySQL tells `T` from `t` where the file system does."""
    parent = name.parent
    if isinstance(parent, exp.Column):
        return name.arg_key in {"table", "db", "catalog"}
    return isinstance(parent, exp.Table | exp.TableAlias) and name.arg_key != "columns"


def ordered(sql: str, dialect: Dialect) -> bool:
    """Return whether a query puts its rows in order, be it in brackets."""
    tree = parsed(sql, dialect)
    while isinstance(tree, exp.Subquery) and not any(tree.args.get(part) for part in ("order", "limit", "offset")):
        tree = tree.this
    return isinstance(tree, exp.Expr) and bool(tree.args.get("order"))


def transpiled(sql: str, source: Dialect, target: Dialect) -> str | Failed:
    """Return a query in another dialect; Failed where that has no words for it."""
    tree = parsed(sql, source)
    return tree if isinstance(tree, Failed) else deeply(lambda: _transpiled(tree, target))


def _transpiled(tree: exp.Expr, target: Dialect) -> str | Failed:
    try:
        text = tree.sql(target, unsupported_level=ErrorLevel.RAISE)
    except BROKEN as error:
        return Failed("syntax", f"{target} has no words for it: {str(error)[:200]}")
    again = parsed(text, target)
    return again if isinstance(again, Failed) else text


def tables(tree: exp.Expr, dialect: Dialect) -> Iterator[exp.Expr]:
    """Yield what stands where a table is named and no query of a WITH has that name."""
    for node in tree.walk(bfs=False):
        if isinstance(node, exp.Table) and not _is_common(node, dialect):
            yield node
        elif (
            isinstance(node, exp.In)
            and (field := node.args.get("field")) is not None
            and not isinstance(field, exp.Func)
        ):
            yield field


def named(table: exp.Expr) -> str:
    """Return the name of a table, behind those of its schema and database where they are written."""
    parts = table.parts if isinstance(table, exp.Table | exp.Column) else [table]
    return ".".join(part.name for part in parts)


def _is_common(table: exp.Table, dialect: Dialect) -> bool:
    """Return whether a table is the query of a WITH around it.

    Within its own query a name means that query only where the WITH is recursive; and it means earlier ones, not later.
    SQLite takes every WITH for recursive, in any order.
    """
    if table.args.get("db") or not isinstance(table.this, exp.Identifier):
        return False
    inside: exp.Expr = table
    while inside.parent is not None:
        around = inside.parent
        known = around.args.get("with_")
        if isinstance(around, exp.With):
            free = bool(around.args.get("recursive")) or dialect == "sqlite"
            seen = around.expressions if free else around.expressions[: inside.index]
        else:
            seen = known.expressions if isinstance(known, exp.With) and inside is not known else []
        if any(_same_name(table, each) for each in seen):
            return True
        inside = around
    return False


def _same_name(table: exp.Table, common: exp.Expr) -> bool:
    return table.name.lower() == common.alias.lower()
