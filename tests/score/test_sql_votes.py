import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument
from dataflow_ops.score._sql_votes import Ballot, choose
from dataflow_ops.score.sql import execution_difficulty, voted

TEXTS = pa.list_(pa.string())
KINDS = {
    "reasonings": TEXTS,
    "attempts": TEXTS,
    "groups": pa.list_(pa.int32()),
    "matches": pa.list_(pa.bool_()),
    "gold_fault": pa.string(),
}


def ballots(*rows):
    """Rows of `{column: value}`; what is not said follows from the groups, of which 0 is the gold's."""
    full = [_full(row) for row in rows]
    columns = {name: pa.array([row[name] for row in full], kind) for name, kind in KINDS.items()}
    return pa.table({"id": pa.array([str(at) for at in range(len(rows))], pa.string()), **columns})


def _full(row):
    groups = row.get("groups")
    told = groups or []
    made = {
        "reasonings": [f"reply {at}" for at, _ in enumerate(told)],
        "attempts": [None if group is None else f"SELECT {at}" for at, group in enumerate(told)],
        "groups": groups,
        "matches": [group == 0 for group in told],
        "gold_fault": None,
    }
    return made | row


@pytest.mark.parametrize(
    ("groups", "settings", "chosen", "agreement", "unproven"),
    [
        ([0], {}, 0, 1.0, None),
        ([1], {}, 0, 1.0, "outvoted: 1 of 1 agree on another result, 0 on that of the gold"),
        ([None, 0, None, None], {}, 1, 0.25, None),
        ([1, 0, 0, 2], {}, 1, 0.5, None),
        ([0, 1, 1, 1, 0], {}, 1, 0.6, "outvoted: 3 of 5 agree on another result, 2 on that of the gold"),
        ([1, 0], {}, 0, 0.5, "tie: 2 results with 1 vote each"),
        ([1, 0], {"allow_ties": True}, 1, 0.5, None),
        ([2, 1, 2, 0, 1, 0], {}, 0, 1 / 3, "tie: 3 results with 2 votes each"),
        ([2, 1, 2, 0, 1, 0], {"allow_ties": True}, 3, 1 / 3, None),
        ([2, 1, 2, 0, 1], {"allow_ties": True}, 0, 0.4, "tie: 2 results with 2 votes each"),
        ([None, None], {}, None, 0.0, "no attempt runs: none of 2"),
        ([0, 0, None, 1], {"at_least": 0.5}, 0, 0.5, None),
        ([0, 0, None, 1], {"at_least": 0.6}, 0, 0.5, "too few agree: 2 of 4, a share of at least 0.6 expected"),
        ([0, 0, None, 1], {"min_samples": 3}, 0, 0.5, "too few agree: 2 of 4, at least 3 expected"),
        ([1, 1, 0], {"min_samples": 3}, 0, 2 / 3, "outvoted: 2 of 3 agree on another result, 1 on that of the gold"),
    ],
)
def test_the_result_that_most_replies_give_is_proven_by_the_gold(groups, settings, chosen, agreement, unproven):
    (row,) = voted(ballots({"groups": groups}), **settings).to_pylist()
    reply, sql = (None, None) if chosen is None else (f"reply {chosen}", f"SELECT {chosen}")
    assert (row["reasoning"], row["reasoning_sql"], row["unproven"]) == (reply, sql, unproven)
    assert row["agreement"] == pytest.approx(agreement)


@pytest.mark.parametrize(
    ("row", "unproven"),
    [
        ({"gold_fault": "syntax: x", "groups": None, "matches": None}, "gold fails: syntax: x"),
        ({"gold_fault": "cut: more than 9 rows", "groups": [0, 0]}, "gold fails: cut: more than 9 rows"),
        ({"groups": []}, "no samples"),
        ({"groups": None, "reasonings": None, "attempts": None, "matches": None}, "no samples"),
        ({"groups": [0], "reasonings": ["a", "b"]}, "no attempts: those of this row are not of its replies"),
        ({"groups": None, "reasonings": ["a"]}, "no attempts: those of this row are not of its replies"),
    ],
)
def test_where_nobody_votes_there_is_no_guess(row, unproven):
    (found,) = voted(ballots(row)).to_pylist()
    assert [found[name] for name in ("reasoning", "reasoning_sql", "agreement")] == [None] * 3
    assert found["unproven"] == unproven


