"""What reading long PDFs costs: `python -m bench.documents`, or `python -m bench.documents ours 500` for one of them.

The PDF is made on the spot: A4, 380 words to a full page, a table on every second page, a figure on every third. Each
measure is taken in a process of its own. Pages per CPU second are those of one core, loading libraries left out; peak
memory is that of the process, libraries and all: between 10 and 2,000 pages it shows what grows.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from dataflow_ops.documents.document import Failed, Limits
from dataflow_ops.samples.made_documents_known import Known, blocks
from dataflow_ops.samples.made_documents_lines import Style
from dataflow_ops.samples.made_documents_pages import Flow
from dataflow_ops.samples.made_documents_pdf import saved
from dataflow_ops.samples.made_documents_set import place

PAGES = {"ours": (10, 50, 500, 2_000), "get_text": (10, 50, 500, 2_000), "pymupdf4llm": (10, 50)}
"""Pages that each reader is given: fewer where it would take many minutes."""
PART = 50
"""Pages that are set; longer documents repeat them."""
STYLE = Style(width=595, height=842, margin=62, size=10.5, header="Collected handbooks", footer="#", outline=True)


def make(folder: Path, pages: int) -> Path:
    """Write a PDF of so many pages into `folder`, or return the one that is there."""
    import pymupdf

    path = folder / f"{pages}.pdf"
    if path.exists():
        return path
    part, outline = _part(min(pages, PART))
    document = pymupdf.open()
    for _ in range(pages // len(part)):
        document.insert_pdf(part)
    places = range(0, len(document), len(part))
    document.set_toc([[level, title, page + place] for place in places for level, title, page in outline])
    document.save(path, deflate=True, no_new_id=True)
    return path


def _part(pages: int) -> tuple[Any, list[tuple[int, str, int]]]:
    """Return a document of so many pages and its outline, which is written again as often as it takes."""
    import pymupdf

    document = pymupdf.open()
    flow = Flow(document, STYLE)
    for number, known in enumerate(_parts()):
        place(flow, [replace(block, text=block.text.replace("colony", f"colony {number}")) for block in known])
        flow.close()
        if len(document) > pages:
            break
    document.delete_pages(range(pages, len(document)))
    return pymupdf.open("pdf", saved(document)), [entry for entry in flow.outline if entry[2] <= pages]


def _parts() -> Iterator[list[Known]]:
    """Yield the subjects again and again."""
    whole = [list(blocks(subject)) for subject in ("beekeeping", "town_report", "instrument")]
    while True:
        yield from whole


def ours(path: Path) -> int:
    """Read a PDF as the child process does; return the characters found."""
    from dataflow_ops.documents.markdown import written
    from dataflow_ops.documents.pdf import read

    document = read(path, Limits())
    if isinstance(document, Failed):
        raise SystemExit(str(document))
    return len(written(document.blocks).text)


def get_text(path: Path) -> int:
    """Read a PDF page by page."""
    import pymupdf

    with pymupdf.open(path) as file:
        return sum(len(page.get_text()) for page in file)


def to_markdown(path: Path) -> int:
    """Read a PDF by PyMuPDF's companion, without OCR."""
    import pymupdf4llm

    return len(pymupdf4llm.to_markdown(str(path), use_ocr=False))


READERS: Mapping[str, Callable[[Path], int]] = {"ours": ours, "get_text": get_text, "pymupdf4llm": to_markdown}


def measure(reader: str, pages: int, folder: Path) -> dict[str, float]:
    """Read a PDF in this process and return CPU seconds, peak MiB and characters."""
    path, few = make(folder, pages), make(folder, 2)
    READERS[reader](few)
    began = time.process_time()
    characters = READERS[reader](path)
    spent = time.process_time() - began
    return {"cpu": spent, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "characters": characters}


def apart(reader: str, pages: int, folder: Path) -> dict[str, float]:
    """Measure in a process of its own."""
    make(folder, pages)
    command = [sys.executable, "-m", "bench.documents", reader, str(pages), "--folder", str(folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def compared(readers: Mapping[str, tuple[int, ...]], folder: Path) -> Iterator[list[str]]:
    """Yield a line for each reader and size."""
    make(folder, 2)
    for reader, sizes in readers.items():
        for pages in sizes:
            found = apart(reader, pages, folder)
            speed = f"{pages / found['cpu']:,.1f}"
            size = f"{(folder / f'{pages}.pdf').stat().st_size / 1e6:.1f}"
            yield [reader, str(pages), size, speed, f"{found['peak']:.0f}", f"{found['characters']:,.0f}"]


def main() -> None:
    """Print the table, or measure one reader."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("reader", nargs="?", choices=READERS)
    parser.add_argument("pages", nargs="?", type=int)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    if given.reader and given.folder:
        print(json.dumps(measure(given.reader, given.pages, given.folder)))
        return
    from bench.report import table  # it loads libraries that the process that is measured does without

    chosen = {given.reader: (given.pages,)} if given.reader else PAGES
    print(f"{platform.system()} {platform.release()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, "
          f"Python {platform.python_version()}\n")  # fmt: skip
    with tempfile.TemporaryDirectory() as temporary:
        rows = list(compared(chosen, given.folder or Path(temporary)))
    print(table(["reader", "pages", "MB", "pages/CPU s", "peak MiB", "characters"], rows))


if __name__ == "__main__":
    main()
