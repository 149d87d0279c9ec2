"""What came of a statement: a result, or why there is none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal, TypeAlias
from uuid import UUID

Scalar: TypeAlias = bool | int | float | Decimal | str | bytes | date | datetime | time | timedelta | UUID | None
Value: TypeAlias = Scalar | Sequence["Value"]
"""A value of a row; arrays are tuples, JSON is its text."""

Kind = Literal["syntax", "refused", "unknown name", "time", "memory", "error"]
"""Why there is no result: it does not parse; it is not allowed; it names what is not there; it takes too long, or too
much memory; the engine says something else."""


@dataclass(frozen=True)
class Result:
    """The rows of a statement."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    truncated: bool = False
    """Whether there were more rows or bytes than the limits allow."""
    seconds: float = 0.0


@dataclass(frozen=True)
class Failed:
    """Why a statement has no result."""

    kind: Kind
    detail: str

    def __str__(self) -> str:
        """Return the kind and, behind a colon, the details."""
        return f"{self.kind}: {self.detail}"
