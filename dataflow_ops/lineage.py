"""A run seen backwards, from what it wrote to what it read: the proof that no row was lost, and the funnel."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from dataflow_ops import manifest
from dataflow_ops.errors import Unaccounted
from dataflow_ops.ledger import ID_SPACE
from dataflow_ops.llm.chat import Usage
from dataflow_ops.store import Store


def walk(store: Store, uris: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return every manifest reached from `uris` through their inputs, by URI, inputs before what came of them."""
    found: dict[str, dict[str, Any]] = {}

    def visit(uri: str) -> None:
        if uri not in found:
            value = manifest.load(store, uri)
            for source in value["inputs"]:
                visit(source)
            found[uri] = value

    for uri in uris:
        visit(uri)
    return found


def check(found: Mapping[str, Mapping[str, Any]], batches: Sequence[str]) -> None:
    """Raise Unaccounted unless every row read is published, dropped or rejected, in every task and between tasks."""
    for value in found.values():
        for record in value["records"]:
            _check_record(value["task"], record)
        _check_link(value, [found[uri] for uri in value["inputs"]])
    if missing := sorted(set(batches) - found.keys()):
        raise Unaccounted(f"{len(missing)} of {len(batches)} batches of sources never arrived, {missing[0]!r} for one")


def _check_record(task: str, record: Mapping[str, Any]) -> None:
    rows = record["rows"]
    if rows["in"] + rows["made"] != rows["out"] + rows["dropped"] + rows["rejected"]:
        raise Unaccounted(f"{task}, shard {record['number']}: rows do not add up: {rows}")


def _check_link(value: Mapping[str, Any], inputs: Sequence[Mapping[str, Any]]) -> None:
    """Compare the ids that the task before put out with those that this one took in."""
    given = [record["ids"]["out"] for source in inputs for record in source["records"]]
    taken = [record["ids"]["in"] for record in value["records"]]
    if given and sum(map(int, given)) % ID_SPACE != sum(map(int, taken)) % ID_SPACE:
        raise Unaccounted(f"{value['task']} ({value['uri']}) did not take in the rows that the task before put out")


def funnel(found: Mapping[str, Mapping[str, Any]], dag: str, run: str) -> dict[str, Any]:
    """Return what became of the rows, task by task, in the order they ran."""
    steps = [_step(task, values) for task, values in _by_task(found).items()]
    rows_out = steps[-1]["rows_out"] if steps else 0
    return {
        "dag": dag,
        "run": run,
        "rows_in": steps[0]["rows_in"] if steps else 0,
        "rows_out": rows_out,
        "rejected": sum(sum(step["rejected"].values()) for step in steps),
        "steps": steps,
    }


def _by_task(found: Mapping[str, Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    depth: dict[str, int] = {}
    tasks: dict[str, list[Mapping[str, Any]]] = {}
    for uri, value in found.items():
        depth[uri] = 1 + max((depth[source] for source in value["inputs"]), default=0)
        if value["records"]:
            tasks.setdefault(value["task"], []).append(value)
    return dict(sorted(tasks.items(), key=lambda item: min(depth[value["uri"]] for value in item[1])))


def _step(task: str, values: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    records = [record for value in values for record in value["records"]]
    total = lambda key: sum(record["rows"][key] for record in records)  # noqa: E731
    return {
        "task": task,
        "ops": values[0]["ops"],
        "rows_in": total("in"),
        "made": total("made"),
        "rows_out": total("out"),
        "dropped": _dropped(records),
        "rejected": _summed(record["rejected"] for record in records),
        "seconds": round(sum(record["seconds"] for record in records), 3),
        "cpu_seconds": round(sum(record["cpu_seconds"] for record in records), 3),
        "peak_mib": max(record["peak_mib"] for record in records),
        "bytes_in": sum(record["bytes_in"] for record in records),
        "bytes_out": sum(record["shard"]["file"]["bytes"] for record in records),
        "models": models_used(records),
        "measures": {name: value for record in records for name, value in record.get("measures", {}).items()},
        "side_bytes": sum(record["verdicts"]["bytes"] for record in records if record["verdicts"]),
    }


def models_used(records: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return what each model took, summed over the calls of all records; `cost` is None where a price is not known."""
    used: dict[str, Usage] = {}
    for call in (call for record in records for call in record.get("calls", ())):
        taken = Usage(**{field.name: call[field.name] for field in fields(Usage)})
        used[call["model"]] = used.get(call["model"], Usage()) + taken
    return {name: asdict(usage) for name, usage in sorted(used.items())}


def _summed(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for each in counts:
        for key, value in each.items():
            totals[key] = totals.get(key, 0) + value
    return dict(sorted(totals.items(), key=lambda item: -item[1]))


def _dropped(records: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    rows = _summed({reason: entry["rows"] for reason, entry in record["dropped"].items()} for record in records)
    found = [record["dropped"] for record in records]
    return {
        reason: {
            "rows": count,
            "examples": [i for entry in found for i in entry.get(reason, {}).get("examples", ())][:5],
        }
        for reason, count in rows.items()
    }


def side_tables(found: Mapping[str, Mapping[str, Any]], kind: str) -> dict[str, list[dict[str, Any]]]:
    """Return the `verdicts` or `rejects` files of each task."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for value in found.values():
        for record in value["records"]:
            if record[kind]:
                tables.setdefault(value["task"], []).append(record[kind])
    return tables


def summary(values: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return a few lines for a task log: rows in and out, and why rows went."""
    steps = [_step(value["task"], [value]) for value in values if value["records"]]
    return [line for step in steps for line in _lines(step)]


def _asked(name: str, used: Mapping[str, Any]) -> str:
    cost = "price unknown" if used["cost"] is None else f"${used['cost']:,.4f}"
    tokens = f"{used['prompt_tokens']:,} prompt and {used['completion_tokens']:,} completion tokens"
    return f"  {name}: {used['requests']:,} answers, {used['cached']:,} more were known; {tokens}, {cost}"


def _lines(step: Mapping[str, Any]) -> list[str]:
    made = f" + {step['made']} made" if step["made"] else ""
    first = f"{step['task']}: {step['rows_in']} rows in{made}, {step['rows_out']} out, {step['seconds']:.1f} s"
    dropped = [
        f"  dropped {entry['rows']}: {reason}, {entry['examples'][0]} for one"
        for reason, entry in step["dropped"].items()
    ]
    asked = [_asked(name, used) for name, used in step["models"].items()]
    asked += [f"  {name}: {value}" for name, value in step["measures"].items()]
    return [first, *asked, *dropped, *(f"  rejected {rows}: {reason}" for reason, rows in step["rejected"].items())]
