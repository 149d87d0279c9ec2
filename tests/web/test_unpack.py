import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.web.unpack import PIECE, Unpacker


def fed(name, *pieces):
    unpacker = Unpacker(name)
    content = b"".join(part for piece in pieces for part in unpacker.fed(piece))
    return content, unpacker.is_whole()


@given(st.lists(st.binary(max_size=2_000), max_size=4), st.lists(st.integers(1, 300), max_size=30))
def test_members_cut_anywhere_become_what_they_were(members, sizes):
    data = b"".join(map(gzip.compress, members))
    pieces, at = [], 0
    for size in sizes:
        pieces.append(data[at : at + size])
        at += size
    assert fed("gzip", *pieces, data[at:]) == (b"".join(members), True)


@pytest.mark.parametrize("coder", [gzip.compress, zlib.compress])
def test_a_bomb_goes_off_in_small_pieces(coder):
    name = "gzip" if coder is gzip.compress else "deflate"
    sizes = [len(part) for part in Unpacker(name).fed(coder(b"\0" * 30_000_000))]
    assert (sum(sizes), max(sizes)) == (30_000_000, PIECE)


@pytest.mark.parametrize("end", [1, 9, 20, -1])
def test_what_breaks_off_is_not_whole(end):
    assert fed("gzip", gzip.compress(b"hello " * 100)[:end])[1] is False


def test_dirt_after_the_end_is_left_out():
    assert fed("gzip", gzip.compress(b"hello"), b"dirt", gzip.compress(b"more")) == (b"hello", True)
    assert fed("deflate", zlib.compress(b"hello") + b"\x1f\x8b") == (b"hello", True)


@pytest.mark.parametrize(("name", "data"), [("gzip", b"no gzip"), ("deflate", b"\x07\x07\x07")])
def test_damage_is_an_error(name, data):
    with pytest.raises(zlib.error):
        fed(name, data)


@pytest.mark.parametrize(
    ("name", "known"), [("gzip", True), (" GZIP", True), ("", True), ("br", False), ("zstd", False)]
)
def test_what_was_not_asked_for_is_said(name, known):
    assert (Unpacker(name).known() is None) is known
