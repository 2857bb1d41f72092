"""Comparing registers' periods with the sum of their intervals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from ossrep.kernel.identifiers import EsiId
from ossrep.meter.domain.interval_days import IMPORT
from ossrep.meter.domain.vee.rules import (
    PERIOD_SUM_CHECK,
    PERIOD_SUM_CHECK_VERSION,
    WHOLE_DAY,
    period_difference,
)
from ossrep.meter.models import VeeResult
from ossrep.meter.queries.interval_usage import get_usage_totals
from ossrep.meter.usecases.load_rulebook import Rulebook
from ossrep.published.meter import UsageRequest


@dataclass(frozen=True, slots=True)
class RegisteredPeriod:
    """Import of local dates ``[start, end)`` by the register."""

    meter_point_id: int
    esi_id: EsiId
    start: dt.date
    end: dt.date
    register_wh: int


def check_periods(
    *, periods: Sequence[RegisteredPeriod], rulebook: Rulebook, found_at: dt.datetime
) -> int:
    """Writes down which periods differ by more than allowed, inside the caller's transaction.

    Gives their number. Periods with missing intervals are not judged. One query for all.
    """
    if not periods:
        return 0
    totals = get_usage_totals(
        request=UsageRequest(
            esi_ids=[period.esi_id for period in periods],
            starts=[period.start for period in periods],
            ends=[period.end for period in periods],
        )
    )
    results = []
    for i, period in enumerate(periods):
        if totals.missing_intervals[i]:
            continue
        difference = period_difference(
            total_wh=int(totals.import_wh[i]),
            register_wh=period.register_wh,
            thresholds=rulebook.thresholds,
            meter_point_id=period.meter_point_id,
        )
        if difference is not None:
            results.append(_result(period, difference, rulebook, found_at))
    VeeResult.objects.bulk_create(results, ignore_conflicts=True)
    return len(results)


def _result(
    period: RegisteredPeriod,
    difference: tuple[int, int],
    rulebook: Rulebook,
    found_at: dt.datetime,
) -> VeeResult:
    return VeeResult(
        meter_point_id=period.meter_point_id,
        date=period.start,
        end_date=period.end,
        direction=IMPORT,
        revision=0,
        ruleset_id=rulebook.ruleset_id,
        rule=PERIOD_SUM_CHECK,
        rule_version=PERIOD_SUM_CHECK_VERSION,
        first_interval=WHOLE_DAY,
        measured=difference[0],
        allowed=difference[1],
        found_at=found_at,
    )
