"""A hard ceiling on what a DAG run spends: tokens, money or both, shared by all its tasks on all machines."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from math import ceil, inf
from threading import RLock
from types import TracebackType
from typing import Any

import orjson

from dataflow_ops.errors import BadArgument, CeilingReached
from dataflow_ops.llm.chat import Backend, Completion, Done, Failure, Kind, Message, Request
from dataflow_ops.llm.coins import Coins
from dataflow_ops.store import Store

BYTES_PER_TOKEN = 3
"""Fewer than text has by any current tokenizer: English has 4 to 5, Chinese 3 to 4, code about 3."""
MESSAGE_TOKENS = 8
"""What the template of a model puts around a message, at most."""
PART_TOKENS = 2_000
"""What a part of a message that is no text takes, such as an image."""
NANO = 1_000_000_000
"""Money is counted in billionths of a dollar: whole numbers, and small enough for the price of a token."""
AHEAD = 8
"""Requests whose needs are taken from the store at a time."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 2.0
"""Between two looks whether other tasks gave back."""
SHARES = 2_048
"""Into how many parts a sum is split at most, before it is scarce."""
UNPAID = {Kind.EMPTY, Kind.TOO_LONG, Kind.SERVER, Kind.UNANSWERED}
"""Failures for which no provider charges; after a time-out or a refusal all that was reserved counts as spent."""

Price = Callable[[str, int, int], float | None]
"""Dollars for so many prompt and completion tokens of a model, None when no price is known."""


class Account:
    """What one task holds of a sum: what it spent, what it reserved for requests under way, and what is left in hand."""

    def __init__(self, coins: Coins, says: Callable[[int], str], cure: str):
        self.coins, self.says, self.cure = coins, says, cure
        self.spent = self.in_hand = self.under_way = 0
        self.reserved: dict[bytes, int] = {}

    def fetch(self, needed: int) -> bool:
        """Have as much in hand as a request needs; return False when so much is not to be had."""
        if self.in_hand < needed:
            self.in_hand += self.coins.take(needed - self.in_hand, self._share(needed))
        return self.in_hand >= needed

    def reserve(self, key: bytes, needed: int) -> bool:
        """Set aside what a request needs; return False when so much is not to be had."""
        if not self.fetch(needed):
            return False
        self.in_hand -= needed
        self.under_way += needed
        self.reserved[key] = needed
        return True

    def settle(self, key: bytes, took: int) -> None:
        """Book what a request took, and give back what came together in hand."""
        needed = self.reserved.pop(key)
        self.in_hand += needed - took
        self.under_way -= needed
        self.spent += took
        share = self._share(needed)
        if self.in_hand > 4 * share:
            self._give(self.in_hand - 2 * share)

    def close(self) -> None:
        """Give back what is left; what is still reserved counts as spent, and more is taken where the estimate was low."""
        self.spent += self.under_way
        self.under_way = 0
        self.reserved.clear()
        if self.in_hand < 0:
            self.in_hand += self.coins.take(-self.in_hand, 0)
        elif self.in_hand:
            self._give(self.in_hand)

    def reached(self) -> CeilingReached:
        """Return what to raise when no more is to be had."""
        return CeilingReached(
            f"the run has reached its ceiling of {self.says(self.coins.ceiling)}: this task has spent "
            f"{self.says(self.spent)}, and {self.says(self.under_way)} are reserved for requests under way; raise {self.cure} "
            "and clear the task: nothing that is paid for is asked again"
        )

    def _share(self, needed: int) -> int:
        """Return how much is taken at a time: more when many requests are under way, never a large part of the sum."""
        return max(AHEAD * needed, self.under_way // 4, self.coins.ceiling // SHARES)

    def _give(self, value: int) -> None:
        self.coins.give(value)
        self.in_hand -= value


class Purse(AbstractContextManager["Purse"]):
    """What all tasks that name the same `folder` may spend together; None is no ceiling. Safe to use from threads.

    `before` reserves what a request may take at most: its prompt, estimated as a third of its bytes, and `max_tokens`;
    `settle` books what it took by the server's count. `money` is in US dollars, by `price`.
    """

    def __init__(
        self,
        store: Store,
        folder: str,
        *,
        tokens: int | None = None,
        money: float | None = None,
        price: Price = lambda *_: None,
        patience_s: float = 30.0,
    ):
        self.price, self.patience_s = price, patience_s
        self._lock = RLock()
        self._worst = 1.0
        self._short: tuple[Account, int] | None = None
        self.tokens = self.money = None
        if tokens is not None:
            coins = Coins(store, f"{folder}/tokens", _ceiling("tokens", tokens, 1))
            self.tokens = Account(coins, lambda units: f"{units:,} tokens", "the ceiling on tokens")
        if money is not None:
            coins = Coins(store, f"{folder}/money", _ceiling("money", money, NANO))
            self.money = Account(coins, lambda units: f"${units / NANO:,.4f}", "the ceiling on money")

    def before(self, request: Request) -> None:
        """Reserve what `request` may take; raise CeilingReached when so much is not to be had now.

        A request that is sent again is not reserved for again.
        """
        with self._lock:
            for account, needed in self._needs(request):
                if request.key not in account.reserved and not account.reserve(request.key, needed):
                    self._release(request.key)
                    self._short = account, needed
                    raise account.reached()

    def wait(self) -> bool:
        """Wait until other tasks gave back what `before` did not find; return False when none of them does any more.

        That is when for `patience_s` nobody took or gave anything.
        """
        if self._short is None:
            return False
        account, needed = self._short
        until, seen, pause = time.monotonic() + self.patience_s, account.coins.seen, FIRST_PAUSE_S
        while not self._fetched(account, needed):
            if seen != account.coins.seen:
                until, seen = time.monotonic() + self.patience_s, account.coins.seen
            if time.monotonic() >= until:
                return False
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)
        return True

    def _fetched(self, account: Account, needed: int) -> bool:
        with self._lock:
            return account.fetch(needed)

    def settle(self, request: Request, outcome: Completion | Failure) -> None:
        """Book what `request` took; a request that nothing is reserved for is left alone."""
        with self._lock:
            self._learn(request, outcome)
            for account in self._accounts():
                if request.key in account.reserved:
                    account.settle(request.key, self._took(account, request, outcome))

    def close(self) -> None:
        """Give back what this task did not spend."""
        with self._lock:
            for account in self._accounts():
                account.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _accounts(self) -> list[Account]:
        return [account for account in (self.tokens, self.money) if account]

    def _release(self, key: bytes) -> None:
        for account in self._accounts():
            if key in account.reserved:
                account.settle(key, 0)

    def _needs(self, request: Request) -> list[tuple[Account, int]]:
        accounts = self._accounts()
        if not accounts:
            return []
        prompt, completion = ceil(prompt_tokens(request) * self._worst), request.sampling.max_tokens
        return [(account, self._units(account, request.model, prompt, completion)) for account in accounts]

    def _units(self, account: Account, model: str, prompt: int, completion: int) -> int:
        if account is self.tokens:
            return prompt + completion
        dollars = self.price(model, prompt, completion)
        if dollars is None:
            raise BadArgument(
                f"no price is known for {model!r}, so that a ceiling on money cannot be kept: give its price, or set a "
                "ceiling on tokens instead"
            )
        return ceil(dollars * NANO)

    def _took(self, account: Account, request: Request, outcome: Completion | Failure) -> int:
        if isinstance(outcome, Failure) and not outcome.usage.requests:
            return 0 if outcome.kind in UNPAID else account.reserved[request.key]
        usage = outcome.usage
        if account is self.money and usage.cost is not None:
            return ceil(usage.cost * NANO)
        return self._units(account, request.model, usage.prompt_tokens, usage.completion_tokens)

    def _learn(self, request: Request, outcome: Completion | Failure) -> None:
        # Where a tokenizer makes more tokens than expected of one prompt, it will of the next.
        if isinstance(outcome, Completion) and outcome.usage.requests == 1:
            self._worst = max(self._worst, outcome.usage.prompt_tokens / max(1, prompt_tokens(request)))


