import json

import pyarrow as pa
import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.samples import databases, databases_judge, sql_pairs, sql_pairs_filter_judge, sql_pairs_judge
from dataflow_ops.samples.sql_again import REASONED
from dataflow_ops.samples.sql_pairs_known import SQL
from dataflow_ops.shards import write_table
from dataflow_ops.sources import find, records
from dataflow_ops.store import Folder

SAME = "reasonings that find what the published SQL finds"
SAID = "reasonings that end in the SQL said"
RUNS = "published SQL that runs again"
ONCE = "published pairs that are there once"
REASONS = "dropped for the reason planted"
FEW = {"right pairs published, with a question", "right pairs published, without a question"}
MEASURES = pa.schema([("id", pa.string()), ("dropped_by", pa.string()), ("reasons", pa.list_(pa.string()))])


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """The folder of the sample, and its rows as a source gives them, with what is known of each."""
    folder = tmp_path_factory.mktemp("judged") / "source"
    sql_pairs.write(folder)
    known = {row["key"]: row for row in map(json.loads, (folder / "_truth.jsonl").open())}
    chunks = [chunk.rows for file in find(Folder(), f"{folder}/").files for chunk in records(Folder(), file, [SQL])]
    read = [row for chunk in chunks for row in chunk.to_pylist()]
    return str(folder), [{**row, **known[json.loads(row["meta"])["key"]]} for row in read]


def published(row, **others):
    """Return a row of a dataset for a row of the sample."""
    sql = others.get("sql", row["sql"])
    told = {"dialect": "sqlite", "question": "What?", "component_difficulty": "easy", "execution_difficulty": "hard"}
    reasoned = {
        "reasoning": f"First, we look.\n```sql\n{sql}\n```",
        "reasoning_sql": f"{sql}".strip(),
        "question_style": "formal",
    }
    return {"id": row["id"], "db_id": row["db_id"], "sql": sql, **told, **reasoned, "transformation": None, **others}


def version(tmp_path, rows, columns, reasons=()):
    table = pa.Table.from_pylist([{name: row[name] for name in columns} for row in rows])
    verdicts = [{"id": row, "dropped_by": "filters.reasons.none", "reasons": [reason]} for row, reason in reasons]
    side = write_table(Folder(), str(tmp_path / "side"), "part", pa.Table.from_pylist(verdicts, MEASURES))
    part = write_table(Folder(), str(tmp_path / "data"), "part", table)
    return {"parts": [vars(part)], "side_tables": {"run": [vars(side)]}}


def told(report):
    return {measure.name: measure.verdict for measure in report.measures if measure.verdict}


def judged(module, tmp_path, sample, rows, reasons=()):
    return told(module.judge(Folder(), version(tmp_path, rows, module.PUBLISHED, reasons), f"{sample[0]}/"))


def right(sample):
    return [row for row in sample[1] if row["kind"] == "right"]


def broken(sample):
    return [(row["id"], f"{row['reason']}: so it is") for row in sample[1] if row["kind"] == "broken"]


def test_a_filter_without_mistakes_meets_every_target(tmp_path, sample):
    rows = [published(row) for row in right(sample) if row["asked"]]
    found = judged(sql_pairs_filter_judge, tmp_path, sample, rows, broken(sample))
    assert set(found.values()) == {"ok"}
    assert REASONS in found


def test_a_filter_that_keeps_everything_misses(tmp_path, sample):
    rows = [published(row) for row in sample[1] if isinstance(row["sql"], str) and row["reason"] != "time"]
    found = judged(sql_pairs_filter_judge, tmp_path, sample, rows)
    missed = {name for name, verdict in found.items() if verdict == "MISSED"}
    assert missed >= {"left out: refused", "left out: syntax", "left out: exact duplicate", RUNS, ONCE}
    assert found["right pairs kept, with a question"] == "ok"


def test_a_reason_that_is_another_than_the_one_planted_is_seen(tmp_path, sample):
    wrong = [(row["id"], "syntax: no") for row in sample[1] if row["reason"] == "time"]
    rows = [published(row) for row in right(sample) if row["asked"]]
    assert judged(sql_pairs_filter_judge, tmp_path, sample, rows, wrong)[REASONS] == "MISSED"


