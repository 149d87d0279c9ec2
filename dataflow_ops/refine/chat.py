"""Turn questions with their answers into chats, and chats into questions with their answers."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataflow_ops.columns import get, put
from dataflow_ops.errors import BadArgument
from dataflow_ops.messages import MESSAGES
from dataflow_ops.op import Reads, Writes


def to_messages(
    table: pa.Table,
    *,
    question: Reads = "question",
    answer: Reads = "answer",
    system: Reads | None = None,
    messages: Writes = "messages",
) -> pa.Table:
    """Make a chat of one turn: what the `system` column says if there is one, the question, the answer.

    `messages` is a list of structs, `role` and `content`. Without a question or an answer it is null; a null in the
    `system` column leaves the system message out.

    >>> rows = pa.table({"id": ["a"], "question": ["Is ice water?"], "answer": ["Yes, frozen."]})
    >>> [each["role"] for each in to_messages(rows)["messages"][0].as_py()]
    ['user', 'assistant']
    """
    asked, answered = _strings(table, question), _strings(table, answer)
    told = _strings(table, system) if system else pa.nulls(table.num_rows, pa.string())
    whole = pc.and_(asked.is_valid(), answered.is_valid())
    said = np.stack([_mask(pc.and_(whole, told.is_valid())), _mask(whole), _mask(whole)], axis=1)
    chats = _chats(said, [told, asked, answered], pc.invert(whole))
    return put(table, messages, chats)


def _chats(said: np.ndarray, texts: list[pa.Array], absent: pa.Array) -> pa.Array:
    """Return a list for each row of `said`: where a cell is true, the text of that column, with its role."""
    rows, columns = np.nonzero(said)
    contents = pa.concat_arrays(texts).take(pa.array(columns * len(said) + rows))
    roles = pa.array(["system", "user", "assistant"]).take(pa.array(columns))
    ends = np.concatenate([[0], said.sum(axis=1).cumsum()]).astype(np.int32)
    turns = pa.StructArray.from_arrays([roles, contents], fields=list(MESSAGES.value_type))
    return pa.ListArray.from_arrays(pa.array(ends), turns, type=MESSAGES, mask=absent)


def from_messages(
    table: pa.Table,
    *,
    messages: Reads = "messages",
    question: Writes = "question",
    answer: Writes = "answer",
    system: Writes | None = None,
    exchange: Literal["first", "last"] = "first",
) -> pa.Table:
    """Take the first or the last exchange out of a chat: what the user says and the reply that follows at once.

    Both are null where there is none. With `system`, a column of that name holds the first system message.
    """
    chats = _chats_of(table, messages)
    found = [_exchange(chat or (), exchange) for chat in chats]
    for name, texts in ((question, [asked for asked, _ in found]), (answer, [reply for _, reply in found])):
        table = put(table, name, pa.array(texts, pa.string()))
    if system:
        table = put(table, system, pa.array([_told(chat or ()) for chat in chats], pa.string()))
    return table


def _chats_of(table: pa.Table, name: str) -> list[Any]:
    kind = get(table, name).type
    turns = kind.value_type if pa.types.is_list(kind) or pa.types.is_large_list(kind) else pa.null()
    names = {field.name for field in turns.fields} if pa.types.is_struct(turns) else set()
    if not pa.types.is_null(kind) and not {"role", "content"} <= names:
        raise BadArgument(f"column {name!r} is {kind}: expected {MESSAGES}, as refine.chat.to_messages writes it")
    return table[name].to_pylist()


def _exchange(chat: Iterable[Mapping[str, Any] | None], which: str) -> tuple[str | None, str | None]:
    exchanges = list(_exchanges([each for each in chat if each]))
    return exchanges[0 if which == "first" else -1] if exchanges else (None, None)


def _exchanges(chat: list[Mapping[str, Any]]) -> Iterator[tuple[str | None, str | None]]:
    for one, next_ in pairwise(chat):
        if (one["role"], next_["role"]) == ("user", "assistant"):
            yield one["content"], next_["content"]


def _told(chat: Iterable[Mapping[str, Any] | None]) -> str | None:
    return next((each["content"] for each in chat if each and each["role"] == "system"), None)


def _strings(table: pa.Table, name: str) -> pa.Array:
    column = get(table, name)
    if not any(is_(column.type) for is_ in (pa.types.is_string, pa.types.is_large_string, pa.types.is_null)):
        raise BadArgument(f"column {name!r} is {column.type}: expected text")
    return pc.cast(column, pa.string()).combine_chunks()


def _mask(truth: pa.Array) -> np.ndarray:
    return np.asarray(truth.to_numpy(zero_copy_only=False))
