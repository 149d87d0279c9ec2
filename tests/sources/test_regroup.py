import json

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument
from dataflow_ops.sources import Column, find, records, shards
from dataflow_ops.store import Folder


def write(folder, name, texts):
    path = folder / name
    path.write_text("".join((json.dumps({"text": text}) if text is not None else "broken") + "\n" for text in texts))
    return path


def regrouped(paths, shard_bytes, chunk_rows):
    store = Folder()
    files = [file for path in paths for file in find(store, str(path)).files]
    chunks = (chunk for file in files for chunk in records(store, file, [Column("text")], chunk_rows=chunk_rows))
    return list(shards(chunks, shard_bytes=shard_bytes))


FILES = st.lists(st.lists(st.none() | st.text("ab", max_size=40), max_size=12), min_size=1, max_size=4)


@given(FILES, st.integers(1, 2000), st.integers(1, 20))
def test_shards_hold_all_records_in_order_however_they_were_chunked(tmp_path_factory, files, shard_bytes, chunk_rows):
    folder = tmp_path_factory.mktemp("shards")
    paths = [write(folder, f"{number}.jsonl", texts) for number, texts in enumerate(files)]
    made = regrouped(paths, shard_bytes, chunk_rows)
    (whole,) = regrouped(paths, 1 << 30, 1000) or [None]
    if whole is None:
        assert made == []
        return
    assert pa.concat_tables([shard.rows for shard in made]).equals(whole.rows)
    assert pa.concat_tables([shard.rejects for shard in made]).equals(whole.rejects)
    other = regrouped(paths, shard_bytes, 1000)
    assert [(shard.rows.num_rows, shard.rejects.num_rows) for shard in made] == [
        (shard.rows.num_rows, shard.rejects.num_rows) for shard in other
    ]


def test_shards_are_of_about_the_size_asked_for(tmp_path):
    path = write(tmp_path, "a.jsonl", ["x" * 1000] * 1000)
    made = regrouped([path], 100_000, 77)
    sizes = [
        sum(len(value) for row in shard.rows.to_pylist() for value in row.values() if isinstance(value, str))
        for shard in made
    ]
    assert len(made) > 1
    assert all(100_000 <= size < 102_000 for size in sizes[:-1])


def test_rejects_go_with_the_rows_they_stand_among(tmp_path):
    path = write(tmp_path, "a.jsonl", ["a", None, "b", None])
    made = regrouped([path], 1, 100)
    assert [(shard.rows.num_rows, shard.rejects.num_rows) for shard in made] == [(1, 0), (0, 1), (1, 0), (0, 1)]
    assert all(shard.rows.schema == made[0].rows.schema for shard in made)


def test_no_records_are_no_shards_and_a_size_is_positive():
    assert list(shards([], shard_bytes=1)) == []
    with pytest.raises(BadArgument, match="at least 1"):
        list(shards([], shard_bytes=0))
