"""Sample documents that are not what they seem: locked, cut, empty, named wrongly, or far larger than they look."""

import struct
import zlib
from dataclasses import replace
from functools import cache
from typing import Any

from dataflow_ops.samples.made_documents_figures import photograph
from dataflow_ops.samples.made_documents_known import Made
from dataflow_ops.samples.made_documents_markup import archive, web_page
from dataflow_ops.samples.made_documents_office import word
from dataflow_ops.samples.made_documents_pdf import saved, typeset

_BOMB_MIB = 1_100
_AES_256 = 5
"""What PyMuPDF calls the encryption of PDF 2.0, in a constant that has no type."""
_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
    "</Relationships>"
)


def all_made() -> list[Made]:
    """Return every file that is not what it seems; those without a fault can be read all the same."""
    sound = typeset("one column", "bad/restricted.pdf")
    book = word("bad/book.docx", "beekeeping")
    page = web_page("bad/page.pdf", "beekeeping")
    return [
        Made("bad/encrypted.pdf", _locked(sound.data, user_pw="heather"), "a password to open it", fault="encrypted"),
        replace(sound, data=_locked(sound.data, user_pw=""), layout="a password to change it"),
        Made("bad/cut.pdf", sound.data[:400], "the first 400 bytes of a PDF", fault="damaged"),
        Made("bad/cut.docx", book.data[: len(book.data) // 2], "half a Word file", fault="damaged"),
        Made("bad/no_pages.pdf", no_pages(), "a PDF without pages", fault="empty"),
        Made("bad/photograph.pdf", _photographed(), "a PDF without words", fault="no text"),
        Made("bad/nothing.pdf", b"", "a file of no bytes", fault="empty"),
        Made("bad/bomb.docx", bomb(), "a small archive of 1,100 MiB", fault="too large"),
        Made("bad/noise.pdf", bytes(range(256)) * 8, "bytes of no kind", fault="not supported"),
        replace(page, layout="HTML called .pdf"),
        replace(sound, path="bad/sound.txt", layout="PDF called .txt"),
        replace(book, path="bad/book", layout="Word without an ending"),
    ]


def _locked(data: bytes, **passwords: Any) -> bytes:
    import pymupdf

    document = pymupdf.open("pdf", data)
    return saved(document, encryption=_AES_256, owner_pw="bracken", **passwords)


def no_pages() -> bytes:
    """Return a sound PDF of no pages; libraries refuse to write one."""
    objects = ("<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [] /Count 0 >>")
    data, places = b"%PDF-1.7\n", []
    for number, text in enumerate(objects, 1):
        places.append(len(data))
        data += f"{number} 0 obj\n{text}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"xref\n0 3\n0000000000 65535 f \n{table}trailer\n<< /Size 3 /Root 1 0 R >>\nstartxref\n{len(data)}\n%%EOF\n"
    return data + end.encode()


def _photographed() -> bytes:
    import pymupdf

    document = pymupdf.open()
    page = document.new_page(width=420, height=300)
    page.insert_image(page.rect, stream=photograph())
    return saved(document)


@cache
def bomb(mib: int = _BOMB_MIB) -> bytes:
    """Return a Word file of about a kilobyte for each MiB of zeros that its text unpacks to."""
    zeros = bytes(1 << 20)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
    check = 0
    for _ in range(mib):
        check = zlib.crc32(zeros, check)
    # After a full flush the packer knows nothing of what was before: the same bytes go for every MiB.
    return _deflated(block * mib + packer.flush(), check, mib << 20)


def _deflated(packed: bytes, check: int, size: int) -> bytes:
    """Return an archive whose last member is `packed`, a deflated stream."""
    name = "word/document.xml"
    members = {"[Content_Types].xml": _TYPES.encode(), "_rels/.rels": _RELATIONS.encode(), name: b""}
    whole = archive(members)
    local, central = whole.index(b"PK\x03\x04", whole.index(b"_rels/.rels")), whole.index(b"PK\x01\x02")
    entry = whole.index(name.encode(), central) - 46
    head, directory, end = whole[local : local + 30], bytearray(whole[central:]), whole.index(b"PK\x05\x06")
    sizes = struct.pack("<HIII", zlib.DEFLATED, check, len(packed), size)
    first = head[:8] + sizes[:2] + head[10:14] + sizes[2:] + head[26:30] + name.encode()
    directory[entry - central + 10 : entry - central + 12] = sizes[:2]
    directory[entry - central + 16 : entry - central + 28] = sizes[2:]
    place = end - central + 16
    directory[place : place + 4] = struct.pack("<I", local + len(first) + len(packed))
    return whole[:local] + first + packed + bytes(directory)
