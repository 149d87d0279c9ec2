"""Where a model is reached, by which key, and what it may be asked per minute."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal
from urllib.parse import urlsplit, urlunsplit

from dataflow_ops.errors import BadArgument
from dataflow_ops.llm.prices import Price, price_of

SchemaStyle = Literal["json_schema", "json_object", "prompt"]
STYLES = ("json_schema", "json_object", "prompt")
POSITIVE = ("timeout_s", "connect_s", "attempts", "concurrency", "at_first", "requests_per_minute", "tokens_per_minute")
ENDPOINTS = ("/chat/completions", "/embeddings", "/models")
VERSIONED = re.compile(r"/(v\d\w*|deployments)(/|$)")
"""A path that says its version, or an Azure deployment: taken as it is."""


@dataclass(frozen=True)
class Server:
    """An OpenAI-compatible server and the model on it.

    `url` is the base address, with or without `/v1`. `extra` is added to the body of every request; a field set to None
    there is left out: `{"seed": None}` for servers that do not know it. `schema_style` says how a JSON schema is asked
    for: by `response_format` (`json_schema`, or `json_object` with the schema in words), or in words alone (`prompt`).
    """

    url: str
    model: str
    key: str | None = field(default=None, repr=False)
    timeout_s: float = 120.0
    connect_s: float = 10.0
    attempts: int = 6
    """How often one request is sent at most, when the server fails; a rate limit does not count."""
    concurrency: int = 256
    """The most requests in flight; how many there are follows from how the server bears them."""
    at_first: int = 8
    """Requests in flight to begin with; a server of one's own may get all (`concurrency`) at once."""
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    prices: Price | Mapping[str, float] | None = None
    """US dollars per million tokens, instead of the table's: see `dataflow_ops.llm.prices.read_price`."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    schema_style: SchemaStyle = "json_schema"
    backoff_s: float = 0.5
    """Up to this long before a second try, twice as long before each further one."""

    def __post_init__(self) -> None:
        _check_url(self.url)
        if not self.model:
            raise BadArgument(f"no model is named for {self.shown!r}: expected a name as its /v1/models lists it")
        if self.schema_style not in STYLES:
            raise BadArgument(f"schema_style {self.schema_style!r}: expected one of {', '.join(map(repr, STYLES))}")
        for name in POSITIVE:
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise BadArgument(f"{name}={value!r} of {self.shown!r}: expected more than 0")
        if self.key is not None and not (self.key.strip().isascii() and self.key.strip().isprintable()):
            raise BadArgument(f"the key for {self.shown!r} holds characters that no header can: copy it anew")
        _ = self.price

    @property
    def shown(self) -> str:
        """Return the address as messages show it: without what may be secret."""
        parts = urlsplit(self.url)
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))

    @cached_property
    def price(self) -> Price | None:
        """Return what the model costs, None when nobody knows."""
        return price_of(self.model, self.prices)

    def endpoint(self, path: str) -> str:
        """Return the whole address of `path`, which is one as `/chat/completions`."""
        parts = urlsplit(self.url)
        base = parts.path.rstrip("/")
        for known in ENDPOINTS:
            base = base.removesuffix(known)
        if not VERSIONED.search(base):
            base += "/v1"
        return urlunsplit((parts.scheme, parts.netloc, base + path, parts.query, ""))

    def all_headers(self) -> dict[str, str]:
        """Return the headers of every request, the key among them."""
        key = {"Authorization": f"Bearer {self.key.strip()}"} if self.key and self.key.strip() else {}
        return {"Content-Type": "application/json", **key, **self.headers}

    def hide(self, text: str) -> str:
        """Return `text` without the key, should a server have repeated it."""
        secret = (self.key or "").strip()
        return text.replace(secret, "***") if len(secret) > 3 else text


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        whole = False
    if not whole:
        raise BadArgument(f"{url.rpartition('@')[2]!r} is no address of a server: expected https://host/v1")
    if parts.username or parts.password:
        raise BadArgument(f"the address of {parts.hostname!r} holds a user or password: give the key as `key`")
