import pyarrow as pa
import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.refine import columns

TABLE = pa.table({"id": ["a"], "text": ["x"], "score": [1.0], "label": ["y"]})


@pytest.mark.parametrize(
    ("op", "params", "expected"),
    [
        (columns.keep, {"columns": ["label", "text"]}, ["id", "label", "text"]),
        (columns.keep, {"columns": ["text", "id", "text"]}, ["text", "id"]),
        (columns.keep, {"columns": []}, ["id"]),
        (columns.drop, {"columns": ["score", "score"]}, ["id", "text", "label"]),
        (columns.drop, {"columns": []}, ["id", "text", "score", "label"]),
        (columns.rename, {"names": {"text": "label", "label": "text"}}, ["id", "label", "score", "text"]),
        (columns.rename, {"names": {"id": "id"}}, ["id", "text", "score", "label"]),
    ],
)
def test_columns(op, params, expected):
    result = op(TABLE, **params)
    assert result.column_names == expected
    assert result.num_rows == 1


@pytest.mark.parametrize(
    ("op", "params", "message"),
    [
        (columns.keep, {"columns": ["txt"]}, "no column 'txt'; did you mean 'text'"),
        (columns.drop, {"columns": ["scores"]}, "did you mean 'score'"),
        (columns.drop, {"columns": ["id"]}, "'id' cannot be dropped"),
        (columns.rename, {"names": {"lable": "x"}}, "did you mean 'label'"),
        (columns.rename, {"names": {"id": "key"}}, "'id' cannot be renamed"),
        (columns.rename, {"names": {"text": "label"}}, "two columns the name 'label'"),
    ],
)
def test_what_does_not_fit_is_refused(op, params, message):
    with pytest.raises(BadArgument, match=message):
        op(TABLE, **params)


def test_rename_moves_names_not_values():
    assert columns.rename(TABLE, names={"text": "label", "label": "text"}).to_pylist()[0]["label"] == "x"
