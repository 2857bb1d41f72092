"""Market prices of whole days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from ossrep.kernel.periods import DatePeriod
from ossrep.product.models import PriceDay
from ossrep.published.product import PriceDays


def get_prices(*, series: Collection[str], period: DatePeriod) -> Mapping[str, PriceDays]:
    """Each series asked for over the period, one query; a day with any price missing is None."""
    days: dict[str, dict[dt.date, NDArray[np.int32]]] = {name: {} for name in series}
    rows = PriceDay.objects.filter(
        series__in=series, date__gte=period.start, date__lt=period.end, missing=0
    ).values_list("series", "date", "prices")
    for name, date, packed in rows:
        days[name][date] = unpack_prices(packed)
    return {
        name: PriceDays(
            series=name,
            start=period.start,
            days=tuple(found.get(date) for date in period.dates()),
        )
        for name, found in days.items()
    }


def unpack_prices(packed: bytes | memoryview) -> NDArray[np.int32]:
    """The stored bytes of a day as int32 of 0.01 $/MWh."""
    return np.frombuffer(packed, dtype="<i4").astype(np.int32, copy=False)
