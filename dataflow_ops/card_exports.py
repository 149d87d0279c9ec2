"""What a dataset card says of exports: to a hub in its front matter, to a reader in a section."""

from collections.abc import Mapping, Sequence
from typing import Any

from dataflow_ops import exports
from dataflow_ops.markdown import code, fence, table
from dataflow_ops.quantities import count, size

About = Mapping[str, Any]


def configs(about: About) -> dict[str, list[str]]:
    """Return the files of exports by the names under which a hub shows them.

    Only Parquet: a hub reads all of a dataset with the one loader that its first files need.
    """
    shown = [name for name in exports.names(about.get("parts", ())) if name.endswith(".parquet")]
    return {_config(name): [file["uri"] for file in exports.files(about, name)] for name in shown}


def _config(name: str) -> str:
    word = name.partition(".")[0]
    return name if word == "default" else word


def section(about: About) -> str:
    """Return a line for each export, and how to load it; nothing where there is none."""
    found = {name: exports.files(about, name) for name in exports.names(about.get("parts", ()))}
    if not found:
        return ""
    head = ("export", "columns", "#rows", "#size", "#files")
    lines = [_row(name, files) for name, files in found.items()]
    notes = [NOTE, table(head, lines).strip(), _partly(about, found), _load(found)]
    return "## Exports\n\n" + "\n\n".join(filter(None, notes))


def _row(name: str, files: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    columns = dict.fromkeys(column for file in files for column in file["columns"])
    rows, taken = sum(file["rows"] for file in files), sum(file["bytes"] for file in files)
    return code(name), ", ".join(map(code, columns)), f"{rows:,}", size(taken), f"{len(files):,}"


def _partly(about: About, found: Mapping[str, Sequence[Any]]) -> str:
    """Say of which exports parts of an older version have no file."""
    of = len(about["parts"])
    short = [f"{code(name)} has {count(len(files), 'file')}" for name, files in found.items() if len(files) < of]
    if not short:
        return ""
    return (
        f"Of {count(of, 'part')}, {', '.join(short)}: parts written before an export was asked for "
        "have none. A full refresh writes all of them."
    )


def _load(found: Mapping[str, Sequence[Any]]) -> str:
    blocks = [LOAD.replace("LOADER", _loader(name)).replace("NAME", name) for name in found]
    return "With `version` and `load_dataset` from above:\n\n" + fence("\n\n".join(blocks), "python")


def _loader(name: str) -> str:
    return "parquet" if name.endswith(".parquet") else "json"


NOTE = "The same rows once more, in the same order, with the columns that a trainer reads."
LOAD = """\
# NAME
files = [part["exports"]["NAME"]["uri"] for part in version["parts"] if "NAME" in part.get("exports", {})]
rows = load_dataset("LOADER", data_files=files, split="train")"""
