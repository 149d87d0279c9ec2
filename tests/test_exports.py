import gzip
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given as given_any
from hypothesis import strategies as st

from dataflow_ops import dataset, exports
from dataflow_ops.errors import BadArgument, Permanent
from dataflow_ops.messages import MESSAGES
from dataflow_ops.stage import Place
from dataflow_ops.store import Anywhere, Folder
from tests.rows import rows
from tests.test_stage import given

CHAT = [{"role": "user", "content": "2 + 2?"}, {"role": "assistant", "content": "4"}]


@pytest.fixture
def place(tmp_path):
    return Place(Folder(), f"{tmp_path}/work/dag/run/task/00000-x", "write")


def version(place, wanted, *tables, number=1, **settings):
    """Write `tables` with exports; return a version that holds them."""
    batch, name = given(place, *tables), place.folder.partition("/work/")[0] + "/out"
    done = dataset.write(place, batch, name, ["text"], [], exports=exports.parse(wanted), **settings)
    parts = dataset.new_parts([done], number)
    return {"parts": parts, "exports": exports.names(parts)}


def lines(table):
    """What a JSONL export of all columns of `table` holds."""
    (export,) = exports.parse({"all.jsonl": table.column_names})
    return b"".join(exports.json_lines(exports.project(table, export))).decode()


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"chat.json": ["m"]}, "export 'chat.json': unknown suffix 'json'; did you mean 'jsonl'"),
        ({"chat.csv": ["m"]}, "unknown suffix 'csv'.*there are: 'jsonl', 'jsonl.gz', 'parquet'"),
        ({"chat": ["m"]}, "export 'chat': expected a plain word and a suffix, such as 'chat.jsonl'"),
        ({"a/b.jsonl": ["m"]}, "plain word"),
        ({"../b.jsonl": ["m"]}, "plain word"),
        ({"chat.jsonl\n": ["m"]}, "plain word"),
        ({".jsonl": ["m"]}, "plain word"),
        ({"{{ params.x }}.jsonl": ["m"]}, "plain word"),
        ({"a" * 65 + ".jsonl": ["m"]}, "plain word"),
        ({7: ["m"]}, "export 7: expected a plain word"),
        ({"chat.jsonl": []}, r"export 'chat.jsonl': expected a list of column names, at least one, not \[\]"),
        ({"chat.jsonl": "messages"}, "expected a list of column names, at least one, not 'messages'"),
        ({"chat.jsonl": None}, "at least one, not None"),
        ({"chat.jsonl": ["m", ""]}, "expected a list of column names"),
        ({"chat.jsonl": ["m", 7]}, "expected a list of column names"),
        ({"chat.jsonl": ["m", "n", "m"]}, "a column stands twice"),
        (["chat.jsonl"], "expected names with columns, such as {'chat.jsonl': .* not \\['chat.jsonl'\\]"),
    ],
)
def test_what_does_not_fit_is_named(wanted, message):
    with pytest.raises(BadArgument, match=message):
        exports.parse(wanted)


def test_no_exports_are_none():
    assert exports.parse(None) == exports.parse({}) == []


@pytest.mark.parametrize("name", ["chat.jsonl", "chat.jsonl.gz", "chat.parquet"])
def test_each_export_holds_the_rows_of_all_parts_in_their_order(place, name):
    tables = [
        rows(text=["x", None], messages=pa.array([CHAT, None], MESSAGES)),
        rows(text=["é\u2028"], messages=pa.array([[]], MESSAGES)),
    ]
    made = version(place, {name: ["messages", "text"]}, *tables)
    assert made["exports"] == {name: ["messages", "text"]}
    assert list(exports.read(place.store, made, name)) == [
        {"messages": CHAT, "text": "x"},
        {"messages": None, "text": None},
        {"messages": [], "text": "é\u2028"},
    ]
    file = made["parts"][0]["exports"][name]
    assert file["uri"].startswith(f"{place.folder.partition('/work/')[0]}/out/exports/chat/part-")
    assert file["uri"].endswith(f".{name.partition('.')[2]}")
    assert (file["rows"], file["bytes"]) == (2, place.store.stat(file["uri"]).bytes)


