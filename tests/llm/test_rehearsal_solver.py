from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.llm.rehearsal.questions import math_check
from dataflow_ops.llm.rehearsal.solver import LONGEST, RELATIONS, SUBJECTS, put_together, solve, subject_of, varied
from dataflow_ops.llm.rehearsal.solver_kinds import Wording
from dataflow_ops.llm.rehearsal.solver_values import near_miss, root, shown

SUM, DIVISOR, CARD = (
    "Add 3: what is the sum of 12 and 30?",
    "Find the greatest common divisor of 84 and 126.",
    "Today is Tuesday. Which day of the week will it be in 100 days?",
)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (SUM, 42),
        (DIVISOR, 42),
        (CARD, "Thursday"),
        ("What is 12.5% of 1,600?", 200),
        ("What is ١٥% of ٢٤٠?", 36),
        ("Which positive number satisfies $x^2 = 48$?", "4\\sqrt{3}"),
        ("How many people fit in?", None),
        ("In a right triangle with legs of 999,999,999 and 4, what is the hypotenuse?", None),
        ("What is the distance between the points $(1, 2)$ and $(1, 2)$?", 0),
        ("What is the distance between the points $(0.5, 2)$ and $(1, 2)$?", None),
        ("What is the remainder when 5 is divided by 0?", None),
        ("A recipe for 0 people calls for 300 g of flour. How many for 10 people?", None),
        ("Evaluate $9^{99999999} - 24$.", None),
        ("How many positive divisors does 999,999,999,999 have?", None),
        ("Write the decimal number 45 in base 1.", None),
        ("In how many orders can 100000 different books stand?", None),
        (f"What is 15% of 240? {'x' * LONGEST}", None),
        ("", None),
    ],
)
def test_a_wording_that_is_known_is_solved(question, answer):
    assert solve(question) == answer


@pytest.mark.parametrize("kind", [kind for kinds in SUBJECTS.values() for kind in kinds])
def test_new_problems_of_every_kind_can_be_solved_and_are_sound(kind):
    for seed in range(20):
        question = kind.new(Random(seed))
        assert kind.answer(question) is not None, question
        assert solve(question) == kind.answer(question), question
        assert math_check({"question": question}, Random(0))["fault"] == "none", question


@pytest.mark.parametrize(("relation", "answer"), [("parallel", 84), ("sequential", 42 * 42), ("conditional", 84)])
def test_two_problems_in_one_are_solved_together(relation, answer):
    assert solve(put_together(relation, SUM, DIVISOR)) == answer


def test_the_larger_first_result_is_what_a_condition_asks_about():
    assert solve(put_together("conditional", "What is the sum of 50 and 8?", DIVISOR)) == 16


@pytest.mark.parametrize("relation", RELATIONS)
def test_words_cannot_be_added(relation):
    assert solve(put_together(relation, SUM, CARD)) is None


def test_a_variation_is_of_the_same_kind_and_another_question():
    new = varied(DIVISOR, Random(1))
    assert new != DIVISOR
    assert subject_of(new) == subject_of(DIVISOR) == "arithmetic"
    assert varied("Who walks there?", Random(1)) is None


@given(
    st.sampled_from([Fraction(7), Fraction(0), Fraction(3, 4), "Tuesday", "yes", "36\\pi", "(5, 7)", "x"]),
    st.integers(),
)
def test_a_near_miss_is_a_miss(value, seed):
    assert near_miss(value, Random(seed)) != shown(value)


@given(st.text(max_size=300))
def test_no_text_is_too_odd(text):
    solve(text)
    math_check({"question": text}, Random(0))


@given(st.integers(1, 5000))
def test_roots_are_exact(number):
    outside, _, inside = shown(root(number)).removesuffix("}").partition("\\sqrt{")
    assert int(outside or 1) ** 2 * int(inside or 1) == number


def test_a_wording_finds_what_it_was_filled_with():
    wording = Wording("Of # hens ± went to ~; they weigh @ kg … in all.")
    assert wording.find(wording.fill([12, -3, "Rome", [1, 2.5, 4]])) == [12, -3, "Rome", [1, Fraction(5, 2), 4]]
    assert wording.find("Of 12 hens none went.") is None
