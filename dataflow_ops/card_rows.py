"""The sections of a dataset card that say what became of the rows."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from dataflow_ops import measured
from dataflow_ops.markdown import code, fence, table, text
from dataflow_ops.quantities import count, share, size

EXAMPLES = 3
"""Ids shown for a reason."""
REASONS = 40
"""Reasons that a card lists; the funnel has all."""

Funnel = Mapping[str, Any]
Step = Mapping[str, Any]
Files = Mapping[str, Sequence[Any]]
"""URIs of files, or `{"uri": …}`, by the task that wrote them."""


def balance(funnel: Funnel) -> str:
    """Say where every row of the run went; loudly when that does not add up."""
    steps = funnel["steps"]
    made, dropped = sum(step["made"] for step in steps), sum(_gone(step) for step in steps)
    came, gone = funnel["rows_in"] + made, dropped + funnel["rejected"]
    said = (
        f"Of this run's rows, {funnel['rows_in']:,} read + {made:,} made = {funnel['rows_out']:,} published + "
        f"{dropped:,} dropped + {funnel['rejected']:,} rejected."
    )
    if came == funnel["rows_out"] + gone:
        return f"{said} Every row is accounted for."
    return f"**{said} That does not add up: {came - funnel['rows_out'] - gone:+,} rows.**"


def _gone(step: Mapping[str, Any]) -> int:
    return sum(entry["rows"] for entry in step["dropped"].values())


def funnel_table(funnel: Funnel) -> str:
    """Return a line for each task: rows in and out, time and bytes."""
    head = (
        "task",
        "#rows in",
        "#made",
        "#dropped",
        "#rejected",
        "#rows out",
        "#out",
        "#seconds",
        "#CPU s",
        "#read",
        "#written",
    )
    rows = [_funnel_row(step) for step in funnel["steps"]]
    if not rows:
        return ""
    note = "Seconds are summed over shards, which run side by side."
    return f"## What became of the rows\n\n![Rows of each task, and the reasons of drops](funnel.svg)\n\n{table(head, rows)}\n{note}"


def _funnel_row(step: Mapping[str, Any]) -> tuple[str, ...]:
    counts = (step["rows_in"], step["made"], _gone(step), sum(step["rejected"].values()), step["rows_out"])
    out = share(step["rows_out"], step["rows_in"] + step["made"])
    spent = (f"{step['seconds']:,.1f}", f"{step['cpu_seconds']:,.1f}", size(step["bytes_in"]), size(step["bytes_out"]))
    return (code(step["task"]), *(f"{count:,}" for count in counts), out, *spent)


def dropped(steps: Sequence[Step]) -> str:
    """Return a line for each reason why rows were dropped, with a few ids to look up."""
    found = [(step, reason, entry) for step in steps for reason, entry in step["dropped"].items()]
    if not found:
        return "### Dropped\n\nNo row was dropped."
    rows = [
        (code(step["task"]), text(reason), f"{entry['rows']:,}", share(entry["rows"], step["rows_in"] + step["made"]),
         ", ".join(map(code, entry["examples"][:EXAMPLES])))
        for step, reason, entry in found[:REASONS]
    ]  # fmt: skip
    more = f"\n{len(found) - REASONS:,} more reasons are in the funnel." if len(found) > REASONS else ""
    head = ("task", "reason", "#rows", "#of the rows that came", "for example")
    return f"### Dropped\n\nA row counts under the first of its reasons.\n\n{table(head, rows)}{more}"


def rejected(steps: Sequence[Step], files: Files) -> str:
    """Return a line for each error, and where the rows that made it are kept."""
    rows = [
        (code(step["task"]), text(reason), f"{count:,}") for step in steps for reason, count in step["rejected"].items()
    ]
    if not rows:
        return "### Rejected\n\nNo row made an op fail."
    note = (
        "These rows made an op fail. They are kept whole, with the error, so that they can be looked at and run again."
    )
    return f"### Rejected\n\n{note}\n\n{table(('task', 'error', '#rows'), rows)}\n{_places(files)}"


def _places(files: Files) -> str:
    """Return a line for each task: how many files it wrote, and where the first is."""
    found = {task: [each if isinstance(each, str) else each["uri"] for each in names] for task, names in files.items()}
    return "\n".join(
        f"- {code(task)}: {count(len(uris), 'file')}, the first is {code(uris[0], None)}"
        for task, uris in found.items()
        if uris
    )


def measures_table(measures: pa.Table | None, thresholds: Mapping[str, Any], drawn: bool) -> str:
    """Return a line for each measured number: its threshold, how many fail it, and how it is spread."""
    if measures is None or not measures.num_rows:
        return ""
    rows = [_spread(each) for each in measured.spreads(measures, thresholds)]
    kept = int(measured.kept_rows(measures).sum())
    note = f"Of {measures.num_rows:,} rows with measured values, {kept:,} were kept."
    picture = "![Measured columns of kept and of dropped rows, with the thresholds](measures.svg)" if drawn else ""
    head = ("column", "threshold", "#fail it", "#no value", "#5th percentile", "#median", "#95th percentile")
    return "\n\n".join(filter(None, ["## What was measured", note, picture, table(head, rows) if rows else ""]))


def _spread(each: measured.Spread) -> tuple[str, ...]:
    limits = ", ".join(f"{limit.sign} {limit.value:g}" for limit in each.limits)
    fails = f"{each.outside:,}" if each.limits else ""
    return (code(each.column), text(limits), fails, f"{each.nulls:,}", *map(_plain, each.quantiles))


def _plain(value: float) -> str:
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e15 else f"{value:.4g}"


def whole(steps: Sequence[Step]) -> str:
    """Return a line for each number that was measured of all rows together."""
    rows = [
        (code(step["task"]), code(name), f"{value:,.6g}" if isinstance(value, float) else text(value))
        for step in steps
        for name, value in step.get("measures", {}).items()
    ]
    return f"### Of all rows together\n\n{table(('task', 'measure', '#value'), rows)}" if rows else ""


def verdicts(files: Files) -> str:
    """Say where every row's measured values and verdict are kept, and how to ask them."""
    places = _places(files)
    if not places:
        return ""
    task = next(task for task, names in files.items() if names)
    return f"{VERDICTS}\n\n{places}\n\n{fence(ASK.replace('TASK', repr(task)), 'python')}"


VERDICTS = """\
## Why is a row not in it?

Side tables hold one line for each row that a task measured or dropped: `id`, `kept`, `dropped_by`, `reasons` and every
measured value. Thresholds can be tried again on them without measuring again. With `version` and `store` from above:"""
ASK = """\
verdicts = ds.dataset(
    [FileSystem.from_uri(file["uri"])[1] for file in version["side_tables"][TASK]], filesystem=store
).to_table().to_pandas()
verdicts[~verdicts.kept].explode("reasons").reasons.value_counts()"""
