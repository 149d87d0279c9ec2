from random import Random

from dataflow_ops.llm.rehearsal import sft

TEXT = "Rivers carry water. Stones lie still. Salmon climb in autumn."


def test_pairs_begin_at_different_sentences():
    pairs = sft.pairs({"text": TEXT, "count": 3}, Random(1))["pairs"]
    assert len({pair["output"].partition(".")[0] for pair in pairs}) == 3
    assert all(pair["output"] in TEXT for pair in pairs)


def test_questions_name_domain_and_theme():
    asked = sft.questions({"topic": "Food", "domain": "bread", "theme": "cost", "task_type": "advice"}, Random(1))
    assert list(asked) == ["easy", "medium", "hard"]
    assert all("bread" in question and "cost" in question for question in asked.values())


def test_some_answers_are_much_too_short_and_most_are_not():
    words = [len(sft.answers({"instruction": "Bake bread."}, Random(seed)).split()) for seed in range(200)]
    assert 5 < sum(count < 8 for count in words) < 60
    assert sum(count >= 30 for count in words) > 100


def test_a_critique_is_about_length_and_a_rewriting_is_longer():
    short = {"instruction": "Bake bread.", "output": "Flour."}
    assert sft.critique(short, Random(1)).startswith("The reply has only 1 words.")
    assert sft.critique(short | {"output": "word " * 50}, Random(1)).startswith("The reply is sound")
    assert sft.rewrite_by_critique(short | {"critique": "Short."}, Random(1)).startswith("Flour. ")
