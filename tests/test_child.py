import os

import pytest

from dataflow_ops.child import Child, Lost
from dataflow_ops.errors import Transient

SERVE = """
import json, os, sys, time

def serve(greeting):
    print(json.dumps(None), flush=True)
    for line in sys.stdin:
        word = line.strip()
        if word == "sleep":
            time.sleep(60)
        if word == "die":
            os.kill(os.getpid(), 11)
        if word == "secret":
            word = os.environ.get("A_SECRET")
        print(json.dumps([greeting, os.getpid(), word]), flush=True)
"""
DEAF = "import time\n\ndef serve():\n    print('null', flush=True)\n    time.sleep(60)\n"


@pytest.fixture
def serving(tmp_path, monkeypatch):
    (tmp_path / "served_words.py").write_text(SERVE)
    (tmp_path / "served_deaf.py").write_text(DEAF)
    (tmp_path / "served_broken.py").write_text("raise SystemExit(1)\n")
    monkeypatch.syspath_prepend(tmp_path)


def test_one_process_answers_all_questions(serving):
    with Child("served_words", "hello") as child:
        answers = [child.ask(word, 30.0) for word in (b"a\n", b"b\n")]
    assert [(greeting, word) for greeting, _, word in answers] == [("hello", "a"), ("hello", "b")]
    assert answers[0][1] == answers[1][1] != os.getpid()


@pytest.mark.parametrize(
    ("word", "seconds", "why"), [(b"sleep\n", 0.3, "too long"), (b"die\n", 30.0, "ended the process")]
)
def test_a_child_that_is_late_or_dead_is_replaced(serving, word, seconds, why):
    with Child("served_words", "hello") as child:
        before = child.ask(b"a\n", 30.0)
        with pytest.raises(Lost, match=why):
            child.ask(word, seconds)
        after = child.ask(b"b\n", 30.0)
    assert after[2] == "b"
    assert after[1] != before[1]
    with pytest.raises(ProcessLookupError):
        os.kill(before[1], 0)


def test_a_question_that_nobody_reads_is_given_up(serving):
    with Child("served_deaf") as child, pytest.raises(Lost, match="too long"):
        child.ask(b"x" * 10_000_000, 0.5)


def test_no_secret_is_passed_on(serving, monkeypatch):
    monkeypatch.setenv("A_SECRET", "hunter2")
    with Child("served_words", "hello") as child:
        assert child.ask(b"secret\n", 30.0)[2] is None


def test_a_child_that_cannot_start_may_be_tried_again(serving):
    with Child("served_broken") as child, pytest.raises(Transient, match="'served_broken' did not start"):
        child.ask(b"a\n", 5.0)
