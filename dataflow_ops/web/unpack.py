"""Bodies that servers sent compressed, unpacked piece by piece: a small one may become a very large one."""

import zlib
from collections.abc import Iterator

from dataflow_ops.web.result import Fault

ACCEPTED = "gzip, deflate"
PIECE = 1 << 18
"""Bytes that are unpacked at once."""


class Unpacker:
    """The decoder of one body; `name` is its `Content-Encoding`."""

    def __init__(self, name: str | None):
        self._name = (name or "").strip().lower()
        self._decoder = zlib.decompressobj(wbits=31) if self._name in ("gzip", "x-gzip") else None
        self._is_deflate = self._name == "deflate"
        self._is_plain = self._name in ("", "identity")
        self._is_empty, self._is_over = True, False

    def known(self) -> Fault | None:
        """Say so when the encoding is one that was not asked for."""
        if self._is_plain or self._is_deflate or self._decoder:
            return None
        return Fault("error", f"the encoding {self._name[:50]!r} was not asked for; expected {ACCEPTED}")

    def fed(self, data: bytes) -> Iterator[bytes]:
        """Yield what `data` becomes, at most 256 KiB at once; raise zlib.error where it is damaged."""
        if self._is_plain:
            yield data
            return
        more = bool(data)
        self._is_empty = self._is_empty and not more
        while more and not self._is_over:
            decoder = self._decoder = self._decoder or self._deflate(data)
            piece = decoder.decompress(data, PIECE)
            yield piece
            data, more = decoder.unconsumed_tail, len(piece) == PIECE or bool(decoder.unconsumed_tail)
            if decoder.eof and (data := decoder.unused_data):
                more = self._next_member(data)

    def _next_member(self, data: bytes) -> bool:
        """Begin the next member of a body of several; what else follows the end is no part of it."""
        self._is_over = self._is_deflate or not data.startswith(b"\x1f")
        if not self._is_over:
            self._decoder = zlib.decompressobj(wbits=31)
        return not self._is_over

    def is_whole(self) -> bool:
        """Whether the body ended where the compressed data says that it ends."""
        return self._is_plain or self._is_empty or self._decoder is None or self._decoder.eof

    @staticmethod
    def _deflate(data: bytes) -> "zlib._Decompress":
        """Return a decoder for what is called deflate: with the header of zlib, or, by mistake, without."""
        has_header = data[0] & 0x0F == 8 and int.from_bytes(data[:2].ljust(2, b"\x9c")) % 31 == 0
        return zlib.decompressobj(wbits=15 if has_header else -15)
