import pyarrow as pa
import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.filters import prompted
from dataflow_ops.ledger import Ledger
from dataflow_ops.op import describe
from tests.rows import rows

VERDICTS = pa.array([[], ["dull", "nothing happens"], None, []], pa.list_(pa.string()))


@pytest.mark.parametrize("kind", [pa.list_(pa.string()), pa.large_list(pa.large_string())])
def test_rows_without_objections_pass(kind):
    table = rows(text=["a", "b", "c", "d"], objections=VERDICTS.cast(kind))
    assert prompted.accepted(table)["id"].to_pylist() == ["a", "d"]
    assert prompted.accepted(table.slice(1, 2)).num_rows == 0


def test_a_row_that_goes_is_counted_under_its_fault_with_the_reason_beside_it():
    table = rows(text=["a", "b", "c", "d"], objections=VERDICTS)
    ledger = Ledger.open(table)
    ledger.account(describe(prompted.accepted), table, prompted.accepted(table))
    assert ledger.dropped()["dull"]["rows"] == 1
    assert ledger.verdicts()["reasons"].to_pylist()[1] == ["dull", "nothing happens"]


def test_what_is_no_verdict_is_refused():
    with pytest.raises(BadArgument, match=r"run score\.prompted\.verdict first; did you mean 'objection'"):
        prompted.accepted(rows(objection=["a"]))
    with pytest.raises(BadArgument, match="column 'objections' is string: expected lists"):
        prompted.accepted(rows(objections=["a"]))
