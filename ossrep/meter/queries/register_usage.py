"""Monthly register usage: which of the received periods count."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from ossrep.kernel.identifiers import EsiId
from ossrep.meter.db import connection
from ossrep.meter.queries.binary_copy import array_text
from ossrep.meter.queries.meter_points import find_meter_points


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
    "FROM register_usage WHERE meter_point_id = ANY(%s::int[]) AND end_date > %s "
    "ORDER BY meter_point_id, received_at DESC, id DESC"
)


def get_register_periods(
    *, meter_point_ids: Sequence[int], since: dt.date
) -> dict[int, list[RegisterPeriod]]:
    """Periods that end after ``since`` and count, rising, by meter point id; one query.

    A later received period stands in place of all earlier received ones that it overlaps.
    """
    with connection().cursor() as cursor:
        cursor.execute(_PERIODS, [array_text(meter_point_ids), since])
        rows = cursor.fetchall()
    found: dict[int, list[RegisterPeriod]] = {}
    for meter_point_id, start, end, import_wh, export_wh, peak_w in rows:
        kept = found.setdefault(meter_point_id, [])
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
    points = find_meter_points(esi_ids=esi_ids)
    periods = get_register_periods(
        meter_point_ids=[point.meter_point_id for point in points.values()], since=since
    )
    return [
        tuple(
            (period.start, period.end)
            for period in (periods.get(points[e].meter_point_id, []) if e in points else [])
        )
        for e in esi_ids
    ]
