"""How much of what is known of documents readers find: `python -m bench.document_quality`.

Every PDF of `dataflow_ops.samples.made_documents` is read by ours (in its child process), by PyMuPDF's `get_text()` and by
its companion `pymupdf4llm`; then PDF of layouts drawn at random, which no reader can have been made to fit; then chapters
of real handbooks; then all other samples by ours alone, the broken ones among them, which have to give their reason.
"""

import argparse
import importlib
import io
import json
import os
import platform
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import astuple, fields
from pathlib import Path
from statistics import mean

from bench.document_handbooks import known as handbooks
from bench.document_layouts import drawn
from bench.document_measures import KINDS, Scores, Truth, kinds, scores
from bench.report import table
from dataflow_ops.documents.document import Failed
from dataflow_ops.documents.markdown import written
from dataflow_ops.documents.parse import Parser
from dataflow_ops.samples import made_documents
from dataflow_ops.samples.dealt import TRUTH

Read = Callable[[Path], str | Failed]
MEASURES = [field.name for field in fields(Scores)]


def ours(parser: Parser) -> Read:
    """Return how ours reads a file."""

    def read(path: Path) -> str | Failed:
        document = parser.parse(path.read_bytes(), path.name)
        return document if isinstance(document, Failed) else written(document.blocks).text

    return read


def get_text(path: Path) -> str:
    """Read a PDF page by page, as its text stands there."""
    import pymupdf

    with pymupdf.open(path) as file:
        return "\n".join(page.get_text() for page in file)


def to_markdown(path: Path) -> str:
    """Read a PDF by PyMuPDF's companion: with its layout model, without heads and feet, OCR if there is Tesseract."""
    import pymupdf4llm

    return pymupdf4llm.to_markdown(str(path), header=False, footer=False)


def timed(read: Read, path: Path) -> tuple[str | Failed, float]:
    """Return what was read and how long it took."""
    began = time.perf_counter()
    found = read(path)
    return found, time.perf_counter() - began


def lines(truth: Truth, readers: Mapping[str, Read], folder: Path) -> Iterator[tuple[str, str, Scores, float]]:
    """Yield the scores of each reader on one file; nothing at all was found where it failed."""
    for name, read in readers.items():
        found, seconds = timed(read, folder / truth["path"])
        yield truth["layout"], name, scores(truth, "" if isinstance(found, Failed) else found), seconds


def shown(line: tuple[str, str, Scores, float]) -> list[str]:
    """Return a line of the table."""
    layout, name, found, seconds = line
    return [layout, name, *("" if value is None else f"{value:.3f}" for value in astuple(found)), f"{seconds:.2f}"]


def averages(found: Sequence[tuple[str, str, Scores, float]], name: str) -> list[str]:
    """Return the means of one reader over the layouts that have something to measure."""
    columns = zip(*(astuple(each) for _, reader, each, _ in found if reader == name), strict=True)
    kept = [[value for value in column if value is not None] for column in columns]
    seconds = sum(seconds for _, reader, _, seconds in found if reader == name)
    return ["mean", name, *(f"{mean(column):.3f}" if column else "" for column in kept), f"{seconds:.2f}"]


def faults(known: Sequence[Truth], read: Read, folder: Path) -> Iterator[list[str]]:
    """Yield what became of the files that cannot be read."""
    for truth in known:
        found, seconds = timed(read, folder / truth["path"])
        said = str(found) if isinstance(found, Failed) else f"{len(found)} characters"
        right = isinstance(found, Failed) and found.kind == truth["fault"]
        yield [truth["path"], truth["fault"], "yes" if right else "NO", said, f"{seconds:.2f}"]


def kinds_found(known: Sequence[Truth], parser: Parser, folder: Path) -> Iterator[list[str]]:
    """Yield for each kind of block how many there are, and in how many ours has the same words under the same kind."""
    told: Counter[tuple[str, str]] = Counter()
    for truth in known:
        document = parser.parse((folder / truth["path"]).read_bytes(), truth["path"])
        if not isinstance(document, Failed):
            told += kinds(truth, ((block.kind, block.text) for block in document.blocks))
    for kind in KINDS:
        counts = [told[kind, what] for what in ("same", "other", "cut")]
        yield [kind, str(sum(counts)), *map(str, counts)]


def warm(read: Read, path: Path) -> None:
    """Read a file once, so that loading libraries is not measured."""
    read(path)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--layouts", nargs="*", help="only these layouts of PDF")
    parser.add_argument("--drawn", type=int, default=12, help="so many layouts drawn at random")
    parser.add_argument("--seed", type=int, default=1, help="which ones are drawn")
    parser.add_argument("--only", choices=("pdf", "drawn", "handbooks", "other"), help="one of the tables")
    parser.add_argument("--readers", nargs="*", choices=("ours", "get_text", "pymupdf4llm"))
    given = parser.parse_args()
    print(f"{platform.system()} {platform.release()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, "
          f"Python {platform.python_version()}\n")  # fmt: skip
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory())) / "documents"
        made_documents.write(folder)
        known = [json.loads(line) for line in (folder / TRUTH).read_text().splitlines()]
        child = held.enter_context(Parser())
        every = {"ours": ours(child), "get_text": get_text, "pymupdf4llm": to_markdown}
        readers = {name: every[name] for name in given.readers or every}
        pdf = [each for each in known if each["path"].startswith("pdf/")]
        if given.only in (None, "pdf"):
            chosen = [each for each in pdf if not given.layouts or each["layout"] in given.layouts]
            layouts(chosen, readers, folder)
            blocks = kinds_found([each for each in chosen if "scan" not in each["layout"]], child, folder)
            print(table(["kind", "blocks", "same", "other kind", "cut or joined"], list(blocks)) + "\n")
        if given.only in (None, "drawn"):
            layouts(list(at_random(given.drawn, given.seed, folder)), readers, folder)
        if given.only in (None, "handbooks"):
            layouts(list(handbooks(folder)), readers, folder)
        if given.only in (None, "other"):
            others([each for each in known if each not in pdf], every["ours"], folder)


def at_random(count: int, seed: int, folder: Path) -> Iterator[Truth]:
    """Write PDFs of layouts drawn at random and yield what is known of them."""
    (folder / "drawn").mkdir()
    for made in drawn(count, seed):
        (folder / made.path).write_bytes(made.data)
        yield made.record()


def layouts(known: Sequence[Truth], readers: Mapping[str, Read], folder: Path) -> None:
    """Print the table of layouts."""
    importlib.import_module("pymupdf").set_messages(stream=io.StringIO())
    importlib.import_module("pymupdf4llm")
    for read in readers.values():
        warm(read, folder / "pdf" / "chinese.pdf")
    found = [line for truth in known for line in lines(truth, readers, folder)]
    rows = [*map(shown, found), *(averages(found, name) for name in readers)]
    print(table(["layout", "reader", *MEASURES, "s"], rows) + "\n")


def others(known: Sequence[Truth], read: Read, folder: Path) -> None:
    """Print the table of other files, and that of the broken ones."""
    sound = [line for truth in known if not truth["fault"] for line in lines(truth, {truth["path"]: read}, folder)]
    print(table(["what", "file", *MEASURES, "s"], [shown(line) for line in sound]))
    broken = [truth for truth in known if truth["fault"]]
    print("\n" + table(["file", "fault", "told", "what was said", "s"], list(faults(broken, read, folder))))


if __name__ == "__main__":
    main()
