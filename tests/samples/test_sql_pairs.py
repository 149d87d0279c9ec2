import json
from collections import Counter

import pyarrow as pa
import pytest

from dataflow_ops.databases import parse
from dataflow_ops.databases.limits import Limits
from dataflow_ops.errors import BadArgument
from dataflow_ops.samples import sql_pairs
from dataflow_ops.samples.sql_again import sampled
from dataflow_ops.samples.sql_pairs_dealt import NAMES, TRUTH
from dataflow_ops.score.sql import executable, executed
from tests.samples.dealt import rows

REASONS = {"syntax", "unknown name", "refused", "time", "cut", "no rows", "unstable", "no SQL"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples") / "sql_pairs"
    sql_pairs.write(folder, seed=2)
    return folder


@pytest.fixture(scope="module")
def truth(folder):
    return {row["key"]: row for row in map(json.loads, (folder / TRUTH).read_bytes().splitlines())}


@pytest.fixture(scope="module")
def opened():
    with sampled() as databases:
        yield databases


def test_every_pair_has_its_truth_and_lies_in_one_of_three_files(folder, truth):
    found = rows(folder, NAMES)
    assert found.keys() == truth.keys()
    assert {path.name for path in folder.iterdir()} == {*NAMES, TRUTH}
    assert {values[-1] for values in found.values()} == set(NAMES)
    odd = [values for key, values in found.items() if truth[key]["kind"] == "hostile"]
    assert {values[-1] for values in odd} == {"pairs.jsonl"}


def test_there_is_enough_of_everything(truth):
    kinds = Counter(row["kind"] for row in truth.values())
    assert kinds["right"] >= 100
    assert min(kinds[kind] for kind in ("exact_duplicate", "reformatted", "other_question")) >= 5
    reasons = Counter(row["reason"] for row in truth.values() if row["kind"] == "broken")
    assert reasons.keys() == REASONS
    assert reasons["refused"] >= 10
    right = [row for row in truth.values() if row["kind"] == "right"]
    assert min(Counter(row["db_id"] for row in right).values()) >= 35
    assert 20 <= sum(not row["asked"] for row in right) < len(right) / 3


def test_the_same_seed_writes_the_same_bytes(folder, tmp_path):
    sql_pairs.write(tmp_path / "again", seed=2)
    sql_pairs.write(tmp_path / "other", seed=3)
    for name in (*NAMES, TRUTH):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()
    assert (tmp_path / "other" / "pairs.jsonl").read_bytes() != (folder / "pairs.jsonl").read_bytes()
    with pytest.raises(BadArgument, match="expected an empty folder"):
        sql_pairs.write(folder)


def test_every_right_query_finds_something_and_all_of_it(opened):
    right = [pair for pair in sql_pairs.compose() if pair.publish == "yes"]
    results = {pair.sql: opened.find(pair.db_id).run(pair.sql, Limits(rows=1_000)) for pair in right}
    assert [sql for sql, result in results.items() if not getattr(result, "rows", ()) or result.truncated] == []
    questions = Counter(pair.question for pair in right if pair.kind == "right" and pair.question)
    assert set(questions.values()) == {1}


def test_copies_say_what_their_originals_say():
    pairs = sql_pairs.compose()
    keys = [(pair.db_id, parse.canonical(pair.sql, "sqlite")) for pair in pairs if pair.kind == "right"]
    assert len(set(keys)) == len(keys)
    for pair in pairs:
        if pair.of is not None:
            original = pairs[pair.of]
            assert (pair.db_id, parse.canonical(pair.sql, "sqlite")) == keys[pair.of]
            assert (pair.sql == original.sql) == (pair.kind == "exact_duplicate")
            assert pair.question == original.question


def test_ops_find_in_broken_queries_what_was_planted_and_nothing_in_others(opened):
    pairs = [pair for pair in sql_pairs.compose() if isinstance(pair.sql, str | None) and pair.kind != "hostile"]
    table = pa.table({"sql": [pair.sql for pair in pairs], "db_id": [pair.db_id for pair in pairs]})
    planned = executable(table, databases=opened)["sql_fault"].to_pylist()
    ran = executed(table, databases=opened, seconds=0.5, allow_empty=False)["sql_fault"].to_pylist()
    found = {
        (pair.sql, pair.reason): (first or second or "").partition(":")[0] or None
        for pair, first, second in zip(pairs, planned, ran, strict=True)
    }
    wanted = {(pair.sql, pair.reason): pair.reason if pair.kind == "broken" else None for pair in pairs}
    assert found == wanted


def test_rows_that_are_hard_to_read_are_there(folder, truth):
    hostile = [values for key, values in rows(folder, NAMES).items() if truth[key]["kind"] == "hostile"]
    assert {type(sql) for sql, *_ in hostile} >= {str, int, list, dict}
    assert {type(db_id) for _, _, db_id, *_ in hostile} >= {str, int, list, type(None)}
    assert max(len(sql) for sql, *_ in hostile if isinstance(sql, str)) > 200_000
