import json
from collections import Counter
from importlib import import_module
from itertools import islice

import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.samples import combinations, intents, topics, vocabulary

SAMPLES = {"topics": ("topic", "domain", "theme", "task_type"), "intents": ("category", "topic", "flow", "persona")}


def written(folder, name, **settings):
    module = import_module(f"dataflow_ops.samples.{name}")
    module.write(folder, **settings)
    return (folder / module.FILE).read_bytes().splitlines()


@pytest.mark.parametrize("name", SAMPLES)
def test_a_longer_file_begins_with_a_shorter_one(tmp_path, name):
    lines = written(tmp_path, name, rows=1000, seed=3)
    assert len(set(lines)) == 1000
    assert written(tmp_path / "new" / "folder", name, rows=100, seed=3) == lines[:100]
    assert written(tmp_path, name, rows=100, seed=4) != lines[:100]


@pytest.mark.parametrize("name", SAMPLES)
def test_every_row_has_all_fields_and_all_kinds_come_up(tmp_path, name):
    rows = [json.loads(line) for line in written(tmp_path, name)]
    assert all(tuple(row) == SAMPLES[name] and all(row.values()) for row in rows)
    first = Counter(row[SAMPLES[name][0]] for row in rows)
    assert len(first) == (42 if name == "topics" else 9)


def test_a_domain_belongs_to_its_topic_and_a_flow_to_its_intent(tmp_path):
    tree, kinds = vocabulary.read("subjects")["topics"], vocabulary.read("intents")["intents"]
    for row in map(json.loads, written(tmp_path, "topics")):
        assert row["domain"] in tree[row["topic"]]
    for row in map(json.loads, written(tmp_path, "intents")):
        assert row["topic"] in kinds[row["category"]]["topics"]
        assert row["flow"] in kinds[row["category"]]["flows"]


@pytest.mark.parametrize("rows", [0, -1, 10**6])
@pytest.mark.parametrize("module", [topics, intents])
def test_rows_that_cannot_be_had_are_told(tmp_path, module, rows):
    with pytest.raises(BadArgument, match=f"rows={rows}: expected 1 to "):
        module.write(tmp_path, rows=rows)


def test_all_combinations_are_drawn_once():
    kinds = [{"a": ["1", "2"], "b": ["x", "y", "z"]}, {"a": ["3"], "b": ["w"]}]
    drawn = [tuple(record.values()) for record in combinations.draw(kinds, 7, 0)]
    assert sorted(drawn) == [*((a, b) for a in "12" for b in "xyz"), ("3", "w")]
    assert [tuple(each.values()) for each in islice(combinations.draw(kinds, 5, 0), 3)] == drawn[:3]
