"""Where the final answer stands in a solution."""

import re
from collections.abc import Iterator

LONGEST = 10_000
"""Characters of a final answer; a box that holds more is none."""

COMMANDS = (r"\boxed", r"\fbox")
BARE = re.compile(r"\s*([+-]?\d[\d.,]*(?:/\d+)?|[A-Za-z])\s*(?=$|[$.;!)\n]|\\[\])])")
"""What `\\boxed 5` holds: a number or a letter, and nothing behind it that might belong to it."""
BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
TAIL = 20_000
"""Characters at the end of a solution in which an answer without a box is looked for."""
SAID = re.compile(r"\banswer(?: is|:)[ \t:]*(?=([^\n]{1,300}))", re.IGNORECASE)
SENTENCE_END = re.compile(r"\.\s")
MARKED = re.compile(r"(?m)^####[ \t]*(\S[^\n]{0,300})$")
DELIMITED = re.compile(r"\$([^$\n]{1,300})\$|\\\(([^\n]{1,300}?)\\\)")


def last_boxed(text: str) -> str | None:
    r"""Return what the last `\boxed` or `\fbox` of `text` holds; None where it is empty, broken or not there.

    A last box that never closes is no answer, even when earlier ones do: the solution was cut off.
    """
    begin = _last_command(text)
    if begin is None:
        return None
    opening = re.compile(r"\s*\{").match(text, begin)
    if opening is None:
        bare = BARE.match(text, begin, begin + 200)
        return bare[1].rstrip(".,") if bare else None
    end = _closing(text, opening.end())
    return (text[opening.end() : end].strip() or None) if end is not None else None


def _last_command(text: str) -> int | None:
    """Return where the last command for a box ends."""
    ends = (_last_of(text, command) for command in COMMANDS)
    return max((end for end in ends if end is not None), default=None)


def _last_of(text: str, command: str) -> int | None:
    at = text.rfind(command)
    while at >= 0:
        end = at + len(command)
        following = text[end : end + 1]
        if not (following.isascii() and following.isalpha()):
            return end
        at = text.rfind(command, 0, at)
    return None


def _closing(text: str, begin: int) -> int | None:
    depth = 1
    for brace in BRACE.finditer(text, begin, begin + LONGEST):
        depth += {"{": 1, "}": -1}.get(brace[0], 0)
        if depth == 0:
            return brace.start()
    return None


def final_answer(text: str, *, boxed_only: bool = True) -> str | None:
    """Return the final answer of a solution: what its last box holds.

    Without `boxed_only`, a solution without any box may also name it behind `####` as GSM8K does, in the last sentence
    "the answer is …", or in its last formula between dollars; the first of these that is there counts.
    """
    if boxed_only or _last_command(text) is not None:
        return last_boxed(text)
    return next((found for each in _candidates(text[-TAIL:]) if (found := each.strip().rstrip(".").strip())), None)


def _candidates(tail: str) -> Iterator[str]:
    for pattern in (MARKED, SAID, DELIMITED):
        found = list(pattern.finditer(tail))
        if found:
            last = next(group for group in found[-1].groups() if group is not None)
            yield SENTENCE_END.split(last)[0] if pattern is SAID else last
