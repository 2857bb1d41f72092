"""Monthly register usage: which of the received periods count."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ossrep.kernel.identifiers import EsiId
from ossrep.meter.db import connection
from ossrep.meter.queries.binary_copy import array_text
from ossrep.meter.queries.meter_points import esi_id_array


@dataclass(frozen=True, slots=True)
class RegisterPeriod:
    """Usage of local dates ``[start, end)`` in Wh; ``peak_w`` -1 where the market sent none."""

    start: dt.date
    end: dt.date
    import_wh: int
    export_wh: int
    peak_w: int


_PERIODS = (
    "SELECT meter_point_id, start_date, end_date, import_wh, export_wh, peak_w "
    "FROM register_usage u WHERE meter_point_id = ANY(%s::int[]) AND end_date > %s "
    "AND NOT EXISTS (SELECT 1 FROM cancelled_register c WHERE c.register_usage_id = u.id) "
    "ORDER BY meter_point_id, received_at DESC, id DESC"
)

_PERIODS_OF_ESI_IDS = (
    "SELECT p.esi_id, u.start_date, u.end_date, u.import_wh, u.export_wh, u.peak_w "
    "FROM meter_point p JOIN register_usage u ON u.meter_point_id = p.id "
    "WHERE p.esi_id = ANY(%s::varchar[]) AND u.end_date > %s "
    "AND NOT EXISTS (SELECT 1 FROM cancelled_register c WHERE c.register_usage_id = u.id) "
    "ORDER BY p.id, u.received_at DESC, u.id DESC"
)


def get_register_periods(
    *, meter_point_ids: Sequence[int], since: dt.date
) -> dict[int, list[RegisterPeriod]]:
    """Periods that end after ``since`` and count, rising, by meter point id; one query.

    One that the market has cancelled does not count. A later received period stands in place
    of all earlier received ones that it overlaps.
    """
    with connection().cursor() as cursor:
        cursor.execute(_PERIODS, [array_text(meter_point_ids), since])
        return _counting(cursor.fetchall())


def _counting(rows: Sequence[tuple[Any, ...]]) -> dict[Any, list[RegisterPeriod]]:
    """By the first field; of each, later received rows come first."""
    found: dict[Any, list[RegisterPeriod]] = {}
    for owner, start, end, import_wh, export_wh, peak_w in rows:
        kept = found.setdefault(owner, [])
        if all(end <= other.start or other.end <= start for other in kept):
            peak = -1 if peak_w is None else peak_w
            kept.append(RegisterPeriod(start, end, import_wh, export_wh, peak))
    for periods in found.values():
        periods.sort(key=lambda period: period.start)
    return found


def list_usage_periods(
    *, esi_ids: Sequence[EsiId], since: dt.date
) -> list[tuple[tuple[dt.date, dt.date], ...]]:
    """For each ESI ID the periods of the market's monthly usage that end after ``since``."""
    with connection().cursor() as cursor:
        cursor.execute(_PERIODS_OF_ESI_IDS, [esi_id_array(esi_ids), since])
        found = _counting(cursor.fetchall())
    if not found:
        return [()] * len(esi_ids)
    return [
        tuple((period.start, period.end) for period in found.get(esi_id, ())) for esi_id in esi_ids
    ]
