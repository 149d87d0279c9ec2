from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from dataflow_ops.databases.limits import Limits
from dataflow_ops.databases.result import Failed
from dataflow_ops.databases.schema import ForeignKey
from dataflow_ops.databases.servers import MySql, Postgres, engine
from dataflow_ops.errors import BadArgument, BadSource, Transient
from tests.databases.servers import PASSWORD, superuser_of

QUICK = Limits(seconds=5.0, rows=5, mib=1.0)
SHOP = """
CREATE TABLE buyers (id serial PRIMARY KEY, name text NOT NULL, email varchar(40), "Born In" text);
COMMENT ON TABLE buyers IS 'who buys';
COMMENT ON COLUMN buyers.name IS 'as on the bill';
CREATE TABLE lines (
  id int, buyer int REFERENCES buyers, total numeric(10, 2), at timestamptz, scan bytea, tags text[],
  PRIMARY KEY (id, buyer));
CREATE VIEW spent AS SELECT buyer, sum(total) AS total FROM lines GROUP BY buyer;
CREATE TABLE parts (n int) PARTITION BY RANGE (n);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (9);
CREATE SCHEMA hidden; CREATE TABLE hidden.t (a int);
INSERT INTO buyers (name, email, "Born In") VALUES ('Ann', 'ann@example.org', 'Rome'), ('Bob', NULL, 'Oslo');
INSERT INTO lines VALUES (1, 1, 9.5, '2024-01-01 10:00+02', '\\x00ff', '{a,b}'), (2, 2, NULL, NULL, NULL, NULL);
GRANT SELECT ON buyers TO reader;
"""


@pytest.fixture(scope="module")
def server(postgres):
    with superuser_of(postgres) as connection:
        connection.execute(SHOP)
        yield postgres
        connection.execute("DROP SCHEMA hidden CASCADE; DROP TABLE buyers, lines, parts CASCADE")


@pytest.fixture(scope="module")
def shop(server):
    found = engine(server.url)
    assert isinstance(found, Postgres)
    yield found
    found.close()


def test_tables_and_views_of_the_search_path_are_told(shop):
    schema = shop.schema()
    assert schema.dialect == "postgres"
    assert [(each.name, each.view) for each in schema.tables] == [
        ("buyers", False), ("lines", False), ("parts", False), ("spent", True),
    ]  # fmt: skip
    buyers, lines = schema.by_name["buyers"], schema.by_name["lines"]
    assert (buyers.comment, buyers.primary_key) == ("who buys", ("id",))
    assert [(each.name, each.type, each.nullable, each.comment, each.examples) for each in buyers.columns] == [
        ("id", "integer", False, None, ("1", "2")),
        ("name", "text", False, "as on the bill", ("<name>",)),
        ("email", "character varying(40)", True, None, ("<email>",)),
        ("Born In", "text", True, None, buyers.columns[3].examples),
    ]
    assert lines.primary_key == ("id", "buyer")
    assert lines.foreign_keys == (ForeignKey(("buyer",), "buyers", ("id",)),)
    assert lines.sample[0] == ("1", "1", "9.50", "2024-01-01 08:00:00+00", None, "{a,b}")


def test_a_table_that_may_not_be_read_has_no_examples(server):
    reader = Postgres(server.reader)
    schema = reader.schema()
    refused = reader.run("SELECT * FROM lines", QUICK)
    reader.close()
    assert schema.by_name["buyers"].sample
    assert schema.by_name["lines"].columns[0].type == "integer"
    assert schema.by_name["lines"].sample == ()
    assert refused == Failed("refused", "permission denied for table lines")


@pytest.mark.parametrize(
    ("sql", "row"),
    [
        ("SELECT total, at, scan, tags FROM lines ORDER BY id",
         (Decimal("9.50"), datetime(2024, 1, 1, 8, tzinfo=UTC), b"\0\xff", ("a", "b"))),
        ("SELECT 1, 2.5::float8, true, NULL, '', 'NaN'::float8 = 'NaN'::float8", (1, 2.5, True, None, "", True)),
        ("SELECT date '2024-02-29', time '10:30', interval '90 minutes'",
         (date(2024, 2, 29), time(10, 30), timedelta(minutes=90))),
        ("SELECT 'infinity'::date, '0044-03-15 BC'::date, '24:00'::time, interval '1 month'",
         ("infinity", "0044-03-15 BC", "24:00:00", "1 mon")),
        ("SELECT '{\"a\": [1]}'::jsonb, ARRAY[[1, 2], [3, NULL]]", ('{"a": [1]}', ((1, 2), (3, None)))),
        ("SELECT int4range(1, 5), inet '1.2.3.4', '6b1f64c5-6d0a-4f4e-8f0a-6b1f64c56d0a'::uuid",
         ("[1, 5)", "1.2.3.4", UUID("6b1f64c5-6d0a-4f4e-8f0a-6b1f64c56d0a"))),
        ("SELECT '%s', '100%', 1 % 2; -- done", ("%s", "100%", 1)),
        ("VALUES (1)", (1,)),
        ("SELECT", ()),
    ],
)  # fmt: skip
def test_values_are_those_of_python_or_text(shop, sql, row):
    assert shop.run(sql, QUICK).rows[0] == row


