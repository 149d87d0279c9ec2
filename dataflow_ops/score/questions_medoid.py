"""Which of several questions to the same query says it as most of them do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from dataflow_ops.columns import get, put
from dataflow_ops.errors import BadArgument
from dataflow_ops.models.embedding import embedded
from dataflow_ops.models.loading import Dtype
from dataflow_ops.op import Reads, Writes

TIE = 4
"""Digits of a mean cosine that count: what differs less is rounding, and depends on the batch a text was in."""


@dataclass(frozen=True)
class _Candidate:
    question: str
    evidence: str | None

    @property
    def text(self) -> str:
        return f"{self.evidence} {self.question}" if self.evidence else self.question


@dataclass(frozen=True)
class _Choice:
    candidate: _Candidate | None
    closeness: float | None = None


def medoid(
    table: pa.Table,
    *,
    candidates: Reads = "question_candidates",
    question: Writes = "question",
    evidence: Writes = "evidence",
    closeness: Writes = "question_closeness",
    model: str | None = None,
    revision: str | None = None,
    max_tokens: int = 256,
    batch_tokens: int = 16384,
    device: str | None = None,
    dtype: Dtype = "auto",
) -> pa.Table:
    """Choose of each row's questions the one nearest in meaning to all its others.

    `candidates` is a list of structs, `question` and `evidence`; nulls and blank questions in it do not count. A
    candidate is embedded as its evidence and its question together; chosen is the one with the greatest mean cosine to
    the others of its row, the first of equals (of two, so, the first), and `closeness` is that mean: null where there
    is one candidate. Without any, all three columns are null. Embedded is as by `score.embeddings.embedding`, each text
    once; where no row has two candidates no model is loaded.
    """
    found = [_given(each) for each in _lists(table, candidates)]
    several = [each.text for row in found if len(row) > 1 for each in row]
    vectors: Mapping[str, np.ndarray] = {}
    if several:
        texts, sizes = list(dict.fromkeys(several)), {"max_tokens": max_tokens, "batch_tokens": batch_tokens}
        made = embedded(texts, model=model, revision=revision, device=device, dtype=dtype, normalize=True, **sizes)
        vectors = dict(zip(texts, made.astype(np.float64), strict=True))
    chosen = [_chosen(each, vectors) for each in found]
    told = [each.candidate for each in chosen]
    table = put(table, question, pa.array([each and each.question for each in told], pa.string()))
    table = put(table, evidence, pa.array([each and each.evidence for each in told], pa.string()))
    return put(table, closeness, pa.array([each.closeness for each in chosen], pa.float64()))


def _lists(table: pa.Table, name: str) -> Sequence[Sequence[Mapping[str, str | None] | None] | None]:
    kind = get(table, name).type
    item = kind.value_type if pa.types.is_list(kind) or pa.types.is_large_list(kind) else kind
    fields = {field.name for field in item.fields} if pa.types.is_struct(item) else set()
    if not pa.types.is_null(item) and not (item is not kind and {"question", "evidence"} <= fields):
        raise BadArgument(f"column {name!r} is {kind}: expected lists of structs with `question` and `evidence`")
    lists: Sequence[Sequence[Mapping[str, str | None] | None] | None] = table[name].to_pylist()
    return lists


def _given(row: Sequence[Mapping[str, str | None] | None] | None) -> list[_Candidate]:
    return [
        _Candidate(text, told if (told := each["evidence"]) and told.strip() else None)
        for each in row or ()
        if each and (text := each["question"]) and text.strip()
    ]


def _chosen(row: Sequence[_Candidate], vectors: Mapping[str, np.ndarray]) -> _Choice:
    if len(row) < 2:
        return _Choice(row[0] if row else None)
    stacked = np.stack([vectors[each.text] for each in row])
    cosines = stacked @ stacked.T
    means = ((cosines.sum(axis=1) - cosines.diagonal()) / (len(row) - 1)).round(TIE)
    best = int(means.argmax())
    return _Choice(row[best], float(means[best]))
