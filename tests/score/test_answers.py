import json

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument
from dataflow_ops.ledger import Ledger
from dataflow_ops.llm.chat import Failure, Kind
from dataflow_ops.op import ANSWERED_BY, REJECTED, describe
from dataflow_ops.score import answers
from dataflow_ops.steps import Asking, Step, run_steps
from tests.llm.canned import canned

REFUSED = Failure(Kind.REFUSED, "no")
LEFT = ["answer", "solution", "agreement", "verified_by", "unverified"]


def boxed(answer):
    return None if answer is None else rf"So it is \boxed{{{answer}}}."


def table_of(*rows, **columns):
    """Rows as `score.math.verified` leaves them: (reference, final answers of the samples, best guess)."""
    golds, samples, guesses = zip(*rows, strict=True)
    solutions = [each and [boxed(answer) for answer in each] for each in samples]
    table = {
        "id": pa.array([str(at) for at in range(len(rows))]),
        "question": pa.array(["Why?"] * len(rows)),
        "gold": pa.array(golds, pa.string()),
        "solutions": pa.array(solutions, pa.list_(pa.string())),
        "answer": pa.array(guesses, pa.string()),
        "solution": pa.array([boxed(each) for each in guesses], pa.string()),
        "agreement": pa.array([0.25] * len(rows)),
        "verified_by": pa.nulls(len(rows), pa.string()),
        "unverified": pa.array(["not equal"] * len(rows)),
    }
    return pa.table(table | columns)


def says(*verdicts):
    return [json.dumps({"reason": f"because {at}", "same": same}) for at, same in enumerate(verdicts)]


def judged(row, *verdicts, **with_):
    """Judge one row; return what is left of it and what was asked, as (reference, answer)."""
    llm = canned(*(each if isinstance(each, Failure) else says(each)[0] for each in verdicts))
    (made,) = answers.judged(table_of(row), llm, **with_).to_pylist()
    assert llm.backend.outcomes == [], "fewer were asked about than answers were canned"
    return made, [(r.chat.values["reference"], r.chat.values["answer"]) for r in llm.backend.asked]


def test_one_sample_that_says_what_the_reference_says_is_enough():
    made, asked = judged(("iron", ["zinc", "Fe", "ferrum", "Fe "], "zinc"), True, False, False)
    assert asked == [("iron", "Fe"), ("iron", "zinc"), ("iron", "ferrum")]
    assert [made[each] for each in LEFT] == ["Fe", boxed("Fe"), 0.5, "judge", None]


@pytest.mark.parametrize(
    ("samples", "asked"),
    [
        (["zinc", "Fe", "Fe ", "Fe"], ["Fe", "zinc"]),
        (["zinc", None, "x"], ["zinc", "x"]),
        (["a  b", "a b", "c"], ["a  b", "c"]),
        (["5 mW", "5 MW"], ["5 mW", "5 MW"]),
    ],
)
def test_answers_that_are_alike_are_asked_about_once_the_most_frequent_first(samples, asked):
    _, found = judged(("iron", samples, None), *[False] * len(asked))
    assert found == [("iron", each) for each in asked]


def test_where_no_sample_says_it_the_judge_says_why_and_the_guess_stays():
    made, _ = judged(("iron", ["zinc", "tin", "tin"], "tin"), False, False)
    unverified = "no sample gives the reference answer: because 0"
    assert [made[each] for each in LEFT] == ["tin", boxed("tin"), 0.25, None, unverified]


