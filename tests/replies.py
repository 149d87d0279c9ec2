"""What the model server of the tests answers when nothing goes wrong, or when the row is at fault."""

import hashlib
import json
from collections.abc import Callable
from typing import Any


def chance(*of: Any) -> float:
    """Return a number in [0, 1) that depends on nothing but `of`."""
    return int.from_bytes(hashlib.blake2b(repr(of).encode(), digest_size=6).digest(), "big") / 2**48


def instance(schema: dict[str, Any]) -> Any:
    """Return something small that fits a JSON schema."""
    if "enum" in schema or "const" in schema:
        return schema.get("enum", [schema.get("const")])[0]
    if "anyOf" in schema:
        return instance(schema["anyOf"][0])
    kinds: dict[str, Callable[[], Any]] = {
        "object": lambda: {name: instance(inner) for name, inner in schema.get("properties", {}).items()},
        "array": lambda: [instance(schema["items"]) for _ in range(max(1, schema.get("minItems", 1)))],
        "boolean": lambda: True,
        "null": lambda: None,
        "string": lambda: "words".ljust(schema.get("minLength", 0), "."),
    }
    number = schema.get("minimum", min(1, schema.get("maximum", 1)))
    return kinds.get(schema.get("type", "string"), lambda: number)()


def text_of(content: Any) -> str:
    """Return the text of a message, which may come in parts."""
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def completion(asked: dict[str, Any], content: str, what: str) -> dict[str, Any]:
    """Return the body of an answer to a chat."""
    schema = asked.get("response_format", {}).get("json_schema", {}).get("schema")
    text = json.dumps(instance(schema)) if schema else f"answer to {content[:200]}"
    message: dict[str, Any] = {"role": "assistant", "content": text}
    finish = "stop"
    if what == "refusing":
        message = {"role": "assistant", "content": None, "refusal": "I cannot help with that"}
    elif what == "filtered":
        message, finish = {"role": "assistant", "content": ""}, "content_filter"
    elif what == "wrong_answer":
        message["content"] = '{"wrong": '
    usage = {"prompt_tokens": len(content) // 4 + 1, "completion_tokens": len(text) // 4 + 1}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    if what == "wrong_shape":
        return {"object": "chat.completion", "choices": [], "usage": usage}
    return {"object": "chat.completion", "model": asked["model"], "choices": [choice], "usage": usage}


def vectors(texts: list[str]) -> dict[str, Any]:
    """Return the body of an answer to texts, in another order than theirs."""
    data = [{"index": index, "embedding": [chance(text, part) for part in "abc"]} for index, text in enumerate(texts)]
    return {"object": "list", "data": data[::-1], "usage": {"prompt_tokens": sum(len(text) // 4 + 1 for text in texts)}}
