import random

import pytest

from dataflow_ops.llm.rehearsal import judge

DRAW = random.Random(1)
DOCUMENT = "Rivers carry water to the sea. They begin as springs in the hills. Salmon climb them to spawn."


@pytest.mark.parametrize(
    ("instruction", "output", "score"),
    [
        ("Say where rivers carry water.", "Rivers carry water to the sea. " * 8, 5),
        ("Say where rivers carry water.", "Rivers carry water to the sea. " * 4, 3),
        ("Say where rivers carry water.", "I would rather talk of other things. " * 8, 4),
        ("Say where rivers carry water.", "", 0),
    ],
)
def test_answers_to_instructions_are_rated_by_length_and_shared_words(instruction, output, score):
    assert judge.sft({"instruction": instruction, "output": output}, DRAW)["score"] == score


def test_a_good_pair_is_told_from_one_that_does_not_fit():
    good = {"question": "Where do rivers carry water?", "answer": "Rivers carry water to the sea.", "text": DOCUMENT}
    bad = {"question": "Where", "answer": "Berlin lies elsewhere.", "text": DOCUMENT}
    rated = [judge.qa(pair, DRAW) for pair in (good, bad)]
    assert [rated[0][each] for each in ("question_quality", "answer_alignment", "answer_verifiability")] == [5, 5, 5]
    assert [rated[1][each] for each in ("question_quality", "answer_verifiability")] == [1, 1]


def test_documents_are_rated_by_their_length_and_variety():
    poor, rich = "word word", " ".join(f"Sentence {number} says another thing." for number in range(60))
    rated = [judge.document({"text": text}, DRAW) for text in (poor, rich)]
    assert [each["structure"] for each in rated] == [1, 5]
    assert [each["educational_value"] for each in rated] == [1, 5]


@pytest.mark.parametrize(("text", "code"), [("Ja, natürlich.", "en"), ("是的", "und"), ("123 !?", "und"), ("", "und")])
def test_latin_letters_are_called_english(text, code):
    assert judge.language({"text": text}, DRAW) == {"language": code}


def test_tags_are_long_words_and_more_for_longer_instructions():
    short, long = (
        "Translate this.",
        "Translate this poem into French, keep the rhyme, and explain every metaphor in it.",
    )
    tags = [judge.instruction_tags({"instruction": text}, DRAW)["tags"] for text in (short, long)]
    assert tags[0] == ["translate"]
    assert tags[1] == ["translate", "metaphor", "explain"]
    assert judge.instruction_tags({"instruction": ""}, DRAW)["tags"] == ["nothing"]


@pytest.mark.parametrize(("words", "complexity"), [(0, 1), (8, 2), (1_000, 10)])
def test_long_instructions_are_called_complex(words, complexity):
    assert judge.instruction_complexity({"instruction": "word " * words}, DRAW)["complexity"] == complexity
