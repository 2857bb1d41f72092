"""What context ``market`` publishes: TDSPs, the read calendar, the TDSP's charges."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Protocol

from ossrep.kernel.identifiers import EsiId, TdspCode


@dataclass(frozen=True, slots=True)
class Tdsp:
    """A wires company of the market."""

    code: TdspCode
    name: str
    duns: str
    outage_phone: str


@dataclass(frozen=True, slots=True)
class DeliveryChargeRequest:
    """Whose charges, for which service period ``[start, end)``."""

    esi_id: EsiId
    start: dt.date
    end: dt.date


@dataclass(frozen=True, slots=True)
class DeliveryCharge:
    """One charge of a TDSP's invoice, as received."""

    code: str
    label: str
    amount_usd: Decimal


class MarketService(Protocol):
    """The only door to context ``market``."""

    context: ClassVar[str] = "market"

    def list_tdsps(self) -> Sequence[Tdsp]:
        """All TDSPs, by code."""
        ...

    def find_read_dates(
        self,
        *,
        keys: Collection[tuple[TdspCode, str]],
        start: dt.date,
        end: dt.date,
    ) -> Mapping[tuple[TdspCode, str], tuple[dt.date, ...]]:
        """Read dates in ``[start, end)`` of each (TDSP, read cycle), rising."""
        ...

    def get_delivery_charges(
        self, *, requests: Sequence[DeliveryChargeRequest]
    ) -> Sequence[tuple[DeliveryCharge, ...] | None]:
        """For each request the TDSP's charges, or None where no invoice of it has come."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageReceived:
    """Monthly usage of a meter point as the market sent it (TX SET 867_03).

    Local dates ``[start_date, end_date)``; kWh and kW as decimal strings.
    """

    event_type: ClassVar[str] = "market.usage-received.v1"
    aggregate_type: ClassVar[str] = "meter-point"

    esi_id: str
    start_date: dt.date
    end_date: dt.date
    import_kwh: str
    export_kwh: str
    peak_kw: str | None
    is_estimated: bool
    is_final: bool
    source_reference: str
    received_at: dt.datetime

    @property
    def aggregate_id(self) -> str:
        return self.esi_id
