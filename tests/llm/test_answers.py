"""Answers are found again: by other processes and machines, after kills and while the store is away."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.errors import Transient
from dataflow_ops.llm import parts
from dataflow_ops.llm.answers import DAY, Answers
from dataflow_ops.store import Anywhere, Folder
from tests.llm.keepers import Days, answers, files, found, put
from tests.llm.questions import question, remembered, reply


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
from tests.llm.keepers import answers, put
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
from tests.llm.keepers import answers, put
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
