"""Files of Office and EPUB made in memory."""

from io import BytesIO
from zipfile import ZipFile

from PIL import Image


def picture(colour=(200, 10, 10), size=(64, 48), kind="PNG"):
    """Return a picture of one colour."""
    whole = BytesIO()
    Image.new("RGB", size, colour).save(whole, kind)
    return whole.getvalue()


def saved(office):
    """Return the bytes that a document of python-docx, python-pptx or openpyxl saves."""
    whole = BytesIO()
    office.save(whole)
    return whole.getvalue()


def packed(members):
    """Return a zip archive."""
    whole = BytesIO()
    with ZipFile(whole, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return whole.getvalue()


def changed(data, **members):
    """Return an archive with members written anew: a function of what they were, or the bytes."""
    whole = BytesIO()
    with ZipFile(BytesIO(data)) as old, ZipFile(whole, "w") as new:
        for info in old.infolist():
            key = info.filename.rpartition("/")[2].partition(".")[0]
            now = members.get(key)
            was = old.read(info.filename)
            new.writestr(info.filename, was if now is None else now(was) if callable(now) else now)
    return whole.getvalue()
