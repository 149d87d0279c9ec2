"""Several answers to one question, as one value of a row."""

from collections.abc import Sequence

from dataflow_ops.llm.chat import Answer, Failure, Kind


def together(samples: Sequence[Answer]) -> Answer:
    """Make one answer of several: all values, null for a failure; the first failure when there is no value."""
    failures = [answer.failure for answer in samples if answer.failure]
    if len(failures) < len(samples):
        return Answer([answer.value for answer in samples])
    first = failures[0]
    if len(samples) == 1 or first.kind == Kind.EMPTY:
        return Answer(failure=first)
    return Answer(failure=Failure(first.kind, f"{first.detail}; none of {len(samples)} samples can be used"))
