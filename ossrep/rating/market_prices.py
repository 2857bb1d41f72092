"""Market prices of a period as one price for each quarter hour."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ossrep.kernel.errors import DomainError
from ossrep.kernel.market_time import intervals_in_day
from ossrep.kernel.periods import DatePeriod
from ossrep.rating.compiled import MarketPrice
from ossrep.rating.usage import MISSING_PRICE, PriceSeries

_E8_USD_PER_KWH = 1000
"""10**-8 $/kWh in 0.01 $/MWh."""


class MissingPrice(DomainError):
    """A day of the period without a market price."""

    code = "missing_price"


def price_columns(
    market: MarketPrice, prices: Mapping[str, PriceSeries], period: DatePeriod
) -> NDArray[np.int64]:
    """``max(price + adder, floor)`` in 10**-8 $/kWh, int64 ``(T,)``. Raises MissingPrice.

    A daily index gives its one price to each quarter hour of the local day.
    """
    series = prices.get(market.series)
    days = {} if series is None else series.days
    columns: list[NDArray[np.int32]] = []
    for date in period.dates():
        values = days.get(date)
        if values is None or bool((values == MISSING_PRICE).any()):
            raise MissingPrice(
                f"series {market.series} has no price for {'' if values is None else 'all of '}"
                f"{date}: load it",
                where=f"prices.{market.series}",
            )
        quarter_hours = intervals_in_day(date)
        columns.append(np.broadcast_to(values, (quarter_hours,)))
    price_e8 = np.concatenate(columns).astype(np.int64) * _E8_USD_PER_KWH + market.adder_e8
    return price_e8 if market.floor_e8 is None else np.maximum(price_e8, market.floor_e8)
