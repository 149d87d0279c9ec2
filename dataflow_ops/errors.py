"""Everything this package raises on purpose.

DataflowError
├── Permanent            trying again cannot help: the message holds the cure
│   ├── BadArgument      an op, a DAG file or a form was given a value that does not fit
│   ├── BadSource        a source that cannot be found or read at all
│   ├── StoreRefused     the object store is there but says no: wrong key, no such bucket
│   ├── Unaccounted      rows in + made is not rows out + dropped + rejected
│   ├── ModelRefused     the model server is there but says no: wrong key, no such model, nothing left of the quota
│   └── CeilingReached   the run has spent what it may; everything paid for is kept
└── Transient            trying again may help: throttling, time-outs, a server that is away
"""

from collections.abc import Iterable
from difflib import get_close_matches

SHOWN = 12
"""Names that a message lists."""


class DataflowError(Exception):
    """Base of all errors of this package."""


class Permanent(DataflowError):
    """Trying again cannot help; the message says what would."""


class BadArgument(Permanent, TypeError):
    """A value that does not fit the parameter it was given for."""


class BadSource(Permanent):
    """A source that cannot be found or read at all."""


class StoreRefused(Permanent):
    """The object store answered, and the answer was no."""


class Unaccounted(Permanent):
    """Rows were lost or doubled on the way."""


class ModelRefused(Permanent):
    """The model server answered, and the answer was no, to every request alike."""


class CeilingReached(Permanent):
    """The run has spent the tokens or the money it may; every answer paid for is kept."""


class Transient(DataflowError):
    """The store or a server is away or busy; trying again may help."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return what to say when `name` is not one of `known`: the nearest match, then the others, if many the nearest."""
    names = sorted(known)
    close = get_close_matches(name, names, n=1, cutoff=0.6)
    hint = f"did you mean {close[0]!r}? " if close else ""
    shown = names if len(names) <= SHOWN else get_close_matches(name, names, n=SHOWN, cutoff=0.0)
    more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    return f"{hint}there are: {', '.join(map(repr, shown)) or 'none'}{more}"
