"""ESI IDs and their meter point numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from ossrep.meter.models import MeterPoint


@dataclass(frozen=True, slots=True)
class MeterPointRef:
    """A meter point's number, and the first day for which export is known."""

    meter_point_id: int
    first_export_date: dt.date | None


def find_meter_points(*, esi_ids: Collection[str]) -> dict[str, MeterPointRef]:
    """By ESI ID; one query; ESI IDs without any usage are left out."""
    # One array instead of a parameter for each: Django takes long over many.
    rows = MeterPoint.objects.extra(where=["esi_id = ANY(%s)"], params=[list(set(esi_ids))])
    return {
        esi_id: MeterPointRef(meter_point_id, first_export_date)
        for esi_id, meter_point_id, first_export_date in rows.values_list(
            "esi_id", "id", "first_export_date"
        )
    }


def find_esi_ids(*, meter_point_ids: Iterable[int]) -> dict[int, str]:
    """ESI IDs by meter point id; one query."""
    rows = MeterPoint.objects.filter(id__in=set(meter_point_ids))
    return dict(rows.values_list("id", "esi_id"))
