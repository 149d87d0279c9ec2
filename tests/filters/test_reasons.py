import pyarrow as pa
import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.filters import reasons
from dataflow_ops.ledger import Ledger
from dataflow_ops.op import describe

IDS = ["a", "b", "c", "d", "e"]
FOUND = [None, "no majority: 2 of 4", "none", "", "not one"]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_rows_without_a_reason_stay(kind):
    table = pa.table({"id": ["x", *IDS], "unverified": pa.array(["x", *FOUND], kind)}).slice(1)
    both = pa.concat_tables([table.slice(0, 2), table.slice(2)])
    assert reasons.none(both)["id"].to_pylist() == ["a", "c"]


def test_a_column_of_nulls_says_nothing_against_any_row():
    table = pa.table({"id": IDS, "unverified": pa.nulls(5)})
    assert reasons.none(table).equals(table)


def test_rows_that_go_are_counted_under_their_reason():
    table = pa.table({"id": IDS[:3], "fault": ["language", None, "no majority: 2 of 4"]})
    book = Ledger.open(table)
    book.account(describe(reasons.none, reasons="fault"), table, reasons.none(table, reasons="fault"))
    assert {why: found["rows"] for why, found in book.dropped().items()} == {"language": 1, "no majority": 1}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pa.table({"id": ["a"], "unverifed": ["x"]}), "did you mean 'unverifed'"),
        (pa.table({"unverified": pa.array([["x"]])}), r"list<.*: expected strings.*filters\.rules\.passed"),
        (pa.table({"unverified": [True]}), "bool: expected strings"),
    ],
)
def test_what_holds_no_reasons_is_refused(table, message):
    with pytest.raises(BadArgument, match=message):
        reasons.none(table)
