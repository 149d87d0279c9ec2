from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.databases import _lexical
from dataflow_ops.databases.parse import canonical, one, tables, transpiled
from dataflow_ops.databases.result import Failed
from tests.databases.harmless import HARMLESS


def test_a_tree_is_the_callers_own():
    sql = "SELECT a FROM t"
    first = one(sql, "sqlite")
    assert first.key == "select"
    first.set("from_", None)
    assert one(sql, "sqlite").sql("sqlite") == sql


@pytest.mark.parametrize(
    ("dialect", "left", "right", "equal"),
    [
        ("sqlite", "SELECT a FROM t", "select  A\nfrom T ; -- x", True),
        ("sqlite", "SELECT a FROM t WHERE b != 1", "SELECT a FROM t WHERE b <> 1 /* not one */", True),
        ("sqlite", "SELECT a AS x FROM t AS u", "SELECT a x FROM t u", True),
        ("sqlite", "SELECT a, b FROM t LIMIT 2, 5", "SELECT a, b FROM t LIMIT 5 OFFSET 2", True),
        ("sqlite", "SELECT COUNT(*) FROM t", "SELECT count( * ) FROM t", True),
        ("sqlite", "SELECT 'a' FROM t", "SELECT 'A' FROM t", False),
        ("sqlite", 'SELECT a FROM t WHERE n = "Bob"', 'SELECT a FROM t WHERE n = "BOB"', False),
        ("sqlite", 'SELECT "a" FROM t', "SELECT [a] FROM t", True),
        ("sqlite", "SELECT a FROM t WHERE x = 1 AND y = 2", "SELECT a FROM t WHERE y = 2 AND x = 1", False),
        ("sqlite", "SELECT a FROM t ORDER BY a", "SELECT a FROM t ORDER BY a DESC", False),
        ("sqlite", "SELECT DISTINCT a FROM t", "SELECT a FROM t", False),
        ("sqlite", "SELECT a FROM t UNION SELECT a FROM u", "SELECT a FROM t UNION ALL SELECT a FROM u", False),
        ("sqlite", "SELECT sum(a) FILTER (WHERE b) FROM t", "SELECT sum(a) FROM t", False),
        ("postgres", 'SELECT "A" FROM t', "SELECT A FROM t", False),
        ("postgres", 'SELECT "a" FROM T', "SELECT A FROM t", True),
        ("postgres", "SELECT a::int FROM t", "SELECT CAST(a AS INTEGER) FROM t", True),
        ("mysql", "SELECT A FROM t", "SELECT `a` FROM `t`", True),
        ("mysql", "SELECT a FROM t", "SELECT a FROM T", False),
        ("mysql", "SELECT x.a FROM t AS x", "SELECT X.a FROM t AS X", False),
        ("mysql", "SELECT a AS B FROM t", "SELECT a AS b FROM t", True),
    ],
)
def test_spellings_of_a_query_have_one_canonical_text(dialect, left, right, equal):
    found = canonical(left, dialect), canonical(right, dialect)
    assert None not in found
    assert (found[0] == found[1]) == equal


@pytest.mark.parametrize("sql", ["", "nothing", "SELECT (", "DELETE FROM t", "SELECT 1; SELECT 2", "SELECT '\ud800'"])
def test_what_is_no_query_has_no_canonical_text_and_reads_no_tables(sql):
    assert canonical(sql, "sqlite") is None
    assert tables(sql, "sqlite") == []
    assert isinstance(one(sql, "sqlite"), Failed)
    assert isinstance(transpiled(sql, "sqlite", "mysql"), Failed)


@given(each=st.sampled_from(HARMLESS), seed=st.integers(0, 2**32))
@settings(max_examples=200, deadline=None)
def test_blanks_comments_and_the_case_of_words_do_not_matter(each, seed):
    dialect, sql = each
    random = Random(seed)
    words, pieces = [], _lexical.read(sql, dialect)
    for piece in pieces:
        free = piece.kind == "name" and dialect != "mysql" and piece.text.isascii()
        words.append(random.choice([piece.text.upper(), piece.text.lower()]) if free else piece.text)
    blanks = [" ", "\n", "\t", " /* why; 'x */ ", " -- then\n"]
    gaps = [sql[left.end : right.start] for left, right in pairwise(pieces)]
    spelled = "".join(
        word + (random.choice(blanks) if gap else "") for word, gap in zip(words, [*gaps, ""], strict=True)
    )
    assert canonical(spelled, dialect) == canonical(sql, dialect)


