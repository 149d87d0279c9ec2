"""Purses to spend from, and how much is left of them."""

from dataflow_ops.errors import CeilingReached
from dataflow_ops.llm.chat import Chat, Completion, Request, Sampling, Usage
from dataflow_ops.llm.coins import Coins
from dataflow_ops.llm.purse import Purse
from dataflow_ops.store import Folder

DOLLARS = 1e-6
"""What a token costs in these tests."""


def request(number, *, most=90, text="x"):
    return Request("openai:m", Chat(({"role": "user", "content": f"{text}{number}"},)), Sampling(max_tokens=most))


def answer(prompt, completion, cost=None):
    return Completion("yes", usage=Usage(1, 0, prompt, completion, cost))


def price(model, prompt, completion):
    return (prompt + completion) * DOLLARS


def purse(folder, tokens=None, money=None, **given_):
    return Purse(Folder(), f"{folder}/purse", **({"tokens": tokens, "money": money, "patience_s": 0.0} | given_))


def spend(purse, numbers=range(10**9), *, took=100, **asked):
    """Ask one after the other until the ceiling is reached; return how many were asked."""
    count = 0
    try:
        for number in numbers:
            purse.before(request(number, **asked))
            purse.settle(request(number, **asked), answer(10, took - 10))
            count += 1
    except CeilingReached:
        pass
    return count


def left_over(folder, **ceiling):
    """How many tokens are still to be had."""
    (kind,) = ceiling
    return Coins(Folder(), f"{folder}/purse/{kind}", ceiling[kind]).take(10**18, 0)
