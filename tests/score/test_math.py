import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument
from dataflow_ops.op import describe
from dataflow_ops.score import math as subject

ADDED = ["answer", "solution", "agreement", "verified_by", "unverified"]
FINALS = st.one_of(st.none(), st.sampled_from(["1", "1.0", "2", "2/2", "", "no box", "x", "(1,2)"]))


def rows(count: int, **columns) -> pa.Table:
    return pa.table({"id": [str(at) for at in range(count)], **columns})


def verified(gold: str | None, finals: list[str | None] | None, **given) -> dict:
    samples = None if finals is None else [None if each is None else rf"so \boxed{{{each}}}" for each in finals]
    table = rows(1, gold=pa.array([gold], pa.string()), solutions=pa.array([samples], pa.list_(pa.string())))
    found = subject.verified(table, **given).to_pylist()[0]
    return {name: found[name] for name in ADDED}


@pytest.mark.parametrize(
    ("gold", "finals", "answer", "agreement", "by"),
    [
        ("1/2", ["3", "0.5", r"\frac12"], "0.5", 2 / 3, "gold"),
        ("12 cm", ["12"], "12", 1.0, "gold"),
        (None, ["1/2", "0.5", "3", None], "1/2", 0.5, "vote"),
        (" ", ["x+x", "2x"], "x+x", 1.0, "vote"),
        (None, ["3", "4", "4", "4"], "4", 0.75, "vote"),
    ],
)
def test_what_is_verified(gold, finals, answer, agreement, by):
    found = verified(gold, finals)
    assert found["solution"] == rf"so \boxed{{{answer}}}"
    assert (found["answer"], found["agreement"], found["verified_by"], found["unverified"]) == (
        answer,
        agreement,
        by,
        None,
    )


@pytest.mark.parametrize(
    ("gold", "finals", "answer", "why"),
    [
        ("12", ["13", "13", "4"], "13", "no sample gives the reference answer: '12'; most give '13'"),
        ("12", ["13"], "13", "no sample gives the reference answer: '12'; the first gives '13'"),
        (None, ["1", "2", "3", "4"], "1", "too few samples agree: 1 of 4, at least 0.5 expected"),
        (None, ["1", "1", "2", "3", None], "1", "too few samples agree: 2 of 5, at least 0.5 expected"),
        (None, ["2", "1", "1", "2"], "2", "the vote is a tie: 2 answers with 2 samples each"),
        (None, ["1", "2"], "1", "too few samples agree: 1 of 2, at least 2 samples expected"),
        (None, ["1"], "1", "one sample is no vote"),
        (None, ["5", "5 cm", "5 m", "7"], "5", "too few samples agree: 2 of 4, at least 0.6 expected"),
        (None, [None, ""], None, "no boxed answer: none in 2 samples"),
        ("1", [None], None, "no boxed answer: none in 1 sample"),
        (None, [], None, "no samples"),
        ("1", None, None, "no samples"),
    ],
)
def test_what_is_not_verified_says_why_and_has_the_best_guess(gold, finals, answer, why):
    found = verified(gold, finals, at_least=0.6 if "0.6" in why else 0.5)
    assert (found["answer"], found["verified_by"], found["unverified"]) == (answer, None, why)


def test_general_answers_are_compared_as_words():
    assert verified("Aspirin", ["aspirin."], domain="general")["verified_by"] == "gold"
    assert verified("1/2", ["0.5"], domain="general")["verified_by"] is None


@given(st.lists(FINALS, max_size=6), st.one_of(st.none(), st.sampled_from(["1", "3", ""])))
@settings(max_examples=60, deadline=None)
def test_a_row_is_verified_or_says_why_and_agreement_is_a_share(finals, gold):
    found = verified(gold, finals, domain="general")
    assert (found["verified_by"] is None) != (found["unverified"] is None)
    assert found["agreement"] is None if not finals else 0 <= found["agreement"] <= 1
    assert (found["answer"] is None) == (found["solution"] is None)


def test_many_different_answers_of_one_row_are_compared_in_bounds():
    finals = [f"{at}x+{at}" for at in range(60)]
    assert verified(None, finals, seconds=60)["unverified"] == "too few samples agree: 1 of 60, at least 0.5 expected"


def test_columns_may_be_chunked_sliced_and_large():
    solutions = pa.chunked_array(
        [
            pa.array([["x"], [r"\boxed{1}"]], pa.large_list(pa.large_string()))[1:],
            pa.array([[r"\boxed{2}"]], pa.large_list(pa.large_string())),
        ]
    )
    table = rows(2, solutions=solutions, gold=pa.array([1, None], pa.int64()))
    assert subject.verified(table)["verified_by"].to_pylist() == ["gold", None]
    assert table.column_names == ["id", "solutions", "gold"]


@pytest.mark.parametrize(
    ("answers", "golds", "expected"),
    [
        (["1/2", None, "3", None], ["0.5", "2", None, " "], [True, False, None, None]),
        ([5, 7], [5.0, 8.0], [True, False]),
        ([None, None], ["1", "2"], [False, False]),
        (["x", "y"], [None, None], [None, None]),
        ([1e22, float("nan")], ["10000000000000000000000", "0"], [True, False]),
        (["٣", "½"], ["3", "0.5"], [True, True]),
        ([True, False], ["true", "true"], [True, False]),
        (["x" * 200_000, r"\frac{1}{"], ["x" * 200_000, "1"], [True, False]),
        ([], [], []),
    ],
)
def test_equal_is_null_without_a_reference_and_false_without_an_answer(answers, golds, expected):
    found = subject.equal(rows(len(answers), answer=answers, gold=golds))
    assert found["equals_gold"].to_pylist() == expected
    assert found["equals_gold"].type == pa.bool_()


def test_final_answers():
    table = rows(5, solution=[r"\boxed{5}", "#### 6", None, "", r"\boxed{"])
    assert subject.final_answer(table)["answer"].to_pylist() == ["5", None, None, None, None]
    assert subject.final_answer(table, boxed_only=False)["answer"].to_pylist() == ["5", "6", None, None, None]
    assert subject.final_answer(table, answer="solution")["solution"].to_pylist()[0] == "5"


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (rows(1, solutions=["text"], gold=["1"]), "column 'solutions' is string: expected lists of texts"),
        (rows(1, solutions=[[1, 2]], gold=["1"]), r"column 'solutions' is list.*: expected lists of texts"),
        (rows(1, solutions=[["a"]], gold=[["1"]]), "column 'gold' is list.*: expected text or numbers"),
        (rows(1, solution=[["a"]], gold=["1"]), "there is no column 'solutions'; did you mean 'solution'"),
        (rows(1, solutions=[["a"]]), "there is no column 'gold'"),
    ],
)
def test_columns_of_a_wrong_kind_are_refused(table, message):
    with pytest.raises(BadArgument, match=message):
        subject.verified(table)


def test_settings_are_checked_when_a_dag_is_parsed():
    for given_wrong in ({"at_least": 2}, {"seconds": 0}, {"domain": "physics"}):
        with pytest.raises(BadArgument):
            describe(subject.verified, **given_wrong)
