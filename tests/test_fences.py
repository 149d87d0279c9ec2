import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from dataflow_ops.fences import Block, blocks, fenced, last_block

LINES = st.sampled_from(
    ["```", "````", "``` ", "~~~", "~~~~", "  ```", "   ~~~", "    ```", "```python", "~~~ py `x`", "``` a`b", "```a```",
     "x = 1", "   x", "      x", "", "  ", "`` x", "``` py\tz", "```\t", "~~~~ ~~", "~~~ ```"]
)  # fmt: skip
"""Lines that CommonMark reads without regard to lists, quotations and HTML."""
PYTHON = frozenset({"python", "py"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("no block", []),
        ("a ```b``` c", []),
        ("```python\nx = 1\n```", [("python", "x = 1", True)]),
        ("```Python title=x\nx\n```\n", [("python", "x", True)]),
        ("```python:app.py\n```", [("python", "", True)]),
        ("```rust,ignore\n```", [("rust", "", True)]),
        ("``` {.python .numberLines}\n```", [("python", "", True)]),
        ("```c++\n```\n```c#\n```", [("c++", "", True), ("c#", "", True)]),
        ("~~~\nx\n```\n~~~", [("", "x\n```", True)]),
        ("````md\n```python\nx\n```\n````", [("md", "```python\nx\n```", True)]),
        ("```\nx\n````", [("", "x", True)]),
        ("````\nx\n```", [("", "x\n```", False)]),
        ("```\nx\n``` y\n```", [("", "x\n``` y", True)]),
        ("```\nx\n    ```\n```", [("", "x\n    ```", True)]),
        ("```\nx\n   ```  \t\nz", [("", "x", True)]),
        ("  ```\n    x\n y\nz\n  ```", [("", "  x\ny\nz", True)]),
        ("    ```\nx\n    ```", []),
        ("```\r\nx\r\n\r\ny\r\n```\r\n", [("", "x\n\ny", True)]),
        ("```\rx\r```", [("", "x", True)]),
        ("```\nx\u2028y\x0bz\x85\n```", [("", "x\u2028y\x0bz\x85", True)]),
        ("```python\nx", [("python", "x", False)]),
        ("```python\nx\n", [("python", "x", False)]),
        ("```", [("", "", False)]),
        ("``` a`b\nx\n```", [("", "", False)]),
        ("~~~ a`b~\nx\n~~~", [("a`b~", "x", True)]),
        ("```a\n1\n```\n```b\n2\n```\n```c\n3", [("a", "1", True), ("b", "2", True), ("c", "3", False)]),
    ],
)
def test_blocks_are_those_of_commonmark(text, expected):
    assert blocks(text) == [Block(*each) for each in expected]


@given(st.lists(LINES, max_size=12), st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=300, deadline=None)
def test_blocks_are_those_that_a_markdown_parser_finds(lines, end):
    tokens = [token for token in MarkdownIt("commonmark").parse(end.join(lines)) if token.type == "fence"]
    found = blocks(end.join(lines))
    assert len(found) == len(tokens)
    for block, token in zip(found, tokens, strict=True):
        # What the parser drops are blank lines at the end of a block that never closes.
        shown, content = block.text.split("\n"), token.content.removesuffix("\n").split("\n")
        assert shown == content or (not block.complete and block.text.rstrip() == token.content.rstrip())
    assert [each.tag for each in found] == [token.info.split()[0] if token.info.split() else "" for token in tokens]


@given(st.text(alphabet=st.sampled_from("`~ \nab\t{"), max_size=80), st.sampled_from(["", "python"]))
@settings(deadline=None)
def test_what_is_fenced_is_found_again(text, tag):
    (block,) = blocks(f"Here:\n\n{fenced(text, tag)}\n\nThat is it.")
    assert block == Block(tag, text, complete=True)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
@settings(deadline=None)
def test_any_text_is_read_and_only_the_last_block_may_be_open(text):
    assert all(block.complete for block in blocks(text)[:-1])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("```python\na\n```\n```python\nb\n```", "b"),
        ("```py\na\n```", "a"),
        ("```python\na\n```\nIt prints\n```\n3\n```", "a"),
        ("```python\na\n```\n```bash\npip install x\n```", "a"),
        ("```\na\n```\n```\nb\n```", "b"),
        ("```python\na\n```\n```python\nb", "a"),
        ("```javascript\na\n```", None),
        ("```python\na", None),
        ("a", None),
    ],
)
def test_the_last_block_in_the_language_counts_then_the_last_in_none(text, expected):
    assert last_block(text, PYTHON) == expected


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("`" * 1_000_000, 1),
        ("`" * 1_000_000 + "a`", 0),
        ("~" * 500_000 + "`" * 500_000, 1),
        ("```\n" * 250_000, 125_000),
        ("x```\n" * 250_000, 0),
        (("`" * 999 + "\n") * 1_000, 500),
        (" " * 1_000_000, 0),
        ("\r" * 1_000_000, 0),
        ("```" + " " * 1_000_000 + "\n   ```" + " " * 1_000_000 + "x", 1),
        ("```{" + " " * 1_000_000, 1),
    ],
    ids=["backticks", "in a line", "both", "fences", "late", "long fences", "blanks", "returns", "behind", "brace"],
)
@pytest.mark.timeout(30)
def test_hostile_text_comes_to_an_end(text, count):
    """A pattern that tries all ways of cutting a million characters would take hours."""
    assert len(blocks(text)) == count
