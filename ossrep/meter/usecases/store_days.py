"""Storing interval days: whose they are, what counts, what the rules say, in one go."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from django.db.models import F
from numpy.typing import NDArray

from ossrep.infra import audit, outbox
from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.meter.db import ALIAS, transaction
from ossrep.meter.domain.formats import wide_csv
from ossrep.meter.domain.interval_days import DIRECTION_NAMES, EXPORT, DayBlock, Refusal
from ossrep.meter.domain.plausibility import find_implausible
from ossrep.meter.domain.revisions import Outcome
from ossrep.meter.models import Intake
from ossrep.meter.models.interval_day import SOURCE_CODES
from ossrep.meter.queries.binary_copy import copy_in
from ossrep.meter.usecases.decide_days import Arrival, Decision, decide
from ossrep.meter.usecases.ensure_partitions import ensure_partitions_of
from ossrep.meter.usecases.interval_rows import COLUMNS, Stamp, facts_of, rows_of
from ossrep.meter.usecases.keep_vee_results import keep_results
from ossrep.meter.usecases.load_rulebook import Rulebook
from ossrep.meter.usecases.meter_point_registry import MeterPointRegistry
from ossrep.meter.usecases.quarantine import keep_refusals
from ossrep.published.meter import UsageCorrected

DAYS_PER_BATCH = 5_000
KEPT_FORMAT = "interval_csv"
"""Days that were read well and refused later are kept in our own format."""


@dataclass(frozen=True, slots=True)
class IntakeRef:
    """The intake that days belong to; ``source`` is the format's name, or ``vee``."""

    intake_id: int
    source: str
    file: str
    received_at: dt.datetime

    @property
    def today(self) -> dt.date:
        """The market's local date of receipt."""
        return self.received_at.astimezone(MARKET_ZONE).date()


@dataclass(slots=True)
class Tally:
    """What came of days: counts by outcome, refusals by reason, quarter hours stored."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    failed_rules: Counter[str] = field(default_factory=Counter)
    intervals: int = 0

    def add(self, other: Tally) -> None:
        """Adds another batch's counts."""
        self.outcomes.update(other.outcomes)
        self.refusals.update(other.refusals)
        self.failed_rules.update(other.failed_rules)
        self.intervals += other.intervals

    @property
    def refused(self) -> int:
        """Records that were not loaded."""
        return self.refusals.total()


@dataclass(frozen=True, slots=True)
class Desk:
    """What one importing process keeps from batch to batch."""

    registry: MeterPointRegistry
    rulebook: Rulebook


def store_days(
    *,
    blocks: Sequence[DayBlock],
    refusals: Sequence[Refusal],
    intake: IntakeRef,
    desk: Desk,
    refusal_format: str,
) -> Tally:
    """Stores a batch of days and keeps its refusals; everything or nothing of it is written.

    ``refusal_format`` is the format of the given refusals' raw bytes. Days of unknown ESI IDs
    and implausible ones join the refusals. An earlier revision is never changed or removed.
    """
    arrivals, late = screen_days(blocks=blocks, intake=intake, desk=desk)
    with transaction():
        tally = store_arrivals(arrivals=arrivals, intake=intake, desk=desk)
        for kept, kept_format in ((refusals, refusal_format), (late, KEPT_FORMAT)):
            keep_refusals(
                refusals=kept, intake_id=intake.intake_id, file=intake.file, format=kept_format
            )
            tally.refusals.update(refusal.reason for refusal in kept)
    return tally


def screen_days(
    *, blocks: Sequence[DayBlock], intake: IntakeRef, desk: Desk
) -> tuple[list[Arrival], list[Refusal]]:
    """Days that can be stored, with their meter points; and refusals of all others.

    Meter points and partitions that are new are made, each in a transaction of its own.
    """
    late: list[Refusal] = []
    arrivals = []
    for block in blocks:
        plausible = _sort_out(block, intake, late)
        arrivals += _known(plausible, desk.registry, late)
    dates = {date for a in arrivals for date in np.unique(a.block.dates).tolist()}
    ensure_partitions_of(dates=dates)
    return arrivals, late


def store_arrivals(*, arrivals: Sequence[Arrival], intake: IntakeRef, desk: Desk) -> Tally:
    """Decides, validates, writes and tells of screened days in one transaction."""
    tally = Tally()
    with transaction():
        audit.announce(ALIAS)
        decisions = decide(arrivals=arrivals, intake_id=intake.intake_id, registry=desk.registry)
        _write(arrivals, decisions, intake, desk, tally)
        _count(intake.intake_id, tally)
        # Streams stay locked from here to the commit, so this comes last.
        outbox.append_many(context=ALIAS, events=_corrections(arrivals, decisions))
    return tally


