"""Pairs of queries over a small SQLite database, and whether they answer the same; the first is the one that is right."""

from typing import NamedTuple

SETUP = """
CREATE TABLE staff(id INTEGER PRIMARY KEY, name TEXT, team TEXT, pay REAL, boss INTEGER, note TEXT, code TEXT, scan BLOB);
INSERT INTO staff VALUES
  (1, 'Ann', 'red', 10.1, NULL, NULL, '1', x'00'), (2, 'Bob', 'red', 20.2, 1, '', '2', x'01'),
  (3, 'Cy', 'blue', 30.3, 1, 'x', '3', NULL), (4, 'Dee', 'blue', 30.3, 2, 'X', '4', x'02'),
  (5, 'Eve', 'green', 0.1, 2, ' x', '5', x''), (6, 'Ann', 'green', 0.2, NULL, NULL, '6', x'00');
CREATE TABLE big(id INTEGER PRIMARY KEY, total INTEGER, rate REAL);
INSERT INTO big VALUES (100000001, 9007199254740993, 1e300), (100000002, 9007199254740992, -1e-300), (100000003, 0, 1e999);
CREATE TABLE empty(id INTEGER, name TEXT);
"""


class Pair(NamedTuple):
    right: str
    other: str
    equal: bool
    why: str


EQUAL = [
    ("SELECT count(*) FROM staff", "SELECT count(*) AS n FROM staff", "names of columns do not matter"),
    ("SELECT name, name FROM staff", "SELECT name AS a, name AS b FROM staff", "nor do names that appear twice"),
    ("SELECT name FROM staff", "SELECT name FROM staff ORDER BY pay DESC", "no order was asked for"),
    ("SELECT name FROM staff ORDER BY id", "SELECT name FROM staff ORDER BY id ASC", "the same order"),
    ("SELECT name FROM staff ORDER BY pay, id", "SELECT s.name FROM staff s ORDER BY s.pay, s.id", "by the same keys"),
    ("SELECT sum(pay) FROM staff", "SELECT sum(pay) FROM (SELECT pay FROM staff ORDER BY id DESC)", "sums in another order"),
    ("SELECT 0.1 + 0.2", "SELECT 0.3", "fractions are nearly equal"),
    ("SELECT avg(pay) FROM staff", "SELECT sum(pay) / count(pay) FROM staff", "a mean by its definition"),
    ("SELECT 1", "SELECT 1.0", "whole numbers may be fractions"),
    ("SELECT id = 1 FROM staff", "SELECT CASE id WHEN 1 THEN TRUE ELSE FALSE END FROM staff", "truth values are numbers"),
    ("SELECT note FROM staff WHERE id = 1", "SELECT NULL", "NULL is NULL"),
    ("SELECT id FROM empty", "SELECT name FROM staff WHERE 0", "nothing and nothing"),
    ("SELECT DISTINCT team FROM staff", "SELECT team FROM staff GROUP BY team", "two ways to say it"),
    ("SELECT name FROM staff WHERE boss IS NULL", "SELECT name FROM staff WHERE ifnull(boss, 0) = 0", "the same rows, twice the same name"),
    ("SELECT id, pay FROM staff", "SELECT id, pay * 3 / 3 FROM staff ORDER BY pay", "nearly equal, in any order"),
    ("SELECT scan FROM staff", "SELECT CAST(scan AS BLOB) FROM staff", "bytes"),
    ("SELECT max(pay) FROM staff", "SELECT pay FROM staff ORDER BY pay DESC LIMIT 1", "the highest"),
    ("SELECT team, count(*) FROM staff GROUP BY team", "SELECT team, sum(1) FROM staff GROUP BY 1 ORDER BY 2", "counts"),
    ("SELECT rate FROM big", "SELECT rate FROM big ORDER BY id DESC", "very large, very small, without end"),
    ("SELECT 1e-320", "SELECT 0.0", "too small to tell from nothing"),
    ("SELECT total FROM big WHERE id = 100000001", "SELECT 9007199254740993", "whole numbers beyond what fractions hold"),
    ("SELECT name FROM (SELECT name FROM staff ORDER BY id)", "SELECT name FROM staff ORDER BY id DESC",
     "an order within is none of the answer"),
]  # fmt: skip
DIFFERENT = [
    ("SELECT name FROM staff ORDER BY id", "SELECT name FROM staff ORDER BY id DESC", "the order was asked for"),
    ("SELECT name FROM staff ORDER BY id LIMIT 3", "SELECT name FROM staff WHERE id < 4 ORDER BY id DESC", "the same three in another order"),
    ("SELECT name FROM staff", "SELECT DISTINCT name FROM staff", "duplicates count"),
    ("SELECT name FROM staff", "SELECT name FROM staff UNION SELECT name FROM staff", "and UNION removes them"),
    ("SELECT team FROM staff", "SELECT team FROM staff UNION ALL SELECT team FROM staff", "twice as often"),
    ("SELECT team FROM staff WHERE id < 4", "SELECT team FROM staff WHERE id IN (1, 3, 4)", "as many rows, other duplicates"),
    ("SELECT note FROM staff WHERE id = 1", "SELECT ''", "NULL is no empty text"),
    ("SELECT note FROM staff WHERE id = 1", "SELECT 'None'", "NULL is no word"),
    ("SELECT note FROM staff WHERE id = 1", "SELECT 0", "NULL is no number"),
    ("SELECT id FROM staff", "SELECT code FROM staff", "text is no number"),
    ("SELECT note FROM staff WHERE id = 3", "SELECT note FROM staff WHERE id = 4", "case counts"),
    ("SELECT note FROM staff WHERE id = 3", "SELECT note FROM staff WHERE id = 5", "blanks count"),
    ("SELECT scan FROM staff WHERE id = 2", "SELECT char(1)", "bytes are no text"),
    ("SELECT name, team FROM staff", "SELECT team, name FROM staff", "the order of columns counts"),
    ("SELECT name FROM staff", "SELECT name, id FROM staff", "one column more"),
    ("SELECT name, name FROM staff", "SELECT name FROM staff", "one column less"),
    ("SELECT name FROM staff", "SELECT name FROM staff WHERE id < 6", "one row less"),
    ("SELECT count(*) FROM staff", "SELECT count(note) FROM staff", "another count"),
    ("SELECT id FROM big WHERE id = 100000001", "SELECT id FROM big WHERE id = 100000002", "ids are equal or not"),
    ("SELECT total FROM big WHERE id = 100000001", "SELECT total FROM big WHERE id = 100000002", "large ids as well"),
    ("SELECT 1234567.89", "SELECT 1234567.88", "a cent in a million"),
    ("SELECT julianday('2024-01-01')", "SELECT julianday('2024-01-02')", "a day"),
    ("SELECT 0.333", "SELECT 1.0 / 3", "rounded is another number"),
    ("SELECT rate FROM big WHERE id = 100000003", "SELECT rate FROM big WHERE id = 100000001", "large is not without end"),
    ("SELECT id FROM empty", "SELECT NULL", "nothing is not one NULL"),
    ("SELECT count(*) FROM empty", "SELECT count(*) FROM empty GROUP BY id", "zero is not nothing"),
    ("SELECT name, boss FROM staff WHERE id < 3", "SELECT name, 1 FROM staff WHERE id < 3", "a NULL in one of two rows"),
    ("SELECT id, team FROM staff WHERE id IN (2, 3)", "SELECT 2, 'blue' UNION ALL SELECT 3, 'red'",
     "the same values in other rows"),
]  # fmt: skip
PAIRS = [*(Pair(right, other, True, why) for right, other, why in EQUAL),
         *(Pair(right, other, False, why) for right, other, why in DIFFERENT)]  # fmt: skip
