import pandas as pd
import pyarrow as pa
import pytest

from dataflow_ops.databases.opened import Databases
from dataflow_ops.errors import BadArgument
from dataflow_ops.op import (
    Changes,
    Connected,
    InMemory,
    Reads,
    Writes,
    as_view,
    call,
    describe,
    find_op,
    in_order,
    op_name,
)
from tests.rows import first_letters, longer, rows, unblamed


def test_a_signature_declares_columns_and_settings():
    what = describe(longer, text="body", at_least=5)
    assert (what.reads, what.writes, what.params["at_least"], what.reduces) == (("body",), (), 5, False)
    assert what.summary == "Keep texts of at least so many characters."
    assert describe(unblamed).reasons == "why"
    assert describe(first_letters).reduces


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"txt": "body"}, r"tests.rows:longer has no parameter 'txt'; did you mean 'text'\?"),
        ({"at_least": "many"}, "at_least='many' does not fit int"),
        ({"text": 3}, "text=3 does not fit a column name"),
    ],
)
def test_settings_that_do_not_fit_are_named(settings, message):
    with pytest.raises(BadArgument, match=message):
        describe(longer, **settings)


@pytest.mark.parametrize(("given", "meant"), [("7", 7), ("{{ params.n }}", "{{ params.n }}")])
def test_templates_fit_and_their_values_are_converted(given, meant):
    assert describe(longer, at_least=given).params["at_least"] == meant


def test_an_op_is_found_by_its_name():
    assert find_op(op_name(longer)) is longer
    with pytest.raises(BadArgument, match=r"no op 'filters\.values\.betwen'"):
        find_op("filters.values.betwen")


def test_views_are_handed_over_with_exact_types():
    table = rows(text=["abc", None], tags=[["x"], []])
    frame = as_view(table, pd.DataFrame)
    assert isinstance(frame.dtypes["text"], pd.ArrowDtype)
    assert call(longer, table).to_pylist() == [{"id": "a", "text": "abc", "tags": ["x"]}]
    assert call(longer, table).schema == table.schema


def test_a_column_of_nulls_keeps_its_type():
    table = rows(text=["abc"], note=pa.array([None], pa.string()))
    assert call(longer, table).schema.field("note").type == pa.string()


def test_a_reduce_sees_few_columns_of_all_shards():
    shards = InMemory([rows(text=["apple", "bean"]), rows(text=["avocado"])])
    assert [table.to_pylist() for table in in_order(first_letters(shards), shards)] == [[], [{"id": "a", "seen": "a"}]]


def test_fields_of_a_struct_are_columns():
    table = rows(sketch=[{"b0": 1, "b1": 2}])
    assert InMemory([table]).read(0, ["sketch.b1"]).to_pylist() == [{"sketch.b1": 2}]


def test_a_reduce_that_forgets_a_shard_is_caught():
    shards = InMemory([rows(text=["a"]), rows(text=["b"])])
    with pytest.raises(BadArgument, match="1 tables for 2 shards"):
        list(in_order(iter([pa.table({"id": ["a"]})]), shards))


def test_a_column_that_is_changed_is_read_and_written():
    def shout(table: pa.Table, *, text: Changes = "text", note: Writes | None = None) -> pa.Table:
        return table

    assert (describe(shout).reads, describe(shout).writes) == (("text",), ("text",))
    assert describe(shout, note="n").writes == ("text", "n")


def known(table: pa.Table, *, databases: Connected, db_id: Reads = "db_id", known: Writes = "known") -> pa.Table:
    """Say whether there is such a database."""
    return table.append_column(known, pa.array([name in databases.ids for name in table[db_id].to_pylist()]))


def test_databases_are_named_and_handed_over_open():
    named = describe(known, databases='["/a/shop.sqlite", "connection:zoo"]')
    assert named.databases == {"databases": ["/a/shop.sqlite", "connection:zoo"]}
    opened = Databases({"shop": lambda: None}, versions={"shop": "e1"})
    assert describe(known, databases=opened).databases == {}
    assert call(known, rows(db_id=["shop", "zoo"]), databases=opened)["known"].to_pylist() == [True, False]


def test_databases_must_be_given_and_be_addresses():
    with pytest.raises(BadArgument, match="known needs a value for 'databases'"):
        describe(known)
    with pytest.raises(BadArgument, match="expected files, folders and connections"):
        describe(known, databases=[1])
    assert describe(known, databases="{{ params.databases | tojson }}").databases["databases"].startswith("{{")
