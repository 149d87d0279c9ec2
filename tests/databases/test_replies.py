import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.databases import replies
from dataflow_ops.databases.replies import sql_of
from dataflow_ops.fences import fenced

DRAFT = "```sql\nSELECT 1\n```\n"


@pytest.mark.parametrize(
    ("reply", "sql"),
    [
        (None, None),
        ("", None),
        ("SELECT 1", None),
        ("so `SELECT 1`", None),
        (DRAFT, "SELECT 1"),
        ("```SQL\r\n  SELECT 1 ;; \r\n```", "SELECT 1"),
        ("~~~sqlite\nSELECT 1\n~~~", "SELECT 1"),
        ("```\nSELECT 1\n```", "SELECT 1"),
        (f"{DRAFT}no, better:\n```postgresql\nSELECT 2\n```", "SELECT 2"),
        (f"{DRAFT}gives\n```\n1\n```", "SELECT 1"),
        (f"{DRAFT}gives\n```text\n1", "SELECT 1"),
        (f"{DRAFT}no, better:\n```sql\nSELECT 2, ", None),
        ("```sql\nSELECT 1", None),
        ("```sql\n ; \n```", None),
        ("```python\nprint(1)\n```", None),
        ("```sql\nSELECT ';'\n```", "SELECT ';'"),
        ("```sql\nSELECT '\u2028```\u2028'\n```", "SELECT '\u2028```\u2028'"),
        ("````sql\nSELECT '\n```\n'\n````", "SELECT '\n```\n'"),
    ],
)
def test_sql_is_what_the_reply_ends_in(reply, sql):
    assert sql_of(reply) == sql


@given(st.text(alphabet="`~sql;' \n-x"))
def test_any_text_gives_sql_or_none(reply):
    found = sql_of(reply)
    assert found is None or (found and found in reply and found == found.strip())


@given(
    st.text(st.characters(codec="utf-8", exclude_characters="`~")),
    st.text(st.characters(codec="utf-8", exclude_characters="\r;")),
)
def test_what_is_fenced_is_found_again(before, sql):
    assert sql_of(f"{before}\n\n{fenced(sql, 'sql')}") == (sql.strip() or None)


def test_the_example_works():
    assert doctest.testmod(replies).failed == 0
