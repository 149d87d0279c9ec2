from collections import Counter
from random import Random

import pytest
import sqlglot

from dataflow_ops.llm.rehearsal.sql_draw import LEVELS, Pen, Wish
from dataflow_ops.llm.rehearsal.sql_faults import mistaken
from dataflow_ops.llm.rehearsal.sql_hear import heard
from dataflow_ops.llm.rehearsal.sql_levels import drawn
from dataflow_ops.llm.rehearsal.sql_plan import nameless
from dataflow_ops.llm.rehearsal.sql_read import read
from dataflow_ops.llm.rehearsal.sql_say import said
from dataflow_ops.llm.rehearsal.sql_schema import tables_in
from dataflow_ops.llm.rehearsal.sql_vary import varied
from dataflow_ops.llm.rehearsal.sql_write import written
from tests.llm.sql_shop import LEAGUE, LEDGER, SCHEMA, opened, rows_of

SHOP = tables_in(SCHEMA)
KINDS = ("values", "structure", "business", "complexity", "features", "efficiency")
TRIED = ("", "ROUND, UPPER", "LENGTH", "STRFTIME, YEAR, EXTRACT")
QUERIES = [
    "SELECT name FROM customers WHERE city = 'Graz' AND (name LIKE 'A%' OR email IS NULL) ORDER BY name DESC LIMIT 3",
    (
        "SELECT c.city, COUNT(*) AS n, AVG(o.total) FROM customers c JOIN orders o ON o.customer_id = c.customer_id"
        " WHERE o.status IN ('open', 'paid') GROUP BY c.city HAVING n > 1 ORDER BY n DESC, 1"
    ),
    "SELECT name FROM customers WHERE customer_id NOT IN (SELECT customer_id FROM orders WHERE total > 90)",
    "SELECT c.name FROM customers c WHERE NOT EXISTS (SELECT * FROM orders o WHERE o.customer_id = c.customer_id)",
    (
        "WITH s AS (SELECT customer_id, SUM(total) AS spent FROM orders GROUP BY customer_id) SELECT name, spent FROM s"
        " JOIN customers c ON c.customer_id = s.customer_id WHERE spent > (SELECT AVG(spent) FROM s)"
    ),
    "SELECT name FROM customers UNION SELECT status FROM orders ORDER BY 1 DESC LIMIT 4",
    "SELECT customer_id FROM customers EXCEPT SELECT customer_id FROM orders WHERE total < 20 UNION ALL SELECT 7",
    (
        "SELECT strftime('%Y', ordered_on) y, ROUND(SUM(quantity * \"unit price\"), 2), MAX(CASE WHEN total > 5 THEN 1 END)"
        ' FROM orders LEFT JOIN "order items" i USING (order_id) GROUP BY y'
    ),
    "SELECT DISTINCT a.name FROM customers a JOIN customers b ON a.city = b.city AND a.customer_id <> b.customer_id",
    "SELECT name, RANK() OVER (PARTITION BY city ORDER BY name DESC) r, COUNT(*) OVER () FROM customers",
    "SELECT x.city FROM (SELECT city, COUNT(*) c FROM customers GROUP BY city) x WHERE x.c BETWEEN 1 AND 3",
    "SELECT * FROM orders WHERE total >= 10 AND NOT status = 'paid' AND NOT (status = 'a' OR total < 3)",
    "SELECT name FROM customers, orders WHERE customers.customer_id = orders.customer_id AND total NOT BETWEEN 0 AND 40",
    "SELECT COUNT(DISTINCT city) FROM customers WHERE LENGTH(name) > 3 AND LOWER(city) NOT LIKE '%r%'",
    "SELECT name AS customer_id FROM customers ORDER BY customer_id",
    "SELECT COUNT(*) FROM (SELECT customer_id FROM orders INTERSECT SELECT customer_id FROM customers)",
    "SELECT name FROM customers c WHERE (SELECT COUNT(*) FROM orders o WHERE o.customer_id = c.customer_id) > 3",
    "SELECT total * 2 + 1, total - (order_id - 1) FROM orders WHERE total / 2 > 20",
]


def plans(tables, count, dialect="sqlite"):
    for number in range(count):
        wish = Wish(LEVELS[number % 4], 1 + number % 5, TRIED[number % 3], dialect)
        yield number, drawn(tables, wish, Random(number))


def text_of(plan, tables, register):
    lets, core = said(plan, tables, register)
    return f"{lets}. Please provide {core}." if lets else f"Please provide {core}."


