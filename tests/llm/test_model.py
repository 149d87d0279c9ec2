from dataclasses import replace
from typing import Annotated

import pytest
from pydantic import BaseModel, Field

from dataflow_ops.errors import ModelRefused
from dataflow_ops.llm.chat import Backend, Chat, Completion, Failure, Kind, Usage
from dataflow_ops.llm.model import Model
from dataflow_ops.llm.schema import Words
from tests.llm.canned import TOOK, Canned, canned

GOOD = '{"reason": "well", "score": 3}'
BAD = '{"reason": "well", "score": 9}'


class Judged(BaseModel):
    reason: Words
    score: Annotated[int, Field(ge=1, le=5)]


class Kept:
    """A memory that is a dictionary; `log` says what was done to it."""

    def __init__(self):
        self.answers, self.log = {}, []

    def find(self, requests):
        return {request.key: self.answers[request.key] for request in requests if request.key in self.answers}

    def put(self, request, completion):
        self.log.append("put")
        self.answers[request.key] = replace(completion, usage=Usage(cached=1))

    def flush(self):
        self.log.append("flush")

    def close(self):
        self.log.append("close")


def chats(*texts):
    return [Chat(({"role": "user", "content": text},)) for text in texts]


def values(answers):
    return [answer.value for answer in answers]


def test_answers_come_in_order_with_their_usage():
    llm = canned("1", Failure(Kind.TIMEOUT, "30 s"), "3")
    answers = llm.chat(chats("a", "b", "c"))
    assert values(answers) == ["1", None, "3"]
    assert answers[1].failure == Failure(Kind.TIMEOUT, "30 s")
    assert answers[0].usage == TOOK
    assert llm.usage == TOOK + TOOK


def test_what_is_asked_carries_the_sampling_and_the_schema():
    llm = canned(GOOD)
    llm.chat(chats("a"), schema=Judged, temperature=0.5, max_tokens=7, seed=3)
    (request,) = llm.backend.asked
    assert (request.sampling.temperature, request.sampling.max_tokens, request.sampling.seed) == (0.5, 7, 3)
    assert request.schema["properties"]["score"]["maximum"] == 5
    assert request.model == "canned"


def test_the_same_question_is_asked_once_and_several_answers_are_several_questions():
    llm = canned("a", "b", "a2", "b2")
    assert values(llm.chat(chats("x", "y", "x"), n=2)) == ["a", "b", "a2", "b2", "a", "b"]
    assert [request.sample for request in llm.backend.asked] == [0, 1, 0, 1]


def test_what_is_in_memory_is_not_asked_again():
    memory = Kept()
    Model("m", Canned("1", "2"), memory=memory).chat(chats("a", "b"))
    again = Model("m", Canned("3"), memory=memory)
    assert values(again.chat(chats("a", "c", "b"))) == ["1", "3", "2"]
    assert again.usage == TOOK + Usage(cached=2)
    assert memory.log == ["put", "put", "flush", "put", "flush"]


def test_another_model_or_seed_does_not_read_it():
    memory = Kept()
    Model("m", Canned("1"), memory=memory).chat(chats("a"))
    assert values(Model("n", Canned("2", model="n"), memory=memory).chat(chats("a"))) == ["2"]
    assert values(Model("m", Canned("3"), memory=memory).chat(chats("a"), seed=1)) == ["3"]


def test_failures_are_not_remembered():
    memory = Kept()
    Model("m", Canned(Failure(Kind.SERVER, "502")), memory=memory).chat(chats("a"))
    assert values(Model("m", Canned("1"), memory=memory).chat(chats("a"))) == ["1"]


def test_a_broken_answer_is_asked_for_once_more_with_what_was_wrong():
    llm = canned(BAD, GOOD)
    (answer,) = llm.chat(chats("a"), schema=Judged)
    assert answer.value == Judged(reason="well", score=3)
    assert answer.usage == TOOK + TOOK
    first, again = llm.backend.asked
    assert again.chat.messages[:1] == first.chat.messages
    assert "score: Input should be less than or equal to 5" in again.chat.messages[1]["content"]
    assert '"maximum": 5' in again.chat.messages[1]["content"]


