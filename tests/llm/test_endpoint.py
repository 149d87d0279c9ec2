import threading
import time
import warnings
from collections import Counter
from collections.abc import Iterable

import pytest

from dataflow_ops.errors import ModelRefused, Transient
from dataflow_ops.llm.chat import Completion, Failure, Kind, Request, Usage
from dataflow_ops.llm.endpoint import Endpoint, Server, check, spans
from tests.endpoint import Behaviour, Served, serving
from tests.llm.asks import Outcomes, ask, requests, server

MIXED = Behaviour(
    seed=7,
    latency=0.002,
    retry_after=0.02,
    limited=0.01,
    failing=0.04,
    hanging=0.001,
    cut=0.03,
    cut_short=0.03,
    bad_json=0.03,
    wrong_shape=0.03,
    too_long=0.02,
    filtered=0.02,
    refusing=0.02,
)


@pytest.fixture(scope="module")
def mixed() -> Iterable[tuple[Served, Outcomes, Usage]]:
    outcomes = Outcomes()
    with serving(MIXED) as served, Endpoint(server(served, timeout_s=3)) as endpoint:
        endpoint.complete(requests(range(5000)), outcomes)
        yield served, outcomes, endpoint.usage


def test_every_request_has_one_outcome_whatever_goes_wrong(mixed):
    served, outcomes, _ = mixed
    assert set(outcomes.of) == {str(number) for number in range(5000)}
    assert all(len(found) == 1 for found in outcomes.of.values())
    whats = Counter(hit.what for hit in served.hits)
    assert all(whats[what] for what in ("limited", "failing", "hanging", "cut", "cut_short", "bad_json", "wrong_shape"))
    assert outcomes.with_kind("answered") == set(served.times("answered"))
    assert outcomes.with_kind(Kind.TOO_LONG) == set(served.times("too_long"))
    assert outcomes.with_kind(Kind.REFUSED) == {*served.times("filtered"), *served.times("refusing")}
    assert not outcomes.with_kind(Kind.SERVER, Kind.TIMEOUT)


def test_what_has_an_outcome_is_not_asked_again(mixed):
    served, _, _ = mixed
    final = ("answered", "too_long", "filtered", "refusing")
    last = {hit.content: number for number, hit in enumerate(served.hits) if hit.what in final}
    assert len(last) == 5000
    assert all(number <= last[hit.content] for number, hit in enumerate(served.hits))
    assert max(Counter(hit.content for hit in served.hits if hit.what in final).values()) == 1


def test_usage_adds_up_to_what_the_server_charged(mixed):
    served, outcomes, usage = mixed
    assert (usage.prompt_tokens, usage.completion_tokens) == served.charged
    given = [found.usage for (found,) in outcomes.of.values()]
    assert sum(each.prompt_tokens for each in given) == served.charged[0], "with what refusals and cut answers took"
    assert sum(each.completion_tokens for each in given) == served.charged[1]
    assert sum(each.requests for each in given) >= len([hit for hit in served.hits if hit.what == "answered"])


def test_the_answer_belongs_to_the_question():
    with serving(Behaviour(latency=0.001)) as served:
        outcomes = ask(served, ["one", "two", "ünïcödé 🚀 \x00", "x" * 3_000_000])
    for name, (outcome,) in outcomes.of.items():
        assert isinstance(outcome, Completion)
        assert outcome.text == f"answer to {name[:200]}"


def test_connections_are_kept_from_call_to_call():
    with serving(Behaviour(latency=0.005)) as served, Endpoint(server(served, concurrency=4)) as endpoint:
        for call in range(5):
            endpoint.complete(requests(range(call * 20, call * 20 + 20)), Outcomes())
            assert endpoint.line().in_flight == 0
        assert len(served.hits) == 100
        assert len(served.callers) <= 4


def test_nothing_to_ask():
    with serving() as served:
        assert ask(served, []).of == {}
        with Endpoint(server(served)) as endpoint:
            assert endpoint.embed([]) == []
            endpoint.close()
            endpoint.close()


def test_a_wrong_key_is_found_out_by_one_request():
    with serving(Behaviour(key="sk-right")) as served:
        with pytest.raises(ModelRefused) as caught:
            ask(served, range(100), key="sk-wrong-one")
        assert len(served.hits) == 1
        said = str(caught.value)
        assert served.url in said
        assert "'tiny'" in said
        assert "Incorrect API key" in said
        assert "check the key" in said
        assert "sk-wrong-one" not in said
        assert ask(served, range(100), key="sk-right").kinds == {"answered": 100}


def test_a_model_that_is_not_there():
    with serving(Behaviour(models=("other",))) as served:
        with pytest.raises(ModelRefused, match="does not exist.*model's name"):
            ask(served, range(100))
        assert len(served.hits) == 1


def test_nobody_at_the_address():
    with serving() as served:
        pass
    begun = time.monotonic()
    with pytest.raises(Transient, match=f"{served.url}.*cannot be reached"):
        ask(served, range(100))
    assert time.monotonic() - begun < 30
    with pytest.raises(Transient, match="cannot be reached"):
        Endpoint(Server("http://no-such-host.invalid/v1", "tiny", backoff_s=0.01)).complete(requests([1]), Outcomes())


