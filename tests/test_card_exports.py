import re
from dataclasses import asdict

import pyarrow as pa
import pytest
import yaml

from dataflow_ops import exports
from dataflow_ops.card import render
from dataflow_ops.shards import write_table
from dataflow_ops.store import Folder
from tests.test_card import HOSTILE, about, funnel, page, shape


def exported(name, number, columns=("text",)):
    """A file of an export, as a part of a version names it."""
    folder, _, suffix = name.partition(".")
    uri = f"s3://bucket/datasets/web/exports/{folder}/part-{number}.{suffix}"
    return {name: {"uri": uri, "rows": 1000, "bytes": 2048, "sha256": "0", "columns": list(columns)}}


def part(number, **changes):
    return {"uri": f"s3://bucket/datasets/web/data/part-{number}.parquet"} | changes


def test_hubs_are_told_of_the_exports_that_their_loader_of_parquet_can_read():
    both = [part(n, exports=exported("text.parquet", n) | exported("chat.jsonl", n)) for n in (1, 2)]
    odd = part(3, exports=exported("no.parquet", 3) | exported("default.parquet", 3))
    configs = yaml.safe_load(page(parts=[*both, odd]).split("---\n", 2)[1])["configs"]
    assert {config["config_name"]: config["data_files"][0]["path"] for config in configs} == {
        "default": ["data/part-1.parquet", "data/part-2.parquet", "data/part-3.parquet"],
        "text": ["exports/text/part-1.parquet", "exports/text/part-2.parquet"],
        "no": ["exports/no/part-3.parquet"],
        "default.parquet": ["exports/default/part-3.parquet"],
    }


def test_exports_are_told_with_their_columns_rows_and_bytes():
    parts = [part(1), part(2, exports=exported("chat.jsonl", 2)), part(3, exports=exported("chat.jsonl", 3, "ab"))]
    text = page(parts=parts)
    assert "| `chat.jsonl` | `text`, `a`, `b` | 2,000 | 4.0 KiB | 2 |" in text
    assert "Of 3 parts, `chat.jsonl` has 2 files" in text
    assert "have none" not in page(parts=parts[1:])
    assert "## Exports" not in page(parts=parts[:1])


@pytest.mark.parametrize("bad", HOSTILE)
def test_hostile_names_of_columns_change_nothing_but_words(bad):
    hostile, harmless = (page(parts=[part(1, exports=exported("c.jsonl", 1, [name]))]) for name in (bad, "harmless"))
    assert shape(hostile) == shape(harmless)


def test_what_the_page_says_of_loading_exports_works(tmp_path):
    store, root, table = Folder(), str(tmp_path / "web"), pa.table({"text": ["x", None]})
    asked = dict.fromkeys(exports.parse({"a.jsonl": ["text"], "b.parquet": ["text"]}), table)
    data = write_table(store, f"{root}/data", "part", table)
    parts = [asdict(data) | {"exports": exports.write_part(store, root, data, asked)}, asdict(data)]
    text = render(about(dataset=root, parts=parts), funnel(), None, {})["README.md"].decode()
    block = re.findall(r"```python\n(.*?)\n```", text, re.DOTALL)[1]
    loaded = {}
    scope = {
        "version": {"parts": parts},
        "load_dataset": lambda loader, data_files, split: loaded.update({loader: data_files}),
    }
    exec(block, scope)
    assert loaded == {
        "json": [exports.files({"parts": parts}, "a.jsonl")[0]["uri"]],
        "parquet": [exports.files({"parts": parts}, "b.parquet")[0]["uri"]],
    }