@pytest.mark.parametrize(
    ("sql", "kind", "detail"),
    [
        ("SELEC 1", "syntax", 'syntax error at or near "SELEC"'),
        ("", "syntax", "end of input"),
        ("SELECT 1\0", "syntax", "NUL"),
        ("SELECT '\ud800'", "syntax", "surrogates"),
        ("SELECT * FROM clients", "unknown name", "clients"),
        ("SELECT price FROM lines", "unknown name", "price"),
        ("SELECT nothing(1)", "unknown name", "nothing"),
        ("SELECT 1 / 0", "error", "division by zero"),
        ("SELECT 1; SELECT 2", "refused", "multiple commands"),
        ("DELETE FROM lines", "syntax", "DELETE"),
        ("WITH gone AS (DELETE FROM lines RETURNING *) SELECT * FROM gone", "refused", "DECLARE CURSOR"),
        ("SELECT * FROM lines FOR UPDATE", "refused", "read-only"),
        ("SELECT pg_sleep(60)", "time", "stopped after 0.5 s"),
    ],
)
def test_a_statement_that_fails_says_why_and_the_next_one_works(shop, sql, kind, detail):
    failed = shop.run(sql, Limits(seconds=0.5))
    assert isinstance(failed, Failed), failed
    assert failed.kind == kind
    assert detail in failed.detail
    assert shop.run("SELECT 1", QUICK).rows == ((1,),)


@pytest.mark.parametrize("rows", [1, 7, 8, 9, 136, 1000])
def test_a_result_is_cut_at_its_rows_and_at_no_other_place(shop, rows):
    sql = "SELECT n FROM generate_series(1, {}) n"
    limits = Limits(rows=rows)
    whole, cut = shop.run(sql.format(rows), limits), shop.run(sql.format(rows + 1), limits)
    assert (whole.truncated, cut.truncated) == (False, True)
    assert whole.rows == cut.rows == tuple((n + 1,) for n in range(rows))


def test_explain_plans_and_runs_nothing(shop):
    assert shop.explain("SELECT name, pg_sleep(60) FROM buyers", QUICK) is None
    assert shop.explain("SELECT * FROM clients", QUICK).kind == "unknown name"
    assert shop.explain("(ANALYZE) SELECT 1", QUICK).kind == "syntax"
    assert shop.explain("DELETE FROM lines", QUICK).kind == "syntax"


def test_a_lost_connection_is_made_again(server, shop):
    ((number,),) = shop.run("SELECT pg_backend_pid()", QUICK).rows
    with superuser_of(server) as connection:
        connection.execute("SELECT pg_terminate_backend(%s)", [number])
    assert shop.run("SELECT 2", QUICK).rows == ((2,),)
    lost = shop.run("SELECT pg_terminate_backend(pg_backend_pid())", QUICK)
    assert lost.kind == "error"
    assert shop.run("SELECT 3", QUICK).rows == ((3,),)


@pytest.mark.parametrize(
    ("old", "new", "error", "said"),
    [
        (PASSWORD, "wrong-one", BadSource, "password authentication failed"),
        ("/shop", "/nowhere", BadSource, 'database "nowhere" does not exist'),
        ("host=/tmp", "host=/nowhere", Transient, "No such file"),
        (f":{PASSWORD}@", f":{PASSWORD}@127.0.0.1:1", Transient, "127.0.0.1"),
    ],
)
def test_a_server_that_is_away_may_come_back_and_one_that_says_no_will_not(server, old, new, error, said):
    url = server.url.replace(old, new)
    away = Postgres(url.partition("?")[0] if "127" in new else url)
    with pytest.raises(error, match=said) as raised:
        away.schema()
    away.close()
    assert PASSWORD not in str(raised.value)
    assert "wrong-one" not in str(raised.value)


@pytest.mark.parametrize(
    ("open_it", "url"),
    [(Postgres, "mysql://a:secret@h/shop"), (MySql, "postgresql://a:secret@h/shop"), (Postgres, "secret"),
     (Postgres, "postgresql://a:secret@h"), (engine, "oracle://a:secret@h/shop")],
)  # fmt: skip
def test_an_address_that_does_not_fit_is_refused_without_its_password(open_it, url):
    with pytest.raises(BadArgument, match="expected .*://user") as raised:
        open_it(url)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_a_server_is_known_by_all_its_names(scheme):
    assert isinstance(engine(f"{scheme}://reader@127.0.0.1:9/shop"), Postgres)
