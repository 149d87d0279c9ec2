"""Several runs at once, looked after by one loop: no threads, no signals."""

import selectors
from collections.abc import Sequence

from dataflow_ops.sandbox._ground import Ground
from dataflow_ops.sandbox._running import Running
from dataflow_ops.sandbox._start import start
from dataflow_ops.sandbox.job import Job
from dataflow_ops.sandbox.limits import Limits
from dataflow_ops.sandbox.result import Result


def together(ground: Ground, limits: Limits, jobs: Sequence[Job], at_once: int) -> list[Result]:
    """Run `jobs`, `at_once` at a time, and return their results in order; whatever happens, none is left running."""
    waiting, results = list(enumerate(jobs))[::-1], dict[int, Result]()
    places: dict[int, tuple[int, Running]] = {}
    with selectors.DefaultSelector() as selector:
        try:
            while waiting or places:
                for slot in set(range(at_once)) - places.keys() if waiting else ():
                    if waiting:
                        number, job = waiting.pop()
                        places[slot] = (number, start(ground, slot, limits, job, selector))
                _turn(selector, [running for _, running in places.values()])
                for slot, (number, running) in list(places.items()):
                    if running.over:
                        results[number] = running.result()
                        places.pop(slot)[1].close()
        finally:
            for _, running in places.values():
                running.close()
    return [results[number] for number in range(len(jobs))]


def _turn(selector: selectors.BaseSelector, runs: Sequence[Running]) -> None:
    due = min(running.turn() for running in runs)
    for key, _ in selector.select(due):
        # What one call read may have ended the wish for another.
        if selector.get_map().get(key.fd) is key:
            key.data()
