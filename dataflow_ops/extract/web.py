"""Get what addresses of the web hold."""

from typing import Annotated

import pyarrow as pa
from pydantic import Field

from dataflow_ops.columns import put, strings
from dataflow_ops.errors import BadArgument
from dataflow_ops.op import Reads, Writes
from dataflow_ops.web.address import Reach
from dataflow_ops.web.fetch import fetch
from dataflow_ops.web.result import Fault
from dataflow_ops.web.settings import MIB, Settings
from dataflow_ops.web.target import network

Seconds = Annotated[float, Field(gt=0, le=3_600)]
Port = Annotated[int, Field(ge=1, le=65_535)]


def fetched(
    table: pa.Table,
    *,
    url: Reads = "url",
    content: Writes = "content",
    content_type: Writes = "content_type",
    charset: Writes = "charset",
    final_url: Writes = "final_url",
    fetch_fault: Writes = "fetch_fault",
    seconds: Seconds = 60.0,
    idle_seconds: Seconds = 15.0,
    max_mib: Annotated[float, Field(gt=0, le=2_000)] = 32.0,
    max_total_mib: Annotated[int, Field(ge=1, le=100_000)] = 2_048,
    max_redirects: Annotated[int, Field(ge=0, le=20)] = 5,
    retries: Annotated[int, Field(ge=0, le=10)] = 2,
    longest_wait: Annotated[float, Field(ge=0, le=3_600)] = 60.0,
    hosts_at_once: Annotated[int, Field(ge=1, le=256)] = 16,
    per_host_at_once: Annotated[int, Field(ge=1, le=64)] = 2,
    pause: Annotated[float, Field(ge=0, le=600)] = 0.5,
    robots: bool = True,
    user_agent: Annotated[str, Field(pattern="^[ -~]{1,200}$")] = "dataflow-ops",
    ports: Annotated[list[Port], Field(max_length=100)] | None = None,
    networks: list[str] | None = None,
    allow_private: bool = False,
) -> pa.Table:
    """Ask for each row's URL, and add what it holds as bytes, what kind of content that is, and the final address.

    `content_type` is told by the bytes, not by the server; `charset` is what the server names, null where it names none.
    `fetch_fault` says why a row has no content, else null: `refused`, `robots`, `not found`, `time`, `too large` or
    `error`, and after a colon the details; `filters.reasons.none` drops such rows.

    Only http and https at ports 80 and 443, or `ports`, of public addresses are asked for: private and loopback ones
    with `allow_private`, those of `networks`, such as `10.1.0.0/16`, and never a link-local one or where a cloud keeps
    its keys. The address that was checked is the one connected to; each redirect is checked alike. Proxies of the
    environment are not used.

    `seconds` hold for an address with its redirects, `idle_seconds` between two pieces of it, `max_mib` for its content
    unpacked. The contents of all rows lie in memory: rows beyond `max_total_mib` are `too large`. At a host
    `per_host_at_once` requests run at once and `pause` seconds lie between their beginnings. A host that is busy is left
    alone for as long as it asks, up to `longest_wait`, and tried `retries` times more; one that fails twelve times in a
    row is given up. With `robots`, what robots.txt asks of the first word of `user_agent` is kept to (RFC 9309).
    """
    _check(content, content_type, charset, final_url, fetch_fault)
    reach = Reach(allow_private, tuple(map(network, networks or ())), (80, 443) if ports is None else tuple(ports))
    settings = Settings(
        reach=reach, seconds=seconds, idle_seconds=idle_seconds, max_bytes=int(max_mib * MIB),
        total_bytes=max_total_mib * MIB, max_redirects=max_redirects, retries=retries, longest_wait=longest_wait,
        hosts_at_once=hosts_at_once, per_host_at_once=per_host_at_once, pause=pause, robots=robots,
        user_agent=user_agent,
    )  # fmt: skip
    found = fetch(strings(table, url).to_pylist(), settings)
    pages = [None if isinstance(each, Fault) else each for each in found]
    faults = [str(each) if isinstance(each, Fault) else None for each in found]
    table = put(table, content, pa.array([each and each.content for each in pages], pa.large_binary()))
    table = put(table, content_type, pa.array([each and each.content_type for each in pages], pa.string()))
    table = put(table, charset, pa.array([each and each.charset for each in pages], pa.string()))
    table = put(table, final_url, pa.array([each and each.url for each in pages], pa.string()))
    return put(table, fetch_fault, pa.array(faults, pa.string()))


def _check(*written: str) -> None:
    if len(set(written)) < len(written):
        raise BadArgument(
            f"content, content_type, charset, final_url, fetch_fault are {written}: expected five different columns"
        )
