import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import asdict

import numpy as np
import pyarrow as pa
import pytest
import yaml
from markdown_it import MarkdownIt

from dataflow_ops import manifest
from dataflow_ops.card import LOAD, readme, render, size_category
from dataflow_ops.card_rows import ASK
from dataflow_ops.dataset import version_uri
from dataflow_ops.markdown import clean
from dataflow_ops.plots import cut
from dataflow_ops.shards import write_table
from dataflow_ops.store import Folder

HOSTILE = [
    "<script>alert(1)</script>",
    "![seen](http://evil.example/p.png)",
    "[free](javascript:alert(1))",
    "a | b | c",
    "`one` ``two``",
    "```\nfence\n```",
    "line\n\n# heading\n\n---\n- item",
    "$x^2$ \\frac{1}{2}",
    "\x00\x1b[31mred\x7f",
    "\u202egnp.exe",
    "<!-- --> <img src=x onerror=alert(1)>",
    "https://evil.example www.evil.example @everyone #1",
    "&lt;b&gt; &#60;",
    "'\"; {{ var.value.key }} : yaml",
    "日本語の理由" * 20,
    "",
]


def about(**changes):
    return {
        "dataset": "s3://bucket/datasets/web",
        "version": 3,
        "previous": 2,
        "dag": "text",
        "run": "manual__2026-01-02T03:04:05+00:00",
        "created": "2026-01-02T03:04:05+00:00",
        "rows": 12_345,
        "bytes": 5 * 1024**2,
        "columns": {"id": "string", "text": "large_string"},
        "sources": [{"uri": f"s3://bucket/raw/{n:02}.jsonl", "etag": f"e{n}", "bytes": 1024} for n in range(23)],
        "ops": [{"task": "clean", "op": "refine.text.strip_html", "with": {"text": "text", "keep": None}}],
        "side_tables": {"measured": ["s3://bucket/work/v/part-00000.parquet", "s3://bucket/work/v/part-00001.parquet"]},
        "rehearsal": False,
        "tokens": {},
        "added_rows": 345,
        "added_parts": 1,
    } | changes


def step(task="good", rows_in=1000, rows_out=750, **changes):
    return {
        "task": task,
        "rows_in": rows_in,
        "made": 0,
        "dropped": {"words at_least=50": {"rows": 200, "examples": ["a", "b", "c", "d"]}},
        "rejected": {"ValueError": 50},
        "rows_out": rows_out,
        "seconds": 1.5,
        "cpu_seconds": 1.2,
        "bytes_in": 2048,
        "bytes_out": 1024,
    } | changes


def funnel(*steps):
    steps = steps or (step(),)
    rejected = sum(sum(each["rejected"].values()) for each in steps)
    return {
        "dag": "text",
        "run": "r",
        "rows_in": steps[0]["rows_in"],
        "rows_out": steps[-1]["rows_out"],
        "rejected": rejected,
        "steps": list(steps),
    }


def measures(rows=400):
    words = np.arange(rows) + 1
    kept = words >= 50
    return pa.table({
        "id": [f"r{n}" for n in range(rows)],
        "kept": kept,
        "dropped_by": pa.array([None if each else "filters.rules.passed" for each in kept]).dictionary_encode(),
        "reasons": pa.array([None if each else ["words at_least=50"] for each in kept], pa.list_(pa.string())),
        "words": words,
        "language": ["en" if n % 10 else "de" for n in range(rows)],
    })  # fmt: skip


THRESHOLDS = {"words": {"at_least": 50, "at_most": None}}


def page(**changes):
    return render(about(**changes), funnel(), measures(), THRESHOLDS)["README.md"].decode()


def test_the_same_input_gives_the_same_bytes():
    files = render(about(), funnel(), measures(), THRESHOLDS)
    assert files == render(about(), funnel(), measures(), THRESHOLDS)
    assert sorted(files) == ["README.md", "funnel.svg", "measures.svg"]
    assert b"dc:date" not in files["measures.svg"]


