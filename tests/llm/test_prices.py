import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument
from dataflow_ops.llm.prices import Price, checked, cost, price_of, read_price


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("gpt-4o-mini", Price(0.15, 0.6, 0.075)),
        ("gpt-4o-mini-2024-07-18", Price(0.15, 0.6, 0.075)),
        ("GPT-4o-mini", Price(0.15, 0.6, 0.075)),
        ("gpt-4o-2024-08-06", Price(2.5, 10, 1.25)),
        ("gpt-4o-2024-05-13", Price(5, 15)),
        ("gpt-4o-audio-preview", None),
        ("gpt-5-pro", None),
        ("gpt-5.4", None),
        ("claude-sonnet-4-5-20250929", Price(3, 15, 0.3)),
        ("gpt", None),
        ("", None),
        ("Qwen/Qwen2.5-7B-Instruct", None),
    ],
)
def test_the_longest_name_counts_and_other_variants_are_not_guessed(model, expected):
    assert price_of(model) == expected


def test_a_price_of_ones_own_goes_first():
    assert price_of("gpt-4o-mini", Price(1, 2)) == Price(1, 2)
    assert price_of("of our own", {"input": 0, "output": 0}) == Price(0, 0)


def test_cost_is_in_dollars_with_cached_tokens_at_their_price():
    assert cost("gpt-4o-mini", 1_000_000, 1_000_000) == pytest.approx(0.75)
    assert cost("gpt-4o-mini", 1_000_000, 0, 400_000) == pytest.approx(0.6 * 0.15 + 0.4 * 0.075)
    assert cost("gpt-3.5-turbo", 1_000_000, 0, 400_000) == pytest.approx(0.5)
    assert cost("unheard of", 1, 1) is None


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9))
def test_cached_tokens_never_make_it_dearer_nor_negative(prompt, completion, cached):
    price = Price(2.5, 10, 1.25)
    assert 0 <= price.of(prompt, completion, cached) <= price.of(prompt, completion)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"input": 1},
        {"input": 1, "output": 2, "batch": 3},
        {"input": "dear", "output": 1},
        {"input": -1, "output": 1},
    ],
)
def test_what_is_no_price_is_said(values):
    with pytest.raises(BadArgument, match="per million tokens"):
        read_price(values)


def test_the_table_says_of_which_day_it_is():
    assert checked() >= "2026-01-01"
