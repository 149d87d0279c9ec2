"""Get text out of what is not text yet: what a database holds, as its schema for a prompt.

An op here reads sources that its settings name, such as databases, and adds what it finds to the row. Where there is
nothing to be found the row stays, and a column says why.
"""

from dataflow_ops.extract import databases, sql

__all__ = ["databases", "sql"]
