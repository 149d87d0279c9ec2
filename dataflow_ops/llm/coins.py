"""A sum that tasks on many machines spend together without ever spending more: coins, of which each is taken once.

    <folder>/minted/<from>     the units from <from> up to the number in it, as `MINTED` coins of about the same value
    <folder>/coins/<coin>      change: what somebody took and did not need
    <folder>/taken/<coin>      somebody has it; a coin is named <value>-<name>

All objects are created once and stay, so that whoever comes first has a coin and nobody has it twice. What a killed
task held is lost, never doubled.
"""

import random
import uuid
from collections.abc import Iterator
from itertools import pairwise

from dataflow_ops.store import Store

MINTED = 64
"""Coins that a sum is minted in: enough that many tasks at once rarely reach for the same one."""


class Coins:
    """The coins of one sum of `ceiling` units. A ceiling higher than the last one mints the difference; a lower one nothing."""

    def __init__(self, store: Store, folder: str, ceiling: int):
        self.store, self.folder, self.ceiling = store, folder.rstrip("/"), ceiling
        self.seen = 0
        """Coins and marks there were at the last look: a number that grows whenever any task takes or gives."""
        self._free: list[str] = []
        self._minted: dict[int, int] = {}

    def take(self, needed: int, wanted: int) -> int:
        """Return as much as there is up to `wanted`, at least `needed` unless less than that is left; keep it or `give` it."""
        taken = self._take(needed)
        if taken < needed:
            self._look()
            taken += self._take(needed - taken)
        # The rest of a coin goes back at once: other tasks may be waiting for it.
        if taken > max(needed, wanted):
            self.give(taken - max(needed, wanted))
        return min(taken, max(needed, wanted))

    def give(self, value: int) -> None:
        """Give back what is not needed, as a new coin."""
        coin = f"{value}-{uuid.uuid4().hex}"
        self.store.create(f"{self.folder}/coins/{coin}", b"")
        self._free.append(coin)

    def _take(self, needed: int) -> int:
        taken = 0
        while taken < needed and self._free:
            coin = self._free.pop()
            if self.store.create(f"{self.folder}/taken/{coin}", b""):
                taken += _value(coin)
        return taken

    def _look(self) -> None:
        """Look which coins are free, after minting what is not minted yet."""
        self._mint()
        coins, taken = {*self._names("coins"), *self._from_the_mint()}, set(self._names("taken"))
        self.seen = len(coins) + len(taken)
        self._free = list(coins - taken)
        random.shuffle(self._free)

    def _names(self, kind: str) -> Iterator[str]:
        prefix = f"{self.folder}/{kind}/"
        return (stored.uri.removeprefix(prefix) for stored in self.store.list(prefix))

    def _mint(self) -> None:
        while (start := self._end()) < self.ceiling:
            uri = f"{self.folder}/minted/{start}"
            # Who loses this race reads what the winner wrote: no unit is minted twice, whatever the ceilings are.
            if not self.store.create(uri, str(self.ceiling).encode()):
                self._minted[start] = int(self.store.read(uri).to_pybytes())
            else:
                self._minted[start] = self.ceiling

    def _end(self) -> int:
        return max(self._minted.values(), default=0)

    def _from_the_mint(self) -> Iterator[str]:
        for start, end in self._minted.items():
            edges = [start + (end - start) * number // MINTED for number in range(MINTED + 1)]
            for low, high in pairwise(edges):
                if high > low:
                    yield f"{high - low}-from-{low}"


def _value(coin: str) -> int:
    return int(coin.partition("-")[0])
