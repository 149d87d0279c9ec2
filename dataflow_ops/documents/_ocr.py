"""Tesseract: where its data is, and pictures made into pages with the words it reads on them."""

import os
from pathlib import Path

import pymupdf  # noqa: TID253 - readers are imported in the child process alone

PLACES = (
    "/usr/share/tesseract-ocr/5/tessdata", "/usr/share/tesseract-ocr/4.00/tessdata", "/usr/share/tessdata",
    "/usr/share/tesseract/tessdata", "/usr/local/share/tessdata", "/opt/homebrew/share/tessdata",
)  # fmt: skip
"""Where systems put the data; what TESSDATA_PREFIX says comes first."""


def data_folder() -> Path | None:
    """Return the folder with the data of Tesseract; None where it is not installed."""
    told = os.environ.get("TESSDATA_PREFIX")
    places = [Path(told), Path(told) / "tessdata"] if told else []
    return next((each for each in (*places, *map(Path, PLACES)) if any(each.glob("*.traineddata"))), None)


def missing(languages: str) -> str | None:
    """Return what stands in the way of reading `languages` ("eng+deu"); None if nothing does."""
    folder = data_folder()
    if folder is None:
        return "OCR needs the data of Tesseract: install tesseract-ocr, or set TESSDATA_PREFIX"
    absent = [each for each in languages.split("+") if not (folder / f"{each}.traineddata").is_file()]
    return f"OCR has no data for {'+'.join(absent)!r} in {str(folder)!r}" if absent else None


def page_of(picture: bytes, languages: str) -> bytes:
    """Return a PDF file of one page that shows `picture`, a PNG file, and has its words as text."""
    pixels = pymupdf.Pixmap(picture)
    found: bytes = pixels.pdfocr_tobytes(language=languages, tessdata=str(data_folder()))
    return found
