from dataclasses import replace

import pyarrow as pa
import pytest

from dataflow_ops import manifest, stage
from dataflow_ops import steps as steps_module
from dataflow_ops.errors import BadArgument, Permanent, Unaccounted
from dataflow_ops.ledger import Ledger
from dataflow_ops.manifest import Batch
from dataflow_ops.op import describe
from dataflow_ops.shards import File, Shard, read_shard, read_table, write_table
from dataflow_ops.stage import Place, as_batch
from dataflow_ops.steps import Step, code_of, named, run_steps
from dataflow_ops.store import Anywhere
from tests import rows as ops
from tests.rows import rows


def steps(*ops_and_settings):
    return [
        Step(op, (sign := describe(op, **settings)).params, sign)
        for op, settings in (each if isinstance(each, tuple) else (each, {}) for each in ops_and_settings)
    ]


@pytest.fixture
def place(tmp_path):
    return Place(Anywhere(), f"{tmp_path}/work/dag/run/task/00000-x", "task")


def given(place, *tables):
    """A batch of shards, as a task before would have left it."""
    before = Place(place.store, place.folder.replace("/task/", "/before/"), "before")
    records = []
    for number, table in enumerate(tables):
        shard = Shard(write_table(place.store, f"{before.folder}/data", "part", table))
        ids = str(stage.id_sum(table["id"]))
        counts = {"in": table.num_rows, "made": 0, "out": table.num_rows, "dropped": 0, "rejected": 0}
        empty = {"verdicts": None, "rejects": None, "dropped": {}, "rejected": {}}
        spent = {"seconds": 0.0, "cpu_seconds": 0.0, "peak_mib": 0, "bytes_in": 0}
        about = {"number": number, "shard": shard.as_json(), "rows": counts, "ids": {"in": ids, "out": ids}}
        records.append(about | empty | spent)
    return as_batch(stage.commit(before, records, [], ()))


def result(place, done):
    return [
        row for record in done["records"] for row in read_shard(place.store, Shard.parse(record["shard"])).to_pylist()
    ]


def side(place, done, kind):
    return [
        row
        for record in done["records"]
        if record[kind]
        for row in read_table(place.store, File.parse(record[kind])).to_pylist()
    ]


def test_steps_run_over_every_shard_and_all_rows_are_accounted_for(place):
    batch = given(place, rows(text=["abcd", "ab"]), rows(text=["xyz"]).set_column(0, "id", [["c"]]))
    done = stage.apply(place, steps(ops.length, (ops.longer, {"at_least": 3})), batch)
    assert [row["id"] for row in result(place, done)] == ["a", "c"]
    assert [record["rows"] for record in done["records"]] == [
        {"in": 2, "made": 0, "out": 1, "dropped": 1, "rejected": 0},
        {"in": 1, "made": 0, "out": 1, "dropped": 0, "rejected": 0},
    ]
    assert done["records"][0]["dropped"] == {"longer text at_least=3": {"rows": 1, "examples": ["b"]}}


CHOSEN = pa.array([False, True, None, True])


def run_where(op, table, column="chosen", **settings):
    ledger = Ledger.open(table)
    return run_steps([replace(steps((op, settings))[0], where=column)], table, ledger), ledger


def test_a_step_may_be_for_some_rows_only_and_the_others_pass_by_in_their_places():
    table = rows(text=["ab", "abc", "a", "abcd"], chosen=CHOSEN)
    measured, _ = run_where(ops.length, table)
    assert measured["id"].to_pylist() == ["a", "b", "c", "d"]
    assert measured["characters"].to_pylist() == [None, 3, None, 4]
    kept, ledger = run_where(ops.longer, table, at_least=4)
    assert kept["id"].to_pylist() == ["a", "c", "d"]
    assert ledger.dropped() == {"longer text at_least=4": {"rows": 1, "examples": ["b"]}}


def test_rows_that_a_step_makes_of_some_rows_stand_behind_all_that_came():
    made, ledger = run_where(ops.doubled, rows(text=["ab", "abc", "a", "abcd"], chosen=CHOSEN))
    assert made["id"].to_pylist() == ["a", "b", "c", "d", "b2", "d2"]
    assert ledger.made == 2


