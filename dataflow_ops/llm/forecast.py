"""What asking will take, said before it begins and again once the first answers are there."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

from dataflow_ops.llm.chat import Request, Usage

log = logging.getLogger(__name__)

SAMPLE = 50
"""Requests that the first estimate looks at."""
FIRST = 32
"""Answers after which the estimate is made again from what they took."""
BYTES_PER_TOKEN = 4
"""Of English text; a tokenizer of its own would have to be fetched for every model."""

Price = Callable[[int, int], float | None]
"""Dollars for so many prompt tokens and so many completion tokens; None when no price is known."""


@dataclass(frozen=True)
class Estimate:
    """What the rest of a batch is expected to take."""

    of: str
    """`prompts`: from what will be asked, answers as long as they may be; `answers`: from the first answers."""
    requests: int
    prompt_tokens: int
    completion_tokens: int
    cost: float | None
    seconds: float | None = None

    def __str__(self) -> str:
        money = "price unknown" if self.cost is None else f"${self.cost:,.4f}" if self.cost else "no cost"
        most = "at most " if self.of == "prompts" else ""
        took = "" if self.seconds is None else f", {self.seconds:,.0f} s"
        return (
            f"{self.requests:,} requests, about {self.prompt_tokens:,} prompt and {most}{self.completion_tokens:,} "
            f"completion tokens, {most}{money}{took}"
        )


class Forecast:
    """The estimates of one task, one pair for each time it asks."""

    def __init__(self, model: str, price: Price):
        self.model, self.price = model, price
        self.about = ""
        """The op that asks: of each only the first estimates of a task are logged, not those of every shard."""
        self.share = 1.0
        """Which part of the rows of its batch the task is asking about: estimates are for all of them."""
        self.made: list[Estimate] = []
        self._ahead, self._seen, self._spent, self._since = 0, 0, Usage(), 0.0
        self._told: set[tuple[str, str]] = set()

    def begin(self, requests: Sequence[Request], known: int) -> None:
        """Estimate what `requests` will take; `known` more are answered already."""
        self._ahead, self._seen, self._spent, self._since = len(requests), 0, Usage(), time.monotonic()
        if not requests:
            log.info("%s: nothing to ask, %s answers are known", self.model, f"{known:,}")
            return
        first = requests[:SAMPLE]
        prompt = sum(map(_prompt_tokens, first)) / len(first) * len(requests)
        completion = sum(request.sampling.max_tokens for request in first) / len(first) * len(requests)
        self._say(self._estimate("prompts", prompt, completion))

    def answered(self, usage: Usage) -> None:
        """Estimate again when the first answers are there."""
        self._seen, self._spent = self._seen + 1, self._spent + usage
        if self._seen != min(FIRST, self._ahead):
            return
        ratio, spent = self._ahead / self._seen, self._spent
        estimate = self._estimate("answers", spent.prompt_tokens * ratio, spent.completion_tokens * ratio)
        cost = None if spent.cost is None else spent.cost * ratio / self.share
        seconds = (time.monotonic() - self._since) * ratio / self.share
        self._say(replace(estimate, cost=cost, seconds=round(seconds, 1)))

    def _estimate(self, of: str, prompt: float, completion: float) -> Estimate:
        requests, tokens = round(self._ahead / self.share), (round(prompt / self.share), round(completion / self.share))
        return Estimate(of, requests, *tokens, self.price(*tokens))

    def _say(self, estimate: Estimate) -> None:
        self.made.append(estimate)
        level = logging.DEBUG if (self.about, estimate.of) in self._told else logging.INFO
        self._told.add((self.about, estimate.of))
        who = f"{self.about}, {self.model}" if self.about else self.model
        log.log(level, "%s: the batch will take %s (from its first %s)", who, estimate, estimate.of)

    def as_json(self) -> list[dict[str, object]]:
        """Return plain data for a manifest, and begin anew."""
        made, self.made = self.made, []
        return [asdict(each) for each in made]


def _prompt_tokens(request: Request) -> int:
    content = sum(len(str(message["content"]).encode()) for message in request.chat.messages)
    return content // BYTES_PER_TOKEN + 4 * len(request.chat.messages)
