"""Which of the arriving days are stored, under which revision, and which count from now on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ossrep.kernel.market_time import intervals_in_day
from ossrep.meter.domain.interval_days import DayBlock
from ossrep.meter.domain.revisions import Outcome, Revision, Verdict, judge
from ossrep.meter.domain.vee.rules import Days, RuleFailures, check_days
from ossrep.meter.domain.vee.thresholds import Thresholds
from ossrep.meter.queries.binary_copy import POSTGRES_EPOCH_US, postgres_days
from ossrep.meter.queries.revisions import get_stored_revisions
from ossrep.meter.usecases.interval_rows import Decided, Facts
from ossrep.meter.usecases.meter_point_registry import MeterPointRegistry

_ONE_DAY = 2
"""Step of a day's key from one date to the next; the lowest bit is the direction."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A block of plausible days with known meter points: shape (k,) each."""

    block: DayBlock
    meter_point_ids: NDArray[np.int64]
    facts: Facts

    def keys(self) -> NDArray[np.int64]:
        """One number for each (meter point, date, direction)."""
        days = postgres_days(self.block.dates)
        return _keys(self.meter_point_ids, days, self.block.directions.astype(np.int64))


def _keys(
    points: NDArray[np.int64], days: NDArray[np.int64], directions: NDArray[np.int64]
) -> NDArray[np.int64]:
    keys: NDArray[np.int64] = (points << 32) | (days << 1) | directions
    return keys


@dataclass(slots=True)
class Decision:
    """Verdicts for a block: days not in ``verdicts`` are the first of their kind."""

    size: int
    same_as_day_before: NDArray[np.bool_]
    verdicts: dict[int, Verdict] = field(default_factory=dict)

    def validated(
        self, arrival: Arrival, thresholds: Thresholds
    ) -> tuple[Decided, list[RuleFailures]]:
        """The decision as columns, with what the validation rules found in the days."""
        revisions = np.ones(self.size, dtype=np.int16)
        current = np.ones(self.size, dtype=np.bool_)
        for day, verdict in self.verdicts.items():
            revisions[day], current[day] = verdict.number, verdict.becomes_current
        failed, failures = check_days(days=self._days(arrival), thresholds=thresholds)
        decided = Decided(arrival.meter_point_ids, revisions, current, revisions > 0, failed)
        return decided, failures

    def _days(self, arrival: Arrival) -> Days:
        block = arrival.block
        dates, place = np.unique(block.dates, return_inverse=True)
        counts = np.array([intervals_in_day(date) for date in dates.tolist()], dtype=np.int64)
        return Days(
            meter_point_ids=arrival.meter_point_ids,
            directions=block.directions,
            wh=block.wh,
            expected_intervals=counts[place],
            register_wh=block.register_wh,
            same_as_day_before=self.same_as_day_before,
        )

    def outcomes(self) -> Counter[Outcome]:
        """How many days had which outcome."""
        counts = Counter(verdict.outcome for verdict in self.verdicts.values())
        if self.size > len(self.verdicts):
            counts[Outcome.ACCEPTED] += self.size - len(self.verdicts)
        return counts

    def corrections(self) -> Iterator[tuple[int, Verdict]]:
        """Days whose values take the place of others."""
        for day, verdict in self.verdicts.items():
            if verdict.outcome is Outcome.REPLACED:
                yield day, verdict


def decide(
    *, arrivals: Sequence[Arrival], intake_id: int, registry: MeterPointRegistry
) -> list[Decision]:
    """One decision for each arrival, inside the caller's transaction.

    The meter points stay locked until it ends, so nothing decided here is overtaken.
    """
    if not arrivals:
        return []
    points = np.concatenate([arrival.meter_point_ids for arrival in arrivals])
    registry.lock(meter_point_ids=np.unique(points).tolist())
    stored = _stored_rows(arrivals, points)
    keys = [arrival.keys() for arrival in arrivals]
    same = _same_as_day_before(arrivals, keys, stored)
    decisions = [
        Decision(len(arrival.block), flags) for arrival, flags in zip(arrivals, same, strict=True)
    ]
    for places, revisions in _contested(keys, stored):
        arriving = [_arriving(arrivals[block], day, intake_id) for block, day in places]
        order = sorted(range(len(places)), key=lambda i: arriving[i].line)
        verdicts = judge(stored=revisions, arriving=[arriving[i] for i in order])
        for i, verdict in zip(order, verdicts, strict=True):
            block, day = places[i]
            decisions[block].verdicts[day] = verdict
    return decisions


