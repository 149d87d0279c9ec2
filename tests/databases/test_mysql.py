from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from dataflow_ops.databases.limits import Limits
from dataflow_ops.databases.result import Failed
from dataflow_ops.databases.schema import ForeignKey
from dataflow_ops.databases.servers import MySql, engine
from dataflow_ops.errors import BadSource, Transient
from tests.databases.servers import PASSWORD, superuser_of

QUICK = Limits(seconds=5.0, rows=5, mib=1.0)
SHOP = [
    """CREATE TABLE buyers (id int PRIMARY KEY AUTO_INCREMENT, name varchar(50) NOT NULL COMMENT 'as on the bill',
    email text, `born in` varchar(20)) COMMENT 'who buys'""",
    """CREATE TABLE items (id int, buyer int, total decimal(10, 2), at datetime, scan blob, kind enum('new', 'used'),
    PRIMARY KEY (id, buyer), CONSTRAINT k FOREIGN KEY (buyer) REFERENCES buyers (id))""",
    "CREATE VIEW spent AS SELECT buyer, sum(total) AS total FROM items GROUP BY buyer",
    "INSERT INTO buyers (name, email, `born in`) VALUES ('Ann', 'ann@example.org', 'Rome'), ('Bob', NULL, 'Oslo')",
    "INSERT INTO items VALUES (1, 1, 9.5, '2024-01-01 10:00', x'00ff', 'new'), (2, 2, NULL, NULL, NULL, NULL)",
    "GRANT SELECT ON shop.buyers TO reader@localhost",
]


@pytest.fixture(scope="module")
def server(mariadb):
    with superuser_of(mariadb) as connection, connection.cursor() as cursor:
        for statement in SHOP:
            cursor.execute(statement)
        yield mariadb
        cursor.execute("DROP VIEW spent")
        cursor.execute("DROP TABLE items, buyers")


@pytest.fixture(scope="module")
def shop(server):
    found = engine(server.url)
    assert isinstance(found, MySql)
    yield found
    found.close()


def test_tables_and_views_of_the_database_are_told(shop):
    schema = shop.schema()
    assert schema.dialect == "mysql"
    assert [(each.name, each.view) for each in schema.tables] == [("buyers", False), ("items", False), ("spent", True)]
    buyers, items = schema.by_name["buyers"], schema.by_name["items"]
    assert (buyers.comment, buyers.primary_key) == ("who buys", ("id",))
    assert [(each.name, each.type, each.nullable, each.comment) for each in buyers.columns] == [
        ("id", "int(11)", False, None),
        ("name", "varchar(50)", False, "as on the bill"),
        ("email", "text", True, None),
        ("born in", "varchar(20)", True, None),
    ]
    assert [each.examples for each in buyers.columns[:3]] == [("1", "2"), ("<name>",), ("<email>",)]
    assert items.primary_key == ("id", "buyer")
    assert items.foreign_keys == (ForeignKey(("buyer",), "buyers", ("id",)),)
    assert items.sample[0] == ("1", "1", "9.50", "2024-01-01 10:00:00", None, "new")


def test_a_table_that_may_not_be_read_has_no_examples(server):
    reader = MySql(server.reader)
    schema = reader.schema()
    refused = reader.run("SELECT * FROM items", QUICK)
    reader.close()
    assert [each.name for each in schema.tables] == ["buyers"]  # the server does not tell of others
    assert refused.kind == "refused"


@pytest.mark.parametrize(
    ("sql", "row"),
    [
        ("SELECT total, at, scan, kind FROM items ORDER BY id",
         (Decimal("9.50"), datetime(2024, 1, 1, 10), b"\0\xff", "new")),
        ("SELECT 1, 2.5e0, NULL, '', true", (1, 2.5, None, "", 1)),
        ("SELECT date '2024-02-29', time '30:00:00'", (date(2024, 2, 29), timedelta(hours=30))),
        ("SELECT '%s', '100%', 5 % 3;", ("%s", "100%", 2)),
        ("SELECT 'a' AS x, 'b' AS x # done", ("a", "b")),
        ("(SELECT 1) UNION ALL (SELECT 2) ORDER BY 1 DESC", (2,)),
        ("WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r WHERE x < 5000) SELECT count(*) FROM r", (5000,)),
        ("SELECT * FROM (VALUES (7)) AS v", (7,)),
        ("SELECT @kept", (None,)),
    ],
)  # fmt: skip
def test_values_are_those_of_python(shop, sql, row):
    shop.run("SELECT @kept := 1", QUICK)
    assert shop.run(sql, QUICK).rows[0] == row


