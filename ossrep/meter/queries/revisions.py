"""Revisions that are stored, as far as a decision about new ones needs them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ossrep.meter.queries.binary_copy import copy_fixed

FIELDS = (
    ("meter_point_id", ">i4"),
    ("date", ">i4"),
    ("direction", ">i2"),
    ("revision", ">i2"),
    ("became_current", "u1"),
    ("source_time", ">i8"),
    ("missing_intervals", ">i2"),
    ("estimated_intervals", ">i2"),
    ("intake_id", ">i8"),
    ("line", ">i8"),
    ("digest", "V16"),
    ("total_wh", ">i8"),
)
_COLUMNS = ", ".join(name for name, _ in FIELDS)
_BY_PRODUCT = (
    f"SELECT {_COLUMNS} FROM interval_day "  # noqa: S608
    "WHERE meter_point_id = ANY(%s) AND date = ANY(%s)"
)
_BY_PAIR = (
    f"SELECT {', '.join('d.' + name for name, _ in FIELDS)} "  # noqa: S608
    "FROM unnest(%s::int[], %s::date[]) AS wanted (meter_point_id, date) "
    "JOIN interval_day d USING (meter_point_id, date)"
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
        return copy_fixed(query=_BY_PRODUCT, params=[points, days], fields=FIELDS)
    pairs = sorted(set(zip(meter_point_ids, dates, strict=True)))
    params = [[point for point, _ in pairs], [date for _, date in pairs]]
    return copy_fixed(query=_BY_PAIR, params=params, fields=FIELDS)
