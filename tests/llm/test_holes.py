import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.llm.holes import fillings
from dataflow_ops.llm.prompts import Prompt


def prompt(text):
    return Prompt.parse("test", f"## user\n{text}")


@pytest.mark.parametrize(
    ("text", "columns", "task", "filled"),
    [
        ("$text", None, "", {"text": "text"}),
        ("$text", {}, "", {"text": "text"}),
        ("$text $more", {"text": "body"}, "", {"text": "body", "more": "more"}),
        ("$task: $text", None, "Sum up.", {"task": ["Sum up."] * 2, "text": "text"}),
        ("$task: $text", {"task": "work"}, "", {"task": "work", "text": "text"}),
        ("$text $count", None, "", {"text": "text", "count": [3, 3]}),
        ("$text $count", {"count": "number"}, "", {"text": "text", "count": "number"}),
        ("$text", {"unknown": "text"}, "", {"text": "text", "unknown": "text"}),
        ("no hole", None, "", {}),
    ],
)
def test_holes_are_filled_by_columns_then_settings_then_the_column_of_their_name(text, columns, task, filled):
    assert fillings(prompt(text), 2, columns, task=task, count=3) == filled


@pytest.mark.parametrize(
    ("text", "task", "message"),
    [
        ("$task: $text", "", "prompt 'test' asks for a task: say in `task`"),
        ("$text", "Sum up.", r"prompt 'test' has no hole \$task for task='Sum up.'"),
    ],
)
def test_a_task_and_its_hole_go_together(text, task, message):
    with pytest.raises(BadArgument, match=message):
        fillings(prompt(text), 2, task=task)
