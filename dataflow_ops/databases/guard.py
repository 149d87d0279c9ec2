"""Which statements may be run: those that parse, only read, and name what the database holds.

Engines enforce the same by means of their own: this gate is the first wall, and never the only one.
"""

from dataflow_ops.databases.result import Failed
from dataflow_ops.databases.schema import Dialect, Schema


def refusal(sql: str, dialect: Dialect, schema: Schema | None = None) -> Failed | None:
    """Return why `sql` is not to be run in `dialect`, None when it may be.

    One query: SELECT, WITH, VALUES, in brackets or combined. It writes into no table, file or variable, takes no lock,
    and calls only functions that are known to read. It names no table of the engine itself, and only those of
    `schema` where one is given. What engine and parser may read in two ways is refused. Never raises.
    """
    from dataflow_ops.databases import _guard  # noqa: PLC0415 - loads the parser

    return _guard.refused(sql, dialect, schema)


def unstable(sql: str, dialect: Dialect) -> list[str]:
    """Return what in a query answers otherwise on another day or in another run: clocks, chance, sessions; each once."""
    from dataflow_ops.databases import _unstable  # noqa: PLC0415 - loads the parser

    return _unstable.unstable(sql, dialect)
