import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.dedup.paragraphs import hashes, repeated
from dataflow_ops.op import InMemory
from tests.dedup.shards import cut, cuts, named, table

MENU, LEGAL, STORY = "Home, products, blog, about us", "All rights reserved by the author", "Once upon a time there was"
line = st.sampled_from(
    [MENU, MENU.upper(), LEGAL, STORY, "", "short", "one two three four five 6", "one two three four five 7"]
)
texts = st.lists(st.none() | st.lists(line, max_size=6).map("\n".join), max_size=12)


def found(shards):
    return named(repeated, shards, "repeated_paragraphs")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([f"{MENU}\n\n{STORY}", f"{LEGAL}\n{MENU}"], {"row-001": [1]}),
        ([f"{MENU}\n{STORY}", f"{MENU.upper()}!\nnew\n{STORY}  ", f"{MENU}"], {"row-001": [0, 2], "row-002": [0]}),
        ([f"{MENU}\n{STORY}\n{MENU}"], {}),
        ([f"{MENU}", f"{MENU}\n{MENU}"], {"row-001": [0, 1]}),
        (["short line", "short line"], {}),
        (["one two three four 5", "one two three four 6"], {}),
        ([f"{MENU}\r\n{STORY}", f"a\r\n{STORY}\r\n"], {"row-001": [1]}),
        (["重复的段落内容", "新的\n重复的，段落内容。"], {"row-001": [1]}),
        ([None, "", "\n\n", MENU], {}),
        ([], {}),
    ],
)
def test_paragraphs_of_earlier_rows(values, expected):
    assert found(InMemory([hashes(table(values))])) == expected


@pytest.mark.parametrize(("min_words", "expected"), [(1, {"row-001": [0, 2]}), (2, {"row-001": [2]}), (3, {})])
def test_short_paragraphs_are_left(min_words, expected):
    whole = hashes(table(["cat\ncat dog\n!!", "cat\n\nCat dog\n!!"]), min_words=min_words)
    assert found(InMemory([whole])) == expected


def test_lists_are_as_long_as_the_text_has_lines():
    values = ["", "a\n", "a\n\nb", None, "\n"]
    expected = [None if value is None else value.count("\n") + 1 for value in values]
    for kind in ("string", "large_string"):
        lists = hashes(table(["x", *values], kind).slice(1))["paragraph_hashes"].to_pylist()
        assert [found if found is None else len(found) for found in lists] == expected


def test_a_line_longer_than_any_block_counts_to_its_end():
    words = " ".join(map(str, range(10_000)))
    whole = hashes(table([words, words, f"{words} x"]))
    assert found(InMemory([whole])) == {"row-001": [0]}


@given(texts, cuts)
def test_shards_make_no_difference(values, places):
    whole = hashes(table(values))
    assert found(cut(whole, places)) == found(InMemory([whole]))


@given(texts, cuts)
def test_comparing_part_by_part_makes_no_difference(values, places):
    shards = cut(hashes(table(values)), places)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dataflow_ops.dedup.paragraphs.HELD", 3)
        assert found(shards) == found(InMemory(shards.tables))


@given(texts, cuts, st.integers(0, 3))
def test_of_each_paragraph_one_row_is_left_and_published_rows_win(values, places, published):
    shards = cut(hashes(table(values)), places, min(published, len(places)))
    gone = found(shards)
    kept = []
    for number, part in enumerate(shards.tables):
        for row in part.to_pylist():
            lines = [*enumerate((row["text"] or "").split("\n"))]
            assert number >= shards.published or row["id"] not in gone
            kept.append(
                (
                    number,
                    {text.lower() for at, text in lines if at not in gone.get(row["id"], ()) and text.count(" ") >= 4},
                )
            )
    new = [lines for number, lines in kept if number >= shards.published]
    old = set().union(*(lines for number, lines in kept if number < shards.published))
    assert all(not lines & old for lines in new)
    assert sum(map(len, new)) == len(set().union(*new))


def test_no_shards_no_rows_all_null():
    assert list(repeated(InMemory([]))) == []
    empty, nulls = hashes(table([])), hashes(pa.table({"id": ["a"], "text": pa.nulls(1)}))
    assert [part.num_rows for part in repeated(InMemory([empty, nulls]))] == [0, 0]
    assert next(repeated(InMemory([empty])))["repeated_paragraphs"].type == pa.list_(pa.int32())
