"""Requests as OpenAI-compatible servers read them, and what their responses mean."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from dataflow_ops.llm.chat import Completion, Failure, Kind, Message, Request, Usage
from dataflow_ops.llm.refusals import OWN_TOKEN_LIMIT, Refusal, Setback, refusal_of
from dataflow_ops.llm.server import Server

Outcome = Completion | Failure | Setback | Refusal
"""An answer; why this request has none; why it is asked again; why no request will be answered."""
SHOWN = 500
"""Characters of a server's words that a message repeats."""
IN_WORDS = "Answer with one JSON object and nothing else, no code fence. It must fit this JSON schema:\n{schema}"  # also: "JSON"
FINISHES = {"length": "length", "max_tokens": "length"}


def body(request: Request, server: Server) -> dict[str, Any]:
    """Return the JSON body of a chat request.

    The seed sent is that of the request plus its sample number, so that several answers to one question differ.
    """
    sampling = request.sampling
    limit = "max_completion_tokens" if OWN_TOKEN_LIMIT.match(server.model) else "max_tokens"
    fields = {
        "model": server.model,
        "messages": list(request.chat.messages),
        limit: sampling.max_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "seed": sampling.seed + request.sample,
        **(_form(request, server) if request.schema is not None else {}),
        **server.extra,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _form(request: Request, server: Server) -> dict[str, Any]:
    if server.schema_style == "json_schema":
        named = {"name": "answer", "strict": True, "schema": request.schema}
        return {"response_format": {"type": "json_schema", "json_schema": named}}
    words = IN_WORDS.format(schema=json.dumps(request.schema, ensure_ascii=False))
    asked = {"messages": _with_words(request.chat.messages, words)}
    return asked if server.schema_style == "prompt" else {**asked, "response_format": {"type": "json_object"}}


def _with_words(messages: Sequence[Message], words: str) -> list[Message]:
    """Put `words` under the last message: not every model knows system messages."""
    *before, last = messages
    content = last["content"]
    longer = f"{content}\n\n{words}" if isinstance(content, str) else [*content, {"type": "text", "text": words}]
    return [*before, {**last, "content": longer}]


def embedding_body(texts: Sequence[str], server: Server) -> dict[str, Any]:
    """Return the JSON body that asks for a vector of each text."""
    fields = {"model": server.model, "input": list(texts), "encoding_format": "float", **server.extra}
    return {name: value for name, value in fields.items() if value is not None}


def outcome(status: int, payload: bytes | Mapping[str, Any], server: Server) -> Outcome:
    """Return what the response to a chat request means; `payload` is its body, raw or parsed."""
    answer = _parsed(payload)
    problem = _problem(status, answer, payload, server)
    return problem or _completion(answer, server)


@dataclass(frozen=True)
class Vectors:
    """The vectors of several texts, in their order."""

    rows: list[list[float]]
    usage: Usage


def vectors(status: int, payload: bytes, server: Server, count: int) -> Vectors | Failure | Setback | Refusal:
    """Return the vectors of a response in the order of its `count` texts, or what went wrong."""
    answer = _parsed(payload)
    problem = _problem(status, answer, payload, server)
    if problem:
        return problem
    try:
        found = {item["index"]: list(map(float, item["embedding"])) for item in answer["data"]}
        return Vectors([found[index] for index in range(count)], _usage(answer, server))
    except (KeyError, TypeError, ValueError):
        return Setback(Kind.SERVER, f"an answer without {count} vectors: {_shown(payload, server)}")


def charged(payload: bytes | Mapping[str, Any], server: Server) -> Usage:
    """Return what a response with status 200 says it took, whether or not it can be used."""
    answer = _parsed(payload)
    return _usage(answer, server) if isinstance(answer, dict) and "error" not in answer else Usage()


def _parsed(payload: bytes | Mapping[str, Any]) -> Any:
    if isinstance(payload, Mapping):
        return payload
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        pass
    try:  # half a surrogate pair, which Python servers send and orjson refuses
        text = json.dumps(json.loads(payload), ensure_ascii=False).encode("utf-8", "replace")
        return orjson.loads(text)
    except (ValueError, RecursionError):
        return None


def _problem(status: int, answer: Any, payload: Any, server: Server) -> Failure | Setback | Refusal | None:
    error = answer.get("error") if isinstance(answer, dict) else None
    if status == 200 and not error:
        return None if isinstance(answer, dict) else Setback(Kind.SERVER, f"no JSON object: {_shown(payload, server)}")
    if status == 200:  # gateways say so when the server behind them failed
        code = error.get("code") if isinstance(error, dict) else None
        status = code if isinstance(code, int) and 400 <= code < 600 else 500
    return refusal_of(status, _words(answer, payload, server), _codes(answer))


def _words(answer: Any, payload: Any, server: Server) -> str:
    """Return what the server said: the forms of OpenAI, vLLM, FastAPI and others, else the body itself."""
    for name in ("error", "message", "detail"):
        said = answer.get(name) if isinstance(answer, dict) else None
        said = said.get("message") if isinstance(said, dict) else said
        if said:
            return server.hide(said if isinstance(said, str) else json.dumps(said, ensure_ascii=False))[:SHOWN]
    return _shown(payload, server)


def _codes(answer: Any) -> set[str]:
    error = answer.get("error", answer) if isinstance(answer, dict) else None
    return {str(error.get(name)) for name in ("code", "type")} if isinstance(error, dict) else set()


def _shown(payload: Any, server: Server) -> str:
    text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else json.dumps(payload, ensure_ascii=False)
    return server.hide(" ".join(text[:SHOWN].split())) or "(an empty body)"


def _completion(answer: Mapping[str, Any], server: Server) -> Completion | Failure | Setback:
    try:
        choice = answer["choices"][0]
        message, finish = choice["message"], choice.get("finish_reason")
        text = _text(message.get("content"))
    except (KeyError, IndexError, TypeError, AttributeError):
        return Setback(Kind.SERVER, f"an answer of another form: {_shown(answer, server)}")
    if message.get("refusal"):
        return Failure(Kind.REFUSED, server.hide(str(message["refusal"]))[:SHOWN])
    if finish == "content_filter":
        return Failure(Kind.REFUSED, "the content filter stopped the answer")
    if finish == "error":
        return Setback(Kind.SERVER, "the server gave up in the middle of the answer")
    return Completion(text, FINISHES.get(finish, "stop"), _usage(answer, server))


def _text(content: Any) -> str:
    if isinstance(content, list):
        return "".join(part.get("text") or "" for part in content)
    if content is not None and not isinstance(content, str):
        raise TypeError
    return content or ""


def _usage(answer: Mapping[str, Any], server: Server) -> Usage:
    said = answer.get("usage")
    if not isinstance(said, dict):
        return Usage(requests=1, cost=None)
    details = said.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else said.get("prompt_cache_hit_tokens")
    prompt, completion = _count(said.get("prompt_tokens")), _count(said.get("completion_tokens"))
    cost = server.price.of(prompt, completion, _count(cached)) if server.price else None
    billed = said.get("cost")
    if server.prices is None and isinstance(billed, int | float) and billed >= 0:
        cost = float(billed)  # OpenRouter says what it charged
    return Usage(requests=1, prompt_tokens=prompt, completion_tokens=completion, cost=cost)


def _count(value: Any) -> int:
    return int(value) if isinstance(value, int | float) and value > 0 else 0


@dataclass(frozen=True)
class Listed:
    """The models that a server says it has; None where it does not say."""

    models: tuple[str, ...] | None


def listed(status: int, payload: bytes, server: Server) -> Listed | Failure | Setback | Refusal:
    """Return what the response to /v1/models means."""
    answer = _parsed(payload)
    if status == 404:
        return Listed(None)  # some gateways answer chats alone
    problem = _problem(status, answer, payload, server)
    if problem:
        return problem
    names = answer.get("data")
    if not isinstance(names, list):
        return Listed(None)
    return Listed(tuple(str(item.get("id")) for item in names if isinstance(item, dict)))
