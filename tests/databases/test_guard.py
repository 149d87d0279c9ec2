from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.databases.guard import refusal, unstable
from dataflow_ops.databases.result import Failed
from dataflow_ops.databases.schema import Column, Schema, Table
from tests.databases.harmless import HARMLESS
from tests.databases.hostile import HOSTILE

DIALECTS = ("sqlite", "postgres", "mysql")
COLUMNS = (Column("id", "INTEGER"), Column("name", "TEXT"))


def _schema(dialect, *names):
    return Schema(dialect, tuple(Table(name, COLUMNS) for name in names))


SCHEMAS = {dialect: _schema(dialect, "customers", "order lines", "sales.items") for dialect in DIALECTS}


@pytest.mark.parametrize("each", HOSTILE, ids=lambda each: f"{each.dialect}: {each.sql[:50]!a}")
def test_hostile_statements_are_refused_and_what_only_reads_is_left_to_limits(each):
    for schema in (SCHEMAS[each.dialect], None):
        found = refusal(each.sql, each.dialect, schema)
        if each.kind == "limit":
            assert found is None
        elif "other." not in each.sql or schema is not None:
            assert isinstance(found, Failed)
            assert found.detail


def test_there_are_hostile_statements_of_every_kind():
    assert len({(each.dialect, each.sql) for each in HOSTILE}) == len(HOSTILE) >= 60
    kinds = Counter((each.dialect, each.kind) for each in HOSTILE)
    assert all(kinds[dialect, kind] for dialect in DIALECTS for kind in ("refused", "limit"))


@pytest.mark.parametrize(("dialect", "sql"), HARMLESS)
def test_what_people_ask_of_databases_is_let_through(dialect, sql):
    assert refusal(sql, dialect) is None


@pytest.mark.parametrize(
    ("dialect", "sql", "said"),
    [
        ("sqlite", "SELECT id FROM custmers", "unknown name: there is no table 'custmers'; did you mean 'customers'?"),
        ("sqlite", 'SELECT id FROM Customers c, "Order Lines", main.customers', None),
        ("sqlite", "WITH recent AS (SELECT 1) SELECT * FROM recent, (SELECT 2) AS other", None),
        ("sqlite", "WITH a AS (SELECT 1) SELECT * FROM a JOIN b", "unknown name: there is no table 'b'"),
        ("sqlite", "SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a), a", "unknown name: there is no table 'a'"),
        ("postgres", "WITH x AS (SELECT * FROM x) SELECT * FROM x", "unknown name: there is no table 'x'"),
        ("postgres", "WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT 1", "unknown name: there is no table 'b'"),
        ("postgres", "SELECT * FROM public.customers, sales.items", None),
        ("postgres", "SELECT * FROM hr.customers", "refused: table 'hr.customers' is of another schema"),
        ("postgres", "SELECT * FROM x.public.customers", "refused: table 'x.public.customers' is of another schema"),
        ("mysql", "SELECT * FROM items", "unknown name: there is no table 'items'; did you mean 'sales.items'?"),
        ("mysql", "SELECT 1 FROM dual", None),
        ("sqlite", "SELECT name FROM customers WHERE id IN customers", None),
        ("sqlite", "SELECT 1 IN accounts", "unknown name: there is no table 'accounts'"),
        ("sqlite", "SELEC 1", "syntax: a statement that begins with 'SELEC': expected SELECT, WITH or VALUES"),
        ("sqlite", "UPDATE x SET y = 1", "refused: a statement that begins with 'UPDATE'"),
        ("sqlite", "SELECT (1", "syntax: Expecting ), line 1, column 9"),
        ("sqlite", "SELECT 'a", 'syntax: "\'a" has no end'),
        ("sqlite", " -- nothing", "syntax: there is no statement"),
        ("sqlite", "SELECT 1_000", "refused: number '1_000' runs into letters"),
        ("sqlite", "SELECT readfile('x')", "refused: function 'readfile' is not among those known to only read"),
        ("sqlite", "SELECT embed(name) FROM customers", "refused: function 'embed' does not take these arguments"),
        ("postgres", "SELECT repeat('ab', 3), lpad(name, 20)", None),
        ("postgres", "SELECT repeat(name, id) FROM customers", "refused: 'repeat' to a length that is not a number up to"),
        ("postgres", "SELECT hr.lower('A')", "refused: function 'lower' is named with a schema"),
        ("mysql", "SELECT 5--3", "refused: '--' opens no comment"),
    ],
)  # fmt: skip
def test_refusals_name_the_thing(dialect, sql, said):
    found = refusal(sql, dialect, SCHEMAS[dialect])
    assert (found is None) if said is None else str(found).startswith(said)


