import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument
from dataflow_ops.shards import Columns, Shard, attach, encode, read_shard, write_table
from dataflow_ops.store import Anywhere
from tests.rows import rows


def test_the_same_rows_give_the_same_file(tmp_path):
    table = rows(text=["x", "y"])
    one = write_table(Anywhere(), str(tmp_path), "part", table)
    again = write_table(
        Anywhere(), str(tmp_path), "part", pa.concat_tables([table.slice(0, 1), table.slice(1)]).combine_chunks()
    )
    assert one == again
    assert one.sha256[:16] in one.uri
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    "column",
    [
        pa.array([None, None], pa.string()),
        pa.array([["a"], None], pa.list_(pa.string())),
        pa.array([{"b0": 1}, {"b0": 2}], pa.struct([("b0", pa.uint64())])),
        pa.array([b"x" * 16, None], pa.binary(16)),
        pa.array(["a", "a"]).dictionary_encode(),
    ],
)
def test_types_survive(tmp_path, column):
    table = rows(column=column)
    shard = Shard(write_table(Anywhere(), str(tmp_path), "part", table))
    assert read_shard(Anywhere(), shard).equals(table)


def test_text_has_no_statistics_and_numbers_have():
    parquet = pq.ParquetFile(pa.BufferReader(encode(rows(text=["x"], words=[1]))))
    has = {
        name: parquet.metadata.row_group(0).column(place).statistics is not None
        for place, name in enumerate(parquet.schema_arrow.names)
    }
    assert has == {"id": False, "text": False, "words": True}


def test_added_columns_are_joined_by_id(tmp_path):
    store = Anywhere()
    data = write_table(store, str(tmp_path), "part", rows(text=["x", "y", "z"]))
    extra = write_table(store, str(tmp_path), "extra", pa.table({"id": ["c", "a"], "twin": ["t3", "t1"]}))
    shard = Shard(data, (extra,))
    assert read_shard(store, shard)["twin"].to_pylist() == ["t1", None, "t3"]
    assert Columns(store).read(shard, ["twin", "text"]).to_pydict() == {
        "twin": ["t1", None, "t3"],
        "text": ["x", "y", "z"],
    }
    assert Shard.parse(shard.as_json()) == shard


def test_a_later_addition_replaces_an_earlier_one():
    assert attach(rows(twin=["t"]), pa.table({"id": ["a"], "twin": ["u"]}))["twin"].to_pylist() == ["u"]


def test_a_missing_column_is_named(tmp_path):
    shard = Shard(write_table(Anywhere(), str(tmp_path), "part", rows(minhash=["x"])))
    with pytest.raises(BadArgument, match="no column 'minhas'; did you mean 'minhash'"):
        Columns(Anywhere()).read(shard, ["minhas"])


@given(st.lists(st.integers(0, 20), unique=True, max_size=20), st.lists(st.integers(0, 20), unique=True, max_size=20))
def test_attach_is_a_left_join(here, there):
    table = pa.table({"id": pa.array(map(str, here), pa.string())})
    extra = pa.table({"id": pa.array(map(str, there), pa.string()), "value": pa.array(there, pa.int64())})
    assert attach(table, extra)["value"].to_pylist() == [value if value in there else None for value in here]
