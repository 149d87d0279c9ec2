"""What became of every row of a run, as a table for the terminal."""

from collections.abc import Mapping
from typing import Any

from dataflow_ops.local.terminal import table

HEAD = ("step", "rows in", "made", "dropped", "rejected", "rows out", "seconds")
REASONS_SHOWN = 8


def render(funnel: Mapping[str, Any]) -> list[str]:
    """Return the lines of the table: a row per step, under it its reasons for dropping and rejecting, most first."""
    rows: list[tuple[str, ...]] = [HEAD]
    for step in funnel["steps"]:
        rows += [_step(step), *_reasons(step["dropped"], 3), *_reasons(step["rejected"], 4)]
    return table([*rows, _total(funnel)])


def _step(step: Mapping[str, Any]) -> tuple[str, ...]:
    dropped, rejected = sum(step["dropped"].values()), sum(step["rejected"].values())
    counts = (step["rows_in"], step["made"] or None, dropped or None, rejected or None, step["rows_out"])
    return (step["task"], *map(_number, counts), f"{step['seconds']:.1f}")


def _total(funnel: Mapping[str, Any]) -> tuple[str, ...]:
    made = sum(step["made"] for step in funnel["steps"])
    dropped = sum(sum(step["dropped"].values()) for step in funnel["steps"])
    seconds = sum(step["seconds"] for step in funnel["steps"])
    counts = (funnel["rows_in"], made or None, dropped or None, funnel["rejected"] or None, funnel["rows_out"])
    return ("all", *map(_number, counts), f"{seconds:.1f}")


def _reasons(reasons: Mapping[str, int], column: int) -> list[tuple[str, ...]]:
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    shown = [(reason, count) for reason, count in ordered[:REASONS_SHOWN] if count]
    rest = sum(count for _, count in ordered[REASONS_SHOWN:])
    if rest:
        shown.append((f"{len(ordered) - REASONS_SHOWN} more", rest))
    return [
        tuple(f"    {reason}" if cell == 0 else _number(count if cell == column else None) for cell in range(len(HEAD)))
        for reason, count in shown
    ]


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"