def test_front_matter_is_what_dataset_hubs_read():
    _, front, _ = page(parts=[{"uri": "s3://bucket/datasets/web/data/part-1.parquet"}]).split("---\n", 2)
    assert yaml.safe_load(front) == {
        "pretty_name": "web",
        "language": ["de", "en"],
        "size_categories": ["10K<n<100K"],
        "tags": ["dataflow-ops"],
        "configs": [
            {"config_name": "default", "data_files": [{"split": "train", "path": ["data/part-1.parquet"]}]},
        ],
    }


@pytest.mark.parametrize(
    ("rows", "name"),
    [
        (0, "n<1K"),
        (999, "n<1K"),
        (1000, "1K<n<10K"),
        (99_999, "10K<n<100K"),
        (10**9, "1B<n<10B"),
        (10**12 - 1, "100B<n<1T"),
        (10**13, "n>1T"),
    ],
)
def test_size_categories_are_those_of_dataset_hubs(rows, name):
    assert size_category(rows) == name


@pytest.mark.parametrize(
    "said",
    [
        "# web, version 3",
        "| new in this version | 345 rows in 1 file, the rest is as in version 2 |",
        "1,000 read + 0 made = 750 published + 200 dropped + 50 rejected. Every row is accounted for.",
        '| 1 | `clean` | `refine.text.strip_html` | `text="text"` |',
        "| `good` | 1,000 | 0 | 200 | 50 | 750 | 75.0 % | 1.5 | 1.2 | 2.0 KiB | 1.0 KiB |",
        "| `good` | words at_least=50 | 200 | 20.0 % | `a`, `b`, `c` |",
        "| `good` | ValueError | 50 |",
        "| `words` | ≥ 50 | 49 | 0 | 20 | 200 | 380 |",
        "Of 400 rows with measured values, 351 were kept.",
        "- `measured`: 2 files, the first is `s3://bucket/work/v/part-00000.parquet`",
        "No model was used. 0 tokens.",
        "23 files, 23.0 KiB.",
        "3 more are in the manifest.",
        "| `text` | `large_string` |",
        "versions/000003/manifest.json",
    ],
)
def test_the_page_answers(said):
    assert said in page()


def test_rows_that_do_not_add_up_are_told_loudly():
    text = render(about(), funnel(step(rows_out=740)), None, {})["README.md"].decode()
    assert "**Of this run's rows" in text
    assert "does not add up: +10 rows" in text


def test_rehearsal_rows_are_told_before_anything_else():
    text = page(rehearsal=True)
    assert "> [!CAUTION]\n> **Rehearsal: this is not training data.**" in text
    assert text.index("[!CAUTION]") < text.index("| rows |")
    assert "No model was asked" in text
    assert "rehearsal" in yaml.safe_load(text.split("---\n", 2)[1])["tags"]
    assert "CAUTION" not in page()


def test_tokens_are_listed_by_model():
    text = page(tokens={"answered": {"prompt": 1200, "completion": 34}, "calls": 7})
    assert "| `answered prompt` | 1,200 |" in text
    assert "| `calls` | 7 |" in text
    assert "No model" not in text


def test_an_empty_run_has_a_card():
    files = render(about(rows=0, sources=[], ops=[], columns={}, side_tables={}), {**funnel(), "steps": []}, None, {})
    assert list(files) == ["README.md"]
    assert "funnel.svg" not in files["README.md"].decode()


def test_nothing_measured_means_no_picture_of_measures():
    assert "measures.svg" not in render(about(), funnel(), None, {})
    assert "measures.svg" not in render(about(), funnel(), measures(0), THRESHOLDS)["README.md"].decode()


def hostile_page(bad):
    """Return a page in which every word that can come from data is `bad`."""
    dropped = {bad: {"rows": 200, "examples": [bad, bad]}}
    story = funnel(step(bad, dropped=dropped, rejected={bad: 50}))
    facts = about(
        dataset=f"s3://bucket/{bad}",
        dag=bad,
        run=bad,
        created=bad,
        description=f"on {bad}",
        columns={"id": "string", bad: bad},
        sources=[{"uri": bad, "etag": bad, "bytes": 1}],
        ops=[{"task": bad, "op": bad, "with": {bad: bad}}],
        side_tables={bad: [bad]},
        rejects={bad: [{"uri": bad}]},
        tokens={bad: bad},
    )
    values = pa.table({"id": ["a", "b"], "kept": [True, False], f"n {bad}": [1, 2]})
    return readme(facts, story, values, {f"n {bad}": {"at_least": 2}}, True)


