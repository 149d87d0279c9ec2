"""Let OpenDCAI DataFlow compare queries and read schemas: `<python> sql_dataflow.py <folder> <pairs.json>` prints JSON.

`pairs.json` holds `{database: [[query, other], ...]}`; the folder has `<database>.sqlite` for each, and `wide.sqlite`.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

from dataflow.utils.text2sql.database_manager import DatabaseManager


def main(folder: str, pairs: str) -> None:
    """Print the verdicts, wall and CPU seconds for each database, and seconds for the schema of `wide`."""
    manager = DatabaseManager("sqlite", {"root_path": folder})
    found: dict[str, Any] = {}
    for name, each in json.loads(Path(pairs).read_text()).items():
        began, cpu = time.perf_counter(), time.process_time()
        verdicts = manager.batch_compare_queries([(name, left, right) for left, right in each])
        cost = {"wall_s": time.perf_counter() - began, "cpu_s": time.process_time() - cpu}
        found[name] = {"equal": [verdict["equal"] for verdict in verdicts], **cost}
    began = time.perf_counter()
    manager.get_db_details("wide")
    found["schema_s"] = time.perf_counter() - began
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
