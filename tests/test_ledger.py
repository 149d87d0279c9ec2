import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.errors import Unaccounted
from dataflow_ops.ledger import Ledger, id_sum, label
from dataflow_ops.op import describe
from tests import rows as ops
from tests.rows import rows


def table_of(ids, **columns):
    return pa.table({"id": pa.array(ids, pa.string()), **columns})


def test_the_sum_of_ids_knows_no_order_and_no_chunks():
    one, two = pa.chunked_array([["a", "b", "c"]]), pa.chunked_array([["c"], ["b", "a"]])
    assert id_sum(one) == id_sum(two) != id_sum(pa.chunked_array([["a", "b"]]))


@pytest.mark.parametrize("ids", [["a", "a"], ["a", None]])
def test_ids_must_be_there_and_differ(ids):
    with pytest.raises(Unaccounted, match="differ in every row"):
        Ledger.open(table_of(ids))


def test_a_table_that_lost_a_row_behind_the_ledgers_back_is_caught():
    table = rows(text=["x", "y"])
    with pytest.raises(Unaccounted, match="2 rows in and made, but 1 out and 0 dropped"):
        Ledger.open(table).check(table.slice(1))


def test_values_measured_after_a_drop_are_null_for_the_dropped():
    table = rows(text=["abcd", "ab"])
    ledger, kept = Ledger.open(table), table.slice(0, 1)
    ledger.account(describe(ops.longer), table, kept)
    ledger.account(describe(ops.length), kept, ops.length(kept))
    assert ledger.verdicts()["characters"].to_pylist() == [4, None]


def test_sketches_and_texts_are_no_values():
    table = rows(text=["a" * 1000])
    more = table.append_column("hash", pa.array([b"x" * 16], pa.binary(16))).append_column("page", table["text"])
    ledger = Ledger.open(table)
    ledger.account(describe(ops.length), table, more.append_column("n", pa.array([1])))
    assert set(ledger.measures) == {"n"}


def test_a_label_says_the_op_and_its_settings():
    assert label(describe(ops.longer, text="body", at_least=5)) == "longer body at_least=5"


def test_reasons_that_differ_in_their_details_are_counted_as_one():
    table = rows(text=["x", "y", "z"], why=["no answer: 12 expected", "no answer: 13 expected", None])
    ledger = Ledger.open(table)
    ledger.account(describe(ops.unblamed), table, ops.unblamed(table))
    assert ledger.dropped() == {"no answer": {"rows": 2, "examples": ["a", "b"]}}
    assert ledger.verdicts()["reasons"].to_pylist() == [["no answer: 12 expected"], ["no answer: 13 expected"], None]


moves = st.lists(
    st.tuples(st.sampled_from(["drop", "double", "reorder", "reject"]), st.randoms(use_true_random=False)), max_size=6
)


@given(st.integers(0, 12), moves)
def test_rows_in_and_made_are_rows_out_dropped_and_rejected(size, moves):
    table = table_of([f"r{number}" for number in range(size)], parents=pa.array([None] * size, pa.list_(pa.string())))
    ledger, out, gone = Ledger.open(table), table, set()
    for number, (move, random) in enumerate(moves):
        before, ids = out, out["id"].to_pylist()
        chosen = [place for place in range(len(ids)) if random.random() < 0.4]
        if move == "reject":
            bad = out.take(pa.array(chosen, pa.int64()))
            ledger.reject("op", bad, ["why"] * len(bad))
            before = out = out.take(pa.array([place for place in range(len(ids)) if place not in chosen], pa.int64()))
            gone |= set(bad["id"].to_pylist())
        elif move == "drop":
            out = out.take(pa.array([place for place in range(len(ids)) if place not in chosen], pa.int64()))
            gone |= {ids[place] for place in chosen}
        elif move == "double":
            made = table_of([f"m{number}-{ids[place]}" for place in chosen], parents=[[ids[place]] for place in chosen])
            out = pa.concat_tables([out, made.cast(out.schema)])
        else:
            out = out.take(pa.array(random.sample(range(len(ids)), len(ids)), pa.int64()))
        ledger.account(describe(ops.doubled), before, out)
    ledger.check(out)
    kept = ledger.alive
    assert [ledger.ids[int(place)].as_py() for place in kept] == out["id"].to_pylist()
    assert (
        size + ledger.made
        == out.num_rows + sum(entry["rows"] for entry in ledger.dropped().values()) + ledger.rejected_rows
    )
    if (side := ledger.verdicts()) is not None:
        assert {row["id"] for row in side.to_pylist() if not row["kept"]} == gone
