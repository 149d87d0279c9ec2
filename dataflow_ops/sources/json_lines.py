"""JSON Lines: an object a line."""

from collections.abc import Iterator

from dataflow_ops.sources.columns import Event, Reading
from dataflow_ops.sources.json_text import read_object
from dataflow_ops.sources.streams import lines


def read_json_lines(reading: Reading) -> Iterator[Event]:
    """Yield an event for each line that is not blank."""
    for first, group, problem, _ in lines(reading.blocks(), reading.max_record_bytes):
        if problem:
            yield first, group[0], problem
            continue
        for number, line in enumerate(group, first):
            if line and not line.isspace():
                yield number, line, read_object(line)
