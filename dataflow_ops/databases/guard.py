"""Which statements may be run: those that parse, only read, and name what the database holds."""

from dataflow_ops.databases.result import Failed
from dataflow_ops.databases.schema import Dialect, Schema


def refusal(sql: str, dialect: Dialect, schema: Schema | None = None) -> Failed | None:
    """Return why `sql` is not to be run in `dialect`, None when it may be."""
    raise NotImplementedError