def test_files_are_what_their_suffix_says(place):
    wanted = {"a.jsonl": ["text"], "a.jsonl.gz": ["text"], "a.parquet": ["text"]}
    (part,) = version(place, wanted, rows(text=["x", "y"]))["parts"]
    data = {name: place.store.read(file["uri"]).to_pybytes() for name, file in part["exports"].items()}
    assert data["a.jsonl"] == b'{"text":"x"}\n{"text":"y"}\n'
    assert gzip.decompress(data["a.jsonl.gz"]) == data["a.jsonl"]
    assert pq.read_table(pa.BufferReader(data["a.parquet"])).to_pydict() == {"text": ["x", "y"]}


def test_parts_whose_exported_columns_are_equal_have_a_file_each(place):
    made = version(place, {"k.jsonl": ["kind"]}, *[rows(text=[text], kind=["math"]) for text in "xyz"])
    assert len({file["uri"] for file in exports.files(made, "k.jsonl")}) == 3
    assert [row["kind"] for row in exports.read(place.store, made, "k.jsonl")] == ["math"] * 3


def test_a_retry_writes_the_same_bytes_and_nothing_twice(place, tmp_path):
    wanted = {"a.jsonl.gz": ["text"], "a.parquet": ["text"], "b.jsonl": ["text"]}
    table = rows(text=["x", "y"])
    first = version(place, wanted, table)
    kept = {stored.uri: stored for stored in place.store.list(f"{tmp_path}/out")}
    place.store.delete(place.manifest)  # a worker that died before its commit
    assert version(place, wanted, table) == first
    assert {stored.uri: stored for stored in place.store.list(f"{tmp_path}/out")} == kept
    assert len(kept) == 4


def test_a_missing_column_fails_before_anything_is_written(place, tmp_path):
    with pytest.raises(BadArgument, match=r"export 'b.jsonl': no column 'txt'; did you mean 'text'"):
        version(place, {"a.jsonl": ["text"], "b.jsonl": ["txt"]}, rows(text=["x"]))
    assert not (tmp_path / "out").exists()


def test_rows_published_before_are_in_no_export(place):
    published = pa.array(["a", "c"])
    made = version(place, {"t.jsonl": ["text"]}, rows(text=["x", "y", "z"]), rows(text=["x"]), published=published)
    assert list(exports.read(place.store, made, "t.jsonl")) == [{"text": "y"}]
    assert len(made["parts"]) == 1


@pytest.mark.parametrize(
    ("answered_by", "stamped"),
    [
        (["rehearsal", "m"], True),
        (["m", "replay of m"], True),
        (["m", None], False),
        ([None, None], False),
    ],
)
@pytest.mark.parametrize("name", ["t.jsonl", "t.parquet"])
def test_rows_that_no_model_answered_say_so(place, name, answered_by, stamped):
    table = rows(text=["x", "y"], answered_by=pa.array(answered_by, pa.string()))
    made = version(place, {name: ["text"]}, table)
    expected = [
        {"text": text} | ({"answered_by": who} if stamped else {}) for text, who in zip("xy", answered_by, strict=True)
    ]
    assert list(exports.read(place.store, made, name)) == expected
    assert made["exports"] == {name: ["text", "answered_by"] if stamped else ["text"]}


def test_who_answered_stands_once_where_it_is_asked_for(place):
    made = version(place, {"t.jsonl": ["answered_by"]}, rows(text=["x"], answered_by=["rehearsal"]))
    assert list(exports.read(place.store, made, "t.jsonl")) == [{"answered_by": "rehearsal"}]


def test_parts_of_older_versions_have_no_exports_and_stay_readable(place):
    made = version(place, {"t.jsonl": ["text"]}, rows(text=["x"]))
    (part,) = made["parts"]
    old = {key: value for key, value in part.items() if key != "exports"}
    both = {"parts": [old, part]}
    assert dataset.read(place.store, both)["text"].to_pylist() == ["x", "x"]
    assert list(exports.read(place.store, both, "t.jsonl")) == [{"text": "x"}]
    with pytest.raises(BadArgument, match="no export 'u.jsonl'; did you mean 't.jsonl'"):
        list(exports.read(place.store, both, "u.jsonl"))


