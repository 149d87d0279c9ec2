"""A schema as text for prompts: one `CREATE TABLE` for each table, comments and example values behind its columns.

    CREATE TABLE orders ( -- what members ordered
      order_id INTEGER PRIMARY KEY,
      customer_id INTEGER NOT NULL REFERENCES customers (customer_id),
      status TEXT NOT NULL -- e.g. 'open', 'paid'; where it stands
    );
    -- sample row: (1, 7, 'open')

Values are literals; what is masked, `<email>`, stands bare: it is no value to compare with.
What people wrote into a database (comments, values) stays within its line and cannot end the text around it: line breaks
and invisible characters become spaces, fences are broken, long texts are cut. Columns whose names cannot stand in a line
are left out.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from math import ceil

from dataflow_ops.databases.quoting import literal, quoted, showable
from dataflow_ops.databases.schema import Column, Dialect, ForeignKey, Schema, Table
from dataflow_ops.errors import BadArgument, nearest

CHARACTERS_PER_TOKEN = 3.5
COMMENT, VALUE, TYPE = 200, 60, 100
"""Characters of a comment, a value and a type that are shown."""
_NUMERIC = re.compile(r"^$|int|real|float|double|dec|num|serial|money|bool", re.IGNORECASE)
_MASK = re.compile(r"<[a-z ]{1,20}>")
_FENCE = re.compile(r"`{3,}|~{3,}")


def tokens(text: str) -> int:
    """Estimate the tokens of a text: 3.5 ASCII characters make one, any other character is one; rounded up."""
    other = 0 if text.isascii() else sum(not each.isascii() for each in text)
    return other + ceil((len(text) - other) / CHARACTERS_PER_TOKEN)


def rendered(schema: Schema, tables: Sequence[str], *, examples: int = 3, sample_rows: int = 0) -> str:
    """Return the text of some tables, in the order given: at most so many examples a column, and sample rows a table.

    References to tables that are not among them are not shown. Raises BadArgument for a table that is not there.
    """
    for name in tables:
        if name.lower() not in schema.by_name:
            known = [table.name for table in schema.tables]
            raise BadArgument(f"tables: there is no table {name!r}; {nearest(name, known)}")
    shown = {name.lower() for name in tables}
    each = (schema.by_name[name.lower()] for name in tables)
    return "\n\n".join(one(table, schema.dialect, shown, examples=examples, sample_rows=sample_rows) for table in each)


def one(table: Table, dialect: Dialect, shown: Collection[str] | None, *, examples: int, sample_rows: int) -> str:
    """Return the text of a table; references only to tables in `shown`, names in lower case, to all when it is None."""
    keys = [key for key in table.foreign_keys if shown is None or key.table.lower() in shown]
    lines = [_column(column, table, keys, dialect, examples) for column in table.columns if showable(column.name)]
    lines += [(each, "") for each in _constraints(table, keys, dialect)]
    ends = [*[","] * (len(lines) - 1), ""]
    kind = "VIEW" if table.view else "TABLE"
    head = f"CREATE {kind} {_table(table.name, dialect)} (" + _remark(one_line(table.comment or "", COMMENT))
    body = [f"  {text}{end}{_remark(remark)}" for (text, remark), end in zip(lines, ends, strict=False)]
    return "\n".join([head, *body, ");", *_samples(table, dialect, sample_rows)])


def _table(name: str, dialect: Dialect) -> str:
    """PostgreSQL's names may be those of a schema and a table."""
    return ".".join(quoted(part, dialect) for part in (name.split(".") if dialect == "postgres" else [name]))


def _column(
    column: Column, table: Table, keys: Sequence[ForeignKey], dialect: Dialect, examples: int
) -> tuple[str, str]:
    """Return what declares a column, and what is remarked on it."""
    alone = table.primary_key == (column.name,)
    said = [quoted(column.name, dialect), one_line(column.type, TYPE)]
    said += ["PRIMARY KEY"] if alone else [] if column.nullable else ["NOT NULL"]
    said += [_reference(key, dialect) for key in keys if key.columns == (column.name,)]
    values = ", ".join(_value(each, column, dialect) for each in _usable(column.examples)[:examples])
    remarks = [f"e.g. {values}" if values else "", one_line(column.comment or "", COMMENT)]
    return " ".join(filter(None, said)), "; ".join(filter(None, remarks))


def _usable(values: Sequence[str]) -> Sequence[str]:
    """Prefer values that are shown as they are: a condition on one that was cut finds nothing."""
    return [value for value in values if one_line(value, VALUE) == value] or values


def _constraints(table: Table, keys: Sequence[ForeignKey], dialect: Dialect) -> Iterator[str]:
    if len(table.primary_key) > 1 and all(map(showable, table.primary_key)):
        yield f"PRIMARY KEY ({_names(table.primary_key, dialect)})"
    for key in keys:
        if len(key.columns) > 1 and all(map(showable, key.columns)):
            yield f"FOREIGN KEY ({_names(key.columns, dialect)}) {_reference(key, dialect)}"


def _reference(key: ForeignKey, dialect: Dialect) -> str:
    if not all(map(showable, (key.table, *key.to))):
        return ""
    return f"REFERENCES {_table(key.table, dialect)}" + (f" ({_names(key.to, dialect)})" if key.to else "")


def _names(names: Sequence[str], dialect: Dialect) -> str:
    return ", ".join(quoted(name, dialect) for name in names)


def _samples(table: Table, dialect: Dialect, count: int) -> Iterator[str]:
    shown = [at for at, column in enumerate(table.columns) if showable(column.name)]
    for row in table.sample[:count]:
        yield f"-- sample row: ({', '.join(_value(row[at], table.columns[at], dialect) for at in shown)})"


def _value(value: str | None, column: Column, dialect: Dialect) -> str:
    cut = None if value is None else one_line(value, VALUE)
    if cut and (_MASK.fullmatch(cut) or (cut in {"true", "false"} and column.type.lower().startswith("bool"))):
        return cut
    return literal(cut, dialect, number=bool(_NUMERIC.search(column.type)))


def _remark(text: str) -> str:
    return f" -- {text}" if text else ""


def one_line(text: str, size: int) -> str:
    """Return at most `size` characters of a text, in one line: no controls, no invisible characters, no fences."""
    if len(text) <= size and text.isprintable() and "``" not in text and "~~" not in text:
        return " ".join(text.split())
    start = text[: size * 4]
    plain = "".join(" " if unicodedata.category(each)[0] in "CZ" else each for each in start)
    plain = _FENCE.sub("''", " ".join(plain.split()))
    return plain if len(plain) <= size and len(start) == len(text) else plain[: size - 1].rstrip() + "…"
