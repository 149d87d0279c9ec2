import pytest

from dataflow_ops.docs import PAGE, body, main


def test_the_op_reference_is_what_the_code_says():
    main(["--check"])


def test_a_stale_page_fails_the_check_and_writing_mends_it(tmp_path):
    page = tmp_path / "ops.md"
    with pytest.raises(SystemExit, match="is stale"):
        main(["--check", "--page", str(page)])
    main(["--page", str(page)])
    main(["--check", "--page", str(page)])
    page.write_text(page.read_text() + "\nby hand\n")
    with pytest.raises(SystemExit, match=r"run `python -m dataflow_ops\.docs`"):
        main(["--check", "--page", str(page)])
    assert PAGE.name == page.name


@pytest.mark.parametrize(
    ("docstring", "expected"),
    [
        ("", ""),
        ("Counts words,\nnot letters.", "Counts words,\nnot letters."),
        (">>> 1 + 1\n2", "```python\n>>> 1 + 1\n2\n```"),
        ("Example:\n    >>> 1\n    1", "Example:\n\n```python\n>>> 1\n1\n```"),
        ("As in::\n    a < b", "As in:\n\n```python\na < b\n```"),
        ("Raises:\n    ValueError: when\n        bad.\n    KeyError: too.", "Raises:\n\n- ValueError: when bad.\n- KeyError: too."),
        ("Keeps `a < b` and <b>.", "Keeps `a < b` and &lt;b&gt;."),
    ],
)  # fmt: skip
def test_docstrings_become_markdown(docstring, expected):
    assert body(docstring) == expected
