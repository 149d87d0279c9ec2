"""What answers cost: a table of prices as data (`prices.json`), the longest name that fits, and prices of one's own."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from dataflow_ops.errors import BadArgument

MILLION = 1_000_000
EDITION = re.compile(r"([-@:](\d[\w.-]*|v\d[\w.-]*|latest|preview[\w.-]*))?")
"""What may follow a name in the table and cost the same: a date or a version. `-pro`, `-audio` and `.5` may not."""


@dataclass(frozen=True)
class Price:
    """US dollars per million tokens; `cached` is the price of prompt tokens that the provider had in its cache."""

    input: float
    output: float
    cached: float | None = None

    def __post_init__(self) -> None:
        for value in (self.input, self.output, self.cached):
            if value is not None and not (math.isfinite(value) and value >= 0):
                raise BadArgument(f"a price of {value!r}: expected US dollars per million tokens, 0 or more")

    def of(self, prompt_tokens: int, completion_tokens: int, cached_tokens: int = 0) -> float:
        """Return US dollars; `cached_tokens` are among `prompt_tokens`."""
        cached = min(cached_tokens, prompt_tokens)
        reduced = self.input if self.cached is None else self.cached
        return ((prompt_tokens - cached) * self.input + cached * reduced + completion_tokens * self.output) / MILLION


def price_of(model: str, override: Price | Mapping[str, float] | None = None) -> Price | None:
    """Return what `model` costs, by `override` where given; None when nobody knows."""
    if override is not None:
        return override if isinstance(override, Price) else read_price(override)
    return _listed(model.lower())


def cost(
    model: str,
    prompt_tokens: int,
    completion_tokens: int,
    cached_tokens: int = 0,
    *,
    override: Price | Mapping[str, float] | None = None,
) -> float | None:
    """Return US dollars for an answer, None when no price is known."""
    price = price_of(model, override)
    return None if price is None else price.of(prompt_tokens, completion_tokens, cached_tokens)


def read_price(values: Mapping[str, float]) -> Price:
    """Make a price of `{"input": 0.15, "output": 0.6, "cached": 0.075}`; `cached` may be left out."""
    try:
        return Price(**{name: float(value) for name, value in values.items()})
    except (TypeError, ValueError, AttributeError) as error:
        raise BadArgument(
            f"{values!r} is no price: expected US dollars per million tokens, as "
            '{"input": 0.15, "output": 0.6, "cached": 0.075}; "cached" may be left out'
        ) from error


def checked() -> str:
    """Return the day on which the table was last compared with the providers' pages."""
    return str(_file()["checked"])


@cache
def _listed(model: str) -> Price | None:
    prices = _file()["usd_per_million_tokens"]
    names = [name for name in prices if model.startswith(name) and EDITION.fullmatch(model[len(name) :])]
    return read_price(prices[max(names, key=len)]) if names else None


@cache
def _file() -> dict:
    return json.loads(files(__package__).joinpath("prices.json").read_text("utf-8"))
