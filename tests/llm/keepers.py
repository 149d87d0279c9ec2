"""Keepers of answers to try, and what they know."""

from dataflow_ops.llm.answers import DAY, Answers
from dataflow_ops.store import Folder
from tests.llm.questions import question, reply


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
