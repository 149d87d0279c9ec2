import apsw
import pytest
import sqlite_vec
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.databases import vec0


@pytest.mark.parametrize(
    ("sql", "columns", "key"),
    [
        ("CREATE TABLE t(a)", None, None),
        ("CREATE VIRTUAL TABLE t USING fts5(a)", None, None),
        ("CREATE VIRTUAL TABLE t USING vec0(v float[3])", [("v", "float[3]")], ()),
        (
            (
                "CREATE VIRTUAL TABLE t using [vec0] (\n a text primary key, -- of another\n v FLOAT[3] distance_metric=l1,"
                " +body text, genre text partition key, chunk_size=8)"
            ),
            [("a", "text"), ("v", "FLOAT[3]"), ("body", "text"), ("genre", "text")],
            ("a",),
        ),
    ],
)
def test_declarations_are_read(sql, columns, key):
    found = vec0.declared("t", sql)
    assert (found and [(each.name, each.type) for each in found.columns]) == columns
    assert (found and found.primary_key) == key


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1).filter(str.isprintable))
def test_what_vectors_are_made_of_is_read_back(name):
    about = vec0.About(name, name[::-1], "a model / with blanks")
    assert vec0.about(str(about)) == about


@given(st.text(max_size=200))
def test_any_declaration_can_be_read(text):
    vec0.declared("t", f"CREATE VIRTUAL TABLE t USING vec0({text})")
    vec0.about(text)


@pytest.mark.parametrize(
    ("key", "expected"),
    [("id", "id"), ("Key_2", "Key_2"), ("order", "order"), ("K", "id"), ("distance", "id"), ("embedding", "id"),
     ("rowid", "id"), ("the key", "id"), ("größe", "id"), ("2nd", "id")],
)  # fmt: skip
def test_keys_are_called_as_in_their_table_where_that_can_be(key, expected):
    connection = apsw.Connection(":memory:")
    connection.enable_load_extension(True)
    connection.load_extension(sqlite_vec.loadable_path())
    connection.execute(vec0.declaration("v", vec0.About("t", key), "INTEGER", vec0.About("t", "c", "m"), 2))
    connection.execute("INSERT INTO v VALUES (7, '[1, 2]')")
    assert vec0.key_name(key) == expected
    assert connection.execute(f'SELECT "{expected}" FROM v').fetchall() == [(7,)]
