"""Which other row a row is most like."""

from collections.abc import Iterator
from typing import Annotated

import numpy as np
import pyarrow as pa

from dataflow_ops.errors import BadArgument
from dataflow_ops.op import Reads, Shards, Writes

MaybeWrites = Annotated[str | None, "writes"]


def nearest(
    shards: Shards,
    *,
    embedding: Reads = "embedding",
    text: Reads = "question",
    neighbour: Writes = "neighbour",
    neighbour_text: Writes = "neighbour_question",
    similarity: MaybeWrites = "neighbour_similarity",
    at_most: float = 0.95,
    at_least: float = 0.0,
) -> Iterator[pa.Table]:
    """Name, for each row, the other row whose embedding is nearest, with its `text`.

    Nearest is the largest cosine within [`at_least`, `at_most`]: what is nearer than that says the same. Cosines that
    differ by less than a millionth are equal, and the first of such rows is named. Only the rows of this run are looked
    at, those of published shards neither ask nor are named. A row without an embedding, and one without another row
    within the bounds, has no neighbour. Raises BadArgument for embeddings of different lengths, or with NaN.

    Every row is compared with every other: time grows with the square of their number, some seconds for 20,000 rows of
    384 numbers on two cores. Memory: the `text` of rows that are named, 50 bytes a row, and some blocks of cosines;
    embeddings wait in a temporary file.
    """
    from dataflow_ops.positions import ids_of, sparse, take  # noqa: PLC0415 - the shell only reads the signature
    from dataflow_ops.score._neighbours import nearest_of  # noqa: PLC0415
    from dataflow_ops.vectors import Vectors  # noqa: PLC0415

    if not -1 <= at_least <= at_most <= 1:
        raise BadArgument(
            f"at_least={at_least!r}, at_most={at_most!r}: expected cosines, -1 <= at_least <= at_most <= 1"
        )
    vectors = Vectors.of(shards, embedding, first=shards.published)
    rows, others, cosines = nearest_of(vectors, at_least, at_most)
    places, each = np.unique(vectors.positions[others], return_inverse=True)
    texts = take(shards, text, places, pa.large_string()).take(pa.array(each))
    columns = {neighbour: ids_of(shards, vectors.positions[others]), neighbour_text: texts}
    if similarity is not None:
        columns[similarity] = pa.array(cosines)
    yield from sparse(shards, vectors.positions[rows], columns)
