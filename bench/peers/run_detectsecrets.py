"""Scan the files of a folder with detect-secrets, all its detectors at their defaults: `run_detectsecrets.py <folder>`.

Prints one JSON object: CPU seconds of the scan alone, and per file the numbers of the lines with a finding.
"""

import json
import sys
import time
from pathlib import Path

from detect_secrets.core.scan import scan_file
from detect_secrets.settings import default_settings


def main(folder: str) -> None:
    """Scan and print."""
    before, found = time.process_time(), {}
    with default_settings():
        for path in sorted(Path(folder).iterdir()):
            found[path.name] = sorted({each.line_number for each in scan_file(str(path))})
    print(json.dumps({"cpu_s": time.process_time() - before, "found": found}))


if __name__ == "__main__":
    main(sys.argv[1])
