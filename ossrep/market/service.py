"""The only door of context ``market`` for other contexts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import ClassVar

from ossrep.kernel.identifiers import EsiId, TdspCode
from ossrep.market.queries import (
    address_search,
    delivery_charges,
    read_dates,
    service_points,
    tdsps,
)
from ossrep.published.market import (
    DeliveryCharge,
    DeliveryChargeRequest,
    FoundAddress,
    ServicePoint,
    Tdsp,
)


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

    def find_service_points(self, *, esi_ids: Collection[str]) -> Mapping[EsiId, ServicePoint]:
        return service_points.find_service_points(esi_ids=esi_ids) if esi_ids else {}

    def list_tdsps_of_zip(self, *, zip_code: str) -> Sequence[TdspCode]:
        return service_points.list_tdsps_of_zip(zip_code=zip_code)

    def search_addresses(
        self, *, text: str, zip_code: str | None, limit: int
    ) -> Sequence[FoundAddress]:
        return address_search.search_addresses(text=text, zip_code=zip_code, limit=limit)
