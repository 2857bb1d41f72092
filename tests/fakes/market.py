"""Context ``market`` in memory: implements its published Protocol for other contexts' tests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from ossrep.kernel.identifiers import TdspCode
from ossrep.published.market import DeliveryCharge, DeliveryChargeRequest, Tdsp


@dataclass
class FakeMarketService:
    """Answers from what a test put in by the ``add_`` methods."""

    context: ClassVar[str] = "market"

    tdsps: dict[TdspCode, Tdsp] = field(default_factory=dict)
    read_dates: dict[tuple[TdspCode, str], set[dt.date]] = field(default_factory=dict)
    charges: dict[DeliveryChargeRequest, tuple[DeliveryCharge, ...]] = field(default_factory=dict)

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
