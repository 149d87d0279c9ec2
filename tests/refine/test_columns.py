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
        (columns.join, {"columns": ["text", "lable"]}, "did you mean 'label'"),
        (columns.join, {"columns": ["text", "score"]}, "column 'score' is double: expected strings"),
        (columns.join, {"columns": []}, r"columns=\[\]"),
    ],
)
def test_what_does_not_fit_is_refused(op, params, message):
    with pytest.raises(BadArgument, match=message):
        op(TABLE, **params)


def test_rename_moves_names_not_values():
    assert columns.rename(TABLE, names={"text": "label", "label": "text"}).to_pylist()[0]["label"] == "x"


QUESTIONS, SOLUTIONS = ["1 + 1?", None, "", "日?"], ["2", "3", "x", None]


@pytest.mark.parametrize(("first", "second"), [("string", "string"), ("large_string", "string"), ("string", "null")])
def test_texts_are_joined_row_by_row(first, second):
    answers = pa.nulls(5) if second == "null" else pa.array(["?", *SOLUTIONS], second)
    table = pa.table({"id": list("xabcd"), "question": pa.array(["?", *QUESTIONS], first), "solution": answers})
    table = pa.concat_tables([table.slice(1, 1), table.slice(2)])
    joined = columns.join(table, columns=["question", "solution"])
    expected = [None] * 4 if second == "null" else ["1 + 1?\n2", None, "\nx", None]
    assert joined["text"].to_pylist() == expected
    assert joined["text"].type == (pa.large_string() if first == "large_string" else pa.string())
    assert joined.drop_columns("text").equals(table)


def test_a_joined_text_may_take_the_place_of_one_of_its_parts():
    joined = columns.join(TABLE, columns=["text", "label", "text"], text="text", separator=" ")
    assert joined.to_pylist() == [{"id": "a", "text": "x y x", "score": 1.0, "label": "y"}]


def test_what_32_bits_cannot_count_is_joined_in_64(monkeypatch):
    monkeypatch.setattr(columns, "MOST_BYTES", 10)
    assert columns.join(TABLE, columns=["text", "label"], separator="-" * 20)["text"].type == pa.large_string()


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_a_fence_is_longer_than_any_run_of_backticks_in_the_text(kind):
    texts = pa.array(["x = 1\n", None, "", "````\n"], kind)
    made = columns.fence(pa.table({"id": list("abcd"), "text": texts}), text="text", fenced="reply", tag="python")
    assert made["reply"].to_pylist() == ["```python\nx = 1\n```", None, "", "`````python\n````\n`````"]
    assert made.schema.field("reply").type == kind


def test_what_stands_for_null_is_joined():
    table = pa.table({"a": ["x", None, None], "b": ["y", "z", None]})
    assert columns.join(table, columns=["a", "b"], null="")["text"].to_pylist() == ["x\ny", "\nz", "\n"]
    assert columns.join(table, columns=["a", "b"])["text"].to_pylist() == ["x\ny", None, None]
