"""The card of a published version: what the data is, how it was made, what was left out and why, how to load it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from dataflow_ops import card_exports, card_rows, measured, plots
from dataflow_ops.dataset import version_uri
from dataflow_ops.markdown import clean, code, fence, table, text
from dataflow_ops.quantities import count, size

SOURCES = 20
"""Sources that a card lists; the manifest has all."""

About = Mapping[str, Any]


def render(
    about: About, funnel: Mapping[str, Any], measures: pa.Table | None, thresholds: Mapping[str, Any]
) -> dict[str, bytes]:
    """Return the files of a card, by name: `README.md`, `funnel.svg`, and `measures.svg` where something was measured.

    `thresholds` are `{"words": {"at_least": 50, "at_most": null}}`. The same input gives the same bytes.
    """
    panels = measured.panels(measures, thresholds) if measures is not None and measures.num_rows else []
    files = {"README.md": readme(about, funnel, measures, thresholds, bool(panels)).encode()}
    if funnel["steps"]:
        files["funnel.svg"] = plots.funnel(funnel)
    if panels:
        files["measures.svg"] = plots.measures(panels)
    return files


def readme(
    about: About,
    funnel: Mapping[str, Any],
    measures: pa.Table | None,
    thresholds: Mapping[str, Any],
    drawn: bool,
) -> str:
    """Return the page: YAML that dataset hubs read, then one section for each question a reader has."""
    sections = [
        f"# {text(_title(about))}, {_which(about)}",
        _rehearsal(about),
        _what(about),
        _counts(about, funnel),
        _load(about),
        card_exports.section(about),
        _columns(about),
        _made(about),
        card_rows.funnel_table(funnel),
        card_rows.dropped(funnel["steps"]),
        card_rows.rejected(funnel["steps"], about.get("rejects", {})),
        card_rows.measures_table(measures, thresholds, drawn),
        card_rows.whole(funnel["steps"]),
        card_rows.verdicts(about["side_tables"]),
        _tokens(about),
        _sources(about),
    ]
    return "\n\n".join([_front_matter(about, measures), *filter(None, (each.strip() for each in sections))]) + "\n"


def _title(about: About) -> str:
    return about["dataset"].rstrip("/").rpartition("/")[2] or about["dataset"]


def _front_matter(about: About, measures: pa.Table | None) -> str:
    """Write YAML with JSON's quoting: whatever a name holds, it stays one string."""
    languages = about.get("language") or _languages(measures)
    lines = [
        f"pretty_name: {_quoted(_title(about))}",
        *([f"language: [{', '.join(map(_quoted, languages))}]"] if languages else []),
        f"size_categories: [{_quoted(size_category(about['rows']))}]",
        f"tags: [{', '.join(map(_quoted, ['dataflow-ops', *(['rehearsal'] if about['rehearsal'] else [])]))}]",
        "configs:",
        *_config(about, "default", [part["uri"] for part in about.get("parts", ())] or ["data/*.parquet"]),
        *(line for name, files in card_exports.configs(about).items() for line in _config(about, name, files)),
    ]
    return "\n".join(["---", *lines, "---"])


def _config(about: About, name: str, files: Sequence[str]) -> list[str]:
    """Return lines that name files as seen from the folder of the card: of a rehearsal, which lies elsewhere, in full."""
    root = about["dataset"].rstrip("/") + "/" if about["version"] is not None else ""
    paths = [f"    - {_quoted(file.removeprefix(root))}" for file in files]
    return [f"- config_name: {_quoted(name)}", "  data_files:", "  - split: train", "    path:", *paths]


def _quoted(value: object) -> str:
    return json.dumps(clean(value, None), ensure_ascii=False)


def _languages(measures: pa.Table | None) -> list[str]:
    """Return the languages of one kept row in a hundred or more, where the rows' languages were measured."""
    if measures is None or "language" not in measures.column_names:
        return []
    kept = measures.filter(pa.array(measured.kept_rows(measures)))["language"]
    found = pc.value_counts(pc.cast(kept.drop_null(), pa.string())).to_pylist()
    common = [each["values"] for each in found if each["counts"] * 100 >= len(kept)]
    return sorted(name for name in common if name.isascii() and name.isalpha() and len(name) in (2, 3))


def size_category(rows: int) -> str:
    """Return the size of a dataset as dataset hubs name it, `10K<n<100K`."""
    names = ["1K", "10K", "100K", "1M", "10M", "100M", "1B", "10B", "100B", "1T"]
    below = next((place for place in range(len(names)) if rows < 10 ** (place + 3)), len(names))
    if below == 0:
        return "n<1K"
    return f"n>{names[-1]}" if below == len(names) else f"{names[below - 1]}<n<{names[below]}"


def _which(about: About) -> str:
    return "a rehearsal" if about["version"] is None else f"version {about['version']}"


def _rehearsal(about: About) -> str:
    if not about["rehearsal"]:
        return ""
    names = {name for part in about.get("parts", ()) for name in part.get("answered_by", ())}
    return REPLAY if names and not any(name.startswith("rehearsal") for name in names) else REHEARSAL