@pytest.mark.parametrize(
    ("sql", "kind", "detail"),
    [
        ("SELEC 1", "syntax", "near 'SELEC 1'"),
        ("", "syntax", "SQL syntax"),
        ("SELECT '\ud800'", "syntax", "surrogates"),
        ("SELECT * FROM clients", "unknown name", "clients"),
        ("SELECT price FROM items", "unknown name", "price"),
        ("SELECT nothing(1)", "unknown name", "nothing"),
        ("SELECT a FROM (SELECT 1 AS a, 2 AS a) q", "error", "Duplicate column"),
        ("SELECT 1; SELECT 2", "syntax", "; SELECT 2"),
        ("DELETE FROM items", "syntax", "DELETE"),
        ("SELECT 1) OR (SELECT 2", "syntax", "OR (SELECT 2"),
        ("SELECT 1 /*! + 1 */", "refused", "orders to the server"),
        ("SELECT * FROM items FOR UPDATE", "refused", "READ ONLY"),
        ("SELECT SLEEP(60)", "time", "stopped after 0.5 s"),
        ("SELECT BENCHMARK(1000000000, MD5('x'))", "time", "more than 0.5 s"),
    ],
)
def test_a_statement_that_fails_says_why_and_the_next_one_works(shop, sql, kind, detail):
    failed = shop.run(sql, Limits(seconds=0.5))
    assert isinstance(failed, Failed), failed
    assert failed.kind == kind
    assert detail in failed.detail
    assert shop.run("SELECT 1", QUICK).rows == ((1,),)


def test_a_result_is_cut_at_the_limits(shop):
    numbers = "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r WHERE x < {}) SELECT x FROM r"
    assert shop.run(numbers.format(5), QUICK).truncated is False
    cut = shop.run(numbers.format(6), QUICK)
    assert (len(cut.rows), cut.truncated) == (5, True)
    large = shop.run(numbers.replace("SELECT x FROM", "SELECT repeat('x', 400000) FROM").format(5), QUICK)
    assert (len(large.rows), large.truncated) == (2, True)


def test_explain_plans_and_runs_nothing(shop):
    assert shop.explain("SELECT name, SLEEP(60) FROM buyers", QUICK) is None
    assert shop.explain("SELECT name FROM buyers ORDER BY price", QUICK).kind == "unknown name"
    assert shop.explain("DELETE FROM items", QUICK).kind == "syntax"


def test_a_lost_connection_is_made_again(server, shop):
    ((number,),) = shop.run("SELECT connection_id()", QUICK).rows
    with superuser_of(server) as connection, connection.cursor() as cursor:
        cursor.execute(f"KILL {number}")
    assert shop.run("SELECT 2", QUICK).rows == ((2,),)


@pytest.mark.parametrize(
    ("old", "new", "error", "said"),
    [
        (PASSWORD, "wrong-one", BadSource, "Access denied"),
        ("/shop", "/nowhere", BadSource, "Unknown database 'nowhere'"),
        ("=/tmp", "=/nowhere", Transient, "Can't connect"),
        ("localhost", "127.0.0.1:1", Transient, "127.0.0.1"),
    ],
)
def test_a_server_that_is_away_may_come_back_and_one_that_says_no_will_not(server, old, new, error, said):
    url = server.url.replace(old, new)
    away = MySql(url.partition("?")[0] if "127" in new else url)
    with pytest.raises(error, match=said) as raised:
        away.schema()
    away.close()
    assert PASSWORD not in str(raised.value)
    assert "wrong-one" not in str(raised.value)


@pytest.mark.parametrize("mode", ["ANSI", "ORACLE", "ANSI_QUOTES,NO_BACKSLASH_ESCAPES,ONLY_FULL_GROUP_BY"])
def test_quotes_mean_the_same_whatever_the_server_is_set_to(server, mode):
    with superuser_of(server) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT @@GLOBAL.sql_mode")
        (before,) = cursor.fetchone()
        cursor.execute("SET GLOBAL sql_mode = %s", (mode,))
        found = MySql(server.url)
        told = found.run("SELECT \"id\", 'it\\'s', @@sql_mode FROM buyers LIMIT 1", QUICK)
        found.close()
        cursor.execute("SET GLOBAL sql_mode = %s", (before,))
    assert told.rows[0][:2] == ("id", "it's"), "what stands in double quotes is a text"
    assert ("ONLY_FULL_GROUP_BY" in told.rows[0][2]) == ("ONLY_FULL" in mode)
