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
        while data:
            decoder = self._decoder = self._decoder or self._deflate(data)
            yield decoder.decompress(data, PIECE)
            data = decoder.unconsumed_tail
            if decoder.eof:  # a body may be of several members; what else follows is no part of it
                data = decoder.unused_data if decoder.unused_data.startswith(b"\x1f\x8b") else b""
                self._decoder = zlib.decompressobj(wbits=31) if data else decoder

    def is_whole(self) -> bool:
        """Whether the body ended where the compressed data says that it ends."""
        return self._is_plain or self._decoder is None or self._decoder.eof

    @staticmethod
    def _deflate(data: bytes) -> "zlib._Decompress":
        """Return a decoder for what is called deflate: with the header of zlib, or, by mistake, without."""
        return zlib.decompressobj(wbits=15 if data[0] & 0x0F == 8 else -15)
