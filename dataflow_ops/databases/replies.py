"""SQL taken out of what models write."""

from dataflow_ops.fences import blocks, last_block

TAGS = frozenset({"sql", "sqlite", "sqlite3", "postgres", "postgresql", "pgsql", "plpgsql", "mysql", "mariadb"})


def sql_of(reply: str | None) -> str | None:
    r"""Return the SQL that a reply ends in, None where there is none: the last complete block, see `fences.last_block`.

    Blanks and semicolons around it are cut. A reply that breaks off in a block of SQL holds no answer: the blocks
    before it are on the way to one.

    >>> sql_of("All of them:\n```sql\nSELECT name FROM shop;\n```\n")
    'SELECT name FROM shop'
    """
    if not reply:
        return None
    if any(block.tag in TAGS and not block.complete for block in blocks(reply)):
        return None
    found = last_block(reply, TAGS)
    return (found or "").strip().rstrip("; \t\r\n").lstrip() or None
