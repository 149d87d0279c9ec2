"""Plans that look for texts by meaning, in a table of vectors beside that of the texts."""

from collections.abc import Mapping
from random import Random

from dataflow_ops.llm.rehearsal.sql_draw import Pen
from dataflow_ops.llm.rehearsal.sql_plan import Call, Col, Item, Join, Key, Lit, Query, Source, Test, together
from dataflow_ops.llm.rehearsal.sql_schema import Column, Table, Tables, linked
from dataflow_ops.llm.rehearsal.wording import gist

SUBJECTS = ("rivers and the sea", "life in old towns", "machines that learn", "health of families", "stars at night")
MOST = 10


def near(tables: Tables, names: Mapping[str, str], level: str, draw: Random) -> tuple[Tables, Query]:
    """Return a plan for the rows nearest to some words, and the tables it is made of."""
    known = _with_missing(tables, names)
    text, vector = (Source(names[each], names[each]) for each in ("table", "vector_table"))
    keys = Test(Col(text.alias, names["key"]), "=", (Col(vector.alias, names["vector_key"]),))
    join = Join(vector, on=None if linked(known, [text], vector) else keys)
    nearest = Test(Col(vector.alias, names["vector_column"]), "near", (Lit(_words(known, names, draw)),))
    count = Test(Col(vector.alias, "k"), "=", (Lit(str(draw.choice((3, 5, 8, MOST))), number=True),))
    pen = Pen(known, draw)
    more = pen.condition([text]) if level != "simple" else None
    where = together((nearest, count, *((more,) if more else ())))
    by = pen.group([text]) if level in ("complex", "highly complex") else None
    if by is not None and draw.random() < 0.5:
        return known, Query((Item(by), Item(Call("count"))), text, (join,), where=where, group=(by,), order=(Key(by),))
    distance = Col(vector.alias, "distance")
    shown = [item for item in pen.shown([text], draw.randint(1, 3)) if item.expr != Col(text.alias, names["column"])]
    items = (*(shown or [Item(Col(text.alias, names["key"]))]), Item(distance))
    # sqlite-vec sorts by the distance alone: what decides between equals has to be of another table.
    order = (Key(distance), Key(Col(text.alias, names["key"])))
    return known, Query(items, text, (join,), where=where, order=order)


def _words(tables: Tables, names: Mapping[str, str], draw: Random) -> str:
    """Return a few words of an example of the texts; some of our own where there is none."""
    table = tables.find(names["table"])
    column = table.by_name.get(names["column"].lower()) if table else None
    examples = [gist(each, 30).split() for each in (column.examples if column else ())]
    found = [words for words in examples if len(words) > 3]
    if not found:
        return draw.choice(SUBJECTS)
    words = draw.choice(found)
    start = draw.randrange(max(len(words) - 5, 1))
    return " ".join(words[start : start + draw.randint(3, 5)])


def _with_missing(tables: Tables, names: Mapping[str, str]) -> Tables:
    """Add the two tables where the schema does not show them."""
    vectors = [Column(names["vector_key"], "number", key=True), Column(names["vector_column"], "vector")]
    vectors += [Column(name, "number", key=True, hidden=True) for name in ("distance", "k")]
    texts = [Column(names["key"], "number", key=True), Column(names["column"])]
    wanted = (Table(names["table"], tuple(texts)), Table(names["vector_table"], tuple(vectors)))
    return Tables((*tables.tables, *(table for table in wanted if tables.find(table.name) is None)))
