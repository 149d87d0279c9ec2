"""Archives that are documents: looked at before anything is unpacked, their members read by name and never written."""

from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

from dataflow_ops.documents.document import Failed, Limits

if TYPE_CHECKING:
    from lxml.etree import _Element

MEMBERS = 20_000
"""Members of an archive; the largest books and slide sets have a few thousand."""
RATIO = 400
"""Times that a large member may be longer than it is packed; XML seldom comes to 50, the format ends at 1032."""
LARGE = 32 << 20
"""Bytes from which on that ratio counts: short members of blanks are common."""


def fault(path: Path, limits: Limits) -> Failed | None:
    """Return why an archive is not to be read: damaged, encrypted, or more than the limits allow."""
    try:
        with ZipFile(path) as archive:
            members = archive.infolist()
    except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
        return Failed("damaged", f"it cannot be opened as a zip archive: {error}")
    if len(members) > MEMBERS:
        return Failed("too large", f"{len(members)} members; expected {MEMBERS} at most")
    total = sum(each.file_size for each in members)
    if total > limits.unpacked_mib << 20:
        return Failed("too large", f"{total >> 20} MiB when unpacked; expected {limits.unpacked_mib} MiB at most")
    bomb = next((each for each in members if each.file_size > max(LARGE, RATIO * each.compress_size)), None)
    if bomb:
        return Failed("too large", f"{bomb.filename[:100]!r} is {bomb.file_size} bytes of {bomb.compress_size} packed")
    if any(each.flag_bits & 1 for each in members):
        return Failed("encrypted", "its members need a password")
    return None


def tree(data: bytes) -> "_Element":
    """Parse XML that nobody vouches for: entities stay as they are, nothing is fetched, size and depth are bounded."""
    from lxml import etree  # noqa: PLC0415 - loaded in the child process alone

    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
