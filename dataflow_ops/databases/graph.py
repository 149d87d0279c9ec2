"""Which tables foreign keys join."""

from collections import deque
from collections.abc import Collection, Mapping, Sequence

from dataflow_ops.databases.schema import Schema
from dataflow_ops.databases.words import stem, words

Joins = Mapping[str, Sequence[str]]
"""Tables that keys join with each table, in the order of the schema; names in lower case."""

AT_MOST = 12
"""Tables that share a column that still seems to join them."""
_KEYS = frozenset(map(stem, ("id", "key", "code", "no", "nr", "number")))


def joins(schema: Schema) -> Joins:
    """Return which tables are joined by a foreign key, in either direction; where there are no keys, as it seems."""
    if not any(table.foreign_keys for table in schema.tables):
        return _implied(schema)
    found: dict[str, set[str]] = {name: set() for name in schema.by_name}
    for table in schema.tables:
        for key in table.foreign_keys:
            one, other = table.name.lower(), key.table.lower()
            if other in found and other != one:
                found[one].add(other)
                found[other].add(one)
    return _in_order(found)


def _implied(schema: Schema) -> Joins:
    """Return which tables columns such as `customer_id` seem to join, for a schema that declares no keys.

    Those that share such a column, and the table that it is named after. One that many tables have joins none.
    """
    holders: dict[tuple[str, ...], list[str]] = {}
    for table in schema.tables:
        for column in table.columns:
            parts = tuple(map(stem, words(column.name)))
            if len(parts) > 1 and parts[-1] in _KEYS:
                holders.setdefault(parts, []).append(table.name.lower())
    named = {(*map(stem, words(table.name)), last): table.name.lower() for table in schema.tables for last in _KEYS}
    found: dict[str, set[str]] = {name: set() for name in schema.by_name}
    for parts, tables in holders.items():
        together = {*tables, *([named[parts]] if parts in named else [])}
        for name in together if len(together) <= AT_MOST else ():
            found[name] |= together - {name}
    return _in_order(found)


def _in_order(found: Mapping[str, set[str]]) -> Joins:
    place = {name: at for at, name in enumerate(found)}
    return {name: sorted(others, key=place.__getitem__) for name, others in found.items()}


def between(graph: Joins, wanted: Sequence[str]) -> list[str]:
    """Return the tables on shortest paths that connect those wanted, as far as there are any.

    Each wanted table in turn is joined to the nearest of what is connected already: not always the fewest tables
    (that is Steiner's tree problem, which is hard), at most twice as many.
    """
    connected, added = set(wanted[:1]), list[str]()
    for name in wanted[1:]:
        path = [each for each in _path(graph, name, connected) if each not in connected]
        connected.update(path, [name])
        added += [each for each in path if each not in wanted]
    return added


def _path(graph: Joins, start: str, ends: Collection[str]) -> list[str]:
    """Return the tables from `start` to the nearest of `ends`, both included; none where there is no way."""
    before: dict[str, str | None] = {start: None}
    queue = deque([start])
    while queue:
        here: str | None = queue.popleft()
        if here in ends:
            path = []
            while here is not None:
                path.append(here)
                here = before[here]
            return path
        for other in graph.get(here or "", ()):
            if other not in before:
                before[other] = here
                queue.append(other)
    return []
