"""What a site asks of programs that visit it: robots.txt, read as RFC 9309 says.

`urllib.robotparser` takes the first rule that fits instead of the longest, and `*` and `$` in a path for themselves.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

LARGEST = 1 << 19
"""Bytes that are read; a parser must take 500 KiB."""
LONGEST_DELAY = 10.0
"""Seconds of `Crawl-delay`, which RFC 9309 does not know, that are kept to."""

_NAME = re.compile(r"[A-Za-z_-]+")
_KEPT = "/~!$&'()*+,;=:@?"


@dataclass(frozen=True)
class Rule:
    """A path, with `*` for anything, and whether it may be asked for."""

    parts: tuple[str, ...]
    is_end: bool
    allows: bool
    weight: int

    def fits(self, path: str) -> bool:
        """Whether `path` begins as the rule says; each part is looked for once, so no rule takes long."""
        if not path.startswith(self.parts[0]):
            return False
        at = len(self.parts[0])
        for part in self.parts[1:-1] if self.is_end else self.parts[1:]:
            found = path.find(part, at)
            if found < 0:
                return False
            at = found + len(part)
        if not self.is_end:
            return True
        last = self.parts[-1]
        return path.endswith(last) and len(path) - len(last) >= at if len(self.parts) > 1 else at == len(path)


@dataclass(frozen=True)
class Robots:
    """The rules of a site that hold for one visitor."""

    rules: tuple[Rule, ...] = ()
    delay: float = 0.0
    """Seconds asked for between two requests."""

    def allows(self, path: str) -> bool:
        """Whether `path`, with its query, may be asked for: the longest rule that fits says, of two alike the kinder."""
        normal = normalized(path)
        fits = [(rule.weight, rule.allows) for rule in self.rules if rule.fits(normal)]
        return normal == "/robots.txt" or max(fits, default=(0, True))[1]


def read(content: bytes, user_agent: str) -> Robots:
    """Return what robots.txt asks of the visitor called `user_agent`, or of everybody where it is not named."""
    lines = list(_lines(content[:LARGEST].removeprefix(b"\xef\xbb\xbf").decode(errors="replace")))
    found = _NAME.match(user_agent)
    mine = _of(lines, found.group().lower()) if found else None
    return mine or _of(lines, "*") or Robots()


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in re.split(r"[\r\n]+", text):
        key, colon, value = line.partition("#")[0].partition(":")
        if colon:
            yield key.strip().lower(), value.strip()


def _of(lines: Sequence[tuple[str, str]], name: str) -> Robots | None:
    """Return all that is asked of `name`, in one group or several; None where it is not named."""
    rules: list[Rule] = []
    delay, named, is_named, in_head = 0.0, False, False, False
    for key, value in lines:
        if key == "user-agent":
            is_named = (is_named and in_head) or _product(value) == name
            named, in_head = named or is_named, True
        elif key in ("allow", "disallow", "crawl-delay"):
            in_head = False
            if is_named and key == "crawl-delay":
                delay = max(delay, _seconds(value))
            elif is_named and value:
                rules.append(_rule(value, allows=key == "allow"))
    return Robots(tuple(dict.fromkeys(rules)), delay) if named else None


def _product(value: str) -> str:
    found = _NAME.match(value)
    return found.group().lower() if found else value[:1]


def _seconds(value: str) -> float:
    try:
        return min(max(float(value), 0.0), LONGEST_DELAY)
    except ValueError:
        return 0.0


def _rule(value: str, *, allows: bool) -> Rule:
    is_end = value.endswith("$")
    path = normalized(value.removesuffix("$"))
    return Rule(tuple(re.sub(r"\*+", "*", path).split("*")), is_end, allows, len(value.encode()))


def normalized(path: str) -> str:
    """Return a path with each character that may stand for itself unencoded, and each other encoded."""
    pieces = re.split(r"(%2[Ff]|%3[Ff]|%2[Aa]|%24|%25)", path)  # these mean something else when they are decoded
    plain = [each.upper() if at % 2 else quote(unquote_to_bytes(each), _KEPT) for at, each in enumerate(pieces)]
    return "".join(plain)
