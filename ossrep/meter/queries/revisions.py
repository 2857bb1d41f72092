"""Revisions that are stored, as far as a decision about new ones needs them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ossrep.meter.queries.binary_copy import array_text, copy_packed

FIELDS = (
    ("meter_point_id", ">i4"),
    ("date", ">date"),
    ("direction", ">i2"),
    ("revision", ">i2"),
    ("became_current", "?"),
    ("source_time", ">time"),
    ("missing_intervals", ">i2"),
    ("estimated_intervals", ">i2"),
    ("intake_id", ">i8"),
    ("line", ">i8"),
    ("digest", "V16"),
    ("total_wh", ">i8"),
)
_BY_PRODUCT = "FROM interval_day WHERE meter_point_id = ANY(%s::int[]) AND date = ANY(%s::date[])"
_BY_PAIR = (
    "FROM unnest(%s::int[], %s::date[]) AS wanted (meter_point_id, date) "
    "JOIN interval_day USING (meter_point_id, date)"
)
_WASTE_MAX = 8


def get_stored_revisions(
    *, meter_point_ids: Sequence[int], dates: Sequence[dt.date]
) -> NDArray[np.void]:
    """All revisions of the days named by the two columns, perhaps of some days more.

    Times are microseconds and dates days from PostgreSQL's epoch.
    """
    points, days = sorted(set(meter_point_ids)), sorted(set(dates))
    if len(points) * len(days) <= _WASTE_MAX * len(dates):
        return copy_packed(
            fields=FIELDS, source=_BY_PRODUCT, params=[array_text(points), array_text(days)]
        )
    pairs = sorted(set(zip(meter_point_ids, dates, strict=True)))
    params = [array_text(point for point, _ in pairs), array_text(date for _, date in pairs)]
    return copy_packed(fields=FIELDS, source=_BY_PAIR, params=params)
