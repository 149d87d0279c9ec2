from contextlib import closing

import apsw
import psycopg
import pymysql
import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import make_url
from sqlglot import exp

from dataflow_ops.databases.quoting import literal, quoted, showable


def _columns(name):
    """Make a table with one column of that name in SQLite, and return what it is called there and in a result."""
    with apsw.Connection(":memory:") as db:
        db.execute(f"CREATE TABLE t ({quoted(name, 'sqlite')} TEXT)")
        db.execute("INSERT INTO t VALUES ('x')")
        found = db.execute(f"SELECT t.{quoted(name, 'sqlite')} AS {quoted(name, 'sqlite')} FROM t")
        of_result = [each[0] for each in found.description]
        return [column for _, column, *_ in db.execute("PRAGMA table_info(t)")], of_result


@given(st.text(min_size=1, max_size=20).filter(showable))
def test_sqlite_reads_every_name_as_it_is(name):
    assert _columns(name) == ([name], [name])


@pytest.mark.parametrize("word", sorted(map(str.lower, apsw.keywords)))
def test_no_word_of_sqlite_is_taken_for_a_name(word):
    assert _columns(word) == ([word], [word])


def test_no_word_of_postgres_is_taken_for_a_name(postgres):
    with psycopg.connect(postgres.reader) as db:
        for (word,) in db.execute("SELECT word FROM pg_get_keywords()").fetchall():
            name = quoted(word, "postgres")
            found = db.execute(f"SELECT {name} FROM (SELECT 1 AS {name}) AS t")
            assert found.description[0].name == word


def test_no_word_of_mariadb_is_taken_for_a_name(mariadb):
    at = make_url(mariadb.reader)
    known = {"user": at.username, "password": at.password, "unix_socket": at.query["unix_socket"]}
    with closing(pymysql.connect(**known)) as db, db.cursor() as cursor:
        cursor.execute("SELECT word FROM information_schema.keywords")
        for (word,) in cursor.fetchall():
            name = quoted(word.lower(), "mysql")
            cursor.execute(f"SELECT {name} FROM (SELECT 1 AS {name}) AS t")
            assert cursor.description[0][0] == word.lower()


@pytest.mark.parametrize("dialect", ["sqlite", "postgres", "mysql"])
def test_the_parser_takes_no_word_of_another_dialect_for_something_else(dialect):
    for word in map(str.lower, apsw.keywords):
        name = quoted(word, dialect)
        tree = sqlglot.parse_one(f"SELECT a.{name}, {name} FROM {name} AS a WHERE {name} > 1 ORDER BY {name}", dialect)
        assert [column.name for column in tree.find_all(exp.Column)] == [word] * 4
        assert [table.name for table in tree.find_all(exp.Table)] == [word]


@given(st.text(max_size=20).filter(lambda text: "\0" not in text))
def test_sqlite_reads_every_value_as_it_is(value):
    with apsw.Connection(":memory:") as db:
        assert db.execute(f"SELECT {literal(value, 'sqlite')}").get == value


@pytest.mark.parametrize(
    ("value", "number", "expected"),
    [("12", True, "12"), ("12", False, "'12'"), ("-1.5e3", True, "-1.5e3"), ("12a", True, "'12a'"), (None, True, "NULL"),
     ("٣", True, "'٣'"), ("1; DROP", True, "'1; DROP'")],
)  # fmt: skip
def test_numbers_are_bare_where_the_column_holds_numbers(value, number, expected):
    assert literal(value, "postgres", number=number) == expected


@pytest.mark.parametrize("name", ["", "a\nb", "a\u200bb", "\u202ex", "```", "x" * 129, "a\xa0b", "\ud800"])
def test_names_that_cannot_be_seen_are_not_shown(name):
    assert not showable(name)
