"""The sample through the ops that are meant to clean it: what is planted is what they catch."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from dataflow_ops.dedup import exact, minhash
from dataflow_ops.filters import rules as filters
from dataflow_ops.op import InMemory
from dataflow_ops.refine import pii
from dataflow_ops.samples.evaluate import evaluate
from dataflow_ops.samples.text import TRUTH, write
from dataflow_ops.score import language, rules
from dataflow_ops.score import text as score
from dataflow_ops.sources import Column, find, records
from dataflow_ops.store import Anywhere
from tests.samples.test_noise import CLEANERS


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples") / "text"
    write(folder, documents=600, seed=2)
    truth = [json.loads(line) for line in (folder / TRUTH).read_bytes().splitlines()]
    return truth, keyed(read(folder))


def read(folder):
    store, columns = Anywhere(), [Column("text", ("content",))]
    chunks = (chunk for file in find(store, str(folder)).files for chunk in records(store, file, columns))
    return pa.concat_tables(chunk.rows for chunk in chunks)


def keyed(table):
    """Return the rows under their keys instead of their ids."""
    meta, source = table["meta"].to_pylist(), table["source"].to_pylist()
    keys = [json.loads(fields)["doc"] if fields else Path(uri).name for fields, uri in zip(meta, source, strict=True)]
    return table.set_column(table.column_names.index("id"), "id", pa.array(keys))


def run(table, *, cleaners=CLEANERS, find_similar=True):
    """Return the keys that stay, and the reason of each that does not."""
    for clean in (*cleaners, pii.mask_pii):
        table = clean(table)
    table = rules.failed(score.measures(table))
    dropped = {key: f"rules: {failed}" for key, failed in rows(table, "failed_rules") if failed}
    table = minhash.sketch(exact.content_hash(filters.passed(table)))
    found = [exact.duplicates(InMemory([table])), minhash.duplicates(InMemory([table])) if find_similar else ()]
    copies = [key for tables in found for part in tables for key in part["id"].to_pylist()]
    table = table.filter(pc.invert(pc.is_in(table["id"], pa.array(copies, pa.string()))))
    dropped |= dict.fromkeys(copies, "unique: a copy")
    told = dict(rows(language.language(table), "language"))
    return [key for key, code in told.items() if code == "en"], dropped


def rows(table, column):
    return zip(table["id"].to_pylist(), table[column].to_pylist(), strict=True)


def values(report):
    return {measure.name: measure.value for measure in report.measures}


def test_all_targets_are_met(sample):
    truth, table = sample
    report = evaluate(truth, *run(table))
    assert report.ok, report.render()


def test_without_near_deduplication_near_duplicates_are_missed(sample):
    truth, table = sample
    report = evaluate(truth, *run(table, find_similar=False))
    assert not report.ok
    assert values(report)["near duplicates removed"] < 0.9
    assert values(report)["junk removed"] > 0.95


def test_without_cleaning_good_documents_are_lost(sample):
    truth, table = sample
    report = evaluate(truth, *run(table, cleaners=()))
    assert values(report)["good documents kept"] < 0.98
