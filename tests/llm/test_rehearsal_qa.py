from random import Random

from dataflow_ops.llm.rehearsal import qa

TEXT = "Rivers carry water. Stones lie still. Salmon climb in autumn."


def test_as_many_focuses_as_the_text_has_sentences():
    assert len(qa.focuses({"text": TEXT, "count": 2}, Random(1))["focuses"]) == 2
    assert len(set(qa.focuses({"text": TEXT, "count": 9}, Random(1))["focuses"])) == 3


def test_the_answer_is_the_sentence_that_the_focus_points_at():
    for focus in qa.focuses({"text": TEXT, "count": 3}, Random(1))["focuses"]:
        pair = qa.pairs({"text": TEXT, "focus": focus}, Random(2))
        assert pair["answer"].rstrip(".") in focus
        assert pair["question"].endswith("?")


def test_a_focus_that_points_nowhere_has_an_answer_all_the_same():
    assert qa.pairs({"text": TEXT, "focus": "the moon"}, Random(1))["answer"] in TEXT
    assert qa.pairs({"text": "", "focus": "the moon"}, Random(1))["answer"] == "Nothing is said."
