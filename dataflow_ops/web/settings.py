"""How addresses are asked for: how long, how much, how many at once."""

from dataclasses import dataclass, field

from dataflow_ops.web.address import Reach

MIB = 1 << 20


@dataclass(frozen=True)
class Settings:
    """Limits of one address, of one host, and of all of them together."""

    reach: Reach = field(default_factory=Reach)
    seconds: float = 60.0
    """For one try of one address, its redirects included."""
    idle_seconds: float = 15.0
    """For a connection, and between two pieces of an answer."""
    max_bytes: int = 32 * MIB
    """Of one content, unpacked."""
    total_bytes: int = 2_048 * MIB
    """Of all contents of a call: they lie in memory together."""
    max_redirects: int = 5
    retries: int = 2
    longest_wait: float = 60.0
    """Seconds that a server may ask to be left alone; a host that asks for more is given up."""
    hosts_at_once: int = 16
    per_host_at_once: int = 2
    pause: float = 0.5
    """Seconds between the beginnings of two requests to one host."""
    robots: bool = True
    user_agent: str = "dataflow-ops"
