"""Books (.epub): their chapters in the order of reading, whole, with their pictures."""

import posixpath
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote
from zipfile import BadZipFile, ZipFile

from dataflow_ops.documents import _html_blocks
from dataflow_ops.documents._archive import tree
from dataflow_ops.documents._decoding import decoded
from dataflow_ops.documents._html_inline import name
from dataflow_ops.documents._image_files import Pictures
from dataflow_ops.documents.document import Block, Document, Failed, Limits
from dataflow_ops.documents.html import strict_tree
from dataflow_ops.documents.kinds import EPUB

if TYPE_CHECKING:
    from lxml.etree import _Element

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_PAGES = ("application/xhtml+xml", "text/html", "application/html+xml")


def read(path: Path, limits: Limits) -> Document | Failed:
    """Read a book; members of the archive are found by name and never written to a disk."""
    with ZipFile(path) as archive:
        names = set(archive.namelist())
        place = _package_place(archive, names)
        if place not in names:
            return Failed("damaged", "there is no list of what the book consists of")
        package = tree(archive.read(place))
        chapters = list(_chapters(package, posixpath.dirname(place), names))
        if not chapters:
            return Failed("empty", "the book names no chapter that is there")
        if _locked(archive, names, chapters):
            return Failed("encrypted", "its chapters are locked by the rights management of a shop")
        book = _Book(archive, names, Pictures(limits))
        blocks = tuple(block for number, chapter in enumerate(chapters, 1) for block in book.chapter(chapter, number))
        title, language = _told(package, "title"), _told(package, "language")
        return Document(
            EPUB, blocks, tuple(book.pictures.found), title, language, notes=(*book.notes, *book.pictures.notes())
        )


def _package_place(archive: ZipFile, names: set[str]) -> str:
    """Return where the description of the book is; where nothing says it, the only one that there is."""
    if _CONTAINER in names:
        for each in tree(archive.read(_CONTAINER)).iter():
            if name(each) == "rootfile":
                return each.get("full-path") or ""
    return next((each for each in sorted(names) if each.endswith(".opf")), "")


def _chapters(package: "_Element", folder: str, names: set[str]) -> Iterator[str]:
    """Yield the members that are read one after the other, each once; the table of contents is none of them."""
    items = {each.get("id"): each for each in package.iter() if name(each) == "item"}
    seen: set[str] = set()
    for reference in (each for each in package.iter() if name(each) == "itemref"):
        item = items.get(reference.get("idref"))
        if item is None or (item.get("media-type") or "") not in _PAGES:
            continue
        place = _resolved(folder, item.get("href") or "")
        if place in names and place not in seen and "nav" not in (item.get("properties") or "").split():
            seen.add(place)
            yield place


def _resolved(folder: str, address: str) -> str:
    return posixpath.normpath(posixpath.join(folder, unquote(address.partition("#")[0])))


def _locked(archive: ZipFile, names: set[str], chapters: list[str]) -> bool:
    """Tell whether chapters are encrypted; fonts often are, and nobody minds."""
    if _ENCRYPTION not in names:
        return False
    references = (each for each in tree(archive.read(_ENCRYPTION)).iter() if name(each) == "cipherreference")
    return any(_resolved("", each.get("URI") or "") in chapters for each in references)


def _told(package: "_Element", what: str) -> str | None:
    found = (" ".join("".join(map(str, each.itertext())).split()) for each in package.iter() if name(each) == what)
    return next((text[:500] for text in found if text), None)


class _Book:
    def __init__(self, archive: ZipFile, names: set[str], pictures: Pictures) -> None:
        self._archive, self._names = archive, names
        self.pictures = pictures
        self.notes: list[str] = []

    def chapter(self, place: str, number: int) -> list[Block]:
        """Read one chapter; one that is damaged is noted."""
        data = self._member(place)
        root = strict_tree(decoded(data)) if data else None
        if data is None:
            self.notes.append(f"chapter {number}: damaged, left out")
        if root is None:
            return []
        _shown_as_img(root)
        folder = posixpath.dirname(place)
        return _html_blocks.blocks(root, lambda address: self._picture(_resolved(folder, address)))

    def _picture(self, place: str) -> str | None:
        data = self._member(place) if place in self._names else None
        return self.pictures.add(data) if data else None

    def _member(self, place: str) -> bytes | None:
        try:
            return self._archive.read(place)
        except (BadZipFile, zlib.error, EOFError):
            return None


def _shown_as_img(root: "_Element") -> None:
    """Take pictures in drawings, as covers often are, out of them."""
    for each in [each for each in root.iter() if name(each) == "image"]:
        drawing = next((above for above in each.iterancestors() if name(above) == "svg"), None)
        address = next((value for key, value in each.attrib.items() if key.rpartition("}")[2].endswith("href")), "")
        if drawing is not None and drawing.getparent() is not None:
            each.tag, drawing.tag = "img", "div"
            each.set("src", address)
