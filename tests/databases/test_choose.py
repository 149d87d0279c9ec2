from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.databases.choose import Choice, relevant
from dataflow_ops.databases.render import rendered, tokens
from dataflow_ops.databases.result import Failed
from dataflow_ops.databases.schema import Column, Schema, Table
from tests.databases.schemas import NOTES, SHOP, many

LARGE = {count: many(count) for count in (1, 30, 300)}
CHOICES = {count: Choice(schema) for count, schema in LARGE.items()}


def _chosen(schema=SHOP, *, needed=(), words="", max_tokens=4096, seed=0, others=None):
    return relevant(schema, needed=needed, words=words, max_tokens=max_tokens, draw=Random(seed), others=others)


def test_all_tables_are_shown_where_they_have_room():
    assert _chosen(needed=["Products"]) == ["customers", "notes", "order_items", "orders", "products"]


@pytest.mark.parametrize(
    ("needed", "words", "others", "expected"),
    [
        (["orders"], "", 0, ["orders"]),
        (["products", "ORDERS", "orders"], "", 0, ["orders", "products"]),
        (["products", "customers"], "", 2, ["customers", "order_items", "orders", "products"]),
        (["orders"], "What does a product cost?", 1, ["orders", "products"]),
        (["notes"], "how many pieces of each product were ordered", 2, ["notes", "order_items", "products"]),
        (["products"], "", 1, ["order_items", "products"]),
        ([], "who were the customers", 1, ["customers"]),
        ([], "who were the customers", 0, ["customers"]),
        ([], "lost ones", 1, ["orders"]),
    ],
)
def test_needed_tables_come_first_then_what_is_spoken_of_then_what_joins_them(needed, words, others, expected):
    assert _chosen(needed=needed, words=words, others=others) == expected


CASES = st.tuples(
    st.sampled_from([1, 30, 300]),
    st.integers(0, 6),
    st.integers(0, 4000),
    st.integers(0, 99),
    st.none() | st.integers(0, 9),
    st.sampled_from(["", "which stores had the most visits per city", "paid invoices of author 7"]),
    st.integers(0, 2),
)


@settings(deadline=None)
@given(CASES)
def test_the_limit_is_kept_and_what_is_needed_is_there(case):
    count, wanted, max_tokens, seed, others, words, rows = case
    schema = LARGE[count]
    names = [table.name for table in schema.tables]
    needed = Random(seed).sample(names, min(wanted, count))
    choice = Choice(schema, sample_rows=rows)
    found = [
        choice.relevant(needed=needed, words=words, max_tokens=max_tokens, draw=Random(seed), others=others)
        for _ in range(2)
    ]
    assert found[0] == found[1]
    if isinstance(found[0], Failed):
        assert tokens(rendered(schema, needed or names[:1], sample_rows=rows)) > max_tokens or not needed
        return
    assert set(needed) <= set(found[0])
    assert found[0] == [name for name in names if name in found[0]]
    assert tokens(rendered(schema, found[0], sample_rows=rows)) <= max_tokens
    assert others is None or len(found[0]) <= max(len(needed) + others, 1)


@pytest.mark.parametrize(
    ("dialect", "name"), [("sqlite", "main.orders"), ("postgres", "public.Orders"), ("mysql", "ORDERS")]
)
def test_a_table_may_be_named_with_its_own_schema(dialect, name):
    assert _chosen(replace(SHOP, dialect=dialect), needed=[name], others=0) == ["orders"]


def test_a_table_of_another_schema_is_not_there():
    assert str(_chosen(needed=["public.orders"], others=0)).startswith(
        "unknown name: there is no table 'public.orders'"
    )


def test_others_are_drawn():
    choice = CHOICES[300]
    needed = [LARGE[300].tables[7].name]
    drawn = {
        tuple(choice.relevant(needed=needed, words="", max_tokens=2_000, draw=Random(seed), others=None))
        for seed in range(10)
    }
    assert len(drawn) == 10


def test_a_table_that_speaks_of_the_question_is_found_among_many():
    tables = (*LARGE[300].tables, Table("flight_delays", (Column("airport", "TEXT"), Column("minutes", "INT"))))
    schema = Schema("sqlite", tuple(sorted(tables, key=lambda table: table.name)))
    found = _chosen(schema, words="At which airports were flights most delayed?", max_tokens=600)
    assert "flight_delays" in found


@pytest.mark.parametrize(
    ("needed", "max_tokens", "expected"),
    [
        (["ordrs"], 4096, "unknown name: there is no table 'ordrs'; did you mean 'orders'?"),
        (["orders", "customers"], 60, "error: the text of 'orders' and 1 more takes"),
        ([], 3, "error: no table of the database fits into 3 tokens"),
        (["bad\nname"], 4096, r"error: the name of table 'bad\nname', or of all its columns, cannot stand in a prompt"),
    ],
)
def test_what_cannot_be_shown_is_told(needed, max_tokens, expected):
    schema = replace(SHOP, tables=(replace(NOTES, name="bad\nname"), *SHOP.tables))
    assert str(_chosen(schema, needed=needed, max_tokens=max_tokens)).startswith(expected)


def test_tables_that_cannot_be_shown_are_never_added():
    schema = replace(SHOP, tables=(replace(NOTES, name="bad\nname"), *SHOP.tables))
    assert _chosen(schema) == [table.name for table in SHOP.tables]


def test_an_empty_database_has_nothing_to_show():
    assert isinstance(_chosen(Schema("sqlite", ())), Failed)
