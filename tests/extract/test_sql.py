import apsw
import pyarrow as pa
import pytest

from dataflow_ops.databases.opened import Databases
from dataflow_ops.databases.render import tokens
from dataflow_ops.databases.sqlite import SQLite
from dataflow_ops.errors import BadArgument
from dataflow_ops.extract.sql import schema
from dataflow_ops.op import describe
from tests.databases.schemas import SHOP, many, opened

NAMES = pa.list_(pa.string())


def _rows(**columns):
    count = len(next(iter(columns.values())))
    focus = columns.pop("focus", [None] * count)
    given = {"id": [f"r{at}" for at in range(count)], "db_id": ["shop"] * count, **columns}
    return pa.table({**given, "focus": pa.array(focus, NAMES)})


def _shown(table, *, databases=None, **settings):
    found = schema(table, databases=databases or opened(shop=SHOP), **settings)
    return [
        tuple(each)
        for each in zip(*(found[name].to_pylist() for name in ("schema_tables", "schema_fault")), strict=True)
    ]


ALL = ["customers", "notes", "order_items", "orders", "products"]


@pytest.mark.parametrize(
    ("columns", "settings", "expected"),
    [
        ({"focus": [["orders"]]}, {"distractors": 0}, ["orders"]),
        ({"focus": [["Products", "customers"]]}, {"distractors": 0}, ["customers", "products"]),
        ({"focus": [["orders"]]}, {}, ALL),
        ({"focus": [None]}, {}, ALL),
        ({"sql": ["SELECT o.id FROM orders AS o JOIN order_items AS i ON i.order_id = o.id"]},
         {"sql": "sql", "tables": None, "distractors": 0}, ["order_items", "orders"]),
        ({"sql": ["WITH x AS (SELECT 1 FROM notes) SELECT * FROM x"]},
         {"sql": "sql", "focus": None, "distractors": 0}, ["notes"]),
        ({"sql": ["no SQL at all"], "question": ["the title of products"]},
         {"sql": "sql", "question": "question", "distractors": 1}, ["products"]),
        ({"sql": [None], "question": [None]}, {"sql": "sql", "question": "question"}, ALL),
        ({"question": ["prices"], "evidence": ["they are the same for all customers"]},
         {"question": "question", "evidence": "evidence", "distractors": 2}, ["customers", "products"]),
    ],
)  # fmt: skip
def test_what_is_needed_and_spoken_of_is_shown(columns, settings, expected):
    settings = {name: value for name, value in settings.items() if name != "focus"}
    assert _shown(_rows(**columns), **settings) == [(expected, None)]


def test_the_text_is_that_of_the_tables():
    found = schema(_rows(focus=[["orders"]]), databases=opened(shop=SHOP), distractors=0, examples=1, sample_rows=1)
    assert found["schema"][0].as_py() == (
        "CREATE TABLE orders ( -- what customers ordered\n"
        "  id INTEGER PRIMARY KEY, -- e.g. 1\n"
        "  customer_id INTEGER NOT NULL,\n"
        "  status TEXT NOT NULL, -- e.g. 'open'; where it stands\n"
        "  placed DATE -- e.g. '2024-01-05'\n"
        ");\n-- sample row: (1, 1, 'open', NULL)"
    )


def test_rows_without_a_schema_stay_and_say_why():
    table = _rows(db_id=["shp", None, " ", "corrupt", "shop", "shop"], focus=[*[["orders"]] * 4, ["ordrs"], ALL])
    found = schema(table, databases=opened(shop=SHOP), max_tokens=120)
    assert found["schema"].null_count == found["schema_tables"].null_count == 6
    assert found["id"].to_pylist() == table["id"].to_pylist()
    starts = [
        "unknown name: there is no database 'shp'; did you mean 'shop'?",
        "unknown name: the row names no database",
        "unknown name: the row names no database",
        "error: database 'corrupt': expected a SQLite file that can be read",
        "unknown name: there is no table 'ordrs'; did you mean 'orders'?",
        "error: the text of 'customers' and 4 more takes",
    ]
    for fault, start in zip(found["schema_fault"].to_pylist(), starts, strict=True):
        assert fault.startswith(start)


def test_rows_are_shown_alike_in_any_order_and_in_any_parts():
    large = many(200)
    table = _rows(focus=[[large.tables[at].name] for at in range(6)])
    whole = schema(table, databases=opened(shop=large), max_tokens=1_000, seed=3)
    reverse = schema(table.take([5, 4, 3, 2, 1, 0]), databases=opened(shop=large), max_tokens=1_000, seed=3)
    parts = [schema(table.slice(at, 2), databases=opened(shop=large), max_tokens=1_000, seed=3) for at in (0, 2, 4)]
    assert pa.concat_tables(parts).to_pylist() == whole.to_pylist() == reverse.to_pylist()[::-1]
    assert all(500 < tokens(text) <= 1_000 for text in whole["schema"].to_pylist())
    assert schema(table, databases=opened(shop=large), max_tokens=1_000, seed=4) != whole


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_columns_of_every_make_are_read(kind):
    table = pa.table({
        "id": pa.chunked_array([["a"], ["b"]], kind), "db_id": pa.chunked_array([["shop"], ["shop"]], kind),
        "focus": pa.array([["orders"], ["notes"]], pa.large_list(kind)),
    })  # fmt: skip
    assert _shown(table.slice(1), distractors=0) == [(["notes"], None)]
    assert _shown(table.slice(0, 0)) == []
    empty = schema(table.slice(0, 0), databases=opened(shop=SHOP))
    assert [empty.schema.field(name).type for name in ("schema", "schema_tables", "schema_fault")] == [
        pa.string(), NAMES, pa.string(),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"tables": "focs"}, "no column 'focs'; did you mean 'focus'"),
        ({"tables": "db_id"}, "column 'db_id' is string: expected lists of names of tables"),
        ({"sql": "focus"}, "column 'focus' is list"),
        ({"schema": "x", "schema_fault": "x"}, "expected three different columns"),
    ],
)
def test_settings_that_do_not_fit_are_told(settings, message):
    with pytest.raises(BadArgument, match=message):
        schema(_rows(db_id=["shop"]), databases=opened(shop=SHOP), **settings)


def test_it_declares_what_it_reads_and_writes():
    what = describe(schema, databases=["s3://b/d/"], sql="sql")
    assert what.reads == ("db_id", "focus", "sql")
    assert what.writes == ("schema", "schema_tables", "schema_fault")


def test_a_real_database_is_shown_with_what_is_personal_masked(tmp_path):
    with apsw.Connection(str(tmp_path / "club.sqlite")) as db:
        db.execute(
            "CREATE TABLE members (id INTEGER PRIMARY KEY, email TEXT NOT NULL, plan TEXT);"
            "INSERT INTO members VALUES (1, 'ann@example.org', 'gold'), (2, 'bo@example.org', 'basic')"
        )
    with Databases({"shop": lambda: SQLite(tmp_path / "club.sqlite")}) as databases:
        text = schema(_rows(db_id=["shop"]), databases=databases, sample_rows=1)["schema"][0].as_py()
    assert text == (
        "CREATE TABLE members (\n  id INTEGER PRIMARY KEY, -- e.g. 1, 2\n  email TEXT NOT NULL, -- e.g. <email>\n"
        "  plan TEXT -- e.g. 'gold', 'basic'\n);\n-- sample row: (1, <email>, 'gold')"
    )