def test_only_the_broken_ones_are_asked_for_again():
    llm = canned(GOOD, "no", GOOD, GOOD)
    answers = llm.chat(chats("a", "b", "c"), schema=Judged)
    assert all(answer.failure is None for answer in answers)
    assert len(llm.backend.asked) == 4


def test_a_second_broken_answer_is_the_end():
    (answer,) = canned("no", "still no").chat(chats("a"), schema=Judged)
    assert answer.failure.kind == Kind.UNPARSABLE
    assert "still no" in answer.failure.detail
    assert answer.usage == TOOK + TOOK


def test_when_the_second_asking_fails_the_row_says_what_was_wrong_with_its_answer():
    (answer,) = canned("no", Failure(Kind.SERVER, "502")).chat(chats("a"), schema=Judged)
    assert answer.failure.kind == Kind.UNPARSABLE


def test_a_mended_answer_is_remembered_as_well():
    memory = Kept()
    Model("m", Canned(BAD, GOOD), memory=memory).chat(chats("a"), schema=Judged)
    again = Model("m", Canned(), memory=memory)
    assert values(again.chat(chats("a"), schema=Judged)) == [Judged(reason="well", score=3)]
    assert again.usage == Usage(cached=2)


def test_what_could_not_be_read_stays_so_until_it_is_asked_for_again():
    memory = Kept()
    Model("m", Canned("no", "nor this"), memory=memory).chat(chats("a"), schema=Judged)
    (same,) = Model("m", Canned(), memory=memory).chat(chats("a"), schema=Judged)
    assert same.failure.kind == Kind.UNPARSABLE
    (anew,) = Model("m", Canned(GOOD), memory=memory, ask_again=True).chat(chats("a"), schema=Judged)
    assert anew.value == Judged(reason="well", score=3)


def test_asking_again_leaves_good_answers_alone():
    memory = Kept()
    Model("m", Canned(GOOD), memory=memory).chat(chats("a"), schema=Judged)
    llm = Model("m", Canned(), memory=memory, ask_again=True)
    assert values(llm.chat(chats("a"), schema=Judged)) == [Judged(reason="well", score=3)]


@pytest.mark.parametrize(
    ("outcome", "schema", "kind"),
    [
        (Completion("half of", finish="length"), None, Kind.TOO_LONG),
        (Completion(GOOD[:-3], finish="length"), Judged, Kind.TOO_LONG),
        (Completion(GOOD, finish="length"), Judged, None),
        (Completion(" \n"), None, Kind.UNPARSABLE),
        (Completion("<think>But what?</think>\n"), None, Kind.UNPARSABLE),
        (Completion("fine"), None, None),
        (Failure(Kind.REFUSED, "content filter"), Judged, Kind.REFUSED),
    ],
)
def test_answers_that_did_not_end_or_say_nothing_are_failures(outcome, schema, kind):
    (answer,) = canned(outcome).chat(chats("a"), schema=schema)
    assert (answer.failure.kind if answer.failure else None) == kind


class Broken(Canned):
    def complete(self, requests, done):
        super().complete(requests[:1], done)
        raise ModelRefused("401")


def test_what_was_answered_before_the_server_refused_is_kept():
    memory = Kept()
    with pytest.raises(ModelRefused), Model("m", Broken("1"), memory=memory) as llm:
        llm.chat(chats("a", "b"))
    assert len(memory.answers) == 1
    assert memory.log[-1] == "close"


def test_thoughts_are_no_part_of_a_plain_answer():
    assert values(canned("<think>But what?</think>\n\nThis.\n").chat(chats("a"))) == ["This."]


def test_nothing_is_asked_for_nothing():
    assert canned().chat([]) == []


def test_vectors_come_in_order_and_are_counted():
    llm = canned()
    assert values(llm.embed(["a", "bcd"])) == [[1.0], [3.0]]
    assert llm.usage == Usage(requests=2)


def test_the_canned_backend_is_one():
    backend: Backend = Canned()
    assert backend.model == "canned"
