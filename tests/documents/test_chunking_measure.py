import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.documents.chunking import Settings, chunks
from dataflow_ops.documents.chunking_measure import SLICE, Counted, measured
from dataflow_ops.models.counting import counts
from tests.tiny_models import bert_tokenizer, byte_tokenizer

TEXT = "The sun was hot, é 雨 👩‍👧 was what?  Why: the moon… "


@pytest.fixture(scope="module")
def bert():
    return bert_tokenizer()


@pytest.fixture(scope="module")
def bytes_():
    return byte_tokenizer(start=True)


def test_a_quarter_of_the_characters_is_the_estimate():
    measure = measured("x" * 10, None)
    assert [measure.tokens(0, end) for end in (0, 1, 4, 5, 10)] == [0, 1, 1, 2, 3]
    assert (measure.reach(0, 2), measure.reach(9, 2), measure.back(10, 1), measure.back(3, 1)) == (8, 10, 6, 0)


@pytest.mark.parametrize("name", ["bert", "bytes_"])
def test_whole_texts_count_as_the_tokenizer_says_and_parts_add_up(name, request):
    tokenizer = request.getfixturevalue(name)
    text = TEXT * 3000
    assert len(text) > SLICE
    measure = measured(text, tokenizer)
    assert measure.tokens(0, len(text)) == counts(tokenizer, [text], 1)[0]
    assert measure.tokens(0, 777) + measure.tokens(777, len(text)) == measure.tokens(0, len(text))


@pytest.mark.parametrize("name", ["bert", "bytes_"])
@pytest.mark.parametrize("method", ["tokens", "sentences", "recursive"])
def test_chunks_are_of_so_many_tokens_at_most_but_one_character_is_never_cut(name, method, request):
    tokenizer = request.getfixturevalue(name)
    text = TEXT * 20
    for size in (1, 2, 3, 7, 50):
        found = chunks(text, None, Settings(method, size, 0, 0, tokenizer))
        assert "".join("".join(text[each.begin : each.end] for each in found).split()) == "".join(text.split())
        assert all(each.tokens <= size or each.end - each.begin == 1 for each in found)


ENDS = st.lists(st.integers(0, 30), max_size=30).map(sorted)


@given(ends=ENDS, begin=st.integers(0, 29), size=st.integers(1, 9))
@settings(max_examples=300)
def test_reach_and_back_keep_to_the_size(ends, begin, size):
    import numpy as np

    places = np.array(ends, np.int64)
    measure = Counted(30, np.maximum(places - 1, 0), places)
    reach = measure.reach(begin, size)
    assert begin < reach <= 30
    assert measure.tokens(begin, reach) <= size or reach == begin + 1
    assert measure.tokens(measure.back(begin, size), begin) <= size
