import pyarrow as pa
import pytest

from dataflow_ops.dedup.paragraphs import hashes, repeated
from dataflow_ops.op import InMemory
from dataflow_ops.refine.paragraphs import drop_repeated


def dropped(texts, positions, kind="string"):
    table = pa.table({"text": pa.array(texts, kind), "repeated_paragraphs": pa.array(positions, pa.list_(pa.int32()))})
    return drop_repeated(table)["text"]


@pytest.mark.parametrize(
    ("text", "positions", "expected"),
    [
        ("a\nb\nc", [1], "a\nc"),
        ("a\n\nb\n\nc", [2], "a\n\nc"),
        ("a\n \n\nb", [0], "b"),
        ("a\nb\n", [1], "a"),
        ("a\nb", [0, 1], ""),
        ("a\r\nb\r\n", [0], "b\r\n"),
        ("a\nb", [], "a\nb"),
        ("a\nb", None, "a\nb"),
        ("a", [7], "a"),
        ("", [0], ""),
        (None, [0], None),
        ("第一\n第二", [0], "第二"),
    ],
)
def test_lines_go_with_the_blank_lines_after_them(text, positions, expected):
    assert dropped([text, "same"], [positions, None]).to_pylist() == [expected, "same"]


@pytest.mark.parametrize("kind", ["string", "large_string"])
def test_the_type_stays_and_chunks_and_slices_are_no_matter(kind):
    whole = pa.table(
        {
            "text": pa.array(["x", "a\nb", None, "c\nd", "e"], kind),
            "repeated_paragraphs": pa.array([None, [0], [0], [1], None], pa.list_(pa.int32())),
        }
    )
    parts = pa.concat_tables([whole.slice(1, 2), whole.slice(3)])
    result = drop_repeated(parts)
    assert result.schema == whole.schema
    assert result["text"].to_pylist() == ["b", None, "c", "e"]
    assert whole["text"][1].as_py() == "a\nb"


def test_tables_without_rows_or_without_repeats():
    assert dropped([], []).to_pylist() == []
    assert dropped([None], [None]).to_pylist() == [None]


def test_what_was_found_goes():
    menu = "Home, products, blog, about us"
    table = pa.table({"id": ["a", "b"], "text": [f"{menu}\n\nA story.", f"{menu}\n\nAnother story."]})
    (found,) = repeated(InMemory([hashes(table)]))
    assert found.to_pydict() == {"id": ["b"], "repeated_paragraphs": [[0]]}
    joined = table.append_column("repeated_paragraphs", pa.array([None, [0]], pa.list_(pa.int32())))
    assert drop_repeated(joined)["text"].to_pylist() == [f"{menu}\n\nA story.", "Another story."]