@dataclass(frozen=True, slots=True)
class _Stored:
    rows: NDArray[np.void]
    keys: NDArray[np.int64]


def _stored_rows(arrivals: Sequence[Arrival], points: NDArray[np.int64]) -> _Stored:
    # The days before come along for the rule that finds a day sent twice.
    dates = np.concatenate([arrival.block.dates for arrival in arrivals])
    wanted = np.concatenate([dates, dates - 1]).tolist()
    rows = get_stored_revisions(
        meter_point_ids=np.concatenate([points, points]).tolist(), dates=wanted
    )
    keys = _keys(
        rows["meter_point_id"].astype(np.int64),
        rows["date"].astype(np.int64),
        rows["direction"].astype(np.int64),
    )
    return _Stored(rows, keys)


def _contested(
    keys: Sequence[NDArray[np.int64]], stored: _Stored
) -> Iterator[tuple[list[tuple[int, int]], list[Revision]]]:
    """Days that are stored already or arrive more than once: places (block, day), revisions."""
    everything = np.concatenate(keys)
    unique, counts = np.unique(everything, return_counts=True)
    contested = np.union1d(unique[counts > 1], np.intersect1d(unique, stored.keys))
    if not len(contested):
        return
    places: dict[int, list[tuple[int, int]]] = {key: [] for key in contested.tolist()}
    for block, block_keys in enumerate(keys):
        for day in np.flatnonzero(np.isin(block_keys, contested)).tolist():
            places[int(block_keys[day])].append((block, day))
    revisions: dict[int, list[Revision]] = {}
    chosen = np.flatnonzero(np.isin(stored.keys, contested))
    for key, row in zip(stored.keys[chosen].tolist(), stored.rows[chosen], strict=True):
        revisions.setdefault(key, []).append(_stored_revision(row))
    for key, found in places.items():
        yield found, revisions.get(key, [])


def _stored_revision(row: np.void) -> Revision:
    return Revision(
        source_time_us=int(row["source_time"]) + POSTGRES_EPOCH_US,
        missing=int(row["missing_intervals"]),
        estimated=int(row["estimated_intervals"]),
        intake_id=int(row["intake_id"]),
        line=int(row["line"]),
        digest=row["digest"].tobytes(),
        number=int(row["revision"]),
        is_current=bool(row["became_current"]),
        total_wh=int(row["total_wh"]),
    )


def _arriving(arrival: Arrival, day: int, intake_id: int) -> Revision:
    facts = arrival.facts
    return Revision(
        source_time_us=int(arrival.block.source_times[day].astype(np.int64)),
        missing=int(facts.missing[day]),
        estimated=int(facts.estimated[day]),
        intake_id=intake_id,
        line=int(arrival.block.lines[day]),
        digest=facts.digests[day].tobytes(),
        total_wh=int(facts.total_wh[day]),
    )


def _same_as_day_before(
    arrivals: Sequence[Arrival], keys: Sequence[NDArray[np.int64]], stored: _Stored
) -> list[NDArray[np.bool_]]:
    """For each arrival, which days equal the day before, arriving or stored."""
    is_current = stored.rows["became_current"]
    known_keys = np.concatenate([*keys, stored.keys[is_current]])
    known = np.concatenate(
        [*(_halves(a.facts.digests) for a in arrivals), _halves(stored.rows["digest"][is_current])]
    )
    # Of several known for one day any may match; the rule only points at something odd.
    order = np.argsort(known_keys, kind="stable")
    known_keys, known = known_keys[order], known[order]
    flags = []
    for arrival, block_keys in zip(arrivals, keys, strict=True):
        before = block_keys - _ONE_DAY
        at = np.minimum(np.searchsorted(known_keys, before), len(known_keys) - 1)
        found = known_keys[at] == before
        equal = (known[at] == _halves(arrival.facts.digests)).all(axis=1)
        flags.append(found & equal)
    return flags


def _halves(digests: NDArray[np.void]) -> NDArray[np.uint64]:
    halves: NDArray[np.uint64] = np.ascontiguousarray(digests).view(np.uint64).reshape(-1, 2)
    return halves
