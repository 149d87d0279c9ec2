"""Write docs/ops.md from the catalogue: `python -m dataflow_ops.docs`, with `--check` to see whether it is stale."""

import argparse
import html
import re
import textwrap
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from dataflow_ops.catalog import Entry, catalog, entry_of
from dataflow_ops.markdown import code, fence, table, text
from dataflow_ops.parameters import Parameter

PAGE = Path(__file__).parents[1] / "docs" / "ops.md"
INTRO = """\
<!-- Written by `python -m dataflow_ops.docs` from the code. Edit the docstrings, then run it again. -->

# Ops

Every op is a plain function. Its name is *verb.subject.op*: `filters.values.between` is the function `between` in
`dataflow_ops/filters/values.py`. What it reads and writes are names of columns, which you can change with the parameter
of that name; what is in the tables below are the defaults. How to write one: [add-an-op.md](add-an-op.md).
"""
VERBS = {
    "extract": "bytes to text",
    "refine": "change a column",
    "score": "add a measured column",
    "filters": "keep or drop rows",
    "dedup": "find and drop what is there twice",
    "generate": "write with a model",
}
VIEWS = {
    "pandas": "a pandas DataFrame with Arrow dtypes",
    "arrow": "an Arrow table",
    "polars": "a polars DataFrame",
    "shards": "all shards at once, a few columns at a time: it is a reduce",
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the page, or with `--check` exit 1 when it differs from what would be written."""
    parser = argparse.ArgumentParser(prog="python -m dataflow_ops.docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the page is stale")
    parser.add_argument("--page", type=Path, default=PAGE, help="the page, docs/ops.md")
    given = parser.parse_args(arguments)
    wanted = page([entry_of(op) for op in catalog().values()])
    if not given.check:
        given.page.write_text(wanted, encoding="utf-8")
    elif not given.page.is_file() or given.page.read_text(encoding="utf-8") != wanted:
        raise SystemExit(f"{given.page} is stale: run `python -m dataflow_ops.docs`")


def page(entries: Sequence[Entry]) -> str:
    """Return the page: a table for each verb, then a section for each op."""
    groups = [(verb, list(found)) for verb, found in groupby(entries, key=lambda each: each.verb)]
    tables = [_overview(verb, found) for verb, found in groups]
    sections = [_section(each) for each in entries]
    return "\n".join([INTRO, *tables, *sections]).rstrip() + "\n"


def _overview(verb: str, entries: Sequence[Entry]) -> str:
    head = ("op", "what it does", "reads", "writes")
    rows = [
        (
            _link(each),
            _cell(each.summary),
            _names(each, "reads", "changes", "reasons"),
            _names(each, "writes", "changes"),
        )
        for each in entries
    ]
    return f"## {verb}: {VERBS.get(verb, '')}\n\n{table(head, rows)}"


def _link(entry: Entry) -> str:
    return f"[{code(entry.name.partition('.')[2])}](#{_anchor(entry.name)})"


def _anchor(name: str) -> str:
    """Return the anchor that GitHub gives a heading: dots go, underscores stay."""
    return "".join(letter for letter in name.lower() if letter.isalnum() or letter in "_-")


def _names(entry: Entry, *kinds: str) -> str:
    return ", ".join(code(name) for param in entry.of_kind(*kinds) for name in _columns(param))


def _columns(param: Parameter) -> list[str]:
    """Return the columns that a parameter names by default; one that has to be given is shown as `<name>`."""
    if param.required:
        return [f"<{param.name}>"]
    return [param.default] if isinstance(param.default, str) else list(param.default or ())


def _section(entry: Entry) -> str:
    given = [f"Given {VIEWS[entry.view]}."]
    given += ["Needs a model: use it in `apply_llm`."] if entry.needs_llm else []
    rows = [(code(param.name), param.kind, text(param.type), _default(param)) for param in entry.params]
    parts = [f"### {entry.name}", prose(entry.summary), body(entry.body), " ".join(given)]
    return "\n\n".join(filter(None, parts)) + "\n\n" + table(("parameter", "kind", "type", "default"), rows)


def _default(param: Parameter) -> str:
    return "**required**" if param.required else code(repr(param.default))


def body(docstring: str) -> str:
    """Return the rest of a docstring as Markdown: examples in a fence, indented sections as lists."""
    paragraphs = [_paragraph(each) for each in docstring.split("\n\n")]
    return "\n\n".join(each for each in paragraphs if each)


def _paragraph(lines: str) -> str:
    plain = textwrap.dedent(lines).strip("\n")
    if plain.startswith(">>>"):
        return fence(plain, "python")
    head, _, rest = plain.partition("\n")
    if not (head.endswith(":") and rest.startswith("    ")):
        return prose(plain)
    inner = textwrap.dedent(rest)
    if head.endswith("::") or inner.startswith(">>>"):
        return f"{prose(head.removesuffix(':').removesuffix(':'))}:\n\n{fence(inner, 'python')}"
    return f"{prose(head)}\n\n" + "\n".join(f"- {prose(item)}" for item in _items(inner))


def prose(docstring: str) -> str:
    """Return words of a docstring as Markdown: their code spans stay, what looks like HTML is shown."""
    parts = re.split(r"(`[^`]*`)", docstring)
    return "".join(part if part.startswith("`") else html.escape(part, quote=False) for part in parts)


def _cell(docstring: str) -> str:
    return prose(docstring).replace("|", "\\|")


def _items(section: str) -> list[str]:
    """Join the wrapped lines of a section such as `Raises:` to one item each."""
    items: list[str] = []
    for line in section.split("\n"):
        if line.startswith(" ") and items:
            items[-1] += f" {line.strip()}"
        else:
            items.append(line.strip())
    return items


if __name__ == "__main__":
    main()
