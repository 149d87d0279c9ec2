import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument
from dataflow_ops.op import describe
from dataflow_ops.score import text as subject
from dataflow_ops.score.wordlists import words as listed
from tests.score import plain


def measured(text: str | None, **settings) -> dict:
    table = pa.table({"id": ["1"], "text": pa.array([text], pa.string())})
    return subject.measures(table, **settings).to_pylist()[0]


SCRAPS = [
    "the", "The", "THE", "to", "and", "a", "b", "Ab", "don't", "Straße", "ΣΑΣ", "İ", "ǅ", "naïve", "e\u0301", "x_1", "3.14",
    ".", "...", "…", "....", "!", "?", ",", ";", "/", "|", "•", "–", "-", "*", "#", "{", "}", ":", "：", "\u200e", "\ufffd", "□",
    "中", "文", "你好", "，", "。", "「", "か", "カタ", "ー", "ｶﾞ", "한국", "ไทย", "ก่", "မြန်", "नमस्ते", "।", "(", ")", "damn", "_",
    "\u0301", "\u3099", "\U00020000", "\U0001f600", "\U000e0101", "&nbsp;", "\x00", "\x1c", "\u3000", "\xa0",
]  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from([*SCRAPS, " ", " ", " ", "\n", "\n\n", "\t"]), max_size=60).map("".join),
    st.lists(st.sampled_from(["a", "b", "c", "A", "a.", "中"]), max_size=60).map(" ".join),
    st.lists(st.sampled_from(["a b", "c", "", " ", "A  b", "..."]), max_size=20).map("\n".join),
)


@given(TEXTS)
@settings(max_examples=400, deadline=None)
def test_quality_is_what_the_plain_rules_say(text):
    stop_words, blocked = {"the", "a", "dont", "中"}, {"damn", "σασ"}
    got = measured(text, stop_words=["the", "a", "don't", "中"], blocklist=["damn", "ΣΑΣ"])
    expected = plain.quality(text, stop_words, blocked)
    assert {name: got[name] for name in expected} == expected


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_repetition_is_what_the_plain_rules_say(text):
    got, expected = measured(text, groups=("repetition",)), plain.repetition(text)
    assert {name: got[name] for name in expected} == expected


@given(st.lists(st.one_of(st.none(), TEXTS), max_size=8), st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_a_row_is_measured_alike_in_any_table(texts, skipped):
    chunked = pa.chunked_array([pa.array(texts, pa.string())[skipped:], pa.array(texts[::-1], pa.string())])
    table = pa.table({"id": [str(i) for i in range(len(chunked))], "text": chunked})
    together = subject.measures(table).to_pylist()
    assert [{**row, "id": "1"} for row in together] == [measured(text) for text in chunked.to_pylist()]


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("Copyright 2020 Copyrighted copyright", "watermark_words", 2),
        ("Confidential.Watermark", "watermark_words", 2),
        ("I did not go; idle notions", "id_terms", 0),
        ("ID number, id  no, IDcard and I.D. Number", "id_terms", 4),
        ("identity, Identities, identification", "id_terms", 2),
        ("他的身份证", "id_terms", 1),
        ("&nbsp;&lt ＆amp；&quot", "html_entities", 4),
        ("AT&lta &ltd; nbsp;", "html_entities", 0),
        ("u200e", "special_characters", 0),
        ("a\u200eb \ufffd □ &#247; what? : {/U}", "special_characters", 6),
        ("U+26ff U+1F60A U+26 U+1FG00", "special_characters", 2),
        ("Lorem Ipsum dolor lorem ipsum", "lorem_ipsum", 2),
        ("Enable JavaScript\njava-script, javascript\nJava Script\nok", "javascript_lines", 2),
        ("Enable JavaScript\njava-script, javascript\nJava Script\nok", "lines_without_javascript", 2),
        ("fuck! Fucking scunthorpe", "blocklist_hits", 2),
        ("这里有色情内容，赌博", "blocklist_hits", 2),
        ("", "words", 0),
        ("", "mean_word_length", None),
        ("我喜欢读书。", "words", 5),
        ("カタカナとひらがな", "words", 6),
        ("한국어 문장입니다", "words", 2),
        ("Python中文 text", "words", 4),
        ("abc:", "colon_end", True),
        ("abc: ", "colon_end", False),
        ("- a\n* b\n• c\n-d", "list_line_ratio", 0.75),
        ("- a\n* b\n• c\n-d", "bullet_line_ratio", 0.25),
        ("one. two", "unique_5gram_ratio", None),
    ],
)
def test_examples(text, column, expected):
    assert measured(text)[column] == expected


