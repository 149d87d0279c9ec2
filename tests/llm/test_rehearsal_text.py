from random import Random

import pytest

from dataflow_ops.llm.rehearsal import text, wording


@pytest.mark.parametrize(
    ("given", "most", "expected"),
    [
        ("One. Two! Three?", 9, ["One.", "Two!", "Three?"]),
        ("One. Two! Three?", 2, ["One.", "Two!"]),
        ("一。二！", 9, ["一。", "二！"]),
        ("a line\n\n- another   line", 9, ["a line", "- another line"]),
        (" \n--- ... !\n", 9, []),
        ("x" * 700, 9, ["x" * 600]),
        ("", 9, []),
    ],
)
def test_sentences_are_found(given, most, expected):
    assert wording.sentences(given, most) == expected


@pytest.mark.parametrize(
    ("given", "gist", "topic"),
    [
        ("“Rivers carry water, always.”", "Rivers carry water always", "Rivers"),
        ("a b c d e f g h", "a b c d e f", "a"),
        ("?!", "this", "this"),
        ("x" * 500, "x" * 120, "x" * 60),
    ],
)
def test_the_gist_and_the_topic_are_short(given, gist, topic):
    assert (wording.gist(given), wording.topic_of(given)) == (gist, topic)


def test_every_sentence_answers_a_question():
    said = text.qa_style({"text": "Rivers carry water. Stones lie still."}, Random(1))
    pairs = [pair.split("\n") for pair in said.split("\n\n")]
    assert [answer for _, answer in pairs] == ["Answer: Rivers carry water.", "Answer: Stones lie still."]
    assert all(question.startswith("Question: ") and question.endswith("?") for question, _ in pairs)


def test_a_blank_text_has_nothing_to_say():
    assert text.qa_style({"text": " \n"}, Random(1)) == ""
