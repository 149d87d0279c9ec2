"""What one statement may take."""

from dataclasses import dataclass, fields

from dataflow_ops.errors import BadArgument


@dataclass(frozen=True)
class Limits:
    """What one statement may take; beyond it the statement is stopped, or its result is cut."""

    seconds: float = 5.0
    """Until it is stopped, in the engine itself."""
    rows: int = 10_000
    """Of a result; where there are more it is `truncated`."""
    mib: float = 16.0
    """Of the values of a result; where there are more it is `truncated`."""

    def __post_init__(self) -> None:
        for field in fields(self):
            if not getattr(self, field.name) > 0:
                raise BadArgument(f"{field.name}={getattr(self, field.name)!r}: expected a number above 0")


DEFAULT = Limits()
