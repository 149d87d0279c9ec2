from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.databases.components import LABELS, Counts, counts, difficulty, label
from dataflow_ops.databases.result import Failed
from tests.databases.harmless import HARMLESS

EASY = [
    "SELECT name FROM singer",
    "SELECT min_price, inside FROM trains",
    "SELECT joined, ordering, likes, union_name, existing FROM limits",
    "SELECT count(*) FROM singer",
    "SELECT max(age) FROM singer WHERE country = 'France and Spain or Italy'",
    "SELECT name, country, age FROM singer ORDER BY age DESC",
    "SELECT DISTINCT country FROM singer WHERE age > 20",
    "SELECT location, name FROM stadium WHERE capacity BETWEEN 5000 AND 10000",
    "SELECT name FROM singer WHERE country IN ('a', 'b', 'c')",
    "SELECT T1.name, T2.title FROM singer AS T1 JOIN song AS T2 ON T1.id = T2.singer AND T1.x = T2.y",
    "SELECT CASE WHEN a > 1 THEN 'x' ELSE 'y' END FROM t",
    "SELECT 'ORDER BY LIMIT UNION (SELECT' FROM t -- JOIN (SELECT 1)",
    "VALUES (1, 2)",
    "(SELECT a, b FROM t)",
]
MEDIUM = [
    "SELECT avg(age), min(age), max(age) FROM singer WHERE country = 'France'",
    "SELECT country, count(*) FROM singer GROUP BY country",
    "SELECT T2.name, count(*) FROM concert AS T1 JOIN stadium AS T2 ON T1.s = T2.s GROUP BY T1.s",
    "SELECT name FROM concert WHERE year = 2014 AND month = 5",
    "SELECT name FROM t GROUP BY name HAVING count(*) > 1",
    "SELECT name, rank() OVER (ORDER BY age) FROM singer",
    "SELECT a FROM t JOIN u ON t.i = u.i JOIN v ON v.i = u.i",
    "SELECT a FROM t, u, v",
    "SELECT name FROM t ORDER BY age DESC LIMIT 1",
    "SELECT name FROM t WHERE name LIKE '%x%'",
    "SELECT round(a), upper(b) FROM t",
]
HARD = [
    "SELECT name FROM stadium WHERE id NOT IN (SELECT stadium FROM concert)",
    "SELECT song FROM singer WHERE age > (SELECT avg(age) FROM singer)",
    "SELECT country FROM singer WHERE age > 40 INTERSECT SELECT country FROM singer WHERE age < 30",
    "SELECT a FROM t WHERE b LIKE '%x%' OR c = 1",
    "SELECT (SELECT count(*) FROM u WHERE u.id = t.id) FROM t",
    "SELECT x FROM (SELECT a AS x FROM t) AS s",
    "WITH a AS (SELECT x FROM t) SELECT * FROM a",
    "SELECT a, b, sum(c), avg(d) FROM t WHERE x = 1 AND y = 2 GROUP BY a, b",
    "SELECT a FROM t JOIN u USING (i) JOIN v USING (j) WHERE b = 1",
]
EXTRA = [
    "SELECT T2.name FROM c AS T1 JOIN s AS T2 ON T1.s = T2.s WHERE T1.y > 4 GROUP BY T2.s ORDER BY count(*) DESC LIMIT 1",
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 5) SELECT x FROM c",
    "SELECT a FROM t UNION SELECT b FROM u UNION SELECT c FROM v",
    "SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u) AND b IN (1, 2)",
    "SELECT a FROM t WHERE b IN (SELECT b FROM u WHERE c IN (SELECT c FROM v WHERE d > (SELECT avg(d) FROM v) AND e = 1))",
    "WITH q AS (SELECT a, count(*) AS n FROM t JOIN u USING (i) WHERE a > 1 OR b < 2 GROUP BY a) SELECT n FROM q",
    "SELECT a, sum(b) OVER (PARTITION BY c ORDER BY d), lag(b) OVER (ORDER BY d) FROM t WHERE e = 1",
]
LABELLED = [(sql, level) for level, queries in zip(LABELS, (EASY, MEDIUM, HARD, EXTRA), strict=True) for sql in queries]


@pytest.mark.parametrize(("sql", "level"), LABELLED)
def test_a_query_is_as_hard_as_its_components(sql, level):
    assert difficulty(counts(sql, "sqlite")) == level


