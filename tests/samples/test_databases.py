import re
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import datetime

import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.samples import databases


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples") / "databases"
    databases.write(folder)
    return folder


@pytest.fixture(params=databases.NAMES)
def opened(request, folder):
    with closing(sqlite3.connect(f"file:{folder}/{request.param}.sqlite?mode=ro", uri=True)) as connection:
        yield connection


def tables(connection):
    return [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]


def columns(connection, table):
    return connection.execute('SELECT name, type, "notnull" FROM pragma_table_info(?)', (table,)).fetchall()


def values(connection):
    """Return all values of a database with their columns and the types declared."""
    for table in tables(connection):
        declared = [(name, kind) for name, kind, _ in columns(connection, table)]
        for row in connection.execute(f'SELECT * FROM "{table}"'):
            yield from ((f"{table}.{name}", kind, value) for (name, kind), value in zip(declared, row, strict=True))


def test_there_are_three_files_small_enough_to_look_at(folder):
    sizes = {path.name: path.stat().st_size for path in folder.iterdir()}
    assert sizes.keys() == {"clinic.sqlite", "library.sqlite", "shop.sqlite"}
    assert max(sizes.values()) < 2**20


def test_tables_are_filled_and_their_keys_name_rows(opened):
    counted = {name: opened.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables(opened)}
    assert 6 <= len(counted) <= 9
    assert all(5 < rows <= 2_000 for rows in counted.values())
    assert sum(rows >= 50 for rows in counted.values()) >= 6
    assert opened.execute("PRAGMA foreign_key_check").fetchall() == []
    refers = [opened.execute("SELECT * FROM pragma_foreign_key_list(?)", (name,)).fetchall() for name in counted]
    assert sum(map(len, refers)) >= len(counted) - 1
    assert opened.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_they_hold_what_makes_queries_hard(opened):
    found = list(values(opened))
    texts = Counter(value for *_, value in found if isinstance(value, str))
    assert any("'" in text for text in texts)
    assert any(not text.isascii() for text in texts)
    nothing = {column for column, _, value in found if value is None}
    empty = {column for column, _, value in found if value == ""}
    assert nothing & empty
    assert {kind.split("(")[0] for _, kind, _ in found} >= {"INTEGER", "VARCHAR", "DATE", "DATETIME", "NUMERIC"}
    moments = [value for _, kind, value in found if kind == "DATETIME"]
    assert max(Counter(moments).values()) > 1
    assert all(datetime.fromisoformat(moment) for moment in moments)
    assert {value for _, kind, value in found if kind == "BOOLEAN"} == {0, 1}


def test_what_looks_personal_is_nobodys(opened):
    found = list(values(opened))
    mails = [value for column, _, value in found if "email" in column and value]
    assert mails
    assert all(re.fullmatch(r"[a-z]+\d+@example\.org", mail) for mail in mails)
    phones = [value for column, _, value in found if "phone" in column and value]
    fiction = re.compile(r"(01632 960|07700 900|\+44 1632 960|020 7946 0)\d{3}")
    assert all(fiction.fullmatch(phone) for phone in phones)


def test_comments_stand_in_the_text_of_tables(opened):
    texts = [sql for (sql,) in opened.execute("SELECT sql FROM sqlite_master WHERE type = 'table'")]
    assert all(re.match(r"CREATE TABLE \w+ \(\n\t-- [A-Z]", sql) for sql in texts)
    assert sum(len(re.findall(r"\S, +-- \S|\S -- \S", sql)) for sql in texts) >= 8


def test_the_same_bytes_are_written_each_time(folder, tmp_path):
    for name in databases.NAMES:
        databases.write_one(name, tmp_path)
        again = databases.write_one(name, tmp_path)
        assert again.read_bytes() == (folder / f"{name}.sqlite").read_bytes()


def test_files_of_others_stay(folder):
    before = (folder / "shop.sqlite").read_bytes()
    with pytest.raises(BadArgument, match="expected an empty folder"):
        databases.write(folder)
    assert (folder / "shop.sqlite").read_bytes() == before


def test_a_name_that_is_none_is_refused_with_the_nearest(tmp_path):
    with pytest.raises(BadArgument, match="no sample database 'libary'.*'library'"):
        databases.write_one("libary", tmp_path)
    with pytest.raises(BadArgument, match="no sample database"):
        databases.load("libary", "postgresql://127.0.0.1:1/none")
    assert list(tmp_path.iterdir()) == []