@pytest.mark.parametrize(
    ("samples", "verdicts", "share", "unverified"),
    [
        (["A", "B", "C", "D"], [True, False, False], None, "no majority: 2 samples agree, 2 give other answers"),
        (["A", "B", "C", "D"], [True, True, False], 0.75, None),
        (["A", "A ", "B", None], [True], 0.75, None),
        (["A", "A ", "B", None], [False], 0.5, None),
        (["A", "B", None, None], [True], 0.5, None),
        (["A", "B", None, None], [False], None, "too few samples agree: 1 of 4, a share of 0.5 expected"),
        (["A", "A", "B", "B", "B", None], [False], None, "too few samples agree: 2 of 6, a share of 0.5 expected"),
        (["A", "A", "B", "C"], [False, False], None, "no majority: 2 samples agree, 2 give other answers"),
    ],
)
def test_without_a_reference_samples_that_say_the_same_are_counted(samples, verdicts, share, unverified):
    made, asked = judged((None, samples, "A"), *verdicts)
    assert {reference for reference, _ in asked} == {"A"}
    assert "A" not in {answer for _, answer in asked}, "what is alike is not asked about"
    assert (made["verified_by"], made["answer"], made["solution"]) == ("judge" if share else None, "A", boxed("A"))
    if share:
        assert (made["agreement"], made["unverified"]) == (share, None)
    else:
        assert made["unverified"] == f"{unverified}; because 0"


@pytest.mark.parametrize(
    ("row", "with_"),
    [
        ((None, ["A", "B"], None), {}),
        ((None, ["A", "B"], " "), {}),
        ((None, ["A"], "A"), {}),
        ((None, ["A", "A"], "A"), {}),
        ((None, ["A", "B", None, None, None], "A"), {}),
        ((None, ["A", "B", "C", None], "A"), {"at_least": 0.8}),
        (("iron", [None, None], None), {}),
        (("iron", [], None), {}),
        (("iron", None, None), {}),
        (("iron", ["Fe"], "Fe"), {"domain": "math"}),
    ],
    ids=["no guess", "blank guess", "one", "all alike", "too few", "too few for it", "no box", "none", "null", "math"],
)
def test_what_no_judge_can_verify_is_not_asked_about_and_stays(row, with_):
    table = table_of(row)
    made = answers.judged(table, canned(), **with_)
    assert made.select(table.column_names).equals(table)
    assert made[ANSWERED_BY].to_pylist() == [None]


def test_rows_that_are_verified_are_not_asked_about_and_keep_their_stamp():
    rows = [("iron", ["Fe"], "Fe"), ("iron", ["Fe"], "Fe"), (None, ["A", "B"], "A")]
    table = table_of(*rows, verified_by=pa.array(["gold", None, "vote"]), answered_by=["solver", "solver", "rehearsal"])
    made = answers.judged(table, canned(*says(True)))
    assert made["id"].to_pylist() == ["0", "1", "2"]
    assert made["verified_by"].to_pylist() == ["gold", "judge", "vote"]
    assert made[ANSWERED_BY].to_pylist() == ["solver", "canned", "rehearsal"]
    assert made.schema.equals(table.schema)


UNREADABLE = "It is the same: true"


@pytest.mark.parametrize(
    ("row", "outcomes", "reason"),
    [
        (("iron", ["Fe"], "Fe"), [REFUSED], "refused: no"),
        (("iron", ["Fe"], "Fe"), [UNREADABLE, UNREADABLE], "unparsable: "),
        (("iron", ["Fe"], "Fe"), ['{"reason": "r", "same": "maybe"}'] * 2, "unparsable: same"),
        (("iron", ["Fe", "tin"], "Fe"), [REFUSED, *says(False)], "refused: no"),
        ((None, ["A", "B", "C"], "A"), [REFUSED, *says(False)], "refused: no"),
        ((None, ["A", "B", "C"], "A"), [REFUSED, *says(True)], None),
        (("iron", ["Fe", "tin"], "Fe"), [REFUSED, *says(True)], None),
    ],
)
def test_a_comparison_that_failed_never_verifies_and_a_row_that_needs_it_is_rejected(row, outcomes, reason):
    table = table_of(row)
    made = answers.judged(table, canned(*outcomes))
    if reason is None:
        assert REJECTED not in made.column_names
        assert made["verified_by"].to_pylist() == ["judge"]
    else:
        assert made[REJECTED][0].as_py().startswith(reason)
        assert made.select(table.column_names).equals(table)


def test_an_empty_question_is_rejected_and_every_row_is_accounted_for():
    table = table_of(*[("iron", ["Fe"], "Fe")] * 3, question=["", None, "Why?"])
    step = Step.parse({"op": "score.answers.judged", "with": {}})
    ledger = Ledger.open(table)
    left = run_steps([step], table, ledger, Asking(canned(*says(True)), 3))
    assert left["id"].to_pylist() == ["2"]
    assert ledger.rejected()["reason"].to_pylist() == ["empty: nothing in 'question'"] * 2


