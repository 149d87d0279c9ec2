"""Tiny tables and ops for tests."""

import pandas as pd
import pyarrow as pa

from dataflow_ops.op import Reads, Reasons, Shards, Writes


def rows(**columns):
    """A table with ids a, b, c … and the given columns."""
    length = len(next(iter(columns.values())))
    return pa.table({"id": [chr(97 + number) for number in range(length)], **columns})


def longer(df: pd.DataFrame, *, text: Reads = "text", at_least: int = 3) -> pd.DataFrame:
    """Keep texts of at least so many characters."""
    return df[df[text].str.len() >= at_least]


def length(table: pa.Table, *, text: Reads = "text", characters: Writes = "characters") -> pa.Table:
    """Measure the length."""
    return table.append_column(characters, pa.array([len(value) for value in table[text].to_pylist()], pa.int32()))


length.__module__ = "dataflow_ops.score.test_only"  # a score: what it writes belongs in the side table


def unblamed(table: pa.Table, *, why: Reasons = "why") -> pa.Table:
    """Keep rows that nothing is said against."""
    return table.filter(pa.array([not value for value in table[why].to_pylist()]))


def doubled(table: pa.Table) -> pa.Table:
    """Make a second row of each row."""
    made = table.set_column(0, "id", pa.array([f"{value}2" for value in table["id"].to_pylist()]))
    parents = [None] * table.num_rows + [[value] for value in table["id"].to_pylist()]
    return pa.concat_tables([table, made]).append_column("parents", pa.array(parents, pa.list_(pa.string())))


def orphaned(table: pa.Table) -> pa.Table:
    """Make rows and forget to say of what."""
    return table.set_column(0, "id", pa.array([f"{value}2" for value in table["id"].to_pylist()]))


def fragile(table: pa.Table, *, text: Reads = "text") -> pa.Table:
    """Fail on the word boom."""
    if "boom" in table[text].to_pylist():
        raise ValueError("boom is no text")
    return table


def first_letters(shards: Shards, *, text: Reads = "text", seen: Writes = "seen"):
    """Say of each row whether an earlier one began with the same letter."""
    known = {value[0] for shard in range(shards.published) for value in shards.read(shard, [text])[text].to_pylist()}
    for shard in range(shards.published, len(shards.counts)):
        found = {"id": [], seen: []}
        for row in shards.read(shard, ["id", text]).to_pylist():
            if row[text][0] in known:
                found["id"].append(row["id"])
                found[seen].append(row[text][0])
            known.add(row[text][0])
        yield pa.table(found, schema=pa.schema([("id", pa.string()), (seen, pa.string())]))