def test_a_text_is_measured_without_the_one_before_it():
    table = pa.table({"id": list("abc"), "text": ["a..", ".b...", "... c"]})
    assert subject.measures(table)["ellipsis_word_ratio"].to_pylist() == [0, 1, 0.5]


def test_null_text_has_null_measures():
    row = measured(None)
    assert {value for name, value in row.items() if name != "id"} == {None}


def test_lists_are_settings():
    row = measured("Draft copy 内部资料 of a b copy", watermarks=["Draft"], id_terms=["copy of"], blocklist=["内部"])
    assert (row["watermark_words"], row["id_terms"], row["blocklist_hits"]) == (1, 0, 1)


def test_terms_of_two_bytes_are_found_at_the_very_end():
    assert measured("xx AI AID the AI", id_terms=["ai"])["id_terms"] == 2


def test_a_term_of_one_byte_is_refused():
    with pytest.raises(BadArgument, match="too short"):
        measured("text", watermarks=["c"])


def test_groups_choose_columns():
    assert "words" not in measured("a b", groups=("repetition",))
    assert "duplicate_line_ratio" not in measured("a b", groups=("quality",))


def test_measuring_again_replaces_and_a_prefix_keeps_apart():
    table = pa.table({"id": ["1"], "text": ["a b"], "answer": ["c"]})
    once = subject.measures(table)
    assert subject.measures(once).equals(once)
    both = subject.measures(once, text="answer", prefix="answer_").to_pylist()[0]
    assert (both["words"], both["answer_words"]) == (2, 1)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view(), pa.null()])
def test_every_string_type(kind):
    value = None if pa.types.is_null(kind) else "a b"
    table = pa.table({"id": ["1"], "text": pa.array([value], kind)})
    assert subject.measures(table)["words"].to_pylist() == [None if value is None else 2]


def test_no_rows():
    table = pa.table({"id": pa.array([], pa.string()), "text": pa.array([], pa.string())})
    schema = subject.measures(table).schema
    assert (schema.field("words").type, schema.field("mean_word_length").type) == (pa.int32(), pa.float64())


def test_bytes_that_are_not_utf8_do_no_harm():
    broken = pa.array([b"\xff\xc3", b"abc \xe4\xb8", b"\xf0\x9f\x98", b"ok \x80"]).view(pa.string())
    table = subject.measures(pa.table({"id": list("1234"), "text": broken}))
    assert table["words"].to_pylist() == [1, 2, 1, 2]


def test_a_very_long_text():
    big = "alpha beta gamma. " * 400_000 + "\n" + "x" * 5_000_000 + "文" * 1_000_000
    row = measured(big)
    assert row["words"] == 3 * 400_000 + 1 + 1_000_000
    assert row["characters"] == 15 * 400_000 + 6_000_000


@pytest.mark.parametrize("settings", [{"text": "texd"}, {"text": "number"}])
def test_a_column_that_is_no_text_is_refused(settings):
    with pytest.raises(BadArgument, match=settings["text"]):
        subject.measures(pa.table({"id": ["1"], "text": ["a"], "number": [1]}), **settings)


def test_the_signature_takes_lists_from_a_form():
    assert describe(subject.measures, groups=["quality"], stop_words=["the"]).params["groups"] == ("quality",)
    with pytest.raises(BadArgument, match="groups"):
        describe(subject.measures, groups=["speed"])


def test_every_stop_word_is_one_word():
    assert measured(" ".join(listed("stop_words.en")))["stop_word_ratio"] == 1.0
