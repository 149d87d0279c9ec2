"""What was answered is answered again; nothing else is."""

from dataflow_ops.llm.answers import Answers
from dataflow_ops.llm.chat import Backend, Failure, Kind
from dataflow_ops.llm.replay import Replay
from dataflow_ops.store import Folder
from tests.llm.questions import question, remembered, reply


def replayed(backend: Backend, requests):
    outcomes = []
    backend.complete(requests, lambda request, outcome: outcomes.append((request, outcome)))
    return outcomes


def test_known_questions_are_answered_in_order_and_others_are_not(tmp_path):
    asked = [question(number) for number in (3, 1, 2, 1)]
    with Answers(Folder(), f"{tmp_path}/shared", local=tmp_path / "here") as answers:
        for number in (1, 3):
            answers.put(question(number), reply(str(number), finish="length"))
        outcomes = replayed(Replay(answers, "openai:m"), asked)
    assert [request for request, _ in outcomes] == asked
    assert [outcome for _, outcome in outcomes if isinstance(outcome, Failure)] == [outcomes[2][1]]
    assert outcomes[2][1].kind == Kind.UNANSWERED
    assert "'openai:m'" in outcomes[2][1].detail
    assert [outcomes[at][1] for at in (0, 1, 3)] == [remembered(text, finish="length") for text in "311"]


def test_answers_of_other_models_or_samplings_are_no_answers(tmp_path):
    with Answers(Folder(), f"{tmp_path}/shared", local=tmp_path / "here") as answers:
        answers.put(question(1), reply("one"))
        others = [question(1, model="openai:other"), question(1, seed=1), question(1, temperature=0.5)]
        others += [question(1, max_tokens=5), question(1, top_p=0.1), question(1, sample=1)]
        outcomes = replayed(Replay(answers, "openai:m"), others)
    assert {outcome.kind for _, outcome in outcomes} == {Kind.UNANSWERED}
    assert len(outcomes) == 6


def test_there_are_no_vectors(tmp_path):
    with Answers(Folder(), f"{tmp_path}/shared", local=tmp_path / "here") as answers:
        replay = Replay(answers, "openai:m")
        assert [failure.kind for failure in replay.embed(["a", "b"])] == [Kind.UNANSWERED] * 2
        replay.close()
