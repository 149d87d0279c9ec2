"""What servers say instead of an answer, in their many wordings, and whom it concerns."""

import re
from collections.abc import Set
from dataclasses import dataclass

from dataflow_ops.llm.chat import Failure, Kind

OWN_TOKEN_LIMIT = re.compile(r"(openai/)?(o\d|gpt-5)")
"""Models that count their thoughts: they refuse `max_tokens` and want `max_completion_tokens`."""

TOO_LONG = re.compile(
    r"context (length|window|size)|reduce the length|prompt is too long|too long to fit|maximum model length"
    r"|maximum input length|max_model_len|input is too long|string too long|string_above_max_length"
    r"|inputs` tokens|token count .* exceeds|too many (input )?tokens|exceeds? the (maximum|max) .*tokens"
    r"|tokens in the messages",
    re.IGNORECASE,
)
"""OpenAI, vLLM (three generations), SGLang, llama.cpp, TGI, Anthropic, Gemini, Groq."""
ABOVE_RATE = re.compile(r"request too large", re.IGNORECASE)
"""A 429 that no waiting helps: the request alone is more than a minute's tokens."""
FILTERED = re.compile(r"content[_ ](filter|management|policy)|moderation|flagged|safety", re.IGNORECASE)
WRONG_KEY = re.compile(r"(invalid|incorrect|wrong|missing) (api|access)[ _-]?key|api key not valid", re.IGNORECASE)
NO_MONEY = re.compile(r"credit balance is too low|insufficient (balance|credits?|funds)", re.IGNORECASE)
NO_MODEL = re.compile(
    r"not a valid model|model .{1,200} (does not exist|is not (found|available|supported))", re.IGNORECASE
)
NO_MONEY_CODES = {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "insufficient_balance"}
NO_MODEL_CODES = {"model_not_found", "invalid_model", "DeploymentNotFound"}
NOW_TOO_MANY = {429, 503, 529}

CURE_KEY = "check the key, and that it may use this model"
CURE_MODEL = "check the address and the model's name"
CURE_MONEY = "add to the account or raise its limit, then clear the task: answers so far are kept"


@dataclass(frozen=True)
class Setback:
    """No outcome yet: the same request may be answered when it is sent again."""

    kind: Kind
    detail: str
    throttled: bool = False
    """The server has too much to do, or we asked too often."""
    limited: bool = False
    """We asked too often: no failure of the request."""
    unreachable: bool = False
    """Nothing was sent: there is nobody at the address."""


@dataclass(frozen=True)
class Refusal:
    """What concerns every request: none would be answered."""

    detail: str
    cure: str


def refusal_of(status: int, words: str, codes: Set[str]) -> Failure | Setback | Refusal:
    """Return what a status other than 200 means, given what the server said and the codes it gave."""
    said = f"{status}: {words}"
    if codes & NO_MONEY_CODES or status == 402 or (status < 500 and NO_MONEY.search(words)):
        return Refusal(said, CURE_MONEY)
    if status == 413 or "context_length_exceeded" in codes or _too_long(status, words):
        return Failure(Kind.TOO_LONG, said)
    if status == 401:
        return Refusal(said, CURE_KEY)
    if status in (400, 403, 422):
        return _declined(status, said, words, codes)
    if status == 429 or status >= 500 or status in (408, 409, 425):
        kind = Kind.TIMEOUT if status == 408 else Kind.SERVER
        return Setback(kind, said, throttled=status in NOW_TOO_MANY, limited=status == 429)
    return Refusal(said, CURE_MODEL)


def _too_long(status: int, words: str) -> bool:
    wordings = {400: TOO_LONG, 422: TOO_LONG, 429: ABOVE_RATE}
    return status in wordings and wordings[status].search(words) is not None


def _declined(status: int, said: str, words: str, codes: Set[str]) -> Failure | Refusal:
    if codes & NO_MODEL_CODES or NO_MODEL.search(words):
        return Refusal(said, CURE_MODEL)
    if WRONG_KEY.search(words):
        return Refusal(said, CURE_KEY)
    filtered = next((code for code in codes if FILTERED.search(code)), "")
    if status == 403 and not (filtered or FILTERED.search(words)):
        return Refusal(said, CURE_KEY)
    return Failure(Kind.REFUSED, f"{said} ({filtered})" if filtered else said)


def about_this_row(failure: Failure) -> bool:
    """Return whether a failure plainly concerns one row alone: its length, or what it speaks of."""
    return failure.kind is Kind.TOO_LONG or not failure.detail.startswith("4") or bool(FILTERED.search(failure.detail))


def gist(failure: Failure) -> str:
    """Return the words of a failure without numbers and quotations: the same for all rows when the cause is."""
    return re.sub(r"'[^']*'|\"[^\"]*\"|\d+", "#", failure.detail)
