import ast
import re
import sys
import textwrap
from dataclasses import asdict

import pyarrow as pa
import pytest

from dataflow_ops import manifest
from dataflow_ops.catalog import faults, is_op
from dataflow_ops.dataset import version_uri
from dataflow_ops.docs import PAGE, body, main
from dataflow_ops.shards import write_table
from dataflow_ops.store import Folder


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


@pytest.mark.parametrize("page", sorted(PAGE.parent.glob("*.md")), ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page):
    for target, anchor in re.findall(r"\]\(([\w/.-]*\.md)?(#[\w-]+)?\)", page.read_text()):
        other = page.parent / target if target else page
        assert other.is_file()
        headings = re.findall(r"^#+ (.*)$", other.read_text(), re.MULTILINE)
        anchors = {re.sub(r"[^\w-]", "", each.lower().replace(" ", "-")) for each in headings}
        assert not anchor or anchor[1:] in anchors


def code_of(name):
    return [
        textwrap.dedent(each) for each in re.findall(r"```python\n(.*?)```", (PAGE.parent / name).read_text(), re.S)
    ]


def test_the_op_that_the_page_shows_is_one_and_passes_its_test(tmp_path, monkeypatch):
    source, test = code_of("add-an-op.md")
    (tmp_path / "shown_length.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "test_shown.py").write_text(test.replace("dataflow_ops.filters.length", "shown_length"))

    import shown_length

    assert is_op(shown_length.min_letters)
    assert faults(shown_length.min_letters) == []
    options = ["-q", "--doctest-modules", "-p", "no:cacheprovider", "-c", "/dev/null", str(tmp_path)]
    assert pytest.main(options) == pytest.ExitCode.OK
    sys.modules.pop("shown_length")


@pytest.fixture
def published(tmp_path):
    """A version whose run dropped two of three rows, and could not take a fourth."""
    store, root = Folder(), f"{tmp_path}/datasets/text"
    judged = pa.table({
        "id": ["a", "b", "c"],
        "kept": [True, False, True],
        "dropped_by": pa.array([None, "filters.rules.passed", None]).dictionary_encode(),
        "reasons": pa.array([None, ["words", "sentences"], None], pa.list_(pa.string())),
        "words": pa.array([60, 12, 30], pa.int32()),
    })  # fmt: skip
    compared = pa.table({
        "id": ["a", "c"],
        "kept": [True, False],
        "dropped_by": pa.array([None, "filters.duplicates.unique"]).dictionary_encode(),
        "reasons": pa.array([None, ["unique duplicate_of"]], pa.list_(pa.string())),
        "duplicate_of": pa.array([None, "a"], pa.string()),
    })  # fmt: skip
    failed = pa.table(
        {"id": ["d"], "text": ["x"], "rejected_by": ["refine.text.strip_html"], "reason": ["ValueError: x"]}
    )
    side = {
        task: [asdict(write_table(store, f"{root}/side", task, table))]
        for task, table in (("good", judged), ("unique", compared))
    }
    rejects = {"clean": [asdict(write_table(store, f"{root}/side", "rejects", failed))]}
    store.create(version_uri(root, 1), manifest.dump({"side_tables": side, "rejects": rejects}))
    store.replace(f"{root}/latest.json", manifest.dump({"version": 1, "manifest": version_uri(root, 1)}))
    return root


def test_the_questions_of_the_page_are_answered(published):
    """Every block but DuckDB's, which is no dependency of this package."""
    known, answers = {}, []
    for block in code_of("query-verdicts.md"):
        if "duckdb" in block:
            continue
        for node in ast.parse(block.replace("s3://dataflow/datasets/text", published)).body:
            if isinstance(node, ast.Expr):
                answers.append(eval(compile(ast.Expression(node.value), "page", "eval"), known))
            else:
                exec(compile(ast.Module([node], []), "page", "exec"), known)

    row, rejected, rows, reasons, alone, thresholds, twins = answers
    assert row.loc["words"].tolist() == [12]
    assert rejected == {"clean": [{"id": "d", "rejected_by": "refine.text.strip_html", "reason": "ValueError: x"}]}
    assert rows.to_dict() == {("good", "filters.rules.passed"): 1, ("unique", "filters.duplicates.unique"): 1}
    assert reasons.to_dict() == {("good", "words"): 1, ("good", "sentences"): 1, ("unique", "unique duplicate_of"): 1}
    assert alone.to_dict() == {"unique duplicate_of": 1}
    assert thresholds == {10: 0, 20: 1, 50: 2, 100: 3}
    assert twins.to_numpy().tolist() == [["c", "a"]]
