"""Parts are merged, damaged, deleted and too old, and the answers that can be had are found."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataflow_ops.errors import BadSource
from dataflow_ops.llm import parts
from dataflow_ops.shards import encode
from dataflow_ops.store import Folder
from tests.llm.keepers import Days, answers, files, found, put
from tests.llm.questions import question, reply


def many_parts(tmp_path, count=70):
    keeper = answers(tmp_path)
    for number in range(count):
        entries = [parts.Entry.of(question(each), reply(f"{each} at {number}"), number) for each in (number, -1)]
        keeper.parts.write(question(0).space, entries)
    return keeper


def expected_of_many(count=70):
    return {number: f"{number} at {number}" for number in range(count)} | {-1: f"-1 at {count - 1}"}


def test_many_small_parts_become_one(tmp_path):
    keeper = many_parts(tmp_path)
    before = files(tmp_path)
    keeper.parts.merge(question(0).space)
    after = files(tmp_path)
    assert len(set(after) - set(before)) == 1
    assert len(after) == 70 - parts.MANY
    assert found(keeper, *range(-1, 70)) == expected_of_many()


def test_few_parts_stay(tmp_path):
    keeper = many_parts(tmp_path, parts.MANY)
    before = files(tmp_path)
    keeper.parts.merge(question(0).space)
    assert files(tmp_path) == before


def test_a_flush_merges(tmp_path):
    keeper = many_parts(tmp_path)
    put(keeper, 1000)
    keeper.flush()
    assert len(files(tmp_path)) == 71 - parts.MANY


class Undeleting(Folder):
    """A store whose user is killed before anything is deleted."""

    def delete(self, uri):
        raise KeyboardInterrupt


def test_a_merge_killed_before_it_deletes_loses_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "MANY", 3)
    many_parts(tmp_path, 4)
    with pytest.raises(KeyboardInterrupt):
        answers(tmp_path, Undeleting()).parts.merge(question(0).space)
    assert len(files(tmp_path)) == 5
    for limit in (4, 3, 2, 1):
        monkeypatch.setattr(parts, "MANY", limit)
        keeper = answers(tmp_path)
        keeper.parts.merge(question(0).space)
        assert found(keeper, *range(-1, 4)) == expected_of_many(4)
    assert len(files(tmp_path)) == 1


def test_a_reader_sees_all_while_others_merge_and_delete(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "MANY", 1)
    many_parts(tmp_path, 12)
    stop = threading.Event()

    def merge():
        while not stop.is_set():
            answers(tmp_path).parts.merge(question(0).space)

    with ThreadPoolExecutor(2) as pool:
        merging = [pool.submit(merge) for _ in range(2)]
        try:
            for round_ in range(30):
                put(other := answers(tmp_path, machine="there"), 100 + round_)
                other.close()
                reader = answers(tmp_path, machine="reader")
                assert len(found(reader, *range(-1, 12), *range(100, 101 + round_))) == 14 + round_
        finally:
            stop.set()
    assert [each.result() for each in merging] == [None, None]


class Vanishing(Folder):
    """A store that lists what is not there any more."""

    def list(self, prefix):
        return list(super().list(prefix))

    def read(self, uri):
        raise BadSource(f"there is no object {uri!r}")


def test_parts_that_vanish_for_good_are_not_waited_for(tmp_path):
    put(keeper := answers(tmp_path), 1)
    keeper.close()
    assert found(answers(tmp_path, Vanishing(), machine="there"), 1) == {}


def damage(path, kind):
    data = bytearray(path.read_bytes())
    if kind == "cut":
        data = data[: len(data) // 2]
    elif kind == "empty":
        data = b""
    elif kind == "other columns":
        data = encode(pa.table({"id": ["a"]}))
    else:
        text = pq.ParquetFile(path).metadata.row_group(0).column(2)
        start = {"key": 60, "text": text.data_page_offset + text.total_compressed_size - 6, "tail": len(data) - 6}[kind]
        data[start : start + 6] = bytes(255 - each for each in data[start : start + 6])
    path.write_bytes(data)


@pytest.mark.parametrize("kind", ["cut", "empty", "other columns", "key", "text", "tail"])
def test_a_damaged_part_is_named_and_its_answers_are_asked_again(tmp_path, kind, caplog):
    for number in (1, 2):
        put(keeper := answers(tmp_path), number)
        keeper.close()
    (first, _) = sorted((tmp_path / "shared").rglob("*.parquet"))
    damage(first, kind)
    with answers(tmp_path) as keeper, caplog.at_level(logging.WARNING):
        assert found(keeper, 1, 2) == {2: "answer 2"}
        assert first.name in caplog.text
        put(keeper, 1)
    assert found(answers(tmp_path), 1, 2) == {1: "answer 1", 2: "answer 2"}


def test_a_damaged_part_does_not_stop_a_merge(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "MANY", 3)
    keeper = many_parts(tmp_path, 4)
    damage(min((tmp_path / "shared").rglob("*.parquet")), "cut")
    keeper.parts.merge(question(0).space)
    assert len(files(tmp_path)) == 2
    assert len(found(keeper, *range(-1, 4))) == 4


def test_old_answers_do_not_count_and_are_deleted(tmp_path):
    clock = Days()
    keeper = answers(tmp_path, clock=clock, keep_days=30)
    put(keeper, 1)
    keeper.flush()
    clock.day += 20
    put(keeper, 2)
    keeper.flush()
    clock.day += 9
    assert (keeper.prune(), found(keeper, 1, 2)) == (0, {1: "answer 1", 2: "answer 2"})
    clock.day += 2
    assert found(keeper, 1, 2) == {2: "answer 2"}
    assert (keeper.prune(), len(files(tmp_path))) == (1, 1)
    clock.day += 20
    put(keeper, 3)
    assert found(keeper, 1, 2, 3) == {3: "answer 3"}
    clock.day += 31
    assert found(keeper, 1, 2, 3) == {}


def test_merged_answers_keep_their_age(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "MANY", 1)
    clock = Days()
    keeper = answers(tmp_path, clock=clock, keep_days=30)
    for number in range(3):
        put(keeper, number)
        keeper.flush()
        clock.day += 14
    assert len(files(tmp_path)) == 1
    assert found(keeper, 0, 1, 2) == {1: "answer 1", 2: "answer 2"}


def test_who_keeps_answers_for_less_long_takes_none_from_others(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "MANY", 1)
    clock = Days()
    brief, long = (answers(tmp_path, clock=clock, machine=str(days), keep_days=days) for days in (1, None))
    for number in range(4):
        put(brief, number)
        brief.flush()
        clock.day += 1
    assert found(brief, *range(4)) == {3: "answer 3"}
    assert len(found(long, *range(4))) == 4


def test_without_a_limit_nothing_is_old(tmp_path):
    clock = Days()
    put(keeper := answers(tmp_path, clock=clock), 1)
    keeper.flush()
    clock.day += 10_000
    assert (keeper.prune(), found(keeper, 1)) == (0, {1: "answer 1"})
