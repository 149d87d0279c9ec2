"""Answers are found again: by other processes and machines, after kills, merges and damage."""

import logging
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.errors import BadSource, Transient
from dataflow_ops.llm import parts
from dataflow_ops.llm.answers import DAY, Answers
from dataflow_ops.shards import encode
from dataflow_ops.store import Anywhere, Folder
from tests.llm.questions import question, remembered, reply


class Days:
    """A clock that stands still unless it is set."""

    def __init__(self):
        self.day = 20_000.0

    def __call__(self):
        return self.day * DAY


def answers(tmp_path, store=None, machine="here", **settings):
    return Answers(store or Folder(), f"{tmp_path}/shared", local=tmp_path / machine, **settings)


def put(keeper, *numbers, text="answer {}"):
    for number in numbers:
        keeper.put(question(number), reply(text.format(number)))


def found(keeper, *numbers):
    """The texts that are known, by number."""
    known = keeper.find([question(number) for number in numbers])
    return {number: known[question(number).key].text for number in numbers if question(number).key in known}


def files(tmp_path, pattern="shared/*/*.parquet"):
    return sorted(path.name for path in tmp_path.glob(pattern))


def test_an_answer_is_found_at_once_and_took_nothing(tmp_path):
    with answers(tmp_path) as keeper:
        keeper.put(question(1), reply("one", finish="length"))
        assert keeper.find([question(1), question(2)]) == {question(1).key: remembered("one", finish="length")}
        assert files(tmp_path) == []


def test_another_machine_finds_what_was_flushed(tmp_path):
    with answers(tmp_path) as keeper, answers(tmp_path, machine="there") as other:
        put(keeper, 1, 2)
        assert found(other, 1, 2) == {}
        keeper.flush()
        assert found(other, 1, 2, 3) == {1: "answer 1", 2: "answer 2"}
        assert files(tmp_path, "here/*/*") == []


def test_another_process_of_the_machine_need_not_wait_for_that(tmp_path):
    with answers(tmp_path) as keeper, answers(tmp_path) as other:
        put(keeper, 1)
        assert found(other, 1) == {1: "answer 1"}
        other.flush()
        assert files(tmp_path) == []


def test_other_folders_have_other_answers(tmp_path):
    with answers(tmp_path) as keeper:
        put(keeper, 1)
        with Answers(Folder(), f"{tmp_path}/other", local=tmp_path / "here") as other:
            assert found(other, 1) == {}


def test_parts_are_written_when_enough_came_together(tmp_path):
    clock = Days()
    with answers(tmp_path, clock=clock, flush_rows=4, flush_seconds=60) as keeper:
        put(keeper, 1, 2, 3)
        assert len(files(tmp_path)) == 0
        put(keeper, 4, 5)
        assert len(files(tmp_path)) == 1
        clock.day += 61 / DAY
        put(keeper, 6)
        assert len(files(tmp_path)) == 2
    assert len(files(tmp_path)) == 2


def test_requests_of_several_models_are_kept_apart(tmp_path):
    asked = [question(1, model=model, max_tokens=most) for model in ("a", "b") for most in (10, 20)]
    with answers(tmp_path) as keeper:
        for number, request in enumerate(asked):
            keeper.put(request, reply(str(number)))
        keeper.flush()
        assert len(files(tmp_path)) == len({request.space for request in asked}) == 4
        assert [each.text for each in map(keeper.find(asked).get, [r.key for r in asked])] == ["0", "1", "2", "3"]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 5), st.text(max_size=8)),
        st.tuples(st.sampled_from(["flush", "merge", "reopen", "find"])),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_whatever_happens_the_latest_answer_is_found(tmp_path_factory, steps):
    tmp_path, expected, clock = tmp_path_factory.mktemp("steps"), {}, Days()
    keeper = answers(tmp_path, clock=clock)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "MANY", 1)
        for step, *given_ in steps:
            if step == "put":
                number, text = given_
                keeper.put(question(number), reply(text))
                expected[number] = text
            elif step == "flush":
                keeper.flush()
            elif step == "merge":
                keeper.parts.merge(question(0).space)
            elif step == "reopen":
                keeper.close()
                clock.day += 1
                keeper = answers(tmp_path, clock=clock)
            assert found(keeper, *range(6)) == expected
    keeper.close()
    assert found(answers(tmp_path, machine="elsewhere"), *range(6)) == expected