@pytest.mark.parametrize("chosen", [[False, False], pa.nulls(2), [True, True]])
def test_a_step_for_none_or_all_of_the_rows_leaves_the_same_columns(chosen):
    measured, _ = run_where(ops.length, rows(text=["ab", "abc"], chosen=chosen))
    assert measured["id"].to_pylist() == ["a", "b"]
    assert str(measured.schema.field("characters").type) == "int32"


def test_a_row_that_fails_a_step_for_some_rows_is_rejected_alone():
    table = rows(text=["boom", "boom", "ab"], chosen=[False, True, True])
    left, ledger = run_where(ops.fragile, table)
    assert left["id"].to_pylist() == ["a", "c"]
    assert ledger.rejected()["id"].to_pylist() == ["b"]


@pytest.mark.parametrize(
    ("column", "message"), [("text", "expected true and false"), ("chose", "there is no column|no column 'chose'")]
)
def test_which_rows_a_step_is_for_is_told_by_a_column_of_truth(column, message):
    with pytest.raises(BadArgument, match=message):
        run_where(ops.length, rows(text=["ab"], chosen=[True]), column)


def test_what_rows_a_step_is_for_is_part_of_its_name_and_of_the_manifest():
    one, other = (
        Step.parse({"op": "filters.values.not_null", "with": {"column": "a"}} | more) for more in ({}, {"where": "b"})
    )
    assert named(one) != named(other)
    assert other.as_json()["where"] == "b"
    assert "where" not in one.as_json()


def test_every_rows_measures_and_verdict_are_kept(place):
    done = stage.apply(place, steps(ops.length, ops.longer), given(place, rows(text=["abcd", "ab"])))
    assert side(place, done, "verdicts") == [
        {"id": "a", "kept": True, "dropped_by": None, "reasons": None, "characters": 4, "text": "abcd"},
        {
            "id": "b",
            "kept": False,
            "dropped_by": "tests.rows:longer",
            "reasons": ["longer text at_least=3"],
            "characters": 2,
            "text": "ab",
        },
    ]


def test_reasons_come_from_the_column_that_holds_them(place):
    done = stage.apply(
        place, steps(ops.unblamed), given(place, rows(text=["x", "y", "z"], why=[["short", "odd"], [], ["odd"]]))
    )
    assert done["records"][0]["dropped"] == {
        "short": {"rows": 1, "examples": ["a"]},
        "odd": {"rows": 1, "examples": ["c"]},
    }


def test_made_rows_name_their_parents(place):
    done = stage.apply(place, steps(ops.doubled), given(place, rows(text=["x"])))
    assert done["records"][0]["rows"] == {"in": 1, "made": 1, "out": 2, "dropped": 0, "rejected": 0}
    with pytest.raises(Unaccounted, match="parents"):
        stage.apply(Place(place.store, place.folder + "2", "task"), steps(ops.orphaned), given(place, rows(text=["x"])))


def test_a_row_that_an_op_cannot_take_is_rejected_alone(place):
    texts = [f"text {number}" for number in range(50)]
    texts[17] = "boom"
    done = stage.apply(place, steps(ops.fragile), given(place, rows(text=texts)))
    assert done["records"][0]["rows"] == {"in": 50, "made": 0, "out": 49, "dropped": 0, "rejected": 1}
    (reject,) = side(place, done, "rejects")
    assert (reject["text"], reject["rejected_by"], reject["reason"]) == (
        "boom",
        "tests.rows:fragile",
        "ValueError: boom is no text",
    )


def test_an_op_that_fails_on_most_rows_fails_the_task(place):
    with pytest.raises(ValueError, match="boom"):
        stage.apply(place, steps(ops.fragile), given(place, rows(text=["boom"] * 20)))


def test_a_missing_column_names_the_nearest(place):
    with pytest.raises(BadArgument, match="no column 'txt'; did you mean 'text'"):
        stage.apply(place, steps((ops.longer, {"text": "txt"})), given(place, rows(text=["x"])))


def test_repeated_ids_are_refused(place):
    with pytest.raises(Unaccounted, match="1 are repeated"):
        stage.apply(place, steps(ops.longer), given(place, rows(text=["x", "y"]).set_column(0, "id", [["a", "a"]])))