@pytest.mark.parametrize(
    ("dialect", "sql", "names"),
    [
        ("sqlite", "SELECT name FROM customers ORDER BY random() LIMIT 1", ["random"]),
        ("sqlite", "SELECT date('now', '-1 day'), current_timestamp", ["current_timestamp", "'now'"]),
        ("sqlite", "SELECT date(), strftime('%Y'), julianday('NOW')", ["date", "strftime", "'now'"]),
        ("sqlite", "SELECT date(born), strftime('%Y', born), time(born, '+1 hour') FROM t", []),
        ("sqlite", "SELECT datetime(born, 'localtime') FROM t", ["'localtime'"]),
        ("sqlite", "SELECT 'now', random FROM t WHERE name = 'now()'", []),
        ("postgres", "SELECT now(), NOW() - born, 'today'::date, t.now FROM t", ["now", "'today'"]),
        ("postgres", "SELECT age(born), age(a, b), CURRENT_DATE FROM t", ["age", "current_date"]),
        ("postgres", "SELECT age(a, date_trunc('day', b)), t.current_date FROM t TABLESAMPLE SYSTEM (5)", ["tablesample"]),
        ("mysql", "SELECT CURDATE(), UNIX_TIMESTAMP(), UNIX_TIMESTAMP(a), RAND()", ["curdate", "unix_timestamp", "rand"]),
        ("mysql", "SELECT 'now', YEAR(a), DATE(a) FROM t", []),
        ("mysql", "not a query, now()", []),
    ],
)  # fmt: skip
def test_clocks_and_chance_are_named(dialect, sql, names):
    assert unstable(sql, dialect) == names


DOUBTFUL = st.sampled_from(["'", '"', "`", "[", "]", "/*", "*/", "--", "#", ";", "$$", "\\", "\0", "\r", "\ufeff", "(", ")",
                            "@", ":", "E'", "U&'", "/*!", "{", "0x", "1e", "\ud800", "SELECT", "WITH", " "])  # fmt: skip


@given(dialect=st.sampled_from(DIALECTS), sql=st.one_of(st.text(), st.lists(DOUBTFUL).map("".join)))
@settings(max_examples=300, deadline=None)
def test_no_text_makes_it_raise(dialect, sql):
    assert isinstance(refusal(sql, dialect), Failed | None)
    assert unstable("SELECT " + sql, dialect) is not None


@given(each=st.sampled_from(HARMLESS), seed=st.integers(0, 2**32), parts=st.lists(DOUBTFUL, max_size=3))
@settings(max_examples=300, deadline=None)
def test_no_change_to_a_query_makes_it_raise(each, seed, parts):
    dialect, sql = each
    random = Random(seed)
    for part in parts:
        start = random.randrange(len(sql) + 1)
        sql = sql[:start] + part + sql[min(len(sql), start + random.randrange(4)) :]
    assert isinstance(refusal(sql, dialect, SCHEMAS[dialect]), Failed | None)


@given(
    each=st.sampled_from(HARMLESS),
    more=st.sampled_from(["; DELETE FROM customers", " FOR UPDATE", " INTO OUTFILE 'x'"]),
)
@settings(max_examples=100, deadline=None)
def test_what_is_put_behind_a_query_does_not_pass(each, more):
    dialect, sql = each
    assert refusal(sql.rstrip("; \n") + "\n" + more, dialect) is not None
