"""What makes the answer of a query change while its database does not. Imported inside functions: it loads the parser."""

from collections.abc import Iterator, Sequence

from sqlglot import exp

from dataflow_ops.databases._functions import BARE, CHANGING, NOW, NOW_WITHOUT
from dataflow_ops.databases._lexical import Piece, arguments
from dataflow_ops.databases._tree import query
from dataflow_ops.databases.result import Failed
from dataflow_ops.databases.schema import Dialect


def unstable(sql: str, dialect: Dialect) -> list[str]:
    """Return the names of clocks and chance in a query, in lower case, each once; none where it does not parse."""
    read = query(sql, dialect)
    if isinstance(read, Failed):
        return []
    return list(dict.fromkeys([*_written(read.pieces, dialect), *_texts(read.tree, dialect)]))


def _written(pieces: Sequence[Piece], dialect: Dialect) -> Iterator[str]:
    for at, piece in enumerate(pieces):
        name = piece.text.lower()
        if piece.kind != "name" or (at and pieces[at - 1].text == "."):
            continue
        called = at + 1 < len(pieces) and pieces[at + 1].text == "("
        changing = name in CHANGING[dialect] or NOW_WITHOUT[dialect].get(name) == arguments(pieces, at)
        if name in BARE[dialect] or (called and changing):
            yield name


def _texts(tree: exp.Expr, dialect: Dialect) -> Iterator[str]:
    """Yield `'now'` and the like where a function or a cast takes them; MySQL knows none."""
    for text in tree.find_all(exp.Literal):
        if text.is_string and dialect != "mysql" and isinstance(text.parent, exp.Func):
            name = text.name.strip().lower()
            if name in NOW:
                yield repr(name)
