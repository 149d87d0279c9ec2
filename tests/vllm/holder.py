"""Hold a lease until standard input ends: `python holder.py model python root flags…`."""

import json
import sys
from pathlib import Path

from dataflow_ops.llm.vllm.lease import lease
from dataflow_ops.llm.vllm.server import VllmSettings

model, python, root, *flags = sys.argv[1:]
settings = VllmSettings(model, Path(python), tuple(flags), served_name="tiny", warm_seconds=0, start_seconds=500)
with lease(settings, "run", root=Path(root)) as leased:
    sys.stdout.write(json.dumps({"url": leased.url, "model": leased.model, "key": leased.key}) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
