"""What the ops that score with a model share: rows with text out of a table, measured values into it."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from dataflow_ops.columns import put, strings
from dataflow_ops.errors import BadArgument
from dataflow_ops.models import causal, encoder, tokens
from dataflow_ops.models.loading import Loaded
from dataflow_ops.models.runner import Row

COMPLEXITY = (
    "You are a helpful assistant. Please identify the complexity score of the following user query. \n"
    "##Query: {question}\n##Complexity: "
)
"""What the scorers of Deita were trained to be asked: not a word of it can change."""
QUALITY = (
    "You are a helpful assistant. Please identify the quality score of the Response corresponding to the Question.\n"
    "#Question#:\n{question}\n#Response#:\n{answer}\n##Quality: "
)
GRADES = "123456"


def filled(table: pa.Table, *columns: str) -> tuple[np.ndarray, list[list[str]]]:
    """Return which rows have a text in all `columns`, and these texts, column by column."""
    read = [strings(table, name) for name in columns]
    there = np.ones(table.num_rows, bool)
    for column in read:
        there &= column.is_valid().to_numpy()
    mask = pa.array(there)
    return np.flatnonzero(there), [column.filter(mask).to_pylist() for column in read]


def measured(table: pa.Table, name: str, there: np.ndarray, values: np.ndarray) -> pa.Table:
    """Put float32 `values` of the rows `there` into a column; null for all others, and where a value is NaN."""
    whole = np.full(table.num_rows, np.nan, np.float32)
    whole[there] = values
    return put(table, name, pa.array(whole, mask=np.isnan(whole)))


def expect_labels(loaded: Loaded, number: int, cure: str) -> None:
    """Raise BadArgument for a model with more or fewer heads."""
    found = len(encoder.labels(loaded))
    if found != number:
        raise BadArgument(f"model {loaded.name!r} has {found} labels: expected {number}; {cure}")


def logits_of(loaded: Loaded, texts: Sequence[str], *, max_tokens: int, batch_tokens: int) -> np.ndarray:
    """Return the logits of a classifier for each text."""
    rows = tokens.texts_to_rows(loaded, texts, max_tokens=max_tokens)
    return encoder.class_logits(loaded, rows, batch_tokens=batch_tokens)


def mean_losses(losses: np.ndarray) -> np.ndarray:
    """Turn sums of -log p and numbers of tokens into means; NaN where no token counted."""
    nats, number = losses.astype(np.float64).T
    return np.divide(nats, number, out=np.full(len(losses), np.nan), where=number > 0)


def windowed(rows: Sequence[Row], window: int) -> tuple[list[Row], np.ndarray]:
    """Cut rows into windows that overlap by half; return them, and of which row each is."""
    if window < 4:
        raise BadArgument(f"window={window!r}: expected at least 4 tokens, some hundreds for a fair context")
    parts = [list(tokens.windows(row, window=window, stride=window // 2)) for row in rows]
    return [part for each in parts for part in each], np.repeat(np.arange(len(rows)), [len(each) for each in parts])


def chunk_means(loaded: Loaded, texts: Sequence[str], chunk: int, most: int, batch_tokens: int) -> np.ndarray:
    """Return the logits of each text: of its chunks, weighted with their length."""
    size = tokens.check_limit(loaded, chunk)
    rows = tokens.texts_to_rows(loaded, texts, max_tokens=most, special=False, whole=True)
    parts = [[Row(row.ids[start : start + size]) for start in range(0, len(row), size)] for row in rows]
    owners = np.repeat(np.arange(len(rows)), [len(each) for each in parts])
    flat = [part for each in parts for part in each]
    logits = encoder.class_logits(loaded, flat, batch_tokens=batch_tokens)
    lengths = np.array([len(part) for part in flat], np.float64).reshape(-1, 1)
    total = summed(np.hstack([logits * lengths, lengths]), owners, len(rows))
    return np.divide(
        total[:, :-1], total[:, -1:], out=np.full((len(rows), logits.shape[1]), np.nan), where=total[:, -1:] > 0
    )


def summed(values: np.ndarray, owners: np.ndarray, rows: int) -> np.ndarray:
    """Add up the values of the parts of each row."""
    total = np.zeros((rows, values.shape[-1]), np.float64)
    np.add.at(total, owners, values)
    return total


def expected_grade(loaded: Loaded, prompts: Sequence[str], *, batch_tokens: int) -> np.ndarray:
    """Return the mean of the grades 1 to 6, weighted with how probable each is as the next token of a prompt."""
    grades = [_token_of(loaded, grade) for grade in GRADES]
    rows = tokens.texts_to_rows(loaded, prompts, max_tokens=loaded.longest)
    logits = causal.next_logits(loaded, rows, grades, batch_tokens=batch_tokens)
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(odds @ np.arange(1, 7) / odds.sum(axis=1))


def _token_of(loaded: Loaded, grade: str) -> int:
    token = loaded.tokenizer.convert_tokens_to_ids(grade)
    if not isinstance(token, int) or token == loaded.tokenizer.unk_token_id:
        raise BadArgument(f"model {loaded.name!r} has no token {grade!r}: it cannot have been trained to grade")
    return token


def prompts_of(loaded: Loaded, template: str, *, max_tokens: int, **columns: Sequence[str]) -> list[str]:
    """Fill `template`; values are cut, each to its share of `max_tokens`, so that the prompt keeps its end."""
    frame = len(loaded.tokenizer(template.format(**dict.fromkeys(columns, "")))["input_ids"])
    room = min(max_tokens, loaded.longest) - frame - 4 * len(columns)  # a cut may fall within a character
    if room < 1:
        raise BadArgument(f"max_tokens={max_tokens!r}: expected more than the {frame} tokens of the prompt itself")
    return [
        template.format(**dict(zip(columns, _shared(loaded, values, room), strict=True)))
        for values in zip(*columns.values(), strict=True)
    ]


def _shared(loaded: Loaded, values: tuple[str, ...], room: int) -> list[str]:
    """Cut texts to `room` tokens together; a short one leaves the rest to the other."""
    cut, left = [], room
    for index, value in enumerate(sorted(values, key=len)):
        share = left // (len(values) - index)
        kept = tokens.shortened(loaded, value, share)
        cut.append((value, kept))
        left -= (
            share if kept != value else min(share, len(loaded.tokenizer(kept, add_special_tokens=False)["input_ids"]))
        )
    found = dict(cut)
    return [found[value] for value in values]


def answer_rows(
    loaded: Loaded, questions: Sequence[str], answers: Sequence[str], max_tokens: int
) -> tuple[list[Row], list[Row]]:
    """Return the answers after their questions, and the answers alone; the same tokens of both are to be scored."""
    limit = tokens.check_limit(loaded, max_tokens)
    start = np.array(loaded.tokenizer("")["input_ids"], np.int32)
    # Of a question the end is kept: it is next to the answer.
    ends = [f"{tokens.ending(text, limit)}\n" for text in questions]
    asked = tokens.texts_to_rows(loaded, ends, max_tokens=100 * limit, special=False, whole=True)
    said = tokens.texts_to_rows(loaded, answers, max_tokens=limit, special=False)
    both = [_after(start, question.ids, answer.ids, limit) for question, answer in zip(asked, said, strict=True)]
    return [after for after, _ in both], [alone for _, alone in both]


def _after(start: np.ndarray, question: np.ndarray, answer: np.ndarray, limit: int) -> tuple[Row, Row]:
    answer = answer[: limit - len(start) - min(len(question), limit // 2)]
    question = question[max(0, len(question) - (limit - len(start) - len(answer))) :]
    before = len(start) + len(question)
    return (
        Row(np.concatenate([start, question, answer]), first=before + 1),
        Row(np.concatenate([start, answer]), first=len(start) + 1),
    )


def chat_rows(loaded: Loaded, questions: Sequence[str], answers: Sequence[str], max_tokens: int) -> list[Row]:
    """Return question and answer as a reward model was trained to see them: as a chat if it has a form for one."""
    if not loaded.tokenizer.chat_template:
        return tokens.pairs_to_rows(loaded, questions, answers, max_tokens=max_tokens)
    turns = [
        [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
        for question, answer in zip(questions, answers, strict=True)
    ]
    texts = [loaded.tokenizer.apply_chat_template(each, tokenize=False) for each in turns]
    return tokens.texts_to_rows(loaded, texts, max_tokens=max_tokens, special=False)
