"""The child process that files are read in: whatever a file does to its reader, the run goes on.

A question names a folder that holds the file as `content`; what is read goes back by files in that folder, since a
book with its pictures is too much for a line.
"""

import gc
import json
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import asdict, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from dataflow_ops.child import answers_only
from dataflow_ops.documents import _archive, _by_words, _wire, kinds
from dataflow_ops.documents.document import Document, Failed, Limits

MIB = 1 << 20
IDLE_MIB = 384
"""Memory that a child may hold between two files; one that holds more is replaced."""
GRACE_SECONDS = 10
"""Time of a processor beyond the limit: the parent ends a child that is late, unless it is gone itself."""

Reader = Callable[[Path, Limits], Document | Failed]

READERS = {
    kinds.PDF: "pdf",
    kinds.HTML: "html",
    "application/xhtml+xml": "html",
    kinds.MARKDOWN: "plain:read_markdown",
    kinds.PLAIN: "plain",
    kinds.EPUB: "epub",
    kinds.WORD: "word",
    kinds.SLIDES: "slides",
    kinds.SHEETS: "sheets",
    **dict.fromkeys(kinds.PICTURES, "picture"),
}
ARCHIVES = frozenset({kinds.EPUB, kinds.WORD, kinds.SLIDES, kinds.SHEETS})
WRAPPED = "EncryptedPackage".encode("utf-16-le")
"""The stream that an encrypted document of Office 2007 and later lies in."""


def serve(given: dict[str, Any], tesseract: str | None = None) -> None:
    """Read files until the input ends; `given` are the limits of each, `tesseract` where its data is."""
    limits = Limits(**given)
    out = answers_only()
    os.environ.update({"OMP_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1", "OPENBLAS_NUM_THREADS": "1"})
    if tesseract:
        os.environ["TESSDATA_PREFIX"] = tesseract
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    written = max(limits.unpacked_mib, limits.image_mib, 64) * MIB
    resource.setrlimit(resource.RLIMIT_FSIZE, (written, written))
    print(json.dumps("ready"), file=out, flush=True)
    for line in sys.stdin:
        question = json.loads(line)
        _allow(limits)
        print(json.dumps(_answered(Path(question["folder"]), question["name"], limits)), file=out, flush=True)


def _allow(limits: Limits) -> None:
    """Take for the next file no more than it may, on top of what the process has."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _soft(resource.RLIMIT_AS, _memory(0) + limits.memory_mib * MIB)
    _soft(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime + limits.seconds) + GRACE_SECONDS)


def _soft(which: int, value: int) -> None:
    """Set a limit that the next file may raise again."""
    _, hard = resource.getrlimit(which)
    resource.setrlimit(which, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def _memory(which: int) -> int:
    """Return the bytes of the process: all addresses (0), or those that are in memory (1)."""
    return int(Path("/proc/self/statm").read_text().split()[which]) * resource.getpagesize()


def _answered(folder: Path, name: str | None, limits: Limits) -> dict[str, Any]:
    try:
        return _answer(folder, name, limits)
    except ModuleNotFoundError as error:
        return {"missing": str(error)}


def _answer(folder: Path, name: str | None, limits: Limits) -> dict[str, Any]:
    """Read one file; the answer says whether it was read, and whether the process should be replaced."""
    found = _read(folder / "content", name, limits)
    fault = _handed_over(found, folder, limits) if isinstance(found, Document) else found
    del found
    spent = (fault is not None and fault.kind == "memory") or _swollen()
    return {"fault": fault and _wire.clean(asdict(fault)), "spent": spent}


def _swollen() -> bool:
    """Tell whether the process holds much memory, also after it has let go of what it can."""
    if _memory(1) > IDLE_MIB * MIB:
        gc.collect()
    return _memory(1) > IDLE_MIB * MIB


def _read(path: Path, name: str | None, limits: Limits) -> Document | Failed:
    """Find the reader of a file and let it read; what it raises is a fault of the file."""
    try:
        with path.open("rb") as stream:
            kind = kinds.media_type(stream.read(kinds.HEAD), name, path)
        fault = _fault(kind, path, limits)
        if fault or kind is None:
            return fault or Failed("not supported", "bytes of no known kind")
        found = _reader(kind)(path, limits)
        if isinstance(found, Failed) or kind == kinds.PDF:
            return found
        return replace(found, blocks=_by_words.named(found.blocks))
    except MemoryError:
        return _out_of_memory(limits)
    except ModuleNotFoundError:  # it is not the file that is wrong
        raise
    except Exception as error:  # noqa: BLE001 - a hostile file makes its reader fail in any way
        return _failed(error, limits)


def _fault(kind: str | None, path: Path, limits: Limits) -> Failed | None:
    """Return why a file of a kind is not to be read, before its reader is loaded."""
    if kind == kinds.ARCHIVE:
        return _archive.fault(path, limits) or Failed("not supported", "a zip archive that is no document")
    if kind == kinds.OLD_OFFICE:
        return _wrapped(path)
    if kind is not None and kind not in READERS:
        return Failed("not supported", kind)
    return _archive.fault(path, limits) if kind in ARCHIVES else None


def _wrapped(path: Path) -> Failed:
    if WRAPPED in path.read_bytes():
        return Failed("encrypted", "an Office document that needs a password")
    return Failed("not supported", "an Office document from before 2007; save it as .docx, .pptx or .xlsx")


def _reader(kind: str) -> Reader:
    module, _, function = READERS[kind].partition(":")
    found: Reader = getattr(import_module(f"dataflow_ops.documents.{module}"), function or "read")
    return found


def _failed(error: Exception, limits: Limits) -> Failed:
    """Tell what a reader raised: libraries in C report a refusal of memory in their own words."""
    said = " ".join(str(error).split())[:200]
    if "alloc" in said.lower() or "out of memory" in said.lower():
        return _out_of_memory(limits)
    where = traceback.extract_tb(error.__traceback__)[-1]
    return Failed("damaged", f"{type(error).__name__}: {said or 'without a word'} ({Path(where.filename).stem})")


def _out_of_memory(limits: Limits) -> Failed:
    return Failed("memory", f"it needs more than {limits.memory_mib} MiB")


def _handed_over(document: Document, folder: Path, limits: Limits) -> Failed | None:
    if not any(block.text.strip() for block in document.blocks):
        return Failed("no text", "; ".join(document.notes[:3]) or "there are no words in it")
    try:
        _wire.write(document, folder)
    except MemoryError:
        return _out_of_memory(limits)
    except OSError as error:
        return Failed("too large", f"what is read cannot be written: {error}")
    return None
