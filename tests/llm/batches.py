"""Batch jobs to ask in, and tasks that die meanwhile."""

from dataflow_ops.llm.batch_api import BatchApi
from dataflow_ops.llm.batch_calls import Calls
from dataflow_ops.llm.chat import Backend
from dataflow_ops.llm.server import Server
from dataflow_ops.store import Folder
from tests.llm.questions import question


def backend(provider, tmp_path, *, key="right", store=None, **settings):
    """A batch API at half the price of `m`: $1 and $10 per million tokens."""
    prices = {"input": 1.0, "output": 10.0}
    server = Server(provider.url, "m", key=key, attempts=3, backoff_s=0.01, timeout_s=10, prices=prices)
    return BatchApi(server, store or Folder(), f"{tmp_path}/run", poll_s=0.01, **settings)


def asked(backend: Backend, numbers):
    """Ask; return what came of each question."""
    outcomes = {}

    def done(request, outcome):
        assert request.key not in outcomes
        outcomes[request.key] = outcome

    backend.complete([question(number) for number in numbers], done)
    return {number: outcomes[question(number).key] for number in numbers}


def texts(outcomes):
    """The answers by number, None where there is a failure."""
    return {number: getattr(outcome, "text", None) for number, outcome in outcomes.items()}


def right(numbers):
    """The answers that the provider gives."""
    return {number: f"answer to What is {number}?" for number in numbers}


def remembered(tmp_path):
    """What is noted of jobs."""
    return sorted(path.suffix for path in (tmp_path / "run").rglob("*.*") if path.is_file())


class Killed(BaseException):
    """The task ends here."""


def kill_when(monkeypatch, method, number=1):
    """Let the task die right before the `number`-th call of a method."""
    calls, whole = [], getattr(Calls, method)

    def dying(*given):
        calls.append(given)
        if len(calls) == number:
            raise Killed
        return whole(*given)

    monkeypatch.setattr(Calls, method, dying)
