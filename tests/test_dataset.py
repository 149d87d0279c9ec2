from concurrent.futures import ThreadPoolExecutor

import pytest

from dataflow_ops import dataset, manifest
from dataflow_ops.dataset import Overtaken, create_version, latest, point
from dataflow_ops.errors import BadArgument
from dataflow_ops.stage import Place
from dataflow_ops.store import Anywhere
from tests.rows import rows
from tests.test_stage import given


@pytest.fixture
def name(tmp_path):
    return f"{tmp_path}/dataset"


def value(version, run="run", **more):
    return {"version": version, "run": run, "dag": "dag", "parts": [], "sources": [], **more}


def test_nothing_is_published_at_first(name):
    assert latest(Anywhere(), name) is None


def test_the_newest_version_counts_even_when_the_pointer_is_behind(name):
    for number in (1, 2, 10):
        create_version(Anywhere(), name, value(number))
    Anywhere().replace(f"{name}/latest.json", manifest.dump({"version": 1}))
    assert latest(Anywhere(), name)["version"] == 10
    assert point(Anywhere(), name)["version"] == 10
    assert manifest.load(Anywhere(), f"{name}/latest.json")["version"] == 10


def test_a_retry_finds_its_own_version_and_another_run_is_overtaken(name):
    first = create_version(Anywhere(), name, value(1, created="12:00"))
    assert create_version(Anywhere(), name, value(1, created="12:05")) == first
    with pytest.raises(Overtaken, match="version 1 .* was published by run 'run'.*trigger it again"):
        create_version(Anywhere(), name, value(1, run="other"))


def test_the_pointer_ends_at_the_newest_of_many_writers(name):
    store = Anywhere()

    def publish(number):
        create_version(store, name, value(number))
        point(store, name)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(publish, range(1, 25)))
    assert manifest.load(store, f"{name}/latest.json")["version"] == 24


def test_parts_are_written_beside_their_index(tmp_path, name):
    place = Place(Anywhere(), f"{tmp_path}/work/dag/run/task/00000-x", "write")

    batch = given(place, rows(text=["x"], words=[1], content_hash=[b"1" * 16]))
    done = dataset.write(place, batch, name, ["text", "words"], ["content_hash"])
    (part,) = dataset.new_parts([done], 1)
    version = value(1, parts=[part], side_tables={})
    assert dataset.read(Anywhere(), version).to_pylist() == [{"id": "a", "text": "x", "words": 1}]
    (index,) = dataset.index_shards(version)
    assert index.file.rows == 1
    assert part["exports"] == {}


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([], False),
        ([{}, {"answered_by": ["m"]}], False),
        ([{"answered_by": ["m"]}, {"answered_by": ["m", "rehearsal"]}], True),
        ([{"answered_by": ["replay of m"]}], True),
    ],
)
def test_parts_that_no_model_answered_are_told(parts, expected):
    assert dataset.not_by_a_model(parts) is expected


def test_a_missing_column_fails_before_anything_is_written(tmp_path, name):
    place = Place(Anywhere(), f"{tmp_path}/work/dag/run/task/00000-x", "write")
    with pytest.raises(BadArgument, match="no column 'txt'; did you mean 'text'"):
        dataset.write(place, given(place, rows(text=["x"])), name, ["txt"], [])
    assert not (tmp_path / "dataset").exists()
