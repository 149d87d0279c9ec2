import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument
from dataflow_ops.messages import MESSAGES
from dataflow_ops.refine.chat import from_messages, to_messages

STRING = pa.string()
CELLS = st.none() | st.text(max_size=8)


def rows(*cells, kind=STRING):
    names = ("question", "answer", "rule")
    ids = pa.array([str(at) for at in range(len(cells))], pa.string())
    return pa.table({"id": ids} | {n: pa.array([c[at] for c in cells], kind) for at, n in enumerate(names)})


def chat(*turns):
    return [{"role": role, "content": content} for role, content in turns]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("Q", "A", "S"), chat(("system", "S"), ("user", "Q"), ("assistant", "A"))),
        (("Q", "A", None), chat(("user", "Q"), ("assistant", "A"))),
        (("Q", None, "S"), None),
        ((None, "A", "S"), None),
        ((None, None, None), None),
        (("", "Ä🌊", ""), chat(("system", ""), ("user", ""), ("assistant", "Ä🌊"))),
    ],
)
@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_a_row_becomes_a_chat(cells, expected, kind):
    whole = pa.concat_tables([rows(("x", "y", "z"), kind=kind), rows(cells, cells, kind=kind)])
    table = whole.slice(1, 1)
    made = to_messages(table, system="rule")
    assert made["messages"].to_pylist() == [expected]
    assert made["messages"].type == MESSAGES
    assert made.drop_columns("messages").equals(table)


def test_without_a_system_column_there_is_no_system_message():
    assert to_messages(rows(("Q", "A", "S")))["messages"][0].as_py() == chat(("user", "Q"), ("assistant", "A"))


def test_an_old_column_is_replaced_in_its_place():
    table = rows(("Q", "A", "S")).append_column("last", pa.array([1]))
    made = to_messages(table, messages="rule")
    assert made.column_names == table.column_names
    assert made["rule"].type == MESSAGES


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=12), st.integers(0, 12))
def test_there_and_back(cells, cut):
    table = pa.concat_tables([rows(*cells[:cut]), rows(*cells[cut:])])
    made = to_messages(table, system="rule")
    made.validate(full=True)
    back = from_messages(made, question="q", answer="a", system="s")
    whole = [None not in cell[:2] for cell in cells]
    expected = [cell if there else (None, None, None) for cell, there in zip(cells, whole, strict=True)]
    assert list(zip(*(back[name].to_pylist() for name in "qas"), strict=True)) == expected


@pytest.mark.parametrize(
    ("messages", "first", "last"),
    [
        (chat(("user", "1"), ("assistant", "2"), ("user", "3"), ("assistant", "4")), ("1", "2"), ("3", "4")),
        (chat(("user", "1"), ("assistant", "2"), ("user", "3")), ("1", "2"), ("1", "2")),
        (chat(("user", "1"), ("user", "2"), ("assistant", "3")), ("2", "3"), ("2", "3")),
        (chat(("assistant", "1"), ("user", "2")), (None, None), (None, None)),
        (chat(("user", "1"), ("system", "2"), ("assistant", "3")), (None, None), (None, None)),
        ([None, *chat(("user", "1"), ("assistant", "2"))], ("1", "2"), ("1", "2")),
        ([], (None, None), (None, None)),
        (None, (None, None), (None, None)),
    ],
)
def test_an_exchange_is_taken_out(messages, first, last):
    table = pa.table({"id": ["a"], "messages": pa.array([messages], MESSAGES)})
    for exchange, expected in (("first", first), ("last", last)):
        made = from_messages(table, exchange=exchange)
        assert (made["question"][0].as_py(), made["answer"][0].as_py()) == expected


def test_chats_of_other_shapes_are_read():
    kind = pa.large_list(pa.struct([("content", pa.large_string()), ("name", pa.string()), ("role", pa.string())]))
    turns = [{"content": "1", "name": "x", "role": "user"}, {"content": "2", "name": None, "role": "assistant"}]
    made = from_messages(pa.table({"id": ["a"], "messages": pa.array([turns], kind)}), system="rule")
    assert made.select(["question", "answer", "rule"]).to_pylist() == [{"question": "1", "answer": "2", "rule": None}]


@pytest.mark.parametrize("kind", [pa.string(), pa.list_(pa.string()), pa.list_(pa.struct([("role", pa.string())]))])
def test_what_is_no_chat_is_told(kind):
    with pytest.raises(BadArgument, match=r"column 'messages' is .*: expected list<.*refine\.chat\.to_messages"):
        from_messages(pa.table({"id": pa.array([], pa.string()), "messages": pa.array([], kind)}))


def test_columns_that_do_not_fit_are_told():
    with pytest.raises(BadArgument, match="column 'id' is int64: expected text"):
        to_messages(pa.table({"id": [1]}), question="id", answer="id")
    with pytest.raises(BadArgument, match="there is no column 'reply'"):
        to_messages(rows(("Q", "A", "S")), answer="reply")


def test_no_rows_and_all_nulls_keep_the_type():
    assert to_messages(rows())["messages"].type == MESSAGES
    empty = pa.table({"id": ["a"], "question": pa.nulls(1), "answer": pa.nulls(1)})
    assert to_messages(empty)["messages"].to_pylist() == [None]
    assert from_messages(to_messages(empty))["question"].to_pylist() == [None]
