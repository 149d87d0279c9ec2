from random import Random

from dataflow_ops.llm.rehearsal import conversations


def test_turns_are_as_many_as_asked_for_and_about_the_topic():
    values = {"topic": "Sleeping badly", "at_least": 2, "at_most": 4}
    found = [conversations.user_turns(values, Random(seed))["questions"] for seed in range(30)]
    assert {len(each) for each in found} == {2, 3, 4}
    assert all("Sleeping badly" in question for each in found for question in each)
    assert len(conversations.user_turns(values | {"at_least": 50, "at_most": 50}, Random(1))["questions"]) == 50


def test_every_message_has_a_reply():
    assert len(conversations.replies({"questions": ["Why?", "How?", "?"]}, Random(1))["replies"]) == 3