def shape(markdown):
    """What a page is made of: kinds of blocks and inlines, without its words."""
    body = markdown.split("\n---\n", 1)[1]
    found = []
    for token in MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(body):
        inside = token.children or []
        found += [token.type, *(each.type for each in inside if each.type in ("link_open", "image", "s_open"))]
        assert all(each.content in ("<code>", "</code>") for each in inside if each.type == "html_inline")
        assert token.type != "html_block"
    return Counter(found)


@pytest.mark.parametrize("bad", HOSTILE)
def test_hostile_words_change_nothing_but_words(bad):
    text = hostile_page(bad)
    assert shape(text) == shape(hostile_page("harmless"))
    front = yaml.safe_load(text.split("\n---\n", 1)[0])
    assert front["pretty_name"] == (clean(bad.rpartition("/")[2], None) or "bucket")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", text)


def test_hostile_words_are_words_in_the_pictures_too():
    dropped = {bad: {"rows": 10, "examples": []} for bad in HOSTILE[:12]}
    rows = len(HOSTILE) * 3
    values = pa.table({
        "kept": [n % 2 == 0 for n in range(rows)],
        **{f"n {bad}": list(range(rows)) for bad in HOSTILE[:6]},
        **{f"w {bad}": [HOSTILE[n % 5] for n in range(rows)] for bad in HOSTILE[6:12]},
    })  # fmt: skip
    files = render(about(), funnel(*(step(bad, dropped=dropped) for bad in HOSTILE)), values, {})

    for name, prefix in (("funnel.svg", ""), ("measures.svg", "n "), ("measures.svg", "w ")):
        root = ET.fromstring(files[name])
        assert not {each.tag.rpartition("}")[2] for each in root.iter()} & {"script", "a", "foreignObject", "image"}
        words = {each.text for each in root.iter("{http://www.w3.org/2000/svg}text")}
        expected = {"n ": HOSTILE[:6], "w ": HOSTILE[6:12]}.get(prefix, HOSTILE[:-1])
        assert {cut(f"{prefix}{bad}", 36 if prefix else 38) for bad in expected} <= words


def test_what_the_page_says_of_loading_works(tmp_path):
    store, root = Folder(), str(tmp_path / "datasets" / "web")
    tables = [pa.table({"id": ["a", "b"], "text": ["x", None]}), pa.table({"id": ["c"], "text": ["z"]})]
    parts = [asdict(write_table(store, f"{root}/data", "part", table)) for table in tables]
    side = write_table(store, f"{root}/work", "part", measures())
    where = version_uri(root, 3)
    store.create(where, manifest.dump({"parts": parts, "side_tables": {"measured": [{"uri": side.uri}]}}))

    text = render(about(dataset=root), funnel(), measures(), THRESHOLDS)["README.md"].decode()
    load, ask = re.findall(r"```python\n(.*?)\n```", text, re.DOTALL)
    assert load == LOAD.replace("MANIFEST", repr(where))
    found = {}
    exec(load.partition("# datasets")[0], found)
    assert found["frame"].id.tolist() == ["a", "b", "c"]
    assert found["data"].count_rows() == 3
    assert found["lazy"].collect()["text"].to_list() == ["x", None, "z"]
    lines, _, question = ask.rpartition("\n")
    assert ask == ASK.replace("TASK", "'measured'")
    exec(lines, found)
    assert eval(question, found).to_dict() == {"words at_least=50": 49}


def test_settings_are_shown_as_they_were_given():
    ops = [{"task": "t", "op": "filters.values.one_of", "with": {"values": ["en", "de"], "empty": "", "none": None}}]
    assert f'`values={json.dumps(["en", "de"])}`, `empty=""`' in page(ops=ops)
