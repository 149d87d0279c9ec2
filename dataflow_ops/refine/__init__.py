"""Change a column of text in place, or the columns themselves; rows never come or go.

A refiner of text has one column parameter, `text: Changes = "text"` (`code` where it is source code): it is read,
rewritten and keeps its name and type. It has to be there and to hold strings. The other rules hold for every refiner:

* null stays null, a row that needs no change keeps the identical string, and the order of rows stays;
* `drop_…` removes what it names and nothing around it, so spaces may double: end a chain with `squeeze_spaces`;
* what only looks like the thing (`a < b`, `version 1.2.3.4`, `$5 + x$`) is left alone when there is doubt.

A whole column is first searched in C++ for rows that may need a change; only those pass through Python.
"""

from dataflow_ops.refine import chat, code, columns, paragraphs, pii, prompted, sql, text

__all__ = ["chat", "code", "columns", "paragraphs", "pii", "prompted", "sql", "text"]
