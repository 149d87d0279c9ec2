"""Markdown of documents: where blocks stand in it, and that what they hold changes nothing around them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.documents import markdown
from dataflow_ops.documents.document import Block
from dataflow_ops.documents.markdown import of_block, written

KINDS = ("heading", "paragraph", "list", "table", "code", "caption", "footnote", "image")


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.text(max_size=40), st.sampled_from([None, "page-0001-1.png"]))))
def test_every_block_stands_where_its_span_says(made: list[tuple[str, str, str | None]]) -> None:
    blocks = [Block(kind, text, image=image if kind == "image" else None) for kind, text, image in made]  # type: ignore[arg-type]
    found = written(blocks)
    assert [found.text[begin:end] for begin, end in found.spans] == [of_block(block) for block in blocks]
    assert found.text == "\n\n".join(filter(None, map(of_block, blocks)))


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (Block("heading", "Two\nlines", level=2), "## Two lines"),
        (Block("heading", "Deep", level=9), "###### Deep"),
        (Block("heading", "Unknown"), "# Unknown"),
        (Block("heading", " "), ""),
        (Block("image", "a ]( b", image="page-0003-1.png"), "![a \\]( b](page-0003-1.png)"),
        (Block("image", "words only"), "words only"),
        (Block("list", "\n- a\n- b\n"), "- a\n- b"),
    ],
)
def test_blocks_are_written(block: Block, expected: str) -> None:
    assert of_block(block) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# not a heading", "\\# not a heading"),
        ("12. not an item", "12\\. not an item"),
        ("  - nor this", "  \\- nor this"),
        ("-5 degrees", "-5 degrees"),
        ("#hashtag", "#hashtag"),
        ("```", "\\```"),
        ("| cell", "\\| cell"),
        ("a * b * c", "a * b * c"),
        ("fine\n---", "fine\n\\---"),
    ],
)
def test_prose_begins_like_nothing_else(text: str, expected: str) -> None:
    assert markdown.prose(text) == expected


@pytest.mark.parametrize(
    ("words", "address", "expected"),
    [
        ("here", "https://a.example/x", "[here](https://a.example/x)"),
        ("a]b", "https://a.example/x y", "[a\\]b](https://a.example/x%20y)"),
        ("end", "https://a.example/x)", "[end](<https://a.example/x)>)"),
        ("pair", "https://a.example/x_(y)", "[pair](https://a.example/x_(y))"),
        ("angle", "https://a.example/<b>", "[angle](https://a.example/%3Cb%3E)"),
    ],
)
def test_links_end_where_they_should(words: str, address: str, expected: str) -> None:
    assert markdown.link(words, address) == expected


def test_fences_are_longer_than_what_they_hold() -> None:
    assert markdown.code("a\n````\nb", "python") == "`````python\na\n````\nb\n`````"
    assert markdown.code("a", "x\ny") == "```\na\n```"


def test_tables_are_square_and_their_cells_are_lines() -> None:
    assert markdown.table([["a|b", "c\nd"], ["e"]]) == "| a\\|b | c d |\n| --- | --- |\n| e |  |"
    assert markdown.table([]) == ""
    assert markdown.table([[], []]) == ""
