"""SQL as a tree: read, written in one way, written in another dialect."""

from typing import TYPE_CHECKING

from dataflow_ops.databases.result import Failed
from dataflow_ops.databases.schema import Dialect

if TYPE_CHECKING:
    from sqlglot import exp


def one(sql: str, dialect: Dialect) -> "exp.Expr | Failed":
    """Return the parse tree of one query, the caller's own.

    A statement that does not begin as a query, more than one, more than 100 kB, nesting beyond what can be read, and
    what engine and parser may read in two ways is refused.
    """
    from dataflow_ops.databases import _tree  # noqa: PLC0415 - loads the parser

    tree = _tree.parsed(sql, dialect)
    return tree if isinstance(tree, Failed) else tree.copy()


def canonical(sql: str, dialect: Dialect) -> str | None:
    """Return a text that is the same for all spellings of a query; None when it does not parse.

    Blanks, comments, a semicolon at the end, the case of keywords and of names without quotes do not matter. Names
    between quotes keep their case; so do tables of MySQL, where `T` and `t` may be two.
    """
    from dataflow_ops.databases import _tree  # noqa: PLC0415 - loads the parser

    return _tree.canonical(sql, dialect)


def tables(sql: str, dialect: Dialect) -> list[str]:
    """Return the tables a query reads, each once, as `table` or `schema.table`; none when it does not parse.

    Names of queries in WITH and functions that return rows are no tables.
    """
    from dataflow_ops.databases import _tree  # noqa: PLC0415 - loads the parser

    tree = _tree.parsed(sql, dialect)
    if isinstance(tree, Failed):
        return []
    found = (_tree.named(node) for node in _tree.tables(tree, dialect) if node.name)
    return list(dict.fromkeys(found))


def transpiled(sql: str, source: Dialect, target: Dialect) -> str | Failed:
    """Return a query as another dialect writes it; Failed where it cannot, or where the result does not parse."""
    from dataflow_ops.databases import _tree  # noqa: PLC0415 - loads the parser

    return _tree.transpiled(sql, source, target)
