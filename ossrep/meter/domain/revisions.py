"""Which revision of a day counts: a total order, so that files in any order end alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum


class Outcome(Enum):
    """What became of a day that came in."""

    ACCEPTED = "accepted"
    """The first values of the day."""
    REPLACED = "replaced"
    """Other values counted until now."""
    OLDER = "older"
    """Kept, but what was there goes on counting."""
    UNCHANGED = "unchanged"
    """The same values were there; an identical delivery is not even stored again."""


@dataclass(frozen=True, slots=True)
class Revision:
    """What the order looks at; ``digest`` stands for values and qualities.

    ``intake_id`` rises in the order of receipt, ``line`` within one file. ``number`` is 0 until
    it is stored.
    """

    source_time_us: int
    missing: int
    estimated: int
    intake_id: int
    line: int
    digest: bytes
    number: int = 0
    is_current: bool = False
    total_wh: int = 0

    @property
    def rank(self) -> tuple[int, int, int, int, int]:
        """The higher rank counts: the later source time; at equal time the more complete, then
        the one with more actual values, then the later received."""
        return (
            self.source_time_us,
            -self.missing,
            -self.estimated,
            self.intake_id,
            self.line,
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """``number`` is the revision to store, 0 when nothing is; ``before`` counted until now."""

    outcome: Outcome
    number: int
    becomes_current: bool
    before: Revision | None = None


def judge(*, stored: Iterable[Revision], arriving: Sequence[Revision]) -> list[Verdict]:
    """One verdict for each arriving revision of one day, in the order given."""
    known: dict[tuple[int, bytes], None] = {}
    current: Revision | None = None
    highest = 0
    for revision in stored:
        known[revision.source_time_us, revision.digest] = None
        highest = max(highest, revision.number)
        if revision.is_current and (current is None or revision.number > current.number):
            current = revision
    verdicts = []
    for revision in arriving:
        if (revision.source_time_us, revision.digest) in known:
            verdicts.append(Verdict(Outcome.UNCHANGED, 0, False))
            continue
        known[revision.source_time_us, revision.digest] = None
        highest += 1
        verdict = _compare(current, revision, highest)
        verdicts.append(verdict)
        current = revision if verdict.becomes_current else current
    return verdicts


def _compare(current: Revision | None, arriving: Revision, number: int) -> Verdict:
    if current is None:
        return Verdict(Outcome.ACCEPTED, number, True)
    if arriving.rank < current.rank:
        return Verdict(Outcome.OLDER, number, False)
    if arriving.digest == current.digest:
        return Verdict(Outcome.UNCHANGED, number, True, current)
    return Verdict(Outcome.REPLACED, number, True, current)
