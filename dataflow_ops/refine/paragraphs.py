"""Take paragraphs out of a text by their positions: those that `dedup.paragraphs.repeated` found."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataflow_ops.op import Changes, Reads


def drop_repeated(table: pa.Table, *, text: Changes = "text", repeated: Reads = "repeated_paragraphs") -> pa.Table:
    r"""Drop the lines of the text whose positions are listed, each with the blank lines after it.

    Positions count from 0 in the text as it was when `dedup.paragraphs.hashes` saw it: change nothing in between. A text
    of which nothing is left becomes empty.

    >>> texts = pa.table({"text": ["Home | About us\n\nA story."], "repeated_paragraphs": [[0]]})
    >>> drop_repeated(texts)["text"].to_pylist()
    ['A story.']
    """
    column = table[text]
    concerned = pc.greater(pc.list_value_length(table[repeated]), 0)
    concerned = pc.and_(concerned.fill_null(False), column.is_valid())
    rows = np.flatnonzero(concerned.to_numpy())
    kept = [
        _without(value, set(positions))
        for value, positions in zip(column.take(rows).to_pylist(), table[repeated].take(rows).to_pylist(), strict=True)
    ]
    changed = pc.replace_with_mask(column, concerned.combine_chunks(), pa.array(kept, column.type))
    return table.set_column(table.schema.get_field_index(text), text, changed)


def _without(text: str, positions: set[int]) -> str:
    kept, dropping = [], False
    for position, line in enumerate(text.split("\n")):
        dropping = position in positions or (dropping and not line.strip())
        if not dropping:
            kept.append(line)
    return "\n".join(kept)