ALL = """
WITH c AS (SELECT DISTINCT x FROM t0 WHERE p LIKE 'a' OR q = 1)
SELECT t1.a, count(*) AS n, CASE WHEN b THEN 1 END, (SELECT max(z) FROM t2), upper(trim(d)), sum(e) OVER (ORDER BY f)
FROM t1 JOIN c ON t1.x = c.x, (SELECT g FROM t3) AS s
WHERE t1.i IN (SELECT i FROM t4) AND NOT EXISTS (SELECT 1 FROM t5) AND h BETWEEN 1 AND 2
GROUP BY t1.a, t1.b HAVING count(*) > (SELECT 1) ORDER BY n DESC, (SELECT 2) LIMIT 3
"""


def test_everything_is_counted_once():
    found = asdict(counts(ALL, "sqlite"))
    assert found == {
        "columns": 6, "tables": 7, "joins": 2, "where_conditions": 5, "group_columns": 2, "having_conditions": 1,
        "order_columns": 2, "limits": 1, "distincts": 1, "set_operations": 0, "common_tables": 1, "subqueries_from": 1,
        "subqueries_where": 2, "subqueries_having": 1, "subqueries_select": 1, "subqueries_elsewhere": 1, "aggregates": 3,
        "windows": 1, "functions": 2, "ors": 1, "likes": 1, "ins": 1, "exists": 1, "cases": 1,
        "clauses": 10, "nested": 7, "extras": 5,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("dialect", "sql", "some"),
    [
        ("sqlite", "SELECT strftime('%Y', a), date(b) FROM t", {"functions": 2, "columns": 2}),
        ("sqlite", "SELECT total(a), group_concat(b), count(DISTINCT c) FROM t", {"aggregates": 3, "functions": 0}),
        ("sqlite", "SELECT iif(a, 1, 2), CASE WHEN a THEN 1 WHEN b THEN 2 END FROM t", {"cases": 2, "functions": 0}),
        ("sqlite", "SELECT a FROM t UNION SELECT b FROM u ORDER BY 1 LIMIT 2", {"set_operations": 1, "limits": 1,
                                                                               "order_columns": 1}),
        ("sqlite", "SELECT * FROM t", {"columns": 1, "tables": 1, "joins": 0}),
        ("sqlite", "VALUES (1, 2, 3)", {"columns": 3, "tables": 0}),
        ("postgres", "SELECT count(*) FILTER (WHERE a) OVER w FROM t WINDOW w AS (ORDER BY b)", {"windows": 1,
                                                                                                "aggregates": 0}),
        ("postgres", "SELECT mode() WITHIN GROUP (ORDER BY a) FROM t FETCH FIRST 2 ROWS ONLY", {"aggregates": 1, "limits": 1}),
        ("postgres", "SELECT a FROM t WHERE b ILIKE 'x' OR c ~ 'y' OR d SIMILAR TO 'z'", {"likes": 3, "ors": 2}),
        ("postgres", "SELECT a::int FROM t, LATERAL (SELECT 1) x", {"subqueries_from": 1, "functions": 0, "joins": 1}),
        ("mysql", "SELECT IF(a, 1, 2) FROM t WHERE b REGEXP 'x'", {"cases": 1, "likes": 1}),
        ("mysql", "SELECT a FROM t GROUP BY a WITH ROLLUP", {"group_columns": 1}),
    ],
)  # fmt: skip
def test_components_of_each_dialect(dialect, sql, some):
    found = asdict(counts(sql, dialect))
    assert {name: found[name] for name in some} == some


@pytest.mark.parametrize("sql", ["", "SELECT (", "DROP TABLE t", "SELECT 1; SELECT 2"])
def test_what_is_no_query_has_no_components(sql):
    assert isinstance(counts(sql, "sqlite"), Failed)


@pytest.mark.parametrize(("dialect", "sql"), HARMLESS)
def test_every_query_has_a_level(dialect, sql):
    found = counts(sql, dialect)
    assert isinstance(found, Counts)
    assert difficulty(found) in LABELS


@given(parts=st.tuples(st.integers(0, 6), st.integers(0, 3), st.integers(0, 5)), place=st.integers(0, 2))
def test_more_of_anything_is_never_easier(parts, place):
    more = [each + (at == place) for at, each in enumerate(parts)]
    assert LABELS.index(label(*more)) >= LABELS.index(label(*parts))
