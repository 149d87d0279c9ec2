"""The child process that does algebra: pairs in, one JSON line each; verdicts out, one JSON line each."""

import json
import os
import signal
import sys

from dataflow_ops.child import answers_only, hold
from dataflow_ops.maths.equality import Atoms, same
from dataflow_ops.maths.forms import read


def serve(seconds: float, memory: int) -> None:
    """Answer pairs until the input ends; the alarm ends a pair that nobody is waiting for any more."""
    hold(memory)
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    out = answers_only()
    from dataflow_ops.maths._algebra import equal  # noqa: PLC0415  # seconds to load, and nowhere else

    equal("x + 1", "1 + x")  # the first formula takes a second to read
    print(json.dumps("ready"), file=out, flush=True)
    for line in sys.stdin:
        signal.setitimer(signal.ITIMER_REAL, 2 * seconds + 1)
        left, right = json.loads(line)
        print(json.dumps(_verdict(left, right, equal)), file=out, flush=True)
        signal.setitimer(signal.ITIMER_REAL, 0)


def _verdict(left: str, right: str, equal: Atoms) -> bool | None:
    try:
        return same(read(left), read(right), equal)
    except Exception:  # noqa: BLE001  # algebra on hostile text fails in any way: the pair is undecided
        return None
