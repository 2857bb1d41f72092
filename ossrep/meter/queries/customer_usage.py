"""What a customer may see of usage: an account's own ESI IDs, each while it was served there.

The check lives here: every function takes the caller's scope, and the database looks a second
time (``infra.external_role``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ossrep.infra.auth.scope import CustomerScope
from ossrep.infra.external_role import external
from ossrep.kernel.errors import DomainError
from ossrep.kernel.periods import DatePeriod
from ossrep.meter.db import ALIAS
from ossrep.meter.domain.interval_days import EXPORT, IMPORT
from ossrep.meter.domain.usage_series import (
    Channel,
    Granularity,
    Occupancy,
    PointUsage,
    RegisterReading,
    day_slices,
    empty_channel,
    occupancies,
)
from ossrep.meter.queries.current_days import CurrentDays, get_current_days
from ossrep.meter.queries.meter_points import MeterPointRef, find_meter_points
from ossrep.meter.queries.register_usage import get_register_periods

DAYS_MAX: Mapping[Granularity, int] = {
    Granularity.QUARTER_HOUR: 400,
    Granularity.HOUR: 800,
    Granularity.DAY: 4_000,
    Granularity.MONTH: 4_000,
}
SITE_DAYS_MAX = 20_000
"""ESI IDs times days of one answer: 50 of them for a year and a month."""
READINGS_MAX = 500_000
_READINGS_PER_DAY = {
    Granularity.QUARTER_HOUR: 96,
    Granularity.HOUR: 24,
    Granularity.DAY: 1,
    Granularity.MONTH: 1,
}


class UnknownAccount(DomainError):
    """The caller has no such account, whether anybody else has it or not."""

    code = "unknown_account"


class UnknownEsiId(DomainError):
    """The account was never served at such an ESI ID, whoever else was."""

    code = "unknown_esi_id"


class UsageTooLong(DomainError):
    """More usage than one answer holds."""

    code = "usage_too_long"


@dataclass(frozen=True, slots=True)
class UsageQuestion:
    """Local dates ``[start, end)`` of an account; ``esi_id`` empty: all of its ESI IDs."""

    account_id: int
    period: DatePeriod
    granularity: Granularity
    esi_id: str = ""


def get_account_usage(
    *, scope: CustomerScope, question: UsageQuestion, today: dt.date
) -> tuple[PointUsage, ...]:
    """By ESI ID; days before ``today`` without values are gaps, later ones are left out.

    Three queries, however many ESI IDs. Raises UnknownAccount, UnknownEsiId and UsageTooLong.
    """
    sites = _occupancies(scope, question, today)
    _check_size(sites, question)
    if not sites:
        return ()
    hull = DatePeriod(
        min(site.periods[0].start for site in sites), max(site.periods[-1].end for site in sites)
    )
    with external(ALIAS, scope=scope):
        points = find_meter_points(esi_ids=[site.esi_id for site in sites])
        ids = [point.meter_point_id for point in points.values()]
        blocks = get_current_days(meter_point_ids=ids, start=hull.start, end=hull.end)
        registers = get_register_periods(meter_point_ids=ids, since=hull.start)
    channels = {site.esi_id: _channels(site, points.get(site.esi_id)) for site in sites}
    _fill(channels=channels, points=points, blocks=blocks)
    return tuple(
        PointUsage(
            occupancy=site,
            channels=channels[site.esi_id],
            registers=tuple(
                RegisterReading(DatePeriod(r.start, r.end), r.import_wh, r.export_wh)
                for r in registers.get(_id_of(points.get(site.esi_id)), ())
                if any(p.start <= r.start and r.end <= p.end for p in site.periods)
            ),
        )
        for site in sites
    )


def _occupancies(
    scope: CustomerScope, question: UsageQuestion, today: dt.date
) -> tuple[Occupancy, ...]:
    if question.account_id not in scope.account_ids:
        raise UnknownAccount("there is no such account")
    served = [
        (period.esi_id, period.start_date, period.end_date)
        for period in scope.served
        if period.account_id == question.account_id and question.esi_id in ("", period.esi_id)
    ]
    if question.esi_id and not served:
        raise UnknownEsiId("the account has no such ESI ID")
    end = min(question.period.end, today)
    if end <= question.period.start:
        return ()
    return occupancies(served=served, within=DatePeriod(question.period.start, end))


def _check_size(sites: Sequence[Occupancy], question: UsageQuestion) -> None:
    days_max = DAYS_MAX[question.granularity]
    if question.period.days > days_max:
        raise UsageTooLong(
            f"readings by {question.granularity} are given for {days_max} days at most, and "
            f"{question.period} has {question.period.days:,}: ask for less, or for longer readings"
        )
    days = sum(period.days for site in sites for period in site.periods)
    readings = days * _READINGS_PER_DAY[question.granularity]
    if days > SITE_DAYS_MAX or readings > READINGS_MAX:
        raise UsageTooLong(
            f"{len(sites)} ESI IDs have {days:,} days and {readings:,} readings in this period; "
            f"one answer has {SITE_DAYS_MAX:,} days and {READINGS_MAX:,} readings at most: ask "
            "for fewer days, or for one ESI ID with esiId"
        )


def _id_of(point: MeterPointRef | None) -> int:
    return -1 if point is None else point.meter_point_id


def _channels(site: Occupancy, point: MeterPointRef | None) -> tuple[Channel, ...]:
    """Import always; export from the day on which the meter first had it."""
    channels = [empty_channel(direction=IMPORT, dates=site.dates())]
    first = point.first_export_date if point else None
    if first is not None and (dates := site.dates(since=first)):
        channels.append(empty_channel(direction=EXPORT, dates=dates))
    return tuple(channels)


def _fill(
    *,
    channels: Mapping[str, tuple[Channel, ...]],
    points: Mapping[str, MeterPointRef],
    blocks: Sequence[CurrentDays],
) -> None:
    """Lays each stored day in its place; what no channel has a day for is left out."""
    places = {
        (point.meter_point_id, channel.direction, date.toordinal()): (channel, span)
        for esi_id, point in points.items()
        for channel in channels[esi_id]
        for date, span in day_slices(channel)
    }
    epoch = dt.date(1970, 1, 1).toordinal()
    for block in blocks:
        days = (block.dates.astype("M8[D]").astype("i8") + epoch).tolist()
        keys = zip(block.meter_point_ids.tolist(), block.directions.tolist(), days, strict=True)
        for row, key in enumerate(keys):
            if key in places:
                channel, span = places[key]
                channel.wh[span] = block.wh[row]
                channel.quality[span] = block.quality[row]
