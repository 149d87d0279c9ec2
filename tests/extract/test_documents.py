import pyarrow as pa
import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.extract.documents import parsed
from dataflow_ops.op import call, describe
from dataflow_ops.samples import made_documents

MARKDOWN = b"---\ntitle: Of bees\n---\n# One\n\nwords here\n\n- a\n- b\n"
BYTES = pa.large_binary()
NEW = ["text", "blocks", "images", "title", "media_type", "pages", "notes", "document_fault"]


def _rows(*files, names=None, kind=BYTES):
    ids = pa.array([f"r{at}" for at in range(len(files))], pa.string())
    found = {"id": ids, "content": pa.array(files, kind)}
    return pa.table({**found, "source": pa.array(names or [None] * len(files), pa.string())})


def test_a_file_becomes_text_and_blocks_that_know_their_places_in_it():
    row = parsed(_rows(MARKDOWN, names=["a/b.md"])).to_pylist()[0]
    assert row["text"] == "# One\n\nwords here\n\n- a\n- b"
    told = [(each["kind"], each["level"], row["text"][each["begin"] : each["end"]]) for each in row["blocks"]]
    assert told == [("heading", 1, "# One"), ("paragraph", None, "words here"), ("list", None, "- a\n- b")]
    assert {key: row[key] for key in NEW[2:]} == {
        "images": [], "title": "Of bees", "media_type": "text/markdown", "pages": None,
        "notes": ["the settings at its head are left out"], "document_fault": None,
    }  # fmt: skip


def test_a_row_that_cannot_be_read_stays_and_says_why():
    table = _rows(b"one", None, b"\0\1\2" * 9, b"two")
    found = parsed(table)
    assert found.column_names == [*table.column_names, *NEW]
    assert found.select(table.column_names).equals(table)
    assert found["document_fault"].to_pylist() == [
        None, "empty: it holds no bytes", "not supported: bytes of no known kind", None,
    ]  # fmt: skip
    assert found["text"].to_pylist() == ["one", None, None, "two"]
    assert found["blocks"].null_count == found["images"].null_count == found["notes"].null_count == 2


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary()])
def test_chunked_and_sliced_columns_are_read(kind):
    table = pa.concat_tables([_rows(b"zero", b"one", kind=kind), _rows(b"two", b"three", kind=kind)]).slice(1, 2)
    assert parsed(table)["text"].to_pylist() == ["one", "two"]


def test_types_are_the_same_whatever_is_found():
    schemas = [parsed(table).schema for table in (_rows(), _rows(b""), _rows(MARKDOWN, names=["a.md"]))]
    assert schemas[0] == schemas[1] == schemas[2]


def test_columns_are_named_as_one_likes_and_all_different():
    found = call(parsed, _rows(b"one"), text="body", document_fault="why", name=None)
    assert found["body"].to_pylist() == ["one"]
    assert "text" not in found.column_names
    with pytest.raises(BadArgument, match="expected different columns"):
        parsed(_rows(b"one"), title="text")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            pa.table({"id": ["a"], "content": ["words"], "source": ["a"]}),
            "column 'content' is string: expected the bytes",
        ),
        (pa.table({"id": ["a"], "contents": [b"words"], "source": ["a"]}), "did you mean 'contents'"),
        (pa.table({"id": ["a"], "content": [b"words"]}), "no column 'source'"),
    ],
)
def test_columns_that_do_not_fit_are_named(table, message):
    with pytest.raises(BadArgument, match=message):
        parsed(table)


@pytest.mark.parametrize(
    "settings",
    [{"seconds": 0}, {"memory_mib": 1}, {"max_pages": 0}, {"ocr_languages": "../eng"}, {"ocr_languages": ""}],
)
def test_settings_out_of_bounds_are_refused(settings):
    with pytest.raises(BadArgument, match=next(iter(settings))):
        describe(parsed, **settings)
    assert describe(parsed, ocr_languages="eng+chi_sim").params["ocr_languages"] == "eng+chi_sim"


def test_every_sample_document_is_read_or_has_the_fault_that_is_known_of_it():
    known = {each.path: each for each in made_documents.all_made() if not each.path.startswith("pdf/")}
    found = parsed(_rows(*(each.data for each in known.values()), names=list(known)), seconds=60, ocr=False).to_pylist()
    faults = {row["source"]: (row["document_fault"] or "").partition(":")[0] or None for row in found}
    assert faults == {path: each.fault for path, each in known.items()} | {"pictures/page.png": "no text"}
    for row in (row for row in found if row["text"]):
        words = {word for each in known[row["source"]].known for word in each.text.split() if word.isalpha()}
        assert len(words & set(row["text"].split())) > 0.95 * len(words), row["source"]
        assert {row["text"][block["begin"] : block["end"]] == "" for block in row["blocks"]} == {False}