def test_the_schema_of_a_prompt_is_read():
    customers, orders, items = SHOP.tables
    assert [column.name for column in items.columns] == ["order_id", "line", "unit price", "quantity"]
    assert [column.kind for column in orders.columns] == ["number", "number", "text", "date", "number"]
    assert [column.key for column in orders.columns] == [True, True, False, False, False]
    assert customers.by_name["name"].examples == ("Ada", "O'Neil", "Émile")
    assert customers.by_name["email"].examples == ()
    assert [(key.columns, key.table, key.to) for key in items.foreign] == [(("order_id",), "orders", ("order_id",))]
    (ledger,) = tables_in(LEDGER).tables
    assert [(c.name, c.kind, c.examples) for c in ledger.columns] == [
        ("Wert in €", "number", ("3.5", "-2")),
        ("Tag", "date", ("2024-01-02 10:00:00",)),
        ("a`b", "text", ("it's", "50 % off")),
    ]


@pytest.mark.parametrize("dialect", ["sqlite", "postgres", "mysql"])
@pytest.mark.parametrize("schema", [SCHEMA, LEAGUE, LEDGER], ids=["shop", "league", "ledger"])
def test_drawn_plans_are_sql_of_every_dialect_and_are_read_back(schema, dialect):
    tables = tables_in(schema)
    for number, plan in plans(tables, 60, dialect):
        sql = written(plan, tables, dialect)
        assert isinstance(sqlglot.parse_one(sql, read=dialect), sqlglot.exp.Query), sql
        again = read(sql, tables, dialect)
        assert again is not None, (number, sql)
        assert written(again, tables, dialect) == sql


def test_drawn_plans_run_and_mostly_find_something():
    shop, found = opened(), Counter()
    for number, plan in plans(SHOP, 400):
        found[LEVELS[number % 4], bool(rows_of(shop, written(plan, SHOP, "sqlite")))] += 1
    assert all(found[level, True] >= 85 for level in LEVELS), found


@pytest.mark.parametrize("schema", [SCHEMA, LEAGUE, LEDGER], ids=["shop", "league", "ledger"])
def test_what_is_said_of_a_plan_is_heard_as_the_same_plan(schema):
    tables = tables_in(schema)
    for number, plan in plans(tables, 200):
        text = text_of(plan, tables, number % 3)
        again = heard(text, tables)
        assert again is not None, text
        assert written(nameless(again), tables, "sqlite") == written(nameless(plan), tables, "sqlite"), text


@pytest.mark.parametrize("sql", QUERIES)
@pytest.mark.parametrize("register", range(3))
def test_queries_of_people_are_read_said_and_heard_with_the_same_result(sql, register):
    plan = read(sql, SHOP, "sqlite")
    assert plan is not None
    again = heard(text_of(plan, SHOP, register), SHOP)
    assert again is not None, text_of(plan, SHOP, register)
    shop = opened()
    rows = shop.execute(sql).fetchall()
    assert sorted(rows, key=repr) == sorted(shop.execute(written(again, SHOP, "sqlite")).fetchall(), key=repr)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT nothing FROM customers",
        "SELECT name FROM nowhere",
        "UPDATE customers SET name = ''",
        "WITH RECURSIVE n AS (SELECT 1 UNION ALL SELECT 1) SELECT * FROM n",
        "SELECT name FROM customers NATURAL JOIN orders",
        "SELECT name FROM customers RIGHT JOIN orders USING (customer_id)",
        "SELECT name FROM customers ORDER BY name NULLS LAST",
        "SELECT name, (SELECT 1) + CASE WHEN EXISTS (SELECT 1) THEN 1 END FROM customers",
        "SELECT name FROM customers LIMIT 1 + 1",
    ],
)
def test_what_plans_do_not_know_is_not_read(sql):
    assert read(sql, SHOP, "sqlite") is None


def test_a_mistake_changes_a_plan_and_mostly_its_result():
    shop, differ = opened(), 0
    for number, plan in plans(SHOP, 200):
        wrong = mistaken(plan, Random(number))
        sql, other = written(plan, SHOP, "sqlite"), written(wrong, SHOP, "sqlite")
        assert sql != other
        differ += rows_of(shop, sql) != rows_of(shop, other)
    assert differ >= 120


@pytest.mark.parametrize("kind", KINDS)
def test_variations_run_and_those_of_structure_keep_the_result(kind):
    shop, found = opened(), Counter()
    for number, plan in plans(SHOP, 120):
        made = varied(plan, kind, Pen(SHOP, Random(number), Wish("moderate")))
        found["none"] += made is None
        if made is not None:
            sql, other = written(plan, SHOP, "sqlite"), written(made, SHOP, "sqlite")
            assert sql != other
            found["same"] += sorted(shop.execute(sql).fetchall(), key=repr) == sorted(shop.execute(other), key=repr)
    assert found["none"] <= 6
    assert (found["same"] + found["none"] == 120) == (kind in ("structure", "efficiency"))
