"""The only door of context ``market`` for other contexts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import ClassVar

from ossrep.kernel.identifiers import TdspCode
from ossrep.market.queries import delivery_charges, read_dates, tdsps
from ossrep.published.market import DeliveryCharge, DeliveryChargeRequest, Tdsp


class MarketService:
    """Implements ``ossrep.published.market.MarketService``; every call is one query."""

    context: ClassVar[str] = "market"

    def list_tdsps(self) -> Sequence[Tdsp]:
        return tdsps.list_tdsps()

    def find_read_dates(
        self, *, keys: Collection[tuple[TdspCode, str]], start: dt.date, end: dt.date
    ) -> Mapping[tuple[TdspCode, str], tuple[dt.date, ...]]:
        return read_dates.find_read_dates(keys=keys, start=start, end=end)

    def get_delivery_charges(
        self, *, requests: Sequence[DeliveryChargeRequest]
    ) -> Sequence[tuple[DeliveryCharge, ...] | None]:
        return delivery_charges.get_delivery_charges(requests=requests) if requests else []