def test_numbers_and_columns_of_nulls_are_read():
    table = table_of((None, ["7"], "x")).drop_columns(["gold", "verified_by", "unverified"])
    table = table.append_column("gold", pa.array([7])).append_column("verified_by", pa.nulls(1))
    made = answers.judged(table.append_column("unverified", pa.nulls(1)), canned(*says(True)))
    assert made.select(LEFT).to_pylist() == [dict(zip(LEFT, ["7", boxed("7"), 1.0, "judge", None], strict=True))]


def test_chunks_of_large_strings_keep_their_order_and_types():
    table = table_of(("iron", ["Fe"], "Fe"), ("tin", ["Sn"], "Sn"), ("zinc", None, None))
    large = [pa.large_string() if pa.types.is_string(each.type) else each.type for each in table.schema]
    table = table.cast(pa.schema(list(zip(table.column_names, large, strict=True))))
    parts = pa.concat_tables([table.slice(2, 1), table.slice(0, 2)])
    made = answers.judged(parts, canned(*says(True, False)))
    assert made["id"].to_pylist() == ["2", "0", "1"]
    assert made["verified_by"].to_pylist() == [None, "judge", None]
    assert made.select(table.column_names).schema.equals(table.schema)


def test_no_rows_keep_their_types():
    some, none = table_of(("iron", ["Fe"], "Fe")), table_of(("iron", ["Fe"], "Fe")).slice(0, 0)
    assert answers.judged(none, canned()).schema.equals(answers.judged(some, canned(*says(True))).schema)
    nulls = pa.table({name: pa.nulls(0) for name in none.column_names})
    assert answers.judged(nulls, canned()).num_rows == 0


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"solutions": pa.array(["x"])}, "'solutions' is string: expected lists of texts"),
        ({"solutions": pa.array([[1]])}, "'solutions' is list<.*>: expected lists of texts"),
        ({"verified_by": pa.array([True])}, "'verified_by' is bool"),
    ],
)
def test_columns_that_do_not_fit_are_told(columns, message):
    with pytest.raises(BadArgument, match=message):
        answers.judged(table_of(("iron", ["Fe"], "Fe"), **columns), canned())


@pytest.mark.parametrize("name", ["gold", "solutions", "answer", "verified_by"])
def test_a_column_that_is_not_there_is_told(name):
    with pytest.raises(BadArgument, match=f"there is no column '{name}'"):
        answers.judged(table_of(("iron", ["Fe"], "Fe")).drop_columns(name), canned())


@pytest.mark.parametrize("with_", [{"at_least": 1.5}, {"at_least": -0.1}, {"domain": "law"}])
def test_settings_that_do_not_fit_are_told_before_anything_runs(with_):
    with pytest.raises(BadArgument, match=next(iter(with_))):
        describe(answers.judged, **with_)


FINAL = st.none() | st.sampled_from(["A", "B", "C", "D"])
ROW = st.tuples(st.none() | st.just("R"), st.lists(FINAL, max_size=6), FINAL)


@settings(max_examples=150, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=3), st.lists(st.sampled_from([True, False, None]), min_size=18, max_size=18))
def test_nothing_is_verified_without_as_many_samples_as_it_takes(rows, verdicts):
    table = table_of(*rows)
    llm = canned(*(REFUSED if each is None else says(each)[0] for each in verdicts))
    made = answers.judged(table, llm)
    assert made["id"].equals(table["id"])
    for (gold, samples, _), row in zip(rows, made.to_pylist(), strict=True):
        if row["verified_by"] is None:
            assert row["unverified"] is not None
            continue
        assert (row["verified_by"], row["unverified"], row.get(REJECTED)) == ("judge", None, None)
        assert row["solution"] == boxed(row["answer"])
        assert row["answer"] in samples
        assert row["agreement"] >= (1 / len(samples) if gold else max(0.5, 2 / len(samples)))
