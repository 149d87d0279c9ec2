import pyarrow as pa
import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.extract import chunks
from dataflow_ops.ledger import Ledger
from dataflow_ops.op import REJECTED, describe
from dataflow_ops.steps import Step, run_steps
from tests import tiny_models

tiny = tiny_models.tiny  # a fixture

BLOCK = pa.struct(
    [
        ("kind", pa.string()),
        ("text", pa.large_string()),
        ("page", pa.int64()),
        ("box", pa.list_(pa.float64())),
        ("level", pa.int64()),
        ("image", pa.string()),
        ("begin", pa.int64()),
        ("end", pa.int64()),
    ]
)
TEXT = "# Rain\n\nIt rained all day. Nobody came.\n\n| day | mm |\n| --- | --- |\n| Monday | 12 |"
BLOCKS = [
    {"kind": "heading", "text": "Rain", "page": 1, "level": 1, "begin": 0, "end": 6},
    {"kind": "paragraph", "text": TEXT[8:39], "page": 1, "begin": 8, "end": 39},
    {"kind": "table", "text": TEXT[41:], "page": 2, "box": [1.0, 2.0, 3.0, 4.0], "begin": 41, "end": len(TEXT)},
]
WAYS = [chunks.recursive, chunks.sentences, chunks.tokens]


def documents(*texts, blocks=None):
    ids = [f"doc-{number}" for number in range(len(texts))]
    return pa.table(
        {
            "id": ids,
            "source": [f"{each}.pdf" for each in ids],
            "pages": pa.array([9] * len(texts), pa.int64()),
            "text": pa.array(texts, pa.large_string()),
            "blocks": pa.array(blocks or [None] * len(texts), pa.list_(BLOCK)),
        }
    )


def test_each_chunk_is_a_row_that_says_where_it_stands():
    found = chunks.recursive(documents(TEXT, blocks=[BLOCKS]), size=12, min_size=0)
    first, second = found.to_pylist()
    assert found.column_names == [
        "id", "source", "parents", "chunk", "chunk_number", "headings", "pages", "places", "begin", "end",
        "chunk_tokens", "oversize",
    ]  # fmt: skip
    assert (first["chunk"], first["begin"], first["end"], first["chunk_tokens"]) == (TEXT[:39], 0, 39, 10)
    assert second["chunk"] == TEXT[second["begin"] : second["end"]] == TEXT[41:]
    assert (second["pages"], second["headings"], second["parents"]) == ([2], ["Rain"], ["doc-0"])
    assert second["places"] == [{"page": 2, "box": [1.0, 2.0, 3.0, 4.0]}]
    assert (second["chunk_number"], second["source"]) == (1, "doc-0.pdf")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_documents_make_the_same_chunks_alone_and_together_chunked_and_sliced(way, kind):
    texts = ["One. Two. Three. " * 20, "نص قصير. " * 30, "雨が降った。" * 40, TEXT, None, "", "\n"]
    table = documents(*texts).set_column(3, "text", pa.chunked_array([pa.array(texts, kind)]))
    whole = way(table, size=20)
    pieces = [way(pa.concat_tables([table.slice(6), table]).slice(at + 1, 1), size=20) for at in range(table.num_rows)]
    assert pa.concat_tables(pieces, promote_options="default").to_pylist() == whole.to_pylist()
    assert whole["chunk"].type == kind
    assert len(set(whole["id"].to_pylist())) == whole.num_rows


@pytest.mark.parametrize("way", WAYS)
def test_a_document_without_text_is_rejected_and_every_row_accounted_for(way):
    table = documents(TEXT, None, " \n ", blocks=[BLOCKS, None, None])
    ledger = Ledger.open(table)
    out = run_steps([Step(way, {"size": 12}, describe(way, size=12))], table, ledger)
    assert set(out["parents"].to_pylist()[0]) == {"doc-0"}
    assert REJECTED not in out.column_names
    rejected = ledger.rejected()
    assert rejected["id"].to_pylist() == ["doc-1", "doc-2"]
    assert set(rejected["reason"].to_pylist()) == {"empty: nothing in 'text'"}


def test_a_row_rejected_before_stays_so():
    table = documents(TEXT, TEXT).append_column(REJECTED, pa.array([None, "damaged: no pages"]))
    found = chunks.recursive(table, size=100)
    assert found[REJECTED].to_pylist() == [None, "damaged: no pages"]
    assert found["id"].to_pylist()[1] == "doc-1"


@pytest.mark.parametrize("way", WAYS)
def test_no_rows_make_no_rows_with_the_same_columns(way):
    table = documents(TEXT)
    assert way(table.slice(0, 0)).schema.equals(way(table).schema)


def test_columns_are_carried_over_when_they_are_there():
    found = chunks.sentences(documents(TEXT), carry=["pages", "source", "author"], pages="on_pages")
    assert found["pages"].to_pylist() == [9]
    assert found["on_pages"].to_pylist() == [[]]
    assert "author" not in found.column_names


def test_tokens_are_those_of_a_tokenizer(tiny):
    model = tiny("encoder")
    text = "The sun is hot. The moon is cold. The old man was seen by the red river. What is new?"
    found = chunks.sentences(documents(text), size=12, min_size=0, tokenizer=model)
    assert found["chunk"].to_pylist() == [
        "The sun is hot. The moon is cold.",
        "The old man was seen by the red river.",
        "What is new?",
    ]
    assert found["chunk_tokens"].to_pylist() == [10, 10, 4]


def test_a_text_of_two_subjects_is_cut_between_them():
    rivers = [
        "The river rises every spring when the snow melts.", "Its banks are flooded for many weeks.",
        "Fish swim up the stream to spawn in shallow water.", "The delta is full of reeds and water birds.",
        "A dam upstream holds back the flood.",
    ]  # fmt: skip
    money = [
        "The bank raised its interest rate by half a point.", "Mortgages have become more expensive for families.",
        "Investors sold their bonds and bought shares.", "The currency fell against the dollar.",
        "Inflation remains above the target of the central bank.",
    ]  # fmt: skip
    text = " ".join(rivers + money)
    found = chunks.semantic(documents(text), min_size=0, cutoff=0.5, device="cpu")
    assert text.index("The bank raised") in found["begin"].to_pylist()
    assert found.num_rows <= 3
    assert "".join("".join(found["chunk"].to_pylist()).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"overlap": 300}, "half of the size, 256"),
        ({"min_size": 600}, "0 to the size, 512"),
        ({"text": "txet"}, "there is no column 'txet'"),
        ({"blocks": "source"}, "expected lists of blocks with .*blocks=None"),
        ({"chunk": "begin"}, "'begin'.*more than one column"),
        ({"headings": "id"}, "'id'.*more than one column"),
        ({"tokenizer": "./no/such/folder"}, "no such folder"),
    ],
)
def test_settings_that_cannot_be_are_refused(given, expected):
    with pytest.raises(BadArgument, match=expected):
        chunks.recursive(documents(TEXT), **given)
