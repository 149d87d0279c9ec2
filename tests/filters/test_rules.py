import pyarrow as pa
import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.filters import rules


def test_rows_that_break_no_rule_pass():
    verdicts = pa.array([[], ["words"], None, []], pa.list_(pa.string()))
    table = pa.table({"id": ["a", "b", "c", "d"], "failed_rules": verdicts})
    assert rules.passed(table)["id"].to_pylist() == ["a", "d"]


def test_what_is_no_verdict_is_refused():
    with pytest.raises(BadArgument, match="lists"):
        rules.passed(pa.table({"failed_rules": ["words"]}))
    with pytest.raises(BadArgument, match=r"score\.rules\.failed"):
        rules.passed(pa.table({"id": ["a"]}))
