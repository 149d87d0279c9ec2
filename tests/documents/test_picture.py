from io import BytesIO

import pytest
from PIL import Image, ImageDraw, ImageFont

from dataflow_ops.documents import _ocr, picture
from dataflow_ops.documents.document import Failed, Limits

LINES = ["The keeper's report", "Bees made forty kilograms of honey", "in the summer of this year."]

reads = pytest.mark.skipif(_ocr.missing("eng") is not None, reason="Tesseract has no data here")


def _page():
    page = Image.new("RGB", (1200, 500), "white")
    draw = ImageDraw.Draw(page)
    for place, line in enumerate(LINES):
        draw.text((80, 80 + 110 * place), line, font=ImageFont.load_default(size=44), fill="black")
    return page


def _saved(kind, *pages, **settings):
    whole = BytesIO()
    rest = {"save_all": True, "append_images": pages[1:]} if len(pages) > 1 else {}
    pages[0].save(whole, kind, **rest, **settings)
    return whole.getvalue()


def _read(tmp_path, data, **limits):
    path = tmp_path / "content"
    path.write_bytes(data)
    return picture.read(path, Limits(**limits))


def _words(found):
    return [word for block in found.blocks for word in block.text.split() if word.isalpha()]


@reads
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_words_on_a_picture_are_read(tmp_path, kind):
    data = _saved(kind, _page())
    found = _read(tmp_path, data)
    assert " ".join(_words(found)) == "The report Bees made forty kilograms of honey in the summer of this"
    assert found.blocks[0].image == found.images[0].name == f"page-0001-1.{kind.lower()}"
    assert (found.media_type, found.images[0].width, found.images[0].data) == (f"image/{kind.lower()}", 1200, data)
    assert found.notes == ("page 1: no text layer, read by OCR",)


@reads
def test_each_page_of_a_tiff_is_read(tmp_path):
    found = _read(tmp_path, _saved("TIFF", _page(), _page()))
    assert (found.pages, found.images) == (2, ())
    assert {block.page for block in found.blocks} == {1, 2}
    assert _read(tmp_path, _saved("TIFF", _page(), _page()), pages=1) == Failed(
        "too large", "2 pages; expected 1 at most"
    )  # fmt: skip


@reads
def test_what_is_turned_or_transparent_is_set_right(tmp_path):
    turned = _page().transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it clockwise to see it upright
    seen_through = Image.new("RGBA", (1200, 500), (0, 0, 0, 0))
    seen_through.paste(_page().convert("RGBA"), mask=_page().convert("L").point(lambda light: 255 - light))
    for data in (_saved("JPEG", turned, exif=exif), _saved("PNG", seen_through)):
        assert "kilograms" in _words(_read(tmp_path, data))


@reads
def test_a_picture_without_words_has_none(tmp_path):
    assert _read(tmp_path, _saved("PNG", Image.new("L", (300, 300), 255))).kind == "no text"


def test_without_ocr_a_picture_has_no_text(tmp_path):
    data = _saved("PNG", _page())
    assert _read(tmp_path, data, ocr=False) == Failed("no text", "a picture, and OCR is turned off")
    assert str(_read(tmp_path, data, ocr_languages="xxx+yyy")).startswith("no text: a picture; OCR ")


@reads
def test_a_picture_of_too_many_pixels_is_not_unpacked(tmp_path):
    bomb = _saved("PNG", Image.new("1", (15_000, 15_000)))
    assert _read(tmp_path, bomb).kind == "too large"
