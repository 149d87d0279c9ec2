"""Compile the numba kernels once, so that the first task finds them on disk."""

import logging
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

KERNELS: tuple[str, ...] = ()
log = logging.getLogger(__name__)


def warm() -> int:
    """Call `warm()` of every module that compiles kernels; return how many there were."""
    found = [name for name in KERNELS if find_spec(name)]
    for name in found:
        compile_kernels: Callable[[], None] = import_module(name).warm
        compile_kernels()
        log.info("compiled the kernels of %s", name)
    return len(found)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    warm()
    sys.exit()
