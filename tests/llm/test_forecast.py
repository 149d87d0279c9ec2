import logging

import pytest

from dataflow_ops.llm.chat import Chat, Request, Sampling, Usage
from dataflow_ops.llm.forecast import FIRST, Estimate, Forecast


def requests(number, words=100, max_tokens=50):
    chat = Chat(({"role": "user", "content": "abc " * words},))
    return [Request("m", chat, Sampling(max_tokens=max_tokens))] * number


def penny(prompt, completion):
    return prompt * 0.01 + completion * 0.1


def test_before_the_first_answer_the_prompts_are_counted_and_answers_taken_as_long_as_they_may_be():
    forecast = Forecast("m", penny)
    forecast.begin(requests(1_000), known=5)
    (made,) = forecast.made
    assert (made.of, made.requests, made.prompt_tokens, made.completion_tokens) == ("prompts", 1_000, 104_000, 50_000)
    assert made.cost == pytest.approx(1_040 + 5_000)
    assert made.seconds is None


def test_after_the_first_answers_it_is_made_from_what_they_took():
    forecast = Forecast("m", penny)
    forecast.begin(requests(1_000), known=0)
    for _ in range(FIRST + 10):
        forecast.answered(Usage(requests=1, prompt_tokens=80, completion_tokens=20, cost=0.5))
    _, made = forecast.made
    assert (made.of, made.requests, made.prompt_tokens, made.completion_tokens) == ("answers", 1_000, 80_000, 20_000)
    assert made.cost == pytest.approx(500)
    assert made.seconds >= 0


def test_of_fewer_requests_than_that_all_are_the_first():
    forecast = Forecast("m", penny)
    forecast.begin(requests(2), known=0)
    for _ in range(2):
        forecast.answered(Usage(requests=1, prompt_tokens=80, cost=None))
    assert [made.of for made in forecast.made] == ["prompts", "answers"]
    assert forecast.made[1].cost is None


def test_the_estimate_is_for_the_whole_batch():
    forecast = Forecast("m", penny)
    forecast.share = 0.25
    forecast.begin(requests(100), known=0)
    assert forecast.made[0].requests == 400
    assert forecast.made[0].prompt_tokens == 41_600


def test_prompts_in_other_scripts_are_counted_by_their_bytes():
    latin, han = Forecast("m", penny), Forecast("m", penny)
    latin.begin([Request("m", Chat(({"role": "user", "content": "a" * 300},)))], known=0)
    han.begin([Request("m", Chat(({"role": "user", "content": "字" * 300},)))], known=0)
    assert han.made[0].prompt_tokens > 2 * latin.made[0].prompt_tokens


def test_nothing_to_ask_is_no_estimate(caplog):
    forecast = Forecast("m", penny)
    with caplog.at_level(logging.INFO):
        forecast.begin([], known=1_200)
    assert forecast.made == []
    assert "m: nothing to ask, 1,200 answers are known" in caplog.text


@pytest.mark.parametrize(
    ("estimate", "said"),
    [
        (
            Estimate("prompts", 1_000, 104_000, 50_000, 1.5),
            "1,000 requests, about 104,000 prompt and at most 50,000 completion tokens, at most $1.5000",
        ),
        (
            Estimate("answers", 2, 160, 40, None, 61.2),
            "2 requests, about 160 prompt and 40 completion tokens, price unknown, 61 s",
        ),
        (Estimate("answers", 2, 160, 40, 0.0), "2 requests, about 160 prompt and 40 completion tokens, no cost"),
    ],
)
def test_estimates_are_said_in_words(estimate, said):
    assert str(estimate) == said


def test_estimates_are_handed_over_once():
    forecast = Forecast("m", penny)
    forecast.begin(requests(2), known=0)
    assert [each["requests"] for each in forecast.as_json()] == [2]
    assert forecast.as_json() == []
