"""Context ``market`` in memory: implements its published Protocol for other contexts' tests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from ossrep.kernel.identifiers import EsiId, TdspCode
from ossrep.published.market import (
    DeliveryCharge,
    DeliveryChargeRequest,
    FoundAddress,
    ServicePoint,
    Tdsp,
)


@dataclass
class FakeMarketService:
    """Answers from what a test put in by the ``add_`` methods."""

    context: ClassVar[str] = "market"

    tdsps: dict[TdspCode, Tdsp] = field(default_factory=dict)
    read_dates: dict[tuple[TdspCode, str], set[dt.date]] = field(default_factory=dict)
    charges: dict[DeliveryChargeRequest, tuple[DeliveryCharge, ...]] = field(default_factory=dict)
    points: dict[EsiId, ServicePoint] = field(default_factory=dict)

    def add_tdsp(self, *, code: str = "ONCOR_ELEC", name: str = "Oncor Electric Delivery") -> Tdsp:
        tdsp = Tdsp(
            code=TdspCode(code), name=name, duns="1039940674000", outage_phone="1-888-555-0199"
        )
        self.tdsps[tdsp.code] = tdsp
        return tdsp

    def add_read_dates(self, *, tdsp: str, read_cycle: str, dates: Collection[dt.date]) -> None:
        self.read_dates.setdefault((TdspCode(tdsp), read_cycle), set()).update(dates)

    def add_charges(
        self, *, request: DeliveryChargeRequest, charges: Sequence[DeliveryCharge]
    ) -> None:
        self.charges[request] = tuple(charges)

    def list_tdsps(self) -> Sequence[Tdsp]:
        return [self.tdsps[code] for code in sorted(self.tdsps)]

    def find_read_dates(
        self, *, keys: Collection[tuple[TdspCode, str]], start: dt.date, end: dt.date
    ) -> Mapping[tuple[TdspCode, str], tuple[dt.date, ...]]:
        return {
            key: tuple(sorted(d for d in self.read_dates.get(key, ()) if start <= d < end))
            for key in keys
        }

    def get_delivery_charges(
        self, *, requests: Sequence[DeliveryChargeRequest]
    ) -> Sequence[tuple[DeliveryCharge, ...] | None]:
        return [self.charges.get(request) for request in requests]

    def add_point(self, *, point: ServicePoint) -> None:
        self.points[point.esi_id] = point

    def find_service_points(self, *, esi_ids: Collection[str]) -> Mapping[EsiId, ServicePoint]:
        return {e: point for e, point in self.points.items() if e in esi_ids}

    def list_tdsps_of_zip(self, *, zip_code: str) -> Sequence[TdspCode]:
        found = {p.tdsp_code for p in self.points.values() if p.zip_code == zip_code[:5]}
        return sorted(found - {TdspCode("")})

    def search_addresses(
        self, *, text: str, zip_code: str | None, limit: int
    ) -> Sequence[FoundAddress]:
        found = [
            FoundAddress(point=point, score=100.0)
            for point in self.points.values()
            if text.upper() in point.street.upper() and zip_code in (None, point.zip_code)
        ]
        return found[:limit]
