import pytest

from dataflow_ops.errors import nearest


@pytest.mark.parametrize(
    ("name", "known", "said"),
    [
        ("txt", ["text", "id"], "did you mean 'text'? there are: 'id', 'text'"),
        ("zzz", ["text", "id"], "there are: 'id', 'text'"),
        ("x", [], "there are: none"),
    ],
)
def test_what_is_there_is_said(name, known, said):
    assert nearest(name, known) == said


def test_of_many_names_the_nearest_are_said():
    said = nearest("column_7", [f"column_{number}" for number in range(40)])
    assert said.startswith("did you mean 'column_7'? there are: 'column_7'")
    assert said.endswith(" and 28 more")
