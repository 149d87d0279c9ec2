from fractions import Fraction

import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.samples.solved import UNPROVEN, evaluate, exact, is_right


def known(key, kind="sound", **more):
    row = {"key": key, "kind": kind, "accepted": ["3/8", "0.375"], "gold": True, "publish": "yes", "of": None}
    return row | more


def row(key, answer, question="?", verified_by="gold"):
    return {"key": key, "question": question, "answer": answer, "verified_by": verified_by}


TRUTH = [
    known("a"),
    known("b", gold=False),
    known("a1", "exact_duplicate", of="a"),
    known("b1", "near_duplicate", of="b"),
    known("c", "broken", accepted=[], publish="no"),
    known("d", "hostile", accepted=[], publish="no"),
    known("e", "hostile", publish="either"),
]
MADE = row(None, "42", "Find the greatest common divisor of 84 and 126.", "vote")
PERFECT = [row("a", "\\frac{3}{8}"), row("b", "37.5%", verified_by="vote"), MADE]


def missed(published, dropped=()):
    report = evaluate(TRUTH, published, dict(dropped))
    return {measure.name for measure in report.measures if measure.verdict == "MISSED"}


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ("12", 12),
        (" -7 ", -7),
        ("1,000", 1000),
        ("10{,}000", 10_000),
        ("0.375", Fraction(3, 8)),
        ("\\frac{3}{8}", Fraction(3, 8)),
        ("-\\dfrac{3}{8}", Fraction(-3, 8)),
        ("\\frac{-3}{8}", Fraction(-3, 8)),
        ("19/12", Fraction(19, 12)),
        ("6 1/4", Fraction(25, 4)),
        ("35\\%", Fraction(7, 20)),
        ("37.5%", Fraction(3, 8)),
        ("65^\\circ", 65),
        ("$5$", 5),
        ("\\text{Thursday}.", "thursday"),
        ("36π", "36\\pi"),
        ("(1, 000)", "(1,000)"),
        ("\\left(-\\infty, 4\\right)", "(-\\infty,4)"),
        ("\\{2, 3\\}", "\\{2,3\\}"),
        ("1/0", "1/0"),
        ("\\frac{1}{0}", "\\frac{1}{0}"),
        ("3 1/0", "31/0"),
        ("", ""),
        ("%", "%"),
        ("%" * 5000, "%" * 5000),
        ("7" * 5000, "7" * 5000),
        ("2\\sqrt{3}", "2\\sqrt{3}"),
    ],
)
def test_answers_are_read_exactly(answer, value):
    assert exact(answer) == value


def test_an_answer_is_right_when_it_is_one_of_the_accepted():
    assert is_right("\\frac{3}{8}", ["0.375"])
    assert not is_right("0.38", ["0.375"])
    assert not is_right(None, ["0.375"])
    assert not is_right("[2, 6]", ["(2, 6)"])
    assert not is_right("2\\sqrt{3}", ["2\\sqrt{2}"])


def test_a_run_that_publishes_what_is_right_meets_every_target():
    assert missed(PERFECT) == set()


@pytest.mark.parametrize(
    ("published", "dropped", "names"),
    [
        ([row("a", "0.38"), *PERFECT[1:]], (), {"published answers right"}),
        ([*PERFECT, row("c", "7")], (), {"broken problems left out"}),
        ([*PERFECT, row("d", "2")], (), {"unreadable rows left out"}),
        ([*PERFECT, row("e", "2")], (), {"published answers right"}),
        ([*PERFECT, row("e", "3/8")], (), set()),
        ([*PERFECT, row("a1", "3/8")], (), {"exact duplicates left out"}),
        ([*PERFECT, row("b1", "3/8")], (), {"near duplicates left out"}),
        ([row("a1", "3/8"), *PERFECT[1:]], (), set()),
        ([*PERFECT, row(None, "41", MADE["question"])], (), {"answers to new questions right"}),
        ([*PERFECT, row(None, "41", "Who walks there?")], (), {"answers to new questions right"}),
        ([*PERFECT[1:], row("a", "3/8", verified_by=None)], (), {"published with how it was verified"}),
        (
            PERFECT[1:],
            (),
            {"sound problems published", "sound problems published, or none of their solutions right"},
        ),
        (PERFECT[1:], {"a": f"{UNPROVEN}no sample"}.items(), {"sound problems published"}),
        (PERFECT[1:], {"a1": f"{UNPROVEN}no sample"}.items(), {"sound problems published"}),
        (
            PERFECT[1:],
            {"a": "contradiction"}.items(),
            {"sound problems published", "sound problems published, or none of their solutions right"},
        ),
    ],
)
def test_what_is_published_decides(published, dropped, names):
    assert missed(published, dropped) == names


def test_a_key_that_the_truth_does_not_know_is_an_error():
    with pytest.raises(BadArgument, match="1 published problems are not in the truth file, the first is 'z'"):
        evaluate(TRUTH, [row("z", "1")], {})
