"""Bytes to text: by their byte order mark, as UTF-8, as they declare themselves, or by the likeliest encoding."""

import codecs
import re
from pathlib import Path

from dataflow_ops.documents.document import Failed, Limits

SAMPLE = 1 << 16
"""Bytes that an encoding is guessed from."""
DECLARED = 4096
"""Bytes from the beginning in which HTML and XML name their encoding."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NAMED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:.-]{2,40})", re.IGNORECASE)
_NAMED_BY_XML = re.compile(rb"\s*<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([\w:.-]{2,40})", re.IGNORECASE)
_KNOWN = re.compile(
    r"utf-?8|iso-?(?:8859|2022)-[\w-]+|windows-\d+|cp-?\d+|gb\w+|big5[\w-]*|euc-\w+|koi8-\w+|tis-620|latin-?\d"
)
_MEANT = {
    **dict.fromkeys(("iso-8859-1", "iso8859-1", "latin1", "latin-1", "us-ascii", "ascii"), "cp1252"),
    **dict.fromkeys(("gb2312", "gbk", "gb_2312-80", "x-gbk"), "gb18030"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j"), "cp932"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987", "ksc5601"), "cp949"),
    **dict.fromkeys(("iso-8859-9", "iso8859-9"), "cp1254"),
    **dict.fromkeys(("big5", "big5-hkscs"), "big5hkscs"),
    "macintosh": "mac_roman",
}
"""What browsers take a name for (WHATWG Encoding Standard): what most pages that bear it are written in."""


def read_text(path: Path, limits: Limits) -> str | Failed:
    """Return the text of a file, unless it is larger than what may come out of an archive."""
    size = path.stat().st_size
    if size > limits.unpacked_mib << 20:
        return Failed("too large", f"{size >> 20} MiB of text; expected {limits.unpacked_mib} MiB at most")
    return decoded(path.read_bytes())


def decoded(data: bytes) -> str:
    """Return `data` as text, its lines ended by line feeds; bytes that fit no encoding become U+FFFD."""
    return re.sub(r"\r\n?", "\n", _decoded(data))


def _decoded(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    declared = _declared(data[:DECLARED])
    if declared and declared.startswith("iso2022"):  # its bytes are all ASCII
        return data.decode(declared, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _not_quite(data, declared)


def _not_quite(data: bytes, declared: str | None) -> str:
    """Decode what is not UTF-8 throughout; a few wrong bytes among many right ones do not speak against it."""
    text = data.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    right = sum(letter > "\x7f" for letter in text) - wrong if declared is None else 0
    if declared == "utf-8" or (declared is None and (right > wrong or wrong * 1000 <= len(text))):
        return text
    return data.decode(declared or _likeliest(data[:SAMPLE]), "replace")


def _declared(head: bytes) -> str | None:
    """Return the encoding that a page names, where it is one that pages are written in."""
    found = _NAMED_BY_XML.match(head) or _NAMED.search(head)
    name = found[1].decode("ascii", "replace").lower() if found else ""
    if name in _MEANT:
        return _MEANT[name]
    try:
        return codecs.lookup(name).name if _KNOWN.fullmatch(name) else None
    except LookupError:
        return None


def _likeliest(sample: bytes) -> str:
    from charset_normalizer import from_bytes  # noqa: PLC0415 - loaded in the child process alone

    best = from_bytes(sample).best()
    return best.encoding if best and _keeps_ascii(best.encoding) else "cp1252"


def _keeps_ascii(encoding: str) -> bool:
    """Tell whether an encoding is one of a text that may have ASCII in it: not EBCDIC, nor UTF-16 without its mark."""
    return encoding not in ("ascii", "utf_8") and b"<a>1".decode(encoding, "replace") == "<a>1"
