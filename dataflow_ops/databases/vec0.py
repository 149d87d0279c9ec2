"""Tables of sqlite-vec as they are declared: which columns they have, and which texts they hold the vectors of.

The text of the declaration is the only place that SQLite keeps for what a table is about, so what the vectors are made
of stands there in comments:

    CREATE VIRTUAL TABLE "abstracts_summary_vec" USING vec0(
        id INTEGER PRIMARY KEY /* abstracts.id */,
        embedding float[384] distance_metric=cosine /* abstracts.summary by all-MiniLM-L6-v2 */)
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dataflow_ops.databases.schema import Column, ForeignKey, Table
from dataflow_ops.errors import BadArgument

KEY, VECTOR = "id", "embedding"
"""Names of the columns of a vector table; the key is called as that of its table where that can be."""
PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
TAKEN = frozenset((VECTOR, "distance", "k", "rowid"))
"""Names that a key cannot have: of the vector, of what every such table has, and of what SQLite reads as the row."""
LONGEST = 100_000
"""Characters of a declaration that is read."""
SIZED = re.compile(r"float\[\s*(\d{1,5})\s*\]", re.IGNORECASE)
NAME = r'(?:"(?:[^"]|"")*"|[A-Za-z_][A-Za-z0-9_]*)'
ABOUT = re.compile(rf"({NAME})\.({NAME})(?: by (.{{1,200}}))?", re.DOTALL)
USING = re.compile(r"\bUSING\s+[\"\[`']?vec0[\"\]`']?\s*\((.*)\)\s*\Z", re.IGNORECASE | re.DOTALL)
PIECE = re.compile(r"/\*.*?(?:\*/|\Z)|--[^\n]*|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|,|[^,/'\"-]+|.", re.DOTALL)


@dataclass(frozen=True)
class About:
    """What a column of a vector table is made of."""

    table: str
    column: str
    model: str | None = None

    def __str__(self) -> str:
        """Return it as the comment of a declaration says it."""
        by = f" by {self.model}" if self.model else ""
        return f"{_said(self.table)}.{_said(self.column)}{by}"


def about(comment: str | None) -> About | None:
    """Read the comment of a column of a vector table; None when it does not say what the column is made of."""
    found = ABOUT.fullmatch((comment or "").strip())
    return About(_meant(found[1]), _meant(found[2]), found[3]) if found else None


def declaration(table: str, key: About, kind: str, vector: About, size: int) -> str:
    """Return the statement that makes a table of `size` numbers a row, near each other by their cosine."""
    for said in (str(key), str(vector)):
        if "*/" in said or not said.isprintable():
            raise BadArgument(f"{said!r}: expected names without */ and control characters; rename a column, or make "
                              "a view whose names are plain and take that")  # fmt: skip
    return (
        f"CREATE VIRTUAL TABLE {quoted(table)} USING vec0({key_name(key.column)} {kind} PRIMARY KEY /* {key} */, "
        f"{VECTOR} float[{size}] distance_metric=cosine /* {vector} */)"
    )


def key_name(key: str) -> str:
    """Return how the key of a vector table is called: as that of its table, `id` where sqlite-vec cannot say that."""
    return key if PLAIN.fullmatch(key) and key.lower() not in TAKEN else KEY


def size(kind: str) -> int:
    """Return how many numbers a column of this type holds, `float[384]`; 0 for one that holds no vectors of floats."""
    found = SIZED.fullmatch(kind)
    return int(found[1]) if found else 0


def quoted(name: str) -> str:
    """Return a name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def declared(name: str, sql: str) -> Table | None:
    """Read the statement that made a table; None when it is no table of sqlite-vec.

    The key refers to the key of the table whose texts the vectors are of. `distance` and `k`, which every such table has
    and `SELECT *` does not show, are no columns of it.
    """
    found = USING.search(sql) if len(sql) <= LONGEST else None
    if not found:
        return None
    columns, keys, links = [], [], []
    for words, comment in _arguments(found[1]):
        if "=" in words.split(" ")[0] or " " not in words:
            continue  # a setting, such as chunk_size=1024
        called, kind = words.lstrip("+").split(" ", 1)
        is_key = re.search(r"\bPRIMARY KEY\b", kind, re.IGNORECASE) is not None
        columns.append(Column(called, kind.split(" ")[0], nullable=not is_key, comment=comment))
        if is_key:
            keys.append(called)
            links += [ForeignKey((called,), of.table, (of.column,)) for of in [about(comment)] if of]
    return Table(name, tuple(columns), primary_key=tuple(keys), foreign_keys=tuple(links))


def _arguments(inside: str) -> Iterator[tuple[str, str | None]]:
    """Yield what stands between commas: its words, and its comment."""
    words, comment = "", None
    for piece in (*PIECE.findall(inside), ","):
        if piece == ",":
            if words.strip():
                yield " ".join(words.split()), comment
            words, comment = "", None
        elif piece.startswith(("/*", "--")):
            if words.strip():  # before the first word it is of what stands before the comma
                comment = piece.removeprefix("--").removeprefix("/*").removesuffix("*/").strip() or None
            words += " "
        else:
            words += piece


def _said(name: str) -> str:
    return name if PLAIN.fullmatch(name) else quoted(name)


def _meant(said: str) -> str:
    return said[1:-1].replace('""', '"') if said.startswith('"') else said
