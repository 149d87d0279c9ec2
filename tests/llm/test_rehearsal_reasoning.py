import json
from collections import Counter
from random import Random

import pytest

from dataflow_ops.llm.prompts import load
from dataflow_ops.llm.rehearsal import answers, questions, reasoning
from dataflow_ops.llm.rehearsal.solver import solve
from dataflow_ops.llm.rehearsal.solver_values import near_miss, shown
from dataflow_ops.samples import problems, problems_general

DIVISOR = "Find the greatest common divisor of 84 and 126."
UNKNOWN = "Why does the wind turn 3 times at the old mill?"


def boxes(question, count=400):
    solved = [reasoning.math_solution({"question": question}, Random(seed)) for seed in range(count)]
    return Counter(text.rpartition("\\boxed{")[2].partition("}$")[0] if "\\boxed{" in text else None for text in solved)


def test_solutions_are_right_most_of_the_time_wrong_now_and_then_and_some_have_no_box():
    found = boxes(DIVISOR)
    assert 280 < found["42"] < 360
    assert 5 < found[None] < 45
    wrong = {answer: times for answer, times in found.items() if answer not in ("42", None)}
    assert 30 < sum(wrong.values()) < 90
    assert max(wrong.values()) < 30


def test_what_is_not_understood_is_guessed_differently_each_time():
    assert boxes(UNKNOWN, 100).most_common(2)[1][1] <= 2


def test_words_stand_in_a_box_as_text():
    found = boxes("Today is Tuesday. Which day of the week will it be in 100 days?")
    assert found.most_common(1)[0][0] == "\\text{Thursday}"


@pytest.mark.parametrize("sample", [problems, problems_general])
def test_the_check_finds_what_was_broken_and_nothing_else(sample):
    asked = [each for each in sample.compose() if isinstance(each.question, str) and each.question.strip()]
    found = {each.question: questions.math_check({"question": each.question}, Random(0))["fault"] for each in asked}
    assert found == {each.question: each.fault or "none" for each in asked}


def test_variations_are_mostly_solvable_and_differ():
    made = [reasoning.math_variation({"question": DIVISOR}, Random(seed))["question"] for seed in range(100)]
    assert 80 <= sum(solve(each) is not None for each in made) < 100
    assert len(set(made)) > 80


@pytest.mark.parametrize(
    ("relation", "answer"),
    [("Parallel: both stand side by side, not sequential.", 84), ("Sequential: one needs the other.", 1764)],
)
def test_a_fusion_stands_in_the_relation_that_is_told(relation, answer):
    made = reasoning.fusion({"first": DIVISOR, "second": DIVISOR, "relation": relation}, Random(1))
    assert solve(made["question"]) == answer


def test_what_is_too_long_to_be_put_together_becomes_another_question():
    made = reasoning.fusion({"first": DIVISOR, "second": "x" * 200_000, "relation": "Parallel"}, Random(1))
    assert len(made["question"]) < 500


@pytest.mark.parametrize(
    ("reference", "answer", "same"),
    [
        ("300 milligrams", "300 mg", True),
        ("1.5 g", "1500 mg", True),
        ("one eighth", "\\frac{1}{8}", True),
        ("Yes, the patient has a fever.", "\\text{yes}", True),
        ("B is the cheaper one", "fund B", True),
        ("$60", "60 dollars", True),
        ("the yearly one", "yearly", True),
        ("No, it fails.", "yes", False),
        ("B is the cheaper one", "fund A", False),
        ("300 milligrams", "301 mg", False),
        ("the yearly one", "", False),
        ("1/0", "0", False),
    ],
)
def test_answers_are_compared_by_amounts_and_decisive_words(reference, answer, same):
    values = {"question": "", "reference": reference, "answer": answer}
    assert answers.same(values, Random(0))["same"] is same


def test_references_of_the_general_sample_accept_what_is_right_and_no_near_miss():
    for each in problems_general.compose():
        if each.accepted and each.gold:
            right = solve(each.question)
            wrong = [near_miss(right, Random(seed)) for seed in range(10)]
            told = [
                {"question": each.question, "reference": each.gold, "answer": text} for text in (shown(right), *wrong)
            ]
            assert [answers.same(values, Random(0))["same"] for values in told] == [True] + [False] * 10, each.question


@pytest.mark.parametrize("name", ["math_check", "general_check", "difficulty", "category", "subject"])
@pytest.mark.parametrize("question", ["", "?", DIVISOR, "$" * 200_000, "१२ \ud800"[:3], "{" * 5000])
def test_every_question_gets_an_answer(name, question):
    assert load(f"questions/{name}").holes == {"question"}
    json.dumps(getattr(questions, name)({"question": question}, Random(0)))


def test_ratings_are_half_steps():
    rated = {
        questions.difficulty({"question": each.question}, Random(0))["difficulty"]
        for each in problems.compose()
        if isinstance(each.question, str)
    }
    assert len(rated) >= 4
    assert all(1 <= each <= 10 and each * 2 == int(each * 2) for each in rated)
