"""Get text out of what is not text yet: documents, pages of the web, and what a database holds.

An op here reads sources that its settings name, such as databases, and adds what it finds to the row. Where there is
nothing to be found the row stays, and a column says why.
"""

from dataflow_ops.extract import chunks, databases, documents, sql, web

__all__ = ["chunks", "databases", "documents", "sql", "web"]
