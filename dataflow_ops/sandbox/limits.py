"""What one run in the sandbox may use."""

import math
from dataclasses import dataclass, fields

from dataflow_ops.errors import BadArgument

BOUNDS = {
    "wall_seconds": (0.01, 86_400.0),
    "cpu_seconds": (0.01, 86_400.0),
    "memory_mib": (32, 1 << 20),
    "processes": (1, 4096),
    "disk_mib": (1, 1 << 20),
    "output_kib": (1, 1 << 20),
}


@dataclass(frozen=True)
class Limits:
    """What one run may use; at a limit all of its processes are ended.

    `wall_seconds` is time since the start, `cpu_seconds` the sum over all processes. `memory_mib` is what all processes
    hold in memory and in files together. `processes` counts threads too. `disk_mib` is the size of each of the
    three writable folders, /work, /tmp and /dev/shm. `output_kib` holds for standard output and for standard error.
    """

    wall_seconds: float = 10.0
    cpu_seconds: float = 10.0
    memory_mib: int = 512
    processes: int = 16
    disk_mib: int = 64
    output_kib: int = 256

    def __post_init__(self) -> None:
        for field in fields(self):
            _check(field.name, getattr(self, field.name), whole=field.type is int)


def _check(name: str, value: object, *, whole: bool) -> None:
    least, most = BOUNDS[name]
    kinds = (int,) if whole else (int, float)
    if isinstance(value, kinds) and not isinstance(value, bool) and math.isfinite(value) and least <= value <= most:
        return
    wanted = "a whole number" if whole else "a number"
    raise BadArgument(f"{name}={value!r}: expected {wanted} from {least:,} to {most:,}")
