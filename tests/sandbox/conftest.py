import pytest

from dataflow_ops.sandbox.limits import Limits
from dataflow_ops.sandbox.run import Sandbox


@pytest.fixture(scope="package")
def sandbox():
    with Sandbox(Limits(wall_seconds=20, cpu_seconds=10)) as opened:
        yield opened


@pytest.fixture
def run(sandbox):
    """Run Python code, then show that the next run works: whatever the first did, it is contained."""

    def run(code, **files):
        found = sandbox.run(sandbox.python("main.py"), {"main.py": code.encode(), **files})
        assert sandbox.run(["/bin/echo", "next"]).stdout == b"next\n"
        return found

    return run
