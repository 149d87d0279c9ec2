import gzip
import zlib

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.sources import find, records
from dataflow_ops.sources.streams import lines
from dataflow_ops.store import Folder

from .reading import TEXT, read, reasons, texts

LINES = b"".join(b'{"text":"%032x"}\n' % (number * 7919**9 % 2**128) for number in range(20_000))
PACK = {"gz": gzip.compress, "zst": zstandard.ZstdCompressor(write_checksum=True).compress}


def stream_of(data):
    packer = zstandard.ZstdCompressor().compressobj()
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize("suffix", PACK)
def test_members_one_after_the_other_are_one_file(tmp_path, suffix):
    half = LINES.index(b"\n", len(LINES) // 2) - 5
    packed = b"".join(PACK[suffix](part) for part in (LINES[:half], b"", LINES[half:]))
    plain = read(tmp_path / "a.jsonl", LINES)
    found = read(tmp_path / f"a.jsonl.{suffix}", packed)
    assert texts(found) == texts(plain)
    assert found.rejects.num_rows == 0


def test_zeros_after_gzip_and_zstd_frames_without_a_size(tmp_path):
    assert read(tmp_path / "a.jsonl.gz", gzip.compress(LINES) + bytes(5000)).rejects.num_rows == 0
    assert read(tmp_path / "a.jsonl.zst", stream_of(LINES) + stream_of(LINES)).rows.num_rows == 40_000


@pytest.mark.parametrize("suffix", PACK)
@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9])
def test_rows_before_a_missing_end_are_read_and_the_end_rejected_once(tmp_path, suffix, cut):
    packed = PACK[suffix](LINES)
    found = read(tmp_path / f"a.jsonl.{suffix}", packed[: int(len(packed) * cut)])
    whole = len(LINES.splitlines()) * cut
    assert whole * 0.8 - 3_700 < found.rows.num_rows < whole * 1.2  # zstd unpacks whole blocks of 128 KiB
    ((row, reason),) = reasons(found)
    assert row == found.rows.num_rows + 1
    assert "the rest of the file cannot be read: the compressed data breaks off at byte" in reason


@pytest.mark.parametrize("suffix", PACK)
def test_rows_before_a_damage_are_read_and_the_rest_rejected_once(tmp_path, suffix):
    packed = bytearray(PACK[suffix](LINES))
    middle = len(packed) // 2
    packed[middle : middle + 2000] = bytes(255 - byte for byte in packed[middle : middle + 2000])
    found = read(tmp_path / f"a.jsonl.{suffix}", bytes(packed))
    damaged = [reason for _, reason in reasons(found) if "the rest of the file cannot be read" in reason]
    assert len(damaged) == 1
    assert found.rows.num_rows > 5_000
    assert found.rejects["source_row"].to_pylist()[-1] >= found.rows.num_rows


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.jsonl.zst", "a.json.gz", "a.csv.zst", "a.txt.gz", "a.html.zst"])
def test_what_was_never_compressed_is_one_reject(tmp_path, name):
    found = read(tmp_path / name, "no compressed data\n" * 1000)
    assert (found.rows.num_rows, found.rejects.num_rows) == (0, 1)
    assert f"{tmp_path / name}, " in found.rejects["reason"][0].as_py()


def test_a_bomb_is_unpacked_in_bounded_pieces(tmp_path):
    packer = zlib.compressobj(wbits=31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(50)) + packer.flush()
    found = read(tmp_path / "a.jsonl.gz", bomb, max_record_bytes=1 << 20)
    assert "expected a record of at most 1,048,576 bytes, found 52,428,800" in found.rejects["reason"][0].as_py()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.txt"])
def test_byte_order_marks_are_obeyed(tmp_path, encoding, name):
    content = {"a.jsonl": '{"text":"é日"}\n', "a.json": '[{"text":"é日"}]', "a.csv": "text\né日\n", "a.txt": "é日"}[
        name
    ]
    found = read(tmp_path / name, content.encode(encoding))
    assert found.rows["text"].to_pylist() == ["é日"]


def test_damaged_utf_16_is_rejected_from_there(tmp_path):
    content = '{"text":"one"}\n{"text":"two'.encode("utf-16") + b"\x00\xd8\x00\x00" + '"}\n'.encode("utf-16-le")
    found = read(tmp_path / "a.jsonl", content)
    assert texts(found) == [(1, "one")]
    ((row, reason),) = reasons(found)
    assert row == 2
    assert "invalid UTF-16-LE" in reason


@given(st.lists(st.binary(max_size=5), max_size=8), st.integers(1, 9))
def test_lines_do_not_depend_on_blocks(pieces, limit):
    whole = b"".join(pieces)
    got = [
        (group.first + i, line, bool(group.problem))
        for group in lines(iter(pieces), limit)
        for i, line in enumerate(group.lines)
    ]
    expected = whole.split(b"\n")
    expected = expected if expected[-1] else expected[:-1]
    assert [number for number, *_ in got] == list(range(1, len(expected) + 1))
    assert [(line, wrong) for _, line, wrong in got] == [(line, len(line) > limit) for line in expected]


class Trickle(Folder):
    """A network that gives a few bytes at a time."""

    def open(self, uri):
        stream = super().open(uri)

        class Slow:
            def read(self, size):
                return stream.read(min(size, 777))

            def __enter__(self):
                return self

            def __exit__(self, *_):
                stream.close()

        return Slow()


def test_what_is_read_does_not_depend_on_the_network(tmp_path):
    packed = bytearray(gzip.compress(LINES))
    packed[len(packed) // 2] ^= 0xFF
    path = tmp_path / "a.jsonl.gz"
    found = read(path, bytes(packed))
    (file,) = find(Folder(), str(path)).files
    slow = list(records(Trickle(), file, TEXT, chunk_rows=1 << 20, chunk_bytes=1 << 30))
    assert slow[0].rows.equals(found.rows.combine_chunks())
    assert slow[0].rejects.equals(found.rejects.combine_chunks())