def _ceiling(name: str, value: float, units: int) -> int:
    if not 0 <= value < inf:
        raise BadArgument(f"{name}={value!r}: expected a ceiling of 0 or more, or None for no ceiling")
    return int(value * units)


def prompt_tokens(request: Request) -> int:
    """Estimate the tokens of what is sent, rather too many than too few: a third of its bytes in UTF-8, rounded up."""
    schema = len(orjson.dumps(dict(request.schema))) if request.schema else 0
    return ceil(schema / BYTES_PER_TOKEN) + sum(map(_message_tokens, request.chat.messages))


def _message_tokens(message: Message) -> int:
    content: Any = message["content"]
    parts: Sequence[Mapping[str, Any]] = [{"text": content}] if isinstance(content, str) else content or ()
    return MESSAGE_TOKENS + sum(
        ceil(len(part["text"].encode()) / BYTES_PER_TOKEN) if "text" in part else PART_TOKENS for part in parts
    )


class Bounded:
    """A backend that asks on at the ceiling for as long as answers, or other tasks, give back what was reserved for them.

    `backend` must call `purse.before` for each request that it sends. Answers are settled here.
    """

    def __init__(self, backend: Backend, purse: Purse):
        self.backend, self.purse, self.model = backend, purse, backend.model

    def complete(self, requests: Sequence[Request], done: Done) -> None:
        """Ask `requests`; raise CeilingReached when not even one more can be paid."""
        left = {request.key: request for request in requests}

        def settled(request: Request, outcome: Completion | Failure) -> None:
            left.pop(request.key, None)
            done(request, outcome)
            self.purse.settle(request, outcome)

        while left:
            before = len(left)
            try:
                self.backend.complete(list(left.values()), settled)
            except CeilingReached:
                if len(left) == before and not self.purse.wait():
                    raise

    def embed(self, texts: Sequence[str]) -> list[list[float] | Failure]:
        """Return a vector for each text, in order; vectors are not counted."""
        return self.backend.embed(texts)

    def close(self) -> None:
        """Let go of the backend, and give back what was not spent."""
        try:
            self.backend.close()
        finally:
            self.purse.close()
