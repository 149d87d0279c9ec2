import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.documents.chunking_structure import structure

TEXT = """intro
more
# Title #
para one
para two

Under
===
| a | b |
|---|:-:|
| 1 | 2 |
text after
````python
# no heading
```
x
````
$$
a + b
$$
\\[ c \\]
$$ open

not | a table
#no heading
"""


def parts(text):
    return [
        (part.kind, part.level or part.title or None, text[part.begin : part.end])
        for part in structure(text, None).parts
    ]


def test_markdown_is_headings_tables_code_formulas_and_text():
    assert parts(TEXT) == [
        ("text", None, "intro\nmore"),
        ("heading", 1, "# Title #"),
        ("text", None, "para one\npara two"),
        ("heading", 1, "Under\n==="),
        ("table", None, "| a | b |\n|---|:-:|\n| 1 | 2 |"),
        ("text", None, "text after"),
        ("code", None, "````python\n# no heading\n```\nx\n````"),
        ("formula", None, "$$\na + b\n$$"),
        ("formula", None, "\\[ c \\]"),
        ("text", None, "$$ open"),
        ("text", None, "not | a table\n#no heading"),
    ]
    assert [part.title for part in structure(TEXT, None).parts if part.kind == "heading"] == ["Title", "Under"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_ends_of_lines_make_no_difference(end):
    kinds = [part.kind for part in structure(TEXT.replace("\n", end), None).parts]
    assert kinds == [kind for kind, _, _ in parts(TEXT)]


def test_code_that_never_closes_goes_to_the_end():
    assert parts("~~~\na\n\n# b") == [("code", None, "~~~\na\n\n# b")]


MARKUP = st.sampled_from(["#", " ", "\n", "|", "-", "`", "~", "$", "=", "a", "\r", "\\[", "\\]", "\n\n", "```", "|-|"])


@given(st.lists(MARKUP, max_size=60).map("".join))
def test_parts_are_in_order_hold_everything_but_blanks_and_never_overlap(text):
    found = structure(text, None).parts
    places = [place for part in found for place in (part.begin, part.end)]
    assert places == sorted(places)
    assert "".join("".join(text[part.begin : part.end] for part in found).split()) == "".join(text.split())
