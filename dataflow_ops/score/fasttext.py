"""Labels of fastText models: languages, subjects, qualities, thousands of texts a second on one core."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from dataflow_ops.columns import put, strings
from dataflow_ops.errors import BadArgument, Permanent
from dataflow_ops.op import Reads, Writes

PREFIX = "__label__"


def label(
    table: pa.Table,
    *,
    text: Reads = "text",
    label: Writes = "label",
    probability: Writes = "label_probability",
    model: str,
    max_characters: int = 10_000,
) -> pa.Table:
    """Name the likeliest label of a text by a fastText model, and how probable it is (0 to 1).

    `model` is a local `.bin` or `.ftz` file, for example `lid.176.bin` for languages or a textbook-quality classifier.
    Labels come without their `__label__`. Of a longer text the first `max_characters` are read, line ends as spaces. Null for a text
    that is null or of which the model knows no word. Joulin et al. (2017).
    """
    known = _load(model)
    found = [_told(known, each, max_characters) for each in strings(table, text).to_pylist()]
    table = put(table, label, pa.array([name for name, _ in found], pa.string()))
    return put(table, probability, pa.array([sure for _, sure in found], pa.float32()))


def _told(known: Any, text: str | None, most: int) -> tuple[str | None, float | None]:
    if text is None or not text.strip():
        return None, None
    names, sure = known.predict(text[:most].replace("\n", " "), k=1)
    if not names:
        return None, None
    # The softmax of fastText comes to a little more than 1 at times.
    return names[0].removeprefix(PREFIX), float(np.clip(sure[0], 0, 1))


@lru_cache(maxsize=2)
def _load(model: str) -> Any:
    if not Path(model).is_file():
        raise BadArgument(f"there is no file {model!r}: expected a fastText model on this machine, .bin or .ftz")
    try:
        import fasttext
    except ImportError as error:
        raise Permanent("fastText is not installed: run `make models`, or pip install fasttext-numpy2") from error
    try:
        return fasttext.load_model(model)
    except ValueError as error:
        raise BadArgument(f"{model!r} is no fastText model: {error}") from error
