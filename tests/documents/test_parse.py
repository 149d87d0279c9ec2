import os
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from dataflow_ops.documents import parse
from dataflow_ops.documents.document import Document, Failed, Limits
from dataflow_ops.documents.parse import Parser
from dataflow_ops.errors import Permanent

SERVE = """
import json, os, sys, time

def serve(limits, tesseract):
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        folder = json.loads(line)["folder"]
        word = open(folder + "/content").read()
        if word == "hang":
            time.sleep(60)
        if word == "crash":
            os.kill(os.getpid(), 11)
        if word == "lack":
            print(json.dumps({"missing": "No module named 'pages'"}), flush=True)
            continue
        told = f"{word} {os.getpid()} {tesseract}"
        answer = {"fault": {"kind": "no text", "detail": told}, "spent": word == "swell"}
        print(json.dumps(answer), flush=True)
"""


@pytest.fixture
def served(tmp_path, monkeypatch):
    (tmp_path / "served_documents.py").write_text(SERVE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(parse, "_READING", "served_documents")


def _workbook(rows, columns):
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in range(rows):
        sheet.append([f"value {row} {column}" for column in range(columns)])
    whole = BytesIO()
    book.save(whole)
    return whole.getvalue()


def _process(found):
    return found.detail.split()[1]


@pytest.mark.parametrize(("word", "kind"), [("hang", "time"), ("crash", "damaged")])
def test_a_file_that_ends_its_reader_is_failed_and_the_next_is_read(served, word, kind):
    with Parser(Limits(seconds=2.0)) as parser:
        before = parser.parse(b"a")
        lost = parser.parse(word.encode())
        after = parser.parse(b"b")
    assert lost.kind == kind
    assert after.detail.startswith("b ")
    assert _process(before) != _process(after)


def test_one_process_reads_all_files_until_one_swells_it(served):
    with Parser() as parser:
        first, second, third = (parser.parse(word) for word in (b"a", b"swell", b"b"))
    assert _process(first) == _process(second) != _process(third)
    with pytest.raises(ProcessLookupError):
        os.kill(int(_process(third)), 0)


def test_a_library_that_is_missing_is_no_fault_of_the_file(served):
    with Parser() as parser, pytest.raises(Permanent, match=r"No module named 'pages'.*dataflow-ops\[documents\]"):
        parser.parse(b"lack")


def test_the_place_of_the_data_of_tesseract_is_told(served, monkeypatch):
    monkeypatch.setenv("TESSDATA_PREFIX", "/data/here")
    with Parser() as parser:
        assert parser.parse(b"a").detail.endswith(" /data/here")


def test_a_file_that_needs_more_time_than_it_has_is_stopped():
    with Parser(Limits(seconds=0.8)) as parser:
        assert parser.parse(b"first, so that the process has started").blocks
        assert parser.parse(_workbook(20_000, 10)) == Failed("time", "stopped after 0.8 s")
        assert parser.parse(b"still here").blocks[0].text == "still here"


def test_a_file_that_needs_more_memory_than_it_has_is_stopped():
    with Parser(Limits(memory_mib=160)) as parser:
        found = parser.parse(b"a line of words\n\n" * 8_000_000)
        assert found == Failed("memory", "it needs more than 160 MiB")
        assert parser.parse(b"still here").blocks[0].text == "still here"


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Parser() as parser:
        parser.parse(b"# Head\n\nwords", "../../outside.md")
        assert [each.name for each in tmp_path.rglob("*") if each.is_file()] == []
    assert list(tmp_path.iterdir()) == []


def test_a_parser_is_used_in_a_with_statement():
    with pytest.raises(RuntimeError, match="with"):
        Parser().parse(b"words")


def _bomb():
    whole = BytesIO()
    with ZipFile(whole, "w", ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip")
        for number in range(4):
            archive.writestr(f"{number}.xhtml", b"\0" * (40 << 20))
    return whole.getvalue()


def _many():
    whole = BytesIO()
    with ZipFile(whole, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        for number in range(20_001):
            archive.writestr(str(number), "")
    return whole.getvalue()


def _locked():
    data = bytearray(_small())
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    return bytes(data)


def _small():
    whole = BytesIO()
    with ZipFile(whole, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
    return whole.getvalue()


@pytest.mark.parametrize(
    ("data", "limits", "fault"),
    [
        (b"", Limits(), "empty: it holds no bytes"),
        (b"\0\1\2\3" * 50, Limits(), "not supported: bytes of no known kind"),
        (b"\x1f\x8bpacked", Limits(), "not supported: application/gzip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", Limits(), "not supported: an Office document from before 2007"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            Limits(), "encrypted: an Office document that needs a password",
        ),
        (b"PK\x03\x04cut off", Limits(), "damaged: it cannot be opened as a zip archive"),
        (_bomb(), Limits(unpacked_mib=100), "too large: 160 MiB when unpacked; expected 100 MiB at most"),
        (_bomb(), Limits(), "too large: '0.xhtml' is 41943040 bytes of"),
        (_many(), Limits(), "too large: 20002 members; expected 20000 at most"),
        (_locked(), Limits(), "encrypted: its members need a password"),
        (_small(), Limits(), "damaged: there is no list of what the book consists of"),
        (b"word " * 500_000, Limits(unpacked_mib=2), "too large: 2 MiB of text; expected 2 MiB at most"),
        (b" \n\n\t\n", Limits(), "no text: there are no words in it"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_why(data, limits, fault):
    with Parser(limits) as parser:
        found = parser.parse(data, "a.docx")
    assert isinstance(found, Failed)
    assert str(found).startswith(fault)


def test_characters_that_cannot_be_stored_are_replaced():
    with Parser() as parser:
        found = parser.parse("a\0b \ud800 c".encode("utf-8", "surrogatepass") + b" d" * 400)
    assert isinstance(found, Document)
    assert found.blocks[0].text.encode()
    assert "\0" not in found.blocks[0].text