def test_rows_keep_their_order_and_columns_their_types():
    table = ballots({"groups": [1]}, {"groups": [0]}, {"gold_fault": "no SQL", "groups": None}, {"groups": [0, 1, 1]})
    made = voted(pa.concat_tables([table.slice(1, 1), table.slice(3), table.slice(0, 3)]))
    assert made["id"].to_pylist() == ["1", "3", "0", "1", "2"]
    kinds = [w if w is None else w.partition(":")[0] for w in made["unproven"].to_pylist()]
    assert kinds == [None, "outvoted", "outvoted", None, "gold fails"]
    empty = voted(ballots()).schema
    assert empty.types[-4:] == [pa.string(), pa.string(), pa.float64(), pa.string()]
    assert made.schema == empty


def test_columns_that_hold_no_lists_are_named():
    table = ballots({"groups": [0]}).drop_columns("groups").append_column("groups", pa.array([3]))
    with pytest.raises(BadArgument, match="column 'groups' is int64: expected lists, an item for each reply"):
        voted(table)


@given(st.lists(st.none() | st.integers(0, 3), min_size=1, max_size=9), st.booleans())
def test_what_is_proven_gives_the_gold_and_has_no_rival(groups, allow_ties):
    replies = [str(at) for at, _ in enumerate(groups)]
    ballot = Ballot(replies, replies, groups, [group == 0 for group in groups], None)
    choice = choose(ballot, at_least=0.0, min_samples=1, allow_ties=allow_ties)
    rivals = [groups.count(other) for other in (1, 2, 3)]
    wins = groups.count(0) > max(rivals) or (allow_ties and groups.count(0) == max(rivals) > 0)
    assert (choice.unproven is None) == wins
    if wins:
        assert groups[int(choice.reasoning)] == 0
        assert choice.agreement == groups.count(0) / len(groups)


@pytest.mark.parametrize(
    ("success", "label"),
    [(None, None), (0.0, "extra hard"), (2 / 10, "extra hard"), (3 / 15, "extra hard"), (3 / 10, "hard"),
     (5 / 10, "hard"), (6 / 10, "medium"), (9 / 10, "medium"), (10 / 11, "easy"), (1.0, "easy"), (float("nan"), None)],
)  # fmt: skip
def test_difficulty_is_what_a_model_does_not_achieve(success, label):
    table = pa.table({"id": ["a"], "success": pa.array([success], pa.float64())})
    assert execution_difficulty(table)["execution_difficulty"].to_pylist() == [label]


def test_thresholds_are_shares_that_rise():
    table = pa.table({"id": list("abcd"), "success": pa.array([0.0, 0.25, 0.5, 0.75])})
    made = execution_difficulty(table, thresholds=(0.1, 0.25, 0.6))["execution_difficulty"].to_pylist()
    assert made == ["extra hard", "hard", "medium", "easy"]
    for wrong in ((0.5, 0.5, 0.9), (0.9, 0.5, 0.2), (0.2, 0.5, 1.0)):
        with pytest.raises(BadArgument, match=r"thresholds=.*: expected three shares that rise"):
            execution_difficulty(table, thresholds=wrong)


def test_success_is_a_number():
    with pytest.raises(BadArgument, match="column 'success' is string: expected shares of success"):
        execution_difficulty(pa.table({"id": ["a"], "success": ["0.5"]}))
    nothing = pa.table({"id": ["a"], "success": pa.nulls(1)})
    assert execution_difficulty(nothing).schema.field("execution_difficulty").type == pa.string()
