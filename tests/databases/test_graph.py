import pytest

from dataflow_ops.databases.graph import between, joins
from dataflow_ops.databases.schema import Column, Schema, Table
from tests.databases.schemas import SHOP

LINE = {"a": ["b"], "b": ["a", "c"], "c": ["b", "d"], "d": ["c"], "alone": []}


def test_keys_join_tables_in_both_directions():
    assert joins(SHOP) == {
        "customers": ["orders"],
        "notes": [],
        "order_items": ["orders", "products"],
        "orders": ["customers", "order_items"],
        "products": ["order_items"],
    }


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [([], []), (["a"], []), (["a", "b"], []), (["a", "d"], ["c", "b"]), (["a", "d", "b"], ["c", "b"]), (["a", "alone"], []),
     (["alone", "a", "c"], ["b"]), (["nobody", "a"], [])],
)  # fmt: skip
def test_tables_on_the_way_are_found(wanted, expected):
    assert sorted(between(LINE, wanted)) == sorted(each for each in expected if each not in wanted)


def _tables(**columns):
    return Schema(
        "sqlite", tuple(Table(name, tuple(Column(c, "INT") for c in of.split())) for name, of in columns.items())
    )


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (_tables(orders="id customer_id", Customers="id name"), {"orders": ["customers"], "customers": ["orders"]}),
        (_tables(a="stationCode x", b="station_code y", c="id"), {"a": ["b"], "b": ["a"], "c": []}),
        (_tables(a="id", b="id"), {"a": [], "b": []}),
        (_tables(categories="id", items="category_no"), {"categories": ["items"], "items": ["categories"]}),
        (_tables(**{f"t{at}": "tenant_id" for at in range(20)}), {f"t{at}": [] for at in range(20)}),
    ],
)
def test_without_keys_the_names_of_columns_join_tables(schema, expected):
    assert joins(schema) == expected
