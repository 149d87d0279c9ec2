"""Which of several replies to believe, by the results of their SQL and by the result that is right."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

NO_SAMPLES = "no samples"


@dataclass(frozen=True)
class Ballot:
    """What is known of the replies of one row, an item for each; None where the gold has no result."""

    replies: Sequence[str | None]
    attempts: Sequence[str | None]
    groups: Sequence[int | None]
    matches: Sequence[bool | None]
    gold_fault: str | None

    @property
    def size(self) -> int:
        """How many replies were asked for."""
        return len(self.replies)

    @property
    def fits(self) -> bool:
        """Whether there is an item for each reply."""
        return {len(self.attempts), len(self.groups), len(self.matches)} == {self.size}

    @property
    def votes(self) -> Counter[int]:
        """How many replies give each result, the one that was given first before others of as many."""
        return Counter(group for group in self.groups if group is not None)

    @property
    def right(self) -> list[int]:
        """The places of replies that give the result of the gold."""
        return [at for at, match in enumerate(self.matches) if match and self.groups[at] is not None]


@dataclass(frozen=True)
class Choice:
    """The reply that is believed, its SQL, the share of all replies that agree with it; why it proves nothing."""

    reasoning: str | None = None
    reasoning_sql: str | None = None
    agreement: float | None = None
    unproven: str | None = None


def choose(ballot: Ballot, *, at_least: float, min_samples: int, allow_ties: bool) -> Choice:
    """Choose the first reply of the result that most give; it is proven where that result is the gold's."""
    why = _no_ballot(ballot)
    if why is not None:
        return Choice(unproven=why)
    if not ballot.votes:
        return Choice(agreement=0.0, unproven=f"no attempt runs: none of {ballot.size}")
    winners = _winners(ballot)
    right = {ballot.groups[at] for at in ballot.right}
    winner = next((group for group in winners if allow_ties and group in right), winners[0])
    places = [at for at, group in enumerate(ballot.groups) if group == winner]
    first = next((at for at in places if at in ballot.right), places[0])
    why = _undecided(winners, len(places)) if len(winners) > 1 and not (allow_ties and winner in right) else None
    why = why or _outvoted(ballot, first, len(places)) or _too_few(len(places), ballot.size, at_least, min_samples)
    return Choice(ballot.replies[first], ballot.attempts[first], len(places) / ballot.size, why)


def _no_ballot(ballot: Ballot) -> str | None:
    if ballot.gold_fault is not None:
        return f"gold fails: {ballot.gold_fault}"
    if not ballot.size:
        return NO_SAMPLES
    return None if ballot.fits else "no attempts: those of this row are not of its replies"


def _winners(ballot: Ballot) -> list[int]:
    votes = ballot.votes
    most = max(votes.values())
    return [group for group, count in votes.items() if count == most]


def _undecided(winners: Sequence[int], count: int) -> str:
    return f"tie: {len(winners)} results with {count} {'vote' if count == 1 else 'votes'} each"


def _outvoted(ballot: Ballot, first: int, count: int) -> str | None:
    """Say that most replies give another result; None where the first of them gives the gold's."""
    if first in ballot.right:
        return None
    return f"outvoted: {count} of {ballot.size} agree on another result, {len(ballot.right)} on that of the gold"


def _too_few(count: int, size: int, at_least: float, min_samples: int) -> str | None:
    """Say why `count` of `size` replies prove nothing; None if they do."""
    if count < min_samples:
        return f"too few agree: {count} of {size}, at least {min_samples} expected"
    if count / size < at_least:
        return f"too few agree: {count} of {size}, a share of at least {at_least:g} expected"
    return None
