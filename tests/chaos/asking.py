"""A program that asks a model about many rows and keeps the answers: started to be killed. Arguments: URL, folder, rows."""

import sys
from pathlib import Path

import pyarrow as pa

from dataflow_ops.generate import prompted
from dataflow_ops.llm.answers import Answers
from dataflow_ops.llm.opening import Access, open_llm
from dataflow_ops.op import REJECTED
from dataflow_ops.store import Folder

AT_ONCE = 32


def main(url: str, folder: str, rows: str) -> None:
    """Ask about all rows; the exit code is 1 when one has no answer."""
    table = pa.table(
        {"id": [f"r{number}" for number in range(int(rows))], "text": [f"row {n}" for n in range(int(rows))]}
    )
    memory = Answers(Folder(), f"{folder}/answers", local=Path(folder) / "journal", flush_rows=100, flush_seconds=0.5)
    access = Access({"url": url, "concurrency": AT_ONCE})
    with open_llm("openai:tiny", access, memory=memory) as llm:
        made = prompted.column(table, llm, prompt="## user\nSay something about $text")
    sys.exit(REJECTED in made.column_names)


if __name__ == "__main__":
    main(*sys.argv[1:])
