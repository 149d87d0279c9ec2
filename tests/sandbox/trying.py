"""A tiny program, tests of it, and how to run one."""

from dataflow_ops.sandbox import harness

ADD = "def add(a, b):\n    return a + b\n"
RIGHT, WRONG = "assert add(1, 2) == 3", "assert add(1, 2) == 4"


def why(sandbox, candidate, test, seconds=2.0):
    """Run one test; return why it failed, None if it passed."""
    report = harness.run(sandbox, candidate, [test], seconds)
    assert report.passed == (report.failures[0] is None,)
    return report.failures[0]
