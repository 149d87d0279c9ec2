import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.databases._ddl import MOST, comments, module


@pytest.mark.parametrize(
    ("sql", "table", "columns"),
    [
        (None, None, {}),
        ("CREATE TABLE t (a, b)", None, {}),
        ("CREATE TABLE t (a INT, -- first\n b TEXT /* second */, c)", None, {"a": "first", "b": "second"}),
        ("CREATE TABLE t ( -- what it is\n a INT)", "what it is", {}),
        ("CREATE TABLE t /* what\n   it is */ (a INT)", "what it is", {}),
        ("CREATE TABLE t (\n -- about a\n a INT,\n -- about b\n b INT)", "about a", {"b": "about b"}),
        ("CREATE TABLE t (a DECIMAL(10, 2), -- price\n \"b c\" INT -- x\n)", None, {"a": "price", "b c": "x"}),
        ("CREATE TABLE t (a TEXT DEFAULT '-- no', b TEXT DEFAULT ', /*' /* yes */)", None, {"b": "yes"}),
        ("CREATE TABLE t (`a``b` INT /* x */, [c,d] INT -- y\n)", None, {"a`b": "x", "c,d": "y"}),
        ("CREATE TABLE t (a INT CHECK (a > (1 + 2)) -- small\n, PRIMARY KEY (a))", None, {"a": "small"}),
        ("CREATE TABLE t (a INT,\n -- keys\n PRIMARY KEY (a))", None, {}),
        ("CREATE TABLE t (a INT /* never closed", None, {"a": "never closed"}),
    ],
)  # fmt: skip
def test_comments_belong_to_what_they_stand_behind_or_before(sql, table, columns):
    told = comments(sql)
    assert (told.table, told.columns) == (table, columns)


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("CREATE VIRTUAL TABLE t USING fts5(a, b)", "fts5"),
        ('CREATE VIRTUAL TABLE "using" USING "FTS4" (a)', "fts4"),
        ("create virtual table /* using x */ t\nusing vec0(a float[3])", "vec0"),
        ("CREATE TABLE t (a)", ""),
        (None, ""),
    ],
)
def test_the_module_of_a_virtual_table(sql, name):
    assert module(sql) == name


@given(st.text(alphabet="ab(),-/*'\"`[]\n ;", max_size=200))
def test_any_text_is_read(sql):
    told = comments(f"CREATE TABLE t ({sql}")
    assert all(len(each) <= 200 and "\n" not in each for each in told.columns.values())


@pytest.mark.timeout(30)
@pytest.mark.parametrize("part", ["/*", "(", "'", '"', "-- x\n", "[", "a,"])
def test_a_huge_text_is_read_once(part):
    told = comments("CREATE TABLE t (a INT " + part * MOST)
    assert set(told.columns) <= {"a"}