@pytest.mark.parametrize(("dialect", "sql"), HARMLESS)
def test_a_canonical_text_is_its_own(dialect, sql):
    text = canonical(sql, dialect)
    assert text is not None
    assert canonical(text, dialect) == text


@pytest.mark.parametrize(
    ("dialect", "sql", "found"),
    [
        ("sqlite", "SELECT 1", []),
        (
            "sqlite",
            "SELECT * FROM a, b AS x JOIN main.c ON 1 WHERE EXISTS (SELECT 1 FROM d)",
            ["a", "b", "main.c", "d"],
        ),
        ("sqlite", 'SELECT * FROM "My Table" UNION SELECT * FROM [b c]', ["My Table", "b c"]),
        ("sqlite", "WITH x AS (SELECT * FROM t) SELECT * FROM x JOIN X AS y", ["t"]),
        ("sqlite", "WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x) SELECT * FROM x", []),
        ("sqlite", "SELECT * FROM t WHERE id IN u AND v IN (1, 2)", ["t", "u"]),
        ("sqlite", "SELECT * FROM json_each('[1]') JOIN t", ["t"]),
        ("sqlite", "SELECT * FROM t AS a JOIN t AS b", ["t"]),
        ("postgres", "WITH x AS (SELECT * FROM x) SELECT * FROM x", ["x"]),
        ("postgres", "WITH RECURSIVE x AS (SELECT * FROM x) SELECT * FROM x", []),
        ("postgres", "WITH a AS (SELECT 1), b AS (SELECT * FROM a, c) SELECT * FROM b, s.a", ["s.a", "c"]),
        ("mysql", "SELECT * FROM `a` . `b` JOIN c USING (id)", ["a.b", "c"]),
    ],
)
def test_tables_are_those_of_the_database(dialect, sql, found):
    assert sorted(tables(sql, dialect)) == sorted(found)


@pytest.mark.parametrize(
    ("source", "target", "sql", "written"),
    [
        (
            "sqlite",
            "postgres",
            "SELECT ifnull(a, 1) FROM t LIMIT 2, 3",
            "SELECT COALESCE(a, 1) FROM t LIMIT 3 OFFSET 2",
        ),
        ("mysql", "postgres", "SELECT `a b` FROM t", 'SELECT "a b" FROM t'),
        ("postgres", "mysql", 'SELECT "a b" FROM t', "SELECT `a b` FROM t"),
        ("postgres", "sqlite", "SELECT a::text FROM t", "SELECT CAST(a AS TEXT) FROM t"),
    ],
)
def test_a_query_is_written_in_another_dialect(source, target, sql, written):
    assert transpiled(sql, source, target) == written


def test_what_is_nested_too_deeply_is_said():
    assert str(one("SELECT " + "NOT " * 4_000 + "1", "sqlite")) == "refused: nested too deeply to be read"
    assert str(one("SELECT " + "(" * 101 + "1" + ")" * 101, "sqlite")) == "refused: nested deeper than 100 levels"
    assert not isinstance(one("SELECT " + "(" * 20 + "1" + ")" * 20, "sqlite"), Failed)


def test_how_deep_a_query_may_be_does_not_depend_on_who_asks():
    def asked(depth):
        return one(f"SELECT {'(' * 20}{depth}{')' * 20}", "sqlite") if depth == 0 else asked(depth - 1)

    assert not isinstance(asked(850), Failed)


def test_doubts_of_the_parser_are_not_logged(caplog):
    assert canonical("SELECT json_extract(a, '$.\"') FROM t", "sqlite") is not None
    assert not caplog.records
