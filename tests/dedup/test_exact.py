import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.dedup.exact import content_hash, duplicates, mark
from dataflow_ops.errors import BadArgument
from dataflow_ops.op import InMemory
from tests.dedup.shards import cut, cuts, named, survivors, table

texts = st.lists(st.none() | st.sampled_from(["", "cat", "Cat", "dog", "dog "]) | st.text(max_size=3), max_size=30)


def hashed(values, **settings):
    return content_hash(table(values), **settings)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_hashes_are_those_of_xxh3_wherever_the_text_lies(kind):
    values = ["zero", "one", "", None, "naïve 漢字", "a\0b"]
    chunked = pa.concat_tables([table(values, kind).slice(1, 3), table(values, kind).slice(4)])
    expected = [None if value is None else xxhash.xxh3_128_digest(value.encode()) for value in values[1:]]
    assert content_hash(chunked)["content_hash"].to_pylist() == expected


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("The cat sat.", "the  CAT\n sat!", True),
        ("It’s Malmö", "its malmo", True),
        ("Malmö", "Malmo\u0308", True),
        ("well-known", "well known", True),
        ("part 1", "part 2", False),
        ("well-known", "wellknown", False),
        ("1 2", "1  2", False),
        ("!!!", "???", False),
        ("", "!", False),
        ("", "", True),
        ("!!!", "!!!", True),
        ("ＡＢＣ ٣", "abc 3", True),
        ("ｶﾀｶﾅ", "カ タ カ ナ", True),
        ("ไทย", "ไ ท ย", True),
        ("漢字", "漢 字", True),
        ("漢字", "字漢", False),
    ],
)
def test_normalized_hashes(one, other, same):
    first, second = hashed([one, other], normalize=True)["content_hash"].to_pylist()
    assert (first == second) is same


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["cat", "dog", "cat"], {"row-002": "row-000"}),
        (["cat", "cat", "cat"], {"row-001": "row-000", "row-002": "row-000"}),
        (["", None, "", None], {"row-002": "row-000"}),
        ([None, None], {}),
        (["cat", "Cat"], {}),
        ([], {}),
    ],
)
def test_the_first_row_stays(values, expected):
    assert named(duplicates, InMemory([hashed(values)])) == expected


@given(texts, cuts)
def test_shards_make_no_difference(values, places):
    whole = hashed(values)
    gone = named(duplicates, InMemory([whole]))
    assert named(duplicates, cut(whole, places)) == gone
    left = survivors(whole, gone)
    assert sorted(v for v in left["text"].to_pylist() if v is not None) == sorted({v for v in values if v is not None})
    assert named(duplicates, InMemory([left])) == {}


@given(texts, cuts, st.integers(0, 3))
def test_published_rows_win_and_are_not_named(values, places, published):
    shards = cut(hashed(values), places, min(published, len(places)))
    old = [row for part in shards.tables[: shards.published] for row in part.to_pylist()]
    gone = named(duplicates, shards)
    assert not gone.keys() & {row["id"] for row in old}
    first = {row["text"]: row["id"] for row in reversed(old) if row["text"] is not None}
    new = [row for part in shards.tables[shards.published :] for row in part.to_pylist()]
    assert all(gone[row["id"]] == first[row["text"]] for row in new if row["text"] in first)


def test_no_shards_and_shards_without_rows():
    assert list(duplicates(InMemory([]))) == []
    empty = hashed([])
    assert [part.column_names for part in duplicates(InMemory([empty, empty]))] == [["id", "duplicate_of"]] * 2
    assert list(duplicates(InMemory([empty], published=1))) == []


def test_an_all_null_column_and_ids_of_any_string_type():
    nulls = content_hash(pa.table({"id": ["a"], "text": pa.nulls(1)}))
    assert nulls["content_hash"].to_pylist() == [None]
    large = hashed(["cat", "cat"]).set_column(0, "id", pa.array(["a", "b"], pa.large_string()))
    (found,) = duplicates(InMemory([large]))
    assert found["id"].type == pa.large_string()
    assert found.to_pydict() == {"id": ["b"], "duplicate_of": ["a"]}


def test_text_must_be_text():
    with pytest.raises(BadArgument, match=r"'text' holds int64.*cast"):
        content_hash(pa.table({"text": [1]}))


def test_the_input_is_left_alone_and_a_column_of_that_name_is_replaced():
    before = table(["cat"])
    after = content_hash(content_hash(before), normalize=True)
    assert before.column_names == ["id", "text"]
    assert after.column_names == ["id", "text", "content_hash"]


def test_mark_one_table():
    df = pd.DataFrame({"id": ["a", "b", "c"], "text": ["cat", "dog", "cat"]}, index=[5, 5, 7])
    marked = mark(df)
    assert marked["duplicate_of"].isna().tolist() == [True, True, False]
    assert marked["duplicate_of"].iloc[2] == "a"
    assert list(df.columns) == ["id", "text"]
    assert np.array_equal(marked.index, df.index)