def test_a_retry_does_no_committed_shard_again(place, tmp_path):
    batch, calls = given(place, rows(text=["abcd"]), rows(text=["efgh"]).set_column(0, "id", [["b"]])), []

    def counted(table, **settings):
        calls.append(table["id"].to_pylist())
        if len(calls) == 2:
            raise ConnectionError("the worker is lost")
        return table

    step = Step(counted, {}, describe(ops.doubled))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps_module, "call", lambda op, table, **settings: op(table, **settings))
        with pytest.raises(ConnectionError):
            stage.apply(place, [step], batch)
        done = stage.apply(place, [step], batch)
        assert stage.apply(place, [step], batch) == done
    assert calls == [["a"], ["b"], ["b"]]


def test_a_zombie_adopts_what_was_committed_first(place):
    batch = given(place, rows(text=["abcd"]))
    done = stage.apply(place, steps(ops.longer), batch)
    zombie = stage.commit(place, [{"late": True}], [batch.manifest], ())
    assert zombie == done


def test_damage_is_noticed(place):
    batch = given(place, rows(text=["abcd"]))
    record = manifest.load(place.store, batch.manifest)["records"][0]
    place.store.replace(record["shard"]["file"]["uri"], b"PAR1 nonsense")
    with pytest.raises(Permanent, match="is damaged"):
        stage.apply(place, steps(ops.longer), batch)


def test_a_reduce_adds_columns_and_the_next_task_sees_them(place):
    one = given(place, rows(text=["apple", "bean"]))
    two = given(
        Place(place.store, place.folder.replace("00000", "00001"), "task"),
        rows(text=["avocado"]).set_column(0, "id", [["c"]]),
    )
    (step,) = steps(ops.first_letters)
    done = stage.reduce(place, step, [one, two], ())
    assert stage.reduce(place, step, [one, two], ()) == done
    assert [row["seen"] for row in result(place, done[1])] == ["a"]
    after = Place(place.store, place.folder.replace("/task/", "/after/"), "after")
    kept = stage.apply(after, steps((ops.unblamed, {"why": "seen"})), as_batch(done[1]))
    assert result(after, kept) == []
    assert side(after, kept, "verdicts") == [
        {"id": "c", "kept": False, "dropped_by": "tests.rows:unblamed", "reasons": ["a"], "seen": "a"}
    ]


def test_rows_that_only_got_columns_are_not_written_again(place):
    batch = given(place, rows(text=["abcd", "ab"]))
    done = stage.apply(place, steps(ops.length), batch)
    (before,), (after,) = (manifest.load(place.store, uri)["records"] for uri in (batch.manifest, done["uri"]))
    assert after["shard"]["file"] == before["shard"]["file"]
    assert [row["characters"] for row in result(place, done)] == [4, 2]
    again = Place(place.store, place.folder.replace("/task/", "/again/"), "again")
    kept = stage.apply(again, steps((ops.longer, {"at_least": 3})), as_batch(done))
    assert result(again, kept) == [{"id": "a", "text": "abcd", "characters": 4}]


def test_published_shards_win(place):
    old = Shard(write_table(place.store, f"{place.folder}/old", "part", rows(text=["banana"])))
    done = stage.reduce(place, steps(ops.first_letters)[0], [given(place, rows(text=["apple", "bean"]))], [old])
    assert [row.get("seen") for row in result(place, done[0])] == [None, "b"]


def test_a_batch_must_be_a_batch():
    with pytest.raises(Permanent, match="expected a batch"):
        Batch.parse({"rows": 3})


def test_the_name_of_work_changes_with_settings_code_and_inputs(monkeypatch):
    one = named(steps(ops.longer), "input")
    assert one == named(steps(ops.longer), "input")
    assert one != named(steps((ops.longer, {"at_least": 4})), "input")
    assert one != named(steps(ops.longer), "other input")
    monkeypatch.setattr(steps_module, "code_of", lambda module: code_of(module) + "edited")
    assert one != named(steps(ops.longer), "input")


@pytest.mark.parametrize(
    "value",
    [{"manifest": "m", "shards": 1, "rows": 2, "bytes": 3}, [{"manifest": "m", "shards": 1, "rows": 2, "bytes": 3}]],
)
def test_one_mapped_task_is_as_good_as_many(value):
    assert Batch.parse_all(value) == [Batch("m", 1, 2, 3)]
    assert Batch.parse_all(None) == []
