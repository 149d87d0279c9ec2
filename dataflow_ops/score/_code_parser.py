"""Parse code files in a child process, each in a limited time."""

import json
from collections.abc import Iterable, Iterator

from dataflow_ops.child import Child, Lost
from dataflow_ops.grammars import LANGUAGES, Verdict

MEMORY = 2 << 30
"""Bytes that the child may take; of Python about 700 for each byte of a file at worst."""


def parsed(files: Iterable[tuple[str | None, str | None]], seconds: float) -> Iterator[Verdict | None]:
    """Yield for each code and its language what could not be read of it; None where there is no grammar or no code.

    A file that takes longer than `seconds`, or ends the child, could not be read at all.
    """
    with Child("dataflow_ops.grammars", MEMORY) as child:
        for code, language in files:
            if code is None or language not in LANGUAGES:
                yield None
            else:
                yield _asked(child, code, language, seconds)


def _asked(child: Child, code: str, language: str, seconds: float) -> Verdict:
    body = code.encode()
    question = json.dumps([language, len(body)]).encode() + b"\n" + body
    try:
        share, wrong = child.ask(question, seconds)
    except Lost as lost:
        return 1.0, f"not parsed within {seconds:g} s: {lost}"
    return share, wrong and f"not valid {language}: {wrong}"