def test_what_is_proven_meets_every_target_though_some_is_lost(tmp_path, sample):
    rows = [published(row) for row in right(sample)[::2] + right(sample)[1::4]]
    made = published(rows[0], id="f" * 32, sql="SELECT 1 + 1", transformation="other values")
    reasons = [*broken(sample), *((row["id"], "outvoted: 5 of 8") for row in right(sample)[3::4])]
    found = judged(sql_pairs_judge, tmp_path, sample, [*rows, made], reasons)
    assert {name for name, verdict in found.items() if verdict != "ok"} == set()


@pytest.mark.parametrize(
    ("changed", "missed"),
    [
        ({"reasoning": "```sql\nSELECT 1\n```"}, {SAME, SAID}),
        ({"reasoning": "No block at all"}, {SAME, SAID}),
        ({"reasoning": "```sql\nSELECT 0\n```", "reasoning_sql": "SELECT 0"}, {SAME}),
        ({"sql": "DELETE FROM fines"}, {RUNS, "of it, finds something, and all of it", SAME}),
        ({"sql": "SELECT 1 WHERE 0"}, {"of it, finds something, and all of it"}),
        ({"db_id": "nowhere"}, {RUNS, "of it, finds something, and all of it", SAME}),
        ({"question": " "}, {"published with a question"}),
    ],
)
def test_a_pair_that_does_not_hold_is_seen(tmp_path, sample, changed, missed):
    rows = [published(row) for row in right(sample)[:3]]
    bad = published(right(sample)[3], **changed)
    found = judged(sql_pairs_judge, tmp_path, sample, [*rows, bad])
    assert {name for name, verdict in found.items() if verdict == "MISSED"} == missed | FEW


def test_a_query_may_be_asked_for_twice_and_not_twice_alike(tmp_path, sample):
    row = right(sample)[0]
    copies = [published(row), published(row, id="f" * 32, sql=f"  {row['sql']} ; -- again", question="Which?")]
    assert judged(sql_pairs_judge, tmp_path / "two", sample, copies)[ONCE] == "ok"
    copies[1]["question"] = copies[0]["question"]
    assert judged(sql_pairs_judge, tmp_path / "same", sample, copies)[ONCE] == "MISSED"


def test_right_sql_that_is_called_broken_is_seen(tmp_path, sample):
    blamed = [(row["id"], "error: no") for row in right(sample)[:1]]
    found = judged(sql_pairs_judge, tmp_path, sample, [published(right(sample)[1])], blamed)
    missed = {name for name, verdict in found.items() if verdict == "MISSED"}
    assert missed == {"right pairs in whose SQL no fault was found"} | FEW


def test_an_answer_to_another_question_should_not_be_published(tmp_path, sample):
    other = [published(row) for row in sample[1] if row["kind"] == "other_question"]
    assert judged(sql_pairs_judge, tmp_path, sample, other)["left out: other question"] == "MISSED"


@pytest.mark.parametrize("module", [sql_pairs_judge, sql_pairs_filter_judge])
def test_a_dataset_of_another_sample_is_refused(sample, module):
    known = {row["key"]: row for row in sample[1]}
    with pytest.raises(BadArgument, match="not in the truth file"):
        module.evaluate(known, [{"key": "x", "db_id": "shop"}], {}, None)


def test_pairs_made_for_databases_are_run_on_the_files_of_their_folder(tmp_path):
    databases.write(tmp_path / "databases")
    sql = "SELECT COUNT(*) FROM visits"
    tables = {"library": "loans", "shop": "orders", "clinic": "visits"}
    rows = [
        published({"id": name, "db_id": name, "sql": f"SELECT COUNT(*) FROM {table}"}) for name, table in tables.items()
    ]
    source = str(tmp_path / "databases")
    made = version(tmp_path, rows, databases_judge.PUBLISHED)
    report = databases_judge.judge(Folder(), made, source)
    assert report.ok
    assert {"db id: shop", "dialect: sqlite", "question style: formal"} <= {each.name for each in report.measures}
    rows[0]["sql"] = sql
    wrong = told(databases_judge.judge(Folder(), version(tmp_path / "wrong", rows, REASONED), source))
    assert {name for name, verdict in wrong.items() if verdict == "MISSED"} == {RUNS, SAME} | {
        "of it, finds something, and all of it"
    }
