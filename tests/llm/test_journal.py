"""What is written survives; what is torn, gone or held by others does not hurt."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.llm.journal import Entry, Journal, abandoned, everything, read
from tests.llm.questions import question, remembered, reply


def entry(number, text="yes", at=0):
    return Entry.of(question(number), reply(text), at)


@settings(deadline=None)
@given(text=st.text(), finish=st.text(max_size=5), cost=st.none() | st.floats(0, 1e9))
def test_an_entry_reads_as_it_was_written(tmp_path_factory, text, finish, cost):
    journal = Journal(tmp_path_factory.mktemp("journal"))
    journal.append(written := Entry.of(question(1), reply(text, finish=finish, cost=cost), 123))
    assert list(everything(journal.folder)) == [written]
    journal.take().remove()


def test_an_entry_says_all_that_it_took(tmp_path):
    made = Entry.of(question(5, model="openai:x"), reply("five", tokens=(11, 4), cost=0.25), 99)
    assert (made.model, made.prompt, made.asked_at) == ("openai:x", "test/what", 99)
    assert (made.prompt_tokens, made.completion_tokens, made.cost) == (11, 4, 0.25)
    assert made.completion == remembered("five")


def test_half_a_surrogate_pair_becomes_a_question_mark(tmp_path):
    journal = Journal(tmp_path)
    journal.append(Entry.of(question(1), reply("caf\u00e9 \ud83d!"), 0))
    assert [each.text for each in everything(tmp_path)] == ["café ?!"]


def test_entries_keep_their_order_and_begin_a_new_file_once_taken(tmp_path):
    journal = Journal(tmp_path)
    for number in range(3):
        journal.append(entry(number))
    taken = journal.take()
    assert (journal.rows, journal.bytes, journal.take()) == (0, 0, None)
    journal.append(entry(3))
    assert taken.entries() == [entry(number) for number in range(3)]
    taken.remove()
    assert list(everything(tmp_path)) == [entry(3)]


@pytest.mark.parametrize("lost", [1, 5, 40, 150])
def test_a_torn_tail_costs_the_last_entry_alone(tmp_path, lost, caplog):
    journal = Journal(tmp_path)
    for number in range(3):
        journal.append(entry(number))
    path = journal.take().path
    path.write_bytes(path.read_bytes()[:-lost])
    assert read(path) == [entry(0), entry(1)]
    assert "cut off" in caplog.text


def test_what_is_torn_does_not_spoil_what_follows(tmp_path):
    journal = Journal(tmp_path)
    for number in range(3):
        journal.append(entry(number))
    path = journal.take().path
    lines = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join([lines[0], lines[1], lines[2][:30], lines[3]]))
    assert read(path) == [entry(0), entry(2)]


@pytest.mark.parametrize("noise", [b"{}", b"null", b"[1]", b'"x"', b'{"key": "zz"}', b"\x00\x00", b"\xff"])
def test_noise_is_left_out(tmp_path, noise):
    journal = Journal(tmp_path)
    journal.append(entry(1))
    path = journal.take().path
    path.write_bytes(path.read_bytes() + b"\n" + noise)
    assert read(path) == [entry(1)]


def test_a_full_disk_is_an_error_and_spoils_nothing(tmp_path):
    program = f"""
import resource, signal
from pathlib import Path
from dataflow_ops.llm.journal import Journal
from tests.llm.test_journal import entry
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
journal = Journal(Path({str(tmp_path)!r}))
journal.append(entry(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (250, resource.RLIM_INFINITY))
try:
    journal.append(entry(2))
    raise SystemExit("no error")
except OSError:
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
journal.append(entry(3))
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
    assert list(everything(tmp_path)) == [entry(1), entry(3)]


def test_only_files_of_dead_processes_are_inherited(tmp_path):
    journal = Journal(tmp_path)
    journal.append(entry(1))
    assert list(abandoned(tmp_path)) == []
    journal.take().release()
    (inherited,) = abandoned(tmp_path)
    assert list(abandoned(tmp_path)) == []
    assert inherited.entries() == [entry(1)]
    inherited.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_killed_process_leaves_all_that_it_wrote(tmp_path):
    program = f"""
from pathlib import Path
from dataflow_ops.llm.journal import Journal
from tests.llm.test_journal import entry
journal = Journal(Path({str(tmp_path)!r}))
for number in range(10**9):
    journal.append(entry(number))
    print(number, flush=True)
"""
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    seen = [int(process.stdout.readline()) for _ in range(50)]
    assert list(abandoned(tmp_path)) == []
    os.kill(process.pid, signal.SIGKILL)
    seen += [int(line) for line in process.stdout.read().split()]
    process.wait()
    (left,) = abandoned(tmp_path)
    numbers = [each.key for each in left.entries()]
    assert numbers[: len(seen)] == [question(number).key for number in seen]
    assert len(numbers) <= len(seen) + 1


def test_many_files_do_not_stay_open(tmp_path):
    before = len(list(Path("/proc/self/fd").iterdir()))
    for number in range(20):
        journal = Journal(tmp_path)
        journal.append(entry(number))
        journal.take().release()
    for written in abandoned(tmp_path):
        written.remove()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