REHEARSAL = """\
> [!CAUTION]
> **Rehearsal: this is not training data.** No model was asked for some or all of these rows. Where the text says what a
> model would have answered, plain rules wrote something of the right shape, to try the pipeline. Do not train on it."""
REPLAY = """\
> [!CAUTION]
> **Replay.** No model was asked for some or all of these rows: answers that were kept from earlier runs were given
> again. The column `answered_by` says of each row whose."""


def _what(about: About) -> str:
    said = f"{count(about['rows'], 'row')} of Parquet, written by DAG {code(about['dag'])} from {count(len(about['sources']), 'source file')}."
    return "\n\n".join(filter(None, [text(about.get("description", ""), None), said]))


def _counts(about: About, funnel: Mapping[str, Any]) -> str:
    previous = f", the rest is as in version {about['previous']}" if about["previous"] is not None else ""
    rows = [
        ("rows", f"{about['rows']:,}"),
        ("size", size(about["bytes"])),
        (
            "new in this version",
            f"{count(about['added_rows'], 'row')} in {count(about['added_parts'], 'file')}{previous}",
        ),
        ("made by", f"DAG {code(about['dag'])}, run {code(about['run'])}"),
        ("created", text(_when(about["created"]))),
        ("manifest", code(_manifest(about), None)),
    ]
    return table(("", ""), rows) + "\n" + card_rows.balance(funnel)


def _when(created: str) -> str:
    try:
        return f"{datetime.fromisoformat(created):%Y-%m-%d %H:%M %Z}".strip()
    except ValueError:
        return created


def _manifest(about: About) -> str:
    return about.get("manifest") or version_uri(about["dataset"], about["version"])


def _load(about: About) -> str:
    lines = LOAD.replace("MANIFEST", repr(_manifest(about)))
    return f"## Load it\n\n{LOAD_NOTE}\n\n{fence(lines, 'python')}"


LOAD_NOTE = """\
A version is the files that its manifest names; other files in the same folder belong to other versions. Credentials
and, for a store other than AWS, `AWS_ENDPOINT_URL` come from the environment. For S3, pandas and datasets also need
`s3fs`."""
LOAD = """\
import json
from pyarrow.fs import FileSystem

store, path = FileSystem.from_uri(MANIFEST)
with store.open_input_stream(path) as file:
    version = json.load(file)
files = [part["uri"] for part in version["parts"]]

# pandas
import pandas as pd
frame = pd.concat([pd.read_parquet(file, dtype_backend="pyarrow") for file in files], ignore_index=True)

# pyarrow: a dataset that is read when asked
import pyarrow.dataset as ds
data = ds.dataset([FileSystem.from_uri(file)[1] for file in files], filesystem=store)

# polars
import polars as pl
lazy = pl.scan_parquet(files)

# datasets
from datasets import load_dataset
rows = load_dataset("parquet", data_files=files, split="train")"""


def _columns(about: About) -> str:
    rows = [(code(name), code(kind)) for name, kind in about["columns"].items()]
    return f"## Columns\n\n{table(('column', 'type'), rows)}" if rows else ""


def _made(about: About) -> str:
    rows = [
        (str(number), code(op["task"]), code(op["op"]), _settings(op["with"]))
        for number, op in enumerate(about["ops"], 1)
    ]
    if not rows:
        return ""
    return f"## How it was made\n\nIn this order:\n\n{table(('#', 'task', 'op', 'settings'), rows)}"


def _settings(given: Mapping[str, Any]) -> str:
    shown = [
        f"{key}={json.dumps(value, ensure_ascii=False, default=str)}"
        for key, value in given.items()
        if value is not None
    ]
    return ", ".join(map(code, shown))


def _tokens(about: About) -> str:
    note = "No model answered all of it: this is a rehearsal or a replay.\n\n" if about["rehearsal"] else ""
    if about["tokens"]:
        rows = [
            (code(name), f"{count:,}" if isinstance(count, int) else text(count))
            for name, count in _flat(about["tokens"])
        ]
        return f"## Model use\n\n{note}{table(('', '#'), rows)}"
    why = "No model was asked: this is a rehearsal." if about["rehearsal"] else "No model was used."
    return f"## Model use\n\n{why} 0 tokens."


def _flat(tokens: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the numbers of nested counts, `model.prompt` and 12."""
    for name, value in tokens.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name} ")
        else:
            yield f"{above}{name}", value


def _sources(about: About) -> str:
    sources = about["sources"]
    rows = [(code(each["uri"], None), size(each["bytes"]), code(each["etag"])) for each in sources[:SOURCES]]
    total = f"{count(len(sources), 'file')}, {size(sum(each['bytes'] for each in sources))}."
    more = f"\n{len(sources) - SOURCES:,} more are in the manifest." if len(sources) > SOURCES else ""
    return f"## Sources\n\n{total}\n\n{table(('file', '#size', 'etag'), rows) if rows else ''}{more}"