def test_a_killed_process_loses_nothing_that_it_put(tmp_path):
    program = f"""
from pathlib import Path
from tests.llm.test_answers import answers, put
keeper = answers(Path({str(tmp_path)!r}), flush_rows=40)
for number in range(10**9):
    put(keeper, number)
    print(number, flush=True)
"""
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    seen = [int(process.stdout.readline()) for _ in range(130)]
    os.kill(process.pid, signal.SIGKILL)
    seen += [int(line) for line in process.stdout.read().split()]
    process.wait()
    with answers(tmp_path) as keeper:
        assert found(keeper, *seen) == {number: f"answer {number}" for number in seen}
        keeper.flush()
        assert files(tmp_path, "here/*/*") == []
    assert len(found(answers(tmp_path, machine="there"), *seen)) == len(seen)


def test_a_process_killed_between_writing_a_part_and_its_journal_leaves_no_double(tmp_path):
    keeper = answers(tmp_path)
    put(keeper, 1, 2)
    (journal,) = (tmp_path / "here").rglob("*.journal")
    text = journal.read_bytes()
    keeper.close()
    journal.write_bytes(text)
    answers(tmp_path).close()
    assert len(files(tmp_path)) == 1


def test_two_processes_at_once(tmp_path):
    program = """
import sys
from pathlib import Path
from tests.llm.test_answers import answers, put
with answers(Path(sys.argv[1]), flush_rows=7) as keeper:
    put(keeper, *range(int(sys.argv[2]), int(sys.argv[2]) + 100))
"""
    command = [sys.executable, "-c", program, str(tmp_path)]
    running = [subprocess.Popen([*command, str(start)]) for start in (0, 50)]
    assert [process.wait(60) for process in running] == [0, 0]
    assert found(answers(tmp_path), *range(150)) == {number: f"answer {number}" for number in range(150)}


def test_threads_share_one_keeper(tmp_path):
    with answers(tmp_path, flush_rows=5) as keeper, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: put(keeper, number), range(200)))
        assert len(found(keeper, *range(200))) == 200
    assert len(found(answers(tmp_path, machine="there"), *range(200))) == 200


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


class Away(Folder):
    """A store that is away for a while."""

    away = True

    def create(self, uri, data):
        if self.away:
            raise Transient("the store is away")
        return super().create(uri, data)


def test_while_the_store_is_away_answers_wait_on_the_disk(tmp_path, caplog):
    store = Away()
    keeper = answers(tmp_path, store, flush_rows=2)
    put(keeper, *range(5))
    assert len(found(keeper, *range(5))) == 5
    assert "the store is away" in caplog.text
    with pytest.raises(Transient):
        keeper.flush()
    keeper.close()
    store.away = False
    answers(tmp_path, store).close()
    assert len(found(answers(tmp_path, machine="there"), *range(5))) == 5


def test_when_the_disk_is_full_answers_go_to_the_store(tmp_path, monkeypatch):
    def full(self, entry):
        raise OSError(28, "No space left on device")

    with answers(tmp_path) as keeper:
        monkeypatch.setattr(type(keeper.journal), "append", full)
        put(keeper, 1)
    assert found(answers(tmp_path, machine="there"), 1) == {1: "answer 1"}


def test_long_answers_of_any_characters(tmp_path):
    text = "\0\r\n\x85\u2028 ü 漢字 🙂" * 500_000
    with answers(tmp_path) as keeper:
        keeper.put(question(1), reply(text))
        keeper.put(question(2), reply(""))
        assert found(keeper, 1, 2) == {1: text, 2: ""}
    assert found(answers(tmp_path, machine="there"), 1, 2) == {1: text, 2: ""}


def test_on_s3(s3, tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "MANY", 4)
    store = Anywhere(lambda: s3.client)
    with Answers(store, f"{s3.prefix}/answers", local=tmp_path, flush_rows=10) as keeper:
        put(keeper, *range(95))
        put(keeper, 3, text="later {}")
    (s3_files,) = [[each.uri for each in store.list(f"{s3.prefix}/answers/")]]
    assert 1 < len(s3_files) <= 5
    monkeypatch.setattr(parts, "WHOLE", 0)
    with Answers(store, f"{s3.prefix}/answers", local=tmp_path / "there") as other:
        assert found(other, *range(100)) == {n: f"answer {n}" for n in range(95)} | {3: "later 3"}
        for uri in s3_files:
            store.delete(uri)
        assert found(other, *range(100)) == {}
