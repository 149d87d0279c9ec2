"""URLs looked at before anything is asked: what is no plain address of the web is refused."""

import re
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from dataflow_ops.errors import BadArgument
from dataflow_ops.web.address import Address, Network, Reach
from dataflow_ops.web.result import Fault

if TYPE_CHECKING:
    from yarl import URL

LONGEST = 8_000
"""Characters of a URL; few servers take more."""
SHOWN = 200

_PLAIN = re.compile(r"[!-~]+")
_HIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\\\u2028\u2029]")
_HOST = re.compile(r"(?=.{1,253}\.?$)([a-z0-9_]([a-z0-9_-]{0,62})\.)*[a-z0-9_]([a-z0-9_-]{0,62})\.?")
_SECRET = re.compile(r"(?<=//)[^/?#]*@")
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)")


def target(text: str, reach: Reach, base: "URL | None" = None) -> "URL | Fault":
    """Return the URL that `text` is, seen from `base` where a server named it, without its fragment; or why not.

    A URL is asked for as it is written; only what is not ASCII, and spaces, are encoded.
    """
    from yarl import URL  # noqa: PLC0415 - not when a DAG is parsed

    stripped = text.strip(" \t\r\n\f")
    if len(stripped) > LONGEST or _HIDDEN.search(stripped):
        return _refused(stripped, f"control characters, a backslash, or more than {LONGEST:,} characters")
    try:
        url = URL(stripped, encoded=bool(_PLAIN.fullmatch(stripped)))
        url = (base.join(url) if base is not None else url).with_fragment(None)
        why = _unfit(url, reach)
    except (ValueError, TypeError) as error:
        return _refused(stripped, f"no URL: {error}")
    return _refused(stripped, why) if why else url


def _refused(text: str, why: str) -> Fault:
    shown = _SECRET.sub("…@", text)[:SHOWN].encode(errors="backslashreplace").decode()
    return Fault("refused", f"{shown!r} has {why[:SHOWN]}; expected http://host/path or https://host/path")


def _unfit(url: "URL", reach: Reach) -> str | None:
    """Say what is wrong with a URL; the addresses of a name are looked at when they are known."""
    if url.scheme not in ("http", "https"):
        return f"the scheme {url.scheme!r}"
    if "@" in url.raw_authority:
        return "a user's name before its host"
    if not url.port or (reach.ports and url.port not in reach.ports):
        return f"the port {url.port}"
    host = (url.raw_host or "").lower()
    if (address := literal(host)) is not None:
        why = reach.why_not(address)
        return why and f"{why} as its host"
    return f"the host {host!r}" if not _HOST.fullmatch(host) or _is_number(host) else None


def literal(host: str) -> Address | None:
    """Return the address that a host is written as, in the one usual form; None for a name."""
    try:
        return None if "%" in host else ip_address(host)
    except ValueError:
        return None


def _is_number(host: str) -> bool:
    """Whether systems read a host as an address of IPv4: 127.1, 0x7f000001, 2130706433, 0177.0.0.1."""
    return bool(_NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]))


def network(text: str) -> Network:
    """Return the network that `text` names, `10.1.0.0/16`; BadArgument for what is none."""
    try:
        return ip_network(text)
    except ValueError as error:
        raise BadArgument(f"networks: {text!r}: {error}; expected networks such as '10.1.0.0/16'") from error
