"""Questions to queries: in which style each is asked, those that are there already, and what can be wrong with one."""

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa

from dataflow_ops.columns import strings
from dataflow_ops.generate._children import in_turn
from dataflow_ops.generate._sql_replies import unusable
from dataflow_ops.generate._sql_words import EXPLAINED, Style
from dataflow_ops.llm.chat import Answer

CANDIDATES = pa.list_(pa.struct({"question": pa.string(), "evidence": pa.string()}))
Candidate = dict[str, str | None]
SHORT = 8
"""Characters of what may stand in a question by chance; no query that reads a table is as short."""


def given_candidates(table: pa.Table, question: str | None, evidence: str | None) -> list[Candidate | None]:
    """Return the question of each row that has one, with its evidence, as a candidate; None for the others."""
    asked_before = _texts(table, question)
    told = _texts(table, evidence)
    pairs = zip(asked_before, told, strict=True)
    return [{"question": text, "evidence": why} if text else None for text, why in pairs]


def _texts(table: pa.Table, name: str | None) -> list[str | None]:
    cells = [None] * table.num_rows if name is None else strings(table, name).to_pylist()
    return [cell if cell and cell.strip() else None for cell in cells]


def drawn_styles(ids: Sequence[str], styles: Sequence[Style], seed: int) -> list[Style]:
    """Return a style for each row, each about as often."""
    known = list(dict.fromkeys(styles))
    return [style for row in ids for _, style in in_turn(known, 1, row, seed)]


def asked(answer: Answer, sql: str | None, style: Style) -> Answer:
    """Return a question with its evidence; a failure where evidence is missing, or the question repeats the query.

    The answer's value has the fields `question` and `evidence`; evidence that was not wanted is left out.
    """
    if answer.failure:
        return answer
    question, evidence = answer.value.question, (answer.value.evidence or "").strip() or None
    if style in EXPLAINED and evidence is None:
        return unusable(answer, f"no evidence, which a {style} question needs; it begins {question[:60]!r}")
    told: Candidate = {"question": question, "evidence": evidence if style in EXPLAINED else None}
    if len(known := _plain(sql or "")) > SHORT and any(known in _plain(text) for text in told.values() if text):
        return unusable(answer, f"the question repeats the query; it begins {question[:60]!r}")
    return replace(answer, value=told)


def _plain(text: str) -> str:
    return " ".join(text.lower().split()).rstrip("; ")
