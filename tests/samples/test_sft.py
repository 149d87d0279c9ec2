import json
import re
from collections import Counter
from random import Random

import pyarrow as pa
import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.filters.values import between
from dataflow_ops.samples import instructions
from dataflow_ops.samples.sft import DEFECTS, FILE, TRUTH, compose, write
from dataflow_ops.score.text import measures

SHORT = {"empty", "null", "one_word"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples") / "sft"
    write(folder, seed=2)
    return folder


@pytest.fixture(scope="module")
def pairs(folder):
    return {row["key"]: row for row in map(json.loads, (folder / FILE).read_bytes().splitlines())}


@pytest.fixture(scope="module")
def truth(folder):
    return {row["key"]: row for row in map(json.loads, (folder / TRUTH).read_bytes().splitlines())}


def of(defect, pairs, truth):
    return [(pairs[key]["instruction"], pairs[key]["output"]) for key, row in truth.items() if row["defect"] == defect]


def test_every_pair_has_its_truth_and_every_defect_is_there(pairs, truth):
    assert list(pairs) == list(truth)
    assert len(pairs) == 300
    assert Counter(row["kind"] for row in truth.values()) == {"good": 225, "bad": 75}
    assert {row["defect"] for row in truth.values()} == {None, *DEFECTS}
    assert {row["task"] for row in truth.values()} == set(instructions.KINDS)
    assert len({row["instruction"] for row in pairs.values()}) == 300


def test_the_same_seed_writes_the_same_bytes(folder, tmp_path):
    write(tmp_path / "again", seed=2)
    write(tmp_path / "other", seed=3)
    for name in (FILE, TRUTH):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()
        assert (tmp_path / "other" / name).read_bytes() != (folder / name).read_bytes()


def test_bad_replies_are_bad_in_the_way_that_is_said(pairs, truth):
    assert all(not reply.strip() for _, reply in of("empty", pairs, truth))
    assert all(reply is None for _, reply in of("null", pairs, truth))
    assert all(len(reply.split()) == 1 for _, reply in of("one_word", pairs, truth))
    assert all(reply == asked for asked, reply in of("echo", pairs, truth))
    assert all(reply[-1].isalpha() and len(reply) > 50 for _, reply in of("cut", pairs, truth))
    assert all(len(set(reply.split(". "))) <= 2 for _, reply in of("repetition", pairs, truth))


def test_a_word_count_takes_out_the_short_ones_and_no_good_one(pairs, truth):
    replies = pa.table({"id": list(pairs), "output": [row["output"] for row in pairs.values()]})
    kept = between(measures(replies, text="output"), column="words", at_least=20, at_most=1000)
    left = [truth[key] for key in kept["id"].to_pylist()]
    assert sum(row["kind"] == "good" for row in left) == 225
    assert SHORT.isdisjoint(row["defect"] for row in left)


@pytest.mark.parametrize("seed", range(20))
def test_sums_are_right(seed):
    rng = Random(seed)
    asked, replied = instructions.compose(rng, "shopping")
    count, price, percent = map(int, re.search(r"(\d+) of .* at (\d+) .* gets (\d+) percent", asked).groups())
    assert float(re.search(r"\*\*([\d.]+) crowns", replied)[1]) == pytest.approx(count * price * (100 - percent) / 100)
    asked, replied = instructions.compose(rng, "mean")
    numbers = [int(each) for each in re.findall(r"\d+", asked)]
    assert f"Mean: **{sum(numbers) // len(numbers)}**, range: **{max(numbers) - min(numbers)}**" in replied
    assert sum(numbers) % len(numbers) == 0


@pytest.mark.parametrize("seed", range(20))
def test_functions_do_what_is_asked(seed):
    _, replied = instructions.compose(Random(seed), "function")
    source = re.search(r"```python\n(.*?)\n```", replied, re.DOTALL)[1]
    exec(source, found := {})
    expected = {
        "counts": {"b": 2, "ab": 1},
        "unique": ["b", "ab"],
        "by_length": ["b", "b", "ab"],
        "pairs": [("b", "ab"), ("ab", "b")],
        "by_initial": {"b": ["b", "b"], "a": ["ab"]},
    }
    name = re.search(r"def (\w+)", source)[1]
    assert found[name](["b", "ab", "b"]) == expected[name]
    assert not found[name]([])


@pytest.mark.parametrize("pairs", [1, 2, 4, 9])
def test_small_samples_can_be_had(pairs):
    assert len(compose(Random(1), pairs)) == pairs


def test_what_cannot_be_written_is_told(folder):
    with pytest.raises(BadArgument, match="expected an empty folder"):
        write(folder)
    with pytest.raises(BadArgument, match="pairs=0: expected at least 1"):
        compose(Random(1), 0)
