"""What requests reserve and take, and what is said at the ceiling."""

import pytest

from dataflow_ops.errors import BadArgument, CeilingReached
from dataflow_ops.llm.chat import Chat, Failure, Kind, Request
from dataflow_ops.llm.purse import prompt_tokens
from tests.llm.purses import DOLLARS, answer, left_over, price, purse, request, spend


def test_without_a_ceiling_nothing_is_counted_or_written(tmp_path):
    with purse(tmp_path) as free:
        assert spend(free, range(100)) == 100
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ceiling", [{"tokens": 5_000}, {"money": 5_000 * DOLLARS}])
def test_the_ceiling_is_reached_and_not_passed(tmp_path, ceiling):
    with purse(tmp_path, price=price, **ceiling) as counted:
        assert 48 <= spend(counted, took=100) <= 50


def test_the_lower_of_two_ceilings_holds(tmp_path):
    with purse(tmp_path / "a", tokens=5_000, money=1.0, price=price) as counted:
        assert 48 <= spend(counted) <= 50
    with purse(tmp_path / "b", tokens=10**9, money=5_000 * DOLLARS, price=price) as counted:
        assert 48 <= spend(counted) <= 50


def test_a_refused_request_reserves_nothing_of_either(tmp_path):
    with purse(tmp_path, tokens=10**6, money=50 * DOLLARS, price=price) as counted:
        with pytest.raises(CeilingReached):
            counted.before(request(1))
        assert counted.tokens.reserved == {}
    assert left_over(tmp_path, tokens=10**6) == 10**6


def test_what_was_reserved_too_much_may_be_spent(tmp_path):
    with purse(tmp_path, tokens=5_000) as counted:
        assert spend(counted, took=20, most=1_000) > 150


def test_the_message_says_what_was_spent_and_what_to_do(tmp_path):
    with purse(tmp_path, tokens=1_000) as counted:
        spend(counted)
        with pytest.raises(
            CeilingReached, match=r"1,000 tokens: this task has spent 1,000 tokens.*raise the ceiling on"
        ):
            counted.before(request(1))
    with purse(tmp_path, money=1.5, price=lambda *_: 1.0) as counted:
        counted.before(request(1))
        with pytest.raises(CeilingReached, match=r"\$1\.5000: .* spent \$0\.0000, and \$1\.0000 are reserved"):
            counted.before(request(2))


def test_a_price_must_be_known_where_money_is_counted(tmp_path):
    with purse(tmp_path, money=1.0) as counted, pytest.raises(BadArgument, match="'openai:m'.*give its price"):
        counted.before(request(1))


@pytest.mark.parametrize("ceiling", [{"tokens": -1}, {"money": float("nan")}, {"money": float("inf")}])
def test_a_ceiling_is_a_number(tmp_path, ceiling):
    with pytest.raises(BadArgument, match="expected a ceiling of 0 or more"):
        purse(tmp_path, **ceiling)


def test_a_request_sent_again_is_reserved_for_once(tmp_path):
    with purse(tmp_path, tokens=150) as counted:
        for _ in range(5):
            counted.before(request(1))
        counted.settle(request(1), answer(10, 10))
        counted.settle(request(1), answer(10, 10))
        assert counted.tokens.spent == 20
    assert left_over(tmp_path, tokens=150) == 130


@pytest.mark.parametrize(
    ("outcome", "left"),
    [
        (answer(10, 5), 985),
        (answer(10, 200), 790),
        (Failure(Kind.SERVER, "away"), 1_000),
        (Failure(Kind.TOO_LONG, "8k"), 1_000),
        (Failure(Kind.TIMEOUT, "120 s"), 1_000 - 90 - 9),
        (Failure(Kind.REFUSED, "filter"), 1_000 - 90 - 9),
    ],
)
def test_what_an_outcome_takes(tmp_path, outcome, left):
    with purse(tmp_path, tokens=1_000) as counted:
        counted.before(request(1))
        counted.settle(request(1), outcome)
    assert left_over(tmp_path, tokens=1_000) == left


def test_money_is_what_the_server_charged(tmp_path):
    with purse(tmp_path, money=0.001, price=price) as counted:
        counted.before(request(1))
        counted.settle(request(1), answer(10, 5, cost=0.0000004))
    assert left_over(tmp_path, money=1_000_000) == 1_000_000 - 400


def test_requests_under_way_at_the_end_count_as_spent(tmp_path):
    with purse(tmp_path, tokens=1_000) as counted:
        counted.before(request(1))
        reserved = counted.tokens.reserved[request(1).key]
    assert left_over(tmp_path, tokens=1_000) == 1_000 - reserved


@pytest.mark.parametrize(
    ("messages", "schema", "tokens"),
    [
        ([{"role": "user", "content": ""}], None, 8),
        ([{"role": "user", "content": "abcd"}], None, 10),
        ([{"role": "user", "content": "漢字"}], None, 10),
        ([{"role": "system", "content": "abc"}, {"role": "user", "content": "abc"}], None, 18),
        ([{"role": "user", "content": [{"type": "text", "text": "abc"}, {"type": "image_url"}]}], None, 2_009),
        ([{"role": "user", "content": "abc"}], {"type": "object"}, 15),
    ],
)
def test_prompts_are_estimated_from_their_bytes(messages, schema, tokens):
    assert prompt_tokens(Request("m", Chat(tuple(messages)), schema=schema)) == tokens


def test_estimates_that_were_too_low_are_made_good(tmp_path):
    with purse(tmp_path, tokens=20_000) as counted:
        total = 0
        try:
            for number in range(10**6):
                counted.before(request(number, most=10))
                counted.settle(request(number, most=10), answer(90, 10))
                total += 100
        except CeilingReached:
            pass
    assert 19_700 <= total <= 20_000
