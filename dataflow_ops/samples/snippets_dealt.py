"""Files of code dealt to files of several formats, with the truth about every one beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from dataflow_ops.samples.dealt import TRUTH, Hand, deal

__all__ = ["NAMES", "TRUTH", "Snippet", "key", "write"]

NAMES = {
    "files.jsonl": ("content", "path"),
    "files.csv": ("code", "file_name"),
    "files.parquet": ("content", "path"),
}
"""What the text of a file of code and its name are called in each file."""

Publish = Literal["yes", "no", "either"]


@dataclass(frozen=True)
class Snippet:
    """A file of code and the truth about it: `function` can be tested, `secrets` must not be published."""

    code: Any
    path: str | None = None
    language: str | None = None
    function: str | None = None
    kind: str = "sound"
    publish: Publish = "yes"
    fault: str | None = None
    of: int | None = None
    secrets: tuple[str, ...] = ()
    licence: str | None = None


def write(folder: Path, snippets: Sequence[Snippet], seed: int) -> None:
    """Write `files.jsonl`, `files.csv`, `files.parquet` and the truth into `folder`, in random order.

    What is hard to read is a line of the first file. BadArgument for a folder that holds anything.
    """
    deal(folder, snippets, Hand(NAMES, (3, 1, 2), _record, _truth, lambda snippet: snippet.kind == "hostile"), seed)


def _record(number: int, snippet: Snippet, names: tuple[str, ...]) -> Mapping[str, Any]:
    """Return the fields of a row: one without code lacks the field, as one without a name does."""
    code, path = names
    return {"key": key(number), code: snippet.code, path: snippet.path, "source": f"repository {number % 7 + 1}"}


def key(number: int) -> str:
    """Return what tells a file from others."""
    return f"snippet-{number:03}"


def _truth(number: int, snippet: Snippet) -> Mapping[str, Any]:
    return {
        "key": key(number),
        "kind": snippet.kind,
        "language": snippet.language,
        "function": snippet.function,
        "publish": snippet.publish,
        "fault": snippet.fault,
        "of": None if snippet.of is None else key(snippet.of),
        "secrets": list(snippet.secrets),
        "licence": snippet.licence,
    }