def test_a_damaged_file_is_told(place):
    made = version(place, {"t.jsonl": ["text"]}, rows(text=["x"]))
    (file,) = exports.files(made, "t.jsonl")
    place.store.replace(file["uri"], b'{"text":"y"}\n')
    with pytest.raises(Permanent, match=r"\.jsonl' is damaged"):
        list(exports.read(place.store, made, "t.jsonl"))


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([1.5, float("nan"), float("inf"), None], pa.float64(), [1.5, None, None, None]),
        ([[1.0, float("nan")]], pa.list_(pa.float32()), [[1.0, None]]),
        ([1.5], pa.float16(), [1.5]),
        ([2**64 - 1], pa.uint64(), [2**64 - 1]),
        ([True, None], pa.bool_(), [True, None]),
        ([None], pa.null(), [None]),
        ([{"a": None, "b": [date(2026, 1, 2)]}], pa.struct({"a": pa.int8(), "b": pa.list_(pa.date32())}), [{"a": None, "b": ["2026-01-02"]}]),
        ([datetime(2026, 1, 2, 3, 4, 5, 6, UTC)], pa.timestamp("us", "UTC"), ["2026-01-02 03:04:05.000006Z"]),
        ([1], pa.timestamp("ns"), ["1970-01-01 00:00:00.000000001"]),
        ([Decimal("0.10")], pa.decimal128(5, 2), ["0.10"]),
        (["a", "b"], pa.dictionary(pa.int8(), pa.string()), ["a", "b"]),
        ([["a", None]], pa.list_(pa.large_string(), 2), [["a", None]]),
        (["\x00\n\r\u0085\u2028\u2029\"\\😀"], pa.string(), ["\x00\n\r\u0085\u2028\u2029\"\\😀"]),
        ([CHAT, None], MESSAGES, [CHAT, None]),
    ],
)  # fmt: skip
def test_values_become_json(values, kind, expected):
    written = lines(pa.table({"v": pa.array(values, kind)}))
    assert [json.loads(line)["v"] for line in written.splitlines()] == expected


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (pa.array([b"x"]), "export 'all.jsonl': column 'v' is binary, which JSON has no form for; change the column"),
        (pa.array([[{"b": b"x"}]]), "column 'v.b' is binary"),
        (pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())), "column 'v' is map<string, int64>"),
        (pa.array([5], pa.duration("s")), r"column 'v' is duration\[s\]"),
        (pa.array([{"a": 1}]).cast(pa.struct({"a": pa.int64()})), None),
        (pa.StructArray.from_arrays([pa.array([1]), pa.array([2])], ["a", "a"]), "two fields of one name"),
        (pa.array([b"\xff"]).view(pa.string()), "(?i)invalid utf"),
    ],
)
def test_what_json_cannot_hold_is_named(column, message):
    table = pa.table({"v": column})
    if message is None:
        assert lines(table) == '{"v":{"a":1}}\n'
        return
    with pytest.raises(BadArgument, match=message):
        lines(table)


def test_a_cell_of_50_mb_and_a_slice_are_written_whole(place):
    table = rows(text=["before", "é" * 25_000_000, None, "after"]).slice(1, 2)
    made = version(place, {"t.jsonl": ["id", "text"]}, table)
    found = list(exports.read(place.store, made, "t.jsonl"))
    assert [(row["id"], len(row["text"] or "")) for row in found] == [("b", 25_000_000), ("c", 0)]


@given_any(st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"]))))
def test_any_text_comes_back_one_line_a_row(texts):
    written = lines(pa.table({"t": pa.array(texts, pa.string())}))
    assert [json.loads(line)["t"] for line in written.splitlines()] == texts


def test_exports_lie_in_s3(s3):
    store, root = Anywhere(lambda: s3.client), s3.prefix
    place = Place(store, f"{root}/work/dag/run/task/00000-x", "write")
    wanted = {"chat.jsonl.gz": ["messages"], "t.parquet": ["text"]}
    table = rows(text=["x"], messages=pa.array([CHAT], MESSAGES))
    made = version(place, wanted, table)
    store.delete(place.manifest)
    assert version(place, wanted, table) == made
    assert [stored.uri for stored in store.list(f"{root}/out/exports/")] == sorted(
        file["uri"] for file in made["parts"][0]["exports"].values()
    )
    assert list(exports.read(store, made, "chat.jsonl.gz")) == [{"messages": CHAT}]
    assert list(exports.read(store, made, "t.parquet")) == [{"text": "x"}]
