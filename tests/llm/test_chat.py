from dataclasses import replace

import pytest

from dataflow_ops.llm.chat import Chat, Failure, Kind, Request, Sampling, Usage

CHAT = Chat(({"role": "user", "content": "Wie geht's?"},), "text/answer", {"text": "Wie geht's?"})
REQUEST = Request("m", CHAT, Sampling(0.5, 100, 1, 0.9), {"type": "object", "properties": {"a": {}, "b": {}}}, 0)


@pytest.mark.parametrize(
    "other",
    [
        replace(REQUEST, model="n"),
        replace(REQUEST, sample=1),
        replace(REQUEST, schema=None),
        replace(REQUEST, schema={"type": "object", "properties": {"a": {}}}),
        replace(REQUEST, chat=Chat(({"role": "system", "content": "Wie geht's?"},))),
        replace(REQUEST, chat=Chat(({"role": "user", "content": "Wie geht's? "},))),
        replace(REQUEST, chat=Chat(CHAT.messages * 2)),
        replace(REQUEST, sampling=replace(REQUEST.sampling, temperature=None)),
        replace(REQUEST, sampling=replace(REQUEST.sampling, temperature=0.0)),
        replace(REQUEST, sampling=replace(REQUEST.sampling, max_tokens=101)),
        replace(REQUEST, sampling=replace(REQUEST.sampling, seed=2)),
        replace(REQUEST, sampling=replace(REQUEST.sampling, top_p=None)),
    ],
)
def test_all_that_shapes_an_answer_changes_the_key(other):
    assert other.key != REQUEST.key


@pytest.mark.parametrize(
    "same",
    [
        replace(REQUEST, chat=Chat(({"content": "Wie geht's?", "role": "user"},))),
        replace(REQUEST, chat=replace(CHAT, prompt="text/other", values={})),
        replace(REQUEST, schema={"properties": {"b": {}, "a": {}}, "type": "object"}),
    ],
)
def test_what_does_not_shape_an_answer_leaves_the_key(same):
    assert same.key == REQUEST.key


def test_keys_are_the_same_in_every_version():
    """Journals hold answers by their keys: a change here asks and pays for all of them again."""
    assert REQUEST.key.hex() == "a25bd6ef952352fb72cd1dee39231865"
    assert REQUEST.space == "c5d1b7ce44b9"


def test_a_space_is_shared_by_what_differs_in_messages_sample_and_seed_alone():
    others = [
        replace(REQUEST, chat=Chat(({"role": "user", "content": "?"},))),
        replace(REQUEST, sample=3),
        replace(REQUEST, sampling=replace(REQUEST.sampling, seed=9)),
    ]
    assert {other.space for other in others} == {REQUEST.space}
    assert replace(REQUEST, model="n").space != REQUEST.space


def test_usage_adds_up_and_unknown_prices_stay_unknown():
    one, other = Usage(1, 2, 30, 4, 0.5), Usage(1, 0, 10, 2, 0.25)
    assert one + other == Usage(2, 2, 40, 6, 0.75)
    assert one + other - other == one
    assert (one + Usage(cost=None)).cost is None
    assert (one - Usage(cost=None)).cost is None


def test_a_failure_reads_as_its_kind_and_detail():
    assert str(Failure(Kind.TOO_LONG, "9,000 tokens, 8,192 fit")) == "too long: 9,000 tokens, 8,192 fit"