def _sort_out(block: DayBlock, intake: IntakeRef, late: list[Refusal]) -> DayBlock:
    keep = np.ones(len(block), dtype=np.bool_)
    for fault in find_implausible(block=block, today=intake.today, received_at=intake.received_at):
        fresh = fault.days[keep[fault.days]]
        keep[fresh] = False
        late += [_refusal(block, int(day), fault.reason, fault.message) for day in fresh]
    return block if keep.all() else block.take(keep)


def _known(block: DayBlock, registry: MeterPointRegistry, late: list[Refusal]) -> list[Arrival]:
    esi_ids = block.esi_ids.tolist()
    found = registry.resolve(esi_ids=esi_ids)
    ids = np.array([found.get(esi_id, -1) for esi_id in esi_ids], dtype=np.int64)
    unknown = np.flatnonzero(ids < 0)
    message = "no premises has this ESI ID"
    late += [_refusal(block, int(day), "unknown_esi_id", message) for day in unknown]
    if len(unknown):
        block, ids = block.take(ids >= 0), ids[ids >= 0]
    return [Arrival(block, ids, facts_of(block=block))] if len(block) else []


def _refusal(block: DayBlock, day: int, reason: str, message: str) -> Refusal:
    line = int(block.lines[day])
    esi_id = block.esi_ids[day].decode()
    date = block.dates[day].item()
    where = f"line {line}: ESI ID {esi_id}, {date} {DIRECTION_NAMES[block.directions[day]]}"
    raw = wide_csv.line_of(block=block, index=day)
    return Refusal(reason, f"{where}: {message}", line, line, raw, esi_id, date)


def _write(
    arrivals: Sequence[Arrival],
    decisions: Sequence[Decision],
    intake: IntakeRef,
    desk: Desk,
    tally: Tally,
) -> None:
    stamp = Stamp(
        source=SOURCE_CODES[intake.source],
        intake_id=intake.intake_id,
        received_at=intake.received_at,
        ruleset_id=desk.rulebook.ruleset_id,
    )
    parts: list[bytes] = []
    for arrival, decision in zip(arrivals, decisions, strict=True):
        decided, failures = decision.validated(arrival, desk.rulebook.thresholds)
        parts += rows_of(block=arrival.block, facts=arrival.facts, decided=decided, stamp=stamp)
        stored = int(decided.stored.sum())
        tally.intervals += stored * arrival.block.intervals_per_day
        tally.outcomes.update(decision.outcomes())
        tally.failed_rules.update(
            keep_results(
                failures=failures,
                decided=decided,
                dates=arrival.block.dates,
                directions=arrival.block.directions,
                ruleset_id=desk.rulebook.ruleset_id,
                found_at=intake.received_at,
            )
        )
    if parts:
        copy_in(table="interval_day", columns=COLUMNS, parts=parts)
    desk.registry.note_exports(first_dates=_first_exports(arrivals))


def _first_exports(arrivals: Sequence[Arrival]) -> dict[int, dt.date]:
    first: dict[int, dt.date] = {}
    for arrival in arrivals:
        exports = np.flatnonzero(arrival.block.directions == EXPORT)
        ids: NDArray[np.int64] = arrival.meter_point_ids[exports]
        dates = arrival.block.dates[exports].tolist()
        for meter_point_id, date in zip(ids.tolist(), dates, strict=True):
            first[meter_point_id] = min(date, first.get(meter_point_id, date))
    return first


def _count(intake_id: int, tally: Tally) -> None:
    outcomes = tally.outcomes
    Intake.objects.filter(pk=intake_id).update(
        accepted_days=F("accepted_days") + outcomes[Outcome.ACCEPTED],
        replaced_days=F("replaced_days") + outcomes[Outcome.REPLACED],
        older_days=F("older_days") + outcomes[Outcome.OLDER],
        unchanged_days=F("unchanged_days") + outcomes[Outcome.UNCHANGED],
        intervals=F("intervals") + tally.intervals,
    )


def _corrections(
    arrivals: Sequence[Arrival], decisions: Sequence[Decision]
) -> list[UsageCorrected]:
    events = []
    for arrival, decision in zip(arrivals, decisions, strict=True):
        for day, verdict in decision.corrections():
            assert verdict.before is not None
            events.append(
                UsageCorrected(
                    esi_id=arrival.block.esi_ids[day].decode(),
                    date=arrival.block.dates[day].item(),
                    direction=DIRECTION_NAMES[arrival.block.directions[day]],
                    was_estimated=verdict.before.estimated > 0,
                    wh_before=verdict.before.total_wh,
                    wh_after=int(arrival.facts.total_wh[day]),
                )
            )
    return events
