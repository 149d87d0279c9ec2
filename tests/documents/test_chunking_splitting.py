from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.documents import chunking_splitting as splitting


def pieces(text):
    places = [0, *splitting.sentences(text), len(text)]
    return [text[begin:end].strip() for begin, end in pairwise(places)]


@pytest.mark.parametrize(
    "expected",
    [
        ["It rained.", "Nobody came!", "Why?", "Who knows…"],
        ["Dr. Berg met J. R. Olsen at 3.30 p.m. on Main St. 5.", "They left."],
        ["See Fig. 3, e.g. the left one, i.e. that.", "It is in Sec. 2."],
        ['He said "No."', "She (the sister) left.)", "*Done.*", "Really?!"],
        ["Das ist z.B. so, bzw. anders.", "Am Mai lag es nicht."],
        ["No. 5 is alive.", "He said no.", "Then he went."],
        ["雨が降った。", "「本当！？」", "はい。"],
        ["他来了。", "他走了！", "为什么？"],
        ["هل جاء؟", "نعم، جاء.", "ذهب۔"],
        ["बारिश हुई।", "कोई नहीं आया॥"],
        ["ฝนตกหนัก", "ไม่มีใครมา"],
        ["Shopping:", "- milk", "- bread\nof rye", "2. eggs"],
        ["A title without a stop", "A paragraph."],
    ],
)
def test_sentences_end_with_the_marks_of_their_script(expected):
    glue = {"Shopping:": "\n", "A title without a stop": "\n\n"}.get(expected[0], " ")
    assert pieces(glue.join(expected)) == expected


def test_wide_marks_need_no_blank():
    assert pieces("雨が降った。誰も来なかった！本当？") == ["雨が降った。", "誰も来なかった！", "本当？"]
    assert pieces("Version 3.11 costs $2.50 at example.com") == ["Version 3.11 costs $2.50 at example.com"]


@given(st.text(alphabet=st.sampled_from(" \n\r\t.!?。…)\"'aA1-*ก؟"), max_size=200))
def test_places_lie_within_the_text_in_order_and_before_no_blank_but_the_last(text):
    places = splitting.sentences(text)
    assert places == sorted(set(places))
    assert all(0 < place < len(text) for place in places)


@pytest.mark.parametrize(
    ("find", "text", "expected"),
    [
        (splitting.line, "ab\ncd\nef", "ab\ncd\n"),
        (splitting.clause, "one, two; three (four)", "one, two; "),
        (splitting.clause, "一，二、三四", "一，二、"),
        (splitting.word, "one two three", "one two "),
        (splitting.word, "unbroken", None),
        (splitting.line, "unbroken", None),
    ],
)
def test_the_last_place_before_an_end_is_found(find, text, expected):
    found = find(text, 0, len(text) - 1)
    assert (None if found is None else text[:found]) == expected


def test_a_letter_keeps_its_marks_unless_there_are_too_many():
    text = "ae\u0301\u0302b"
    assert splitting.character(text, 0, 3) == 1
    assert splitting.character("e" + "\u0301" * 1000, 0, 500) == 500
