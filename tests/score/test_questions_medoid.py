import pyarrow as pa
import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.score import questions_medoid
from tests.rows import rows

CANDIDATE = pa.struct({"question": pa.string(), "evidence": pa.string()})
NEAR = "How many books does each branch lend out?"
NEARER = "How many books are lent out by each branch?"
NEAREST = "How many books has each branch lent out?"
FAR = "What is the weather like on the moon?"


def asked(*questions, evidence=None):
    return [None if each is None else {"question": each, "evidence": evidence} for each in questions]


def chosen(*candidates, **settings):
    table = rows(question_candidates=pa.array(candidates, pa.list_(CANDIDATE)))
    made = questions_medoid.medoid(table, **settings)
    assert [str(made[name].type) for name in ("question", "evidence", "question_closeness")] == ["string"] * 2 + [
        "double"
    ]
    return made.select(["question", "evidence", "question_closeness"]).to_pylist()


@pytest.mark.parametrize(
    ("questions", "best"),
    [
        ([FAR, NEAR, NEARER], NEARER),
        ([NEARER, FAR, NEAR], NEARER),
        ([NEAR, FAR, NEAR], NEAR),
        ([FAR, FAR, NEAR], FAR),
        ([FAR, None, NEAR, NEARER, NEAREST], NEAREST),
        ([FAR, NEAR], FAR),
        ([NEAR, FAR], NEAR),
        ([NEAR, NEAR], NEAR),
    ],
)
def test_the_question_nearest_to_the_others_is_chosen_and_of_equals_the_first(questions, best):
    (row,) = chosen(asked(*questions))
    assert row["question"] == best
    assert -1 <= row["question_closeness"] <= 1


def test_closeness_is_the_mean_cosine_to_the_others():
    same, mixed, apart = chosen(asked(NEAR, NEAR, NEAR), asked(NEAR, NEAR, FAR), asked(NEAR, FAR))
    assert same["question_closeness"] == 1.0
    assert mixed["question_closeness"] == pytest.approx((1 + apart["question_closeness"]) / 2, abs=2e-4)
    assert apart["question_closeness"] < 0.5


def test_what_has_no_choice_needs_no_model():
    found = chosen(
        asked(NEAR), asked(None, NEAR, " ", ""), asked(None), [], None, asked(NEAR, evidence="each: all of them"),
        model="/no/such/folder",
    )  # fmt: skip
    assert [row["question"] for row in found] == [NEAR, NEAR, None, None, None, NEAR]
    assert [row["evidence"] for row in found] == [None] * 5 + ["each: all of them"]
    assert {row["question_closeness"] for row in found} == {None}
    with pytest.raises(BadArgument, match="no such folder"):
        chosen(asked(NEAR, FAR), model="/no/such/folder")


def test_evidence_is_part_of_what_is_compared():
    """The questions alone are all the same; two of three mean the same by their evidence."""
    told = ["The best are the longest books", "The best are the clinic's youngest doctors", "Best means longest book"]
    (row,) = chosen([{"question": "Which are the best?", "evidence": each} for each in (told[1], told[0], told[2])])
    assert row["evidence"] != told[1]
    assert row["question"] == "Which are the best?"


def test_the_same_rows_in_one_table_or_in_many_give_the_same():
    given = [asked(FAR, NEAR, NEARER), asked(NEAR), asked(NEAREST, NEAR, "Why? " * 90, FAR), None, asked(FAR, NEAREST)]
    assert chosen(*given) == [row for each in given for row in chosen(each)]


def test_chunked_sliced_and_large_lists_are_read():
    kind = pa.large_list(CANDIDATE)
    column = pa.chunked_array([pa.array([asked(FAR), asked(NEAR)], kind), pa.array([asked(NEARER), None], kind)])
    made = questions_medoid.medoid(pa.table({"id": list("abcd"), "question_candidates": column}).slice(1))
    assert made["question"].to_pylist() == [NEAR, NEARER, None]


@pytest.mark.parametrize("column", [[NEAR], [[NEAR]], [{"question": NEAR, "evidence": None}], [[{"question": NEAR}]]])
def test_another_type_is_refused(column):
    with pytest.raises(BadArgument, match="expected lists of structs with `question` and `evidence`"):
        questions_medoid.medoid(rows(question_candidates=column))


def test_a_column_of_nulls_has_no_candidates():
    made = questions_medoid.medoid(rows(question_candidates=pa.nulls(2)))
    assert made["question"].to_pylist() == [None, None]
