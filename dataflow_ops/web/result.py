"""What comes of asking for an address: its content, or why there is none."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["refused", "robots", "not found", "time", "too large", "error"]
"""Refused is what is not even asked for: an address inside a network, a URL that is none."""


@dataclass(frozen=True)
class Page:
    """What an address holds."""

    content: bytes
    content_type: str
    """What the content is by its first bytes, `application/pdf`."""
    charset: str | None
    """The character set that the server names, where it names one that exists."""
    url: str
    """The address that gave the content, after all redirects."""


@dataclass(frozen=True)
class Fault:
    """Why an address gave nothing."""

    kind: Kind
    detail: str

    def __str__(self) -> str:
        """Say it in characters that can be written: a server's words may hold any bytes."""
        detail = "".join(each if each.isprintable() else "\ufffd" for each in self.detail)
        return f"{self.kind}: {detail}"
