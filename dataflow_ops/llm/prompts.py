"""Prompts are Markdown files: what comes before the first heading is for people, each heading begins a message.

    Judge one question and its answer.

    ## system
    You judge training data …

    ## user
    Question: $question

`$name` is a hole that an op fills with a value of the row; `$$` is a dollar sign.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from string import Template
from typing import Annotated, Any

from dataflow_ops.errors import BadArgument, nearest
from dataflow_ops.llm.chat import Chat

ROLES = ("system", "user", "assistant")
HEADING = re.compile(rf"^##[ \t]+({'|'.join(ROLES)})[ \t]*$", re.MULTILINE)


@dataclass(frozen=True)
class Prompt:
    """Messages with holes. `name` says which prompt of this package it is or stands in for."""

    name: str
    messages: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, name: str, text: str) -> "Prompt":
        """Read a prompt; BadArgument when it has no user message or a `$` that begins no hole."""
        _, *parts = HEADING.split(text)
        messages = tuple((role, body.strip()) for role, body in zip(parts[::2], parts[1::2], strict=True))
        if not any(role == "user" and body for role, body in messages):
            raise BadArgument(f"prompt {name!r}: expected a line '## user' and a message below it; found none")
        for _, body in messages:
            if not Template(body).is_valid():
                raise BadArgument(f"prompt {name!r}: a `$` that begins no hole; write `$$` for a dollar sign")
        return cls(name, messages)

    @cached_property
    def holes(self) -> frozenset[str]:
        """The names of its holes."""
        return frozenset(name for _, body in self.messages for name in Template(body).get_identifiers())

    def check(self, given: Mapping[str, Any]) -> None:
        """Raise BadArgument unless every hole is given a value and every value has a hole."""
        for name in self.holes - given.keys():
            raise BadArgument(f"prompt {self.name!r} has a hole ${name} that nothing fills; {nearest(name, given)}")
        for name in given.keys() - self.holes:
            raise BadArgument(f"prompt {self.name!r} has no hole ${name}; {nearest(name, self.holes)}")

    def fill(self, values: Mapping[str, Any]) -> Chat:
        """Return the messages with `values` in their holes: text as it is, anything else as JSON."""
        shown = {name: value if isinstance(value, str) else _as_json(value) for name, value in values.items()}
        messages = tuple({"role": role, "content": Template(body).substitute(shown)} for role, body in self.messages)
        return Chat(messages, self.name, values)


PromptName = Annotated[str | Prompt, "prompt"]
"""A setting that is a prompt: the name of one of this package, `text/answer`; in a DAG file also a URI or the text itself."""


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def load(prompt: str | Prompt) -> Prompt:
    """Return the prompt of this package called `prompt`; one that is loaded already is given back."""
    return prompt if isinstance(prompt, Prompt) else _load(prompt)


@lru_cache
def _load(prompt: str) -> Prompt:
    if is_text(prompt):
        return Prompt.parse("given", prompt)
    file = files("dataflow_ops").joinpath("prompts", f"{prompt}.md")
    if not re.fullmatch(r"\w+(/\w+)+", prompt) or not file.is_file():
        raise BadArgument(f"there is no prompt {prompt!r}; {nearest(prompt, names())}")
    return Prompt.parse(prompt, file.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Prompts:
    """Where a DAG finds prompts: in this package, in files of its user, or in what its user typed."""

    read: Callable[[str], Any]
    """Returns the bytes of a URI."""
    own: Mapping[str, str]
    """What stands in for prompts of this package, by their names: a URI, or the text itself."""

    def __post_init__(self) -> None:
        for name in self.own.keys() - set(names()):
            raise BadArgument(f"prompts: there is no prompt {name!r} to stand in for; {nearest(name, names())}")

    def find(self, given: str | Prompt, default: str = "") -> Prompt:
        """Return the prompt that a setting means, `default` being the op's own: what it is called in a rehearsal."""
        if isinstance(given, Prompt):
            return given
        chosen = self.own.get(given, given)
        stands_for = given if chosen != given else default or given
        if is_text(chosen):
            return Prompt.parse(stands_for, chosen)
        if "://" in chosen or chosen.endswith(".md"):
            return Prompt.parse(stands_for, self._text(chosen))
        return load(chosen)

    def _text(self, uri: str) -> str:
        try:
            return bytes(self.read(uri)).decode()
        except UnicodeDecodeError as error:
            raise BadArgument(f"prompt {uri!r} is not UTF-8 text: {error}") from error


def is_text(value: str) -> bool:
    """Tell the text of a prompt from a name or a URI."""
    return HEADING.search(value) is not None


def names() -> list[str]:
    """Return the names of all prompts of this package."""
    root = files("dataflow_ops").joinpath("prompts")
    folders = [folder for folder in root.iterdir() if folder.is_dir()]
    found = [f"{folder.name}/{file.name}" for folder in folders for file in folder.iterdir()]
    return sorted(name.removesuffix(".md") for name in found if name.endswith(".md"))
