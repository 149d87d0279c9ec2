"""What became of every row of a run, as a table for the terminal."""

from collections.abc import Iterator, Mapping
from typing import Any

from dataflow_ops.local.terminal import table

HEAD = ("step", "rows in", "made", "dropped", "rejected", "rows out", "seconds")
REASONS_SHOWN = 8
Reasons = Mapping[str, int | Mapping[str, Any]]  # dropped rows come with examples, rejected ones as a number


def render(funnel: Mapping[str, Any]) -> list[str]:
    """Return the lines of the table: a row per step, under it its reasons for dropping and rejecting, most first."""
    rows: list[tuple[str, ...]] = [HEAD]
    for step in funnel["steps"]:
        rows += [_step(step), *_reasons(step["dropped"], 3), *_reasons(step["rejected"], 4)]
    return table([*rows, _total(funnel)])


def _step(step: Mapping[str, Any]) -> tuple[str, ...]:
    lost = (_sum(step["dropped"]) or None, _sum(step["rejected"]) or None)
    counts = (step["rows_in"], step["made"] or None, *lost, step["rows_out"])
    return (step["task"], *map(_number, counts), f"{step['seconds']:.1f}")


def _total(funnel: Mapping[str, Any]) -> tuple[str, ...]:
    made = sum(step["made"] for step in funnel["steps"])
    dropped = sum(_sum(step["dropped"]) for step in funnel["steps"])
    seconds = sum(step["seconds"] for step in funnel["steps"])
    counts = (funnel["rows_in"], made or None, dropped or None, funnel["rejected"] or None, funnel["rows_out"])
    return ("all", *map(_number, counts), f"{seconds:.1f}")


def _reasons(reasons: Reasons, column: int) -> Iterator[tuple[str, ...]]:
    ordered = sorted(
        ((reason, _rows(found)) for reason, found in reasons.items() if _rows(found)),
        key=lambda item: (-item[1], item[0]),
    )
    shown, others = ordered[:REASONS_SHOWN], ordered[REASONS_SHOWN:]
    if others:
        shown = [*shown, (f"{len(others)} more", sum(rows for _, rows in others))]
    for reason, rows in shown:
        yield tuple(
            f"    {reason}" if cell == 0 else _number(rows if cell == column else None) for cell in range(len(HEAD))
        )


def _sum(reasons: Reasons) -> int:
    return sum(map(_rows, reasons.values()))


def _rows(found: int | Mapping[str, Any]) -> int:
    return found if isinstance(found, int) else int(found["rows"])


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"
