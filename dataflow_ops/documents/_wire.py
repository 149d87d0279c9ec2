"""Documents as files of a folder: one of JSON, and one for each picture."""

import json
import re
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from dataflow_ops.documents.document import Block, Document, Image

_UNWRITABLE = re.compile("[\0\ud800-\udfff]")
"""What no UTF-8 or no database can hold: a null character, half of a pair of UTF-16."""


def write(document: Document, folder: Path) -> None:
    """Write `document` into `folder`; the files of pictures are called by their numbers."""
    for number, image in enumerate(document.images):
        (folder / f"image-{number}").write_bytes(image.data)
    told = {**asdict(replace(document, images=())), "images": [_told(image) for image in document.images]}
    (folder / "document.json").write_text(json.dumps(clean(told), ensure_ascii=False), "utf-8")


def _told(image: Image) -> dict[str, Any]:
    return {field.name: getattr(image, field.name) for field in fields(image) if field.name != "data"}


def clean(value: Any) -> Any:
    """Return `value`, of dicts, lists and strings, with the characters replaced that cannot be stored."""
    if isinstance(value, str):
        return _UNWRITABLE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {key: clean(each) for key, each in value.items()}
    return [clean(each) for each in value] if isinstance(value, (list, tuple)) else value


def read(folder: Path) -> Document:
    """Read what `write` wrote."""
    told = json.loads((folder / "document.json").read_bytes())
    images = (
        Image(**_placed(image), data=(folder / f"image-{number}").read_bytes())
        for number, image in enumerate(told["images"])
    )
    blocks = tuple(Block(**_placed(block)) for block in told["blocks"])
    return Document(**{**told, "blocks": blocks, "images": tuple(images), "notes": tuple(told["notes"])})


def _placed(told: dict[str, Any]) -> dict[str, Any]:
    return {**told, "box": tuple(told["box"]) if told["box"] else None}