def test_a_server_that_only_fails():
    with serving(Behaviour(down=503)) as served:
        with pytest.raises(Transient, match="503"):
            ask(served, range(1000))
        assert len(served.hits) < 100


def test_a_server_that_goes_away_in_the_middle_costs_no_row():
    outcomes = Outcomes()
    with serving(Behaviour(latency=0.001)) as served:
        endpoint = Endpoint(server(served))
        endpoint.complete(requests(range(100)), outcomes)
    with endpoint, pytest.raises(Transient):
        endpoint.complete(requests(range(100, 1000)), outcomes)
    assert outcomes.kinds == {"answered": 100}


def test_what_hangs_is_a_timeout():
    with serving(Behaviour(hanging=1.0)) as served:
        outcomes = ask(served, ["a", "b"], timeout_s=0.2, attempts=2)
        assert outcomes.kinds == {Kind.TIMEOUT: 2}
        assert served.times("hanging") == {"a": 2, "b": 2}


def test_a_row_that_the_server_always_fails_on_is_given_up():
    behaviour = Behaviour(failing=0.9, seed=5)
    with serving(behaviour) as served:
        outcomes = ask(served, range(40), attempts=2)
    given_up = outcomes.with_kind(Kind.SERVER)
    assert given_up
    assert all(served.times("failing")[name] == 2 for name in given_up)
    assert "500" in outcomes.of[next(iter(given_up))][0].detail


def test_all_declined_in_the_same_words_is_not_about_rows():
    outcomes = Outcomes()
    with serving() as served, Endpoint(server(served)) as endpoint:
        endpoint.embed(["a"])
        assert isinstance(endpoint.embed(["", "b"])[0], Failure)
    with serving() as served, Endpoint(server(served)) as endpoint:
        with pytest.raises(ModelRefused, match="input is invalid"):
            endpoint.embed([""] * 100)
        assert len(served.hits) < 200
    assert outcomes.of == {}


def test_a_few_declined_are_rows_that_failed():
    with serving(Behaviour(too_long=1.0)) as served:
        assert ask(served, range(100)).kinds == {Kind.TOO_LONG: 100}


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_what_goes_wrong_in_done_ends_all(error):
    def done(request: Request, outcome: Completion | Failure) -> None:
        raise error

    with serving(Behaviour(latency=0.05)) as served, Endpoint(server(served)) as endpoint:
        with pytest.raises(error):
            endpoint.complete(requests(range(10_000)), done)
        sent = len(served.hits)
        assert endpoint.line().in_flight == 0
        time.sleep(0.2)
        assert len(served.hits) == sent < 100
        outcomes = Outcomes()
        endpoint.complete(requests(["still there"]), outcomes)
        assert outcomes.kinds == {"answered": 1}


def test_two_threads_may_ask_at_once():
    outcomes = [Outcomes(), Outcomes()]
    with serving(Behaviour(latency=0.01)) as served, Endpoint(server(served)) as endpoint:
        threads = [
            threading.Thread(
                target=endpoint.complete, args=(requests(f"{of} {each}" for each in range(200)), outcomes[of])
            )
            for of in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert [found.kinds for found in outcomes] == [{"answered": 200}] * 2


def test_nothing_is_left_behind():
    before = threading.active_count()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with serving() as served, Endpoint(server(served)) as endpoint:
            endpoint.complete(requests(range(10)), Outcomes())
        del endpoint
    assert threading.active_count() == before


def test_vectors_in_order():
    with serving(Behaviour(failing=0.2, latency=0.001)) as served, Endpoint(server(served)) as endpoint:
        texts = [f"text {number}" for number in range(300)]
        found = endpoint.embed([*texts, "", "x" * 200_000])
        again = endpoint.embed(["text 7"])
        assert found[7] == again[0]
        assert all(isinstance(vector, list) and len(vector) == 3 for vector in found[:300])
        assert [vector.kind for vector in found[300:]] == [Kind.REFUSED, Kind.REFUSED]
        assert len({tuple(vector) for vector in found[:300]}) == 300
        assert endpoint.usage.prompt_tokens == served.charged[0]


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ([], []),
        ([1] * 64, [64]),
        ([1] * 65, [64, 1]),
        ([200_000, 200_000, 1], [1, 2]),
        ([1, 1_000_000, 1], [1, 1, 1]),
    ],
)
def test_texts_are_asked_for_in_batches(lengths, expected):
    assert [len(span) for span in spans(["x" * length for length in lengths])] == expected


def test_the_connection_can_be_tried():
    with serving(Behaviour(key="sk-right", models=("tiny", "small"))) as served:
        assert check(server(served, key="sk-right")) == f"{served.url} answers and has 'tiny', one of 2 models"
        with pytest.raises(ModelRefused, match="check the key"):
            check(server(served, key="sk-wrong"))
        with pytest.raises(ModelRefused, match="did you mean 'tiny'"):
            check(Server(served.url, "tinny", key="sk-right"))
        assert "does not list" in check(Server(f"{served.url}/v2", "tiny"))
    with pytest.raises(Transient, match="cannot be reached"):
        check(server(served))
