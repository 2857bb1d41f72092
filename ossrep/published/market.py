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


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePoint:
    """What the market's registry knows of an ESI ID; empty (a flag: None) where nobody has told.

    ``status`` is ``Active``, ``Inactive`` or ``De-Energized`` (ERCOT has no retailer for it).
    """

    esi_id: EsiId
    tdsp_code: TdspCode
    status: str
    street: str
    street_line2: str
    city: str
    state: str
    zip_code: str
    county: str
    read_cycle: str
    premise_type: str
    is_metered: bool | None
    has_switch_hold: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundAddress:
    """A service point that an address search found; ``score`` is 0 to 100, 100 an exact hit."""

    point: ServicePoint
    score: float


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

    def find_service_points(self, *, esi_ids: Collection[str]) -> Mapping[EsiId, ServicePoint]:
        """What the registry knows of each ESI ID; unknown ones are left out. One query."""
        ...

    def list_tdsps_of_zip(self, *, zip_code: str) -> Sequence[TdspCode]:
        """Codes of the TDSPs that have a service point in a ZIP, sorted; often several."""
        ...

    def search_addresses(
        self, *, text: str, zip_code: str | None, limit: int
    ) -> Sequence[FoundAddress]:
        """Service points whose address is like a typed one, the best first."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageCancelled:
    """Usage that was told by ``UsageReceived`` counts no more (TX SET 867_03, cancel).

    It may be told again, where what took its place is cancelled in its turn.
    """

    event_type: ClassVar[str] = "market.usage-cancelled.v1"
    aggregate_type: ClassVar[str] = "meter-point"

    esi_id: str
    start_date: dt.date
    end_date: dt.date
    source_reference: str
    cancelled_at: dt.datetime

    @property
    def aggregate_id(self) -> str:
        return self.esi_id


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollmentAccepted:
    """The wires company has scheduled it (TX SET 814_05); ``scheduled_date`` may still move."""

    event_type: ClassVar[str] = "market.enrollment-accepted.v1"
    aggregate_type: ClassVar[str] = "enrollment"

    enrollment_id: str
    esi_id: str
    order_reference: str
    scheduled_date: dt.date
    meter_numbers: tuple[str, ...]
    read_cycle: str
    rate_class: str
    load_profile: str
    has_switch_hold: bool

    @property
    def aggregate_id(self) -> str:
        return self.enrollment_id


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollmentRejected:
    """The market has refused it (TX SET 814_02, 814_17 or 814_05); codes and texts as sent."""

    event_type: ClassVar[str] = "market.enrollment-rejected.v1"
    aggregate_type: ClassVar[str] = "enrollment"

    enrollment_id: str
    esi_id: str
    order_reference: str
    reason_codes: tuple[str, ...]
    reason_text: str

    @property
    def aggregate_id(self) -> str:
        return self.enrollment_id


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollmentPermitPending:
    """A city's permit is needed before the move-in (TX SET 814_28)."""

    event_type: ClassVar[str] = "market.enrollment-permit-pending.v1"
    aggregate_type: ClassVar[str] = "enrollment"

    enrollment_id: str
    esi_id: str
    order_reference: str

    @property
    def aggregate_id(self) -> str:
        return self.enrollment_id


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollmentCompleted:
    """Service has begun (TX SET 867_04): the contract is active from ``start_date`` on."""

    event_type: ClassVar[str] = "market.enrollment-completed.v1"
    aggregate_type: ClassVar[str] = "enrollment"

    enrollment_id: str
    esi_id: str
    order_reference: str
    start_date: dt.date

    @property
    def aggregate_id(self) -> str:
        return self.enrollment_id


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollmentCancelled:
    """It will not happen: cancelled by us, by ERCOT, or not executable."""

    event_type: ClassVar[str] = "market.enrollment-cancelled.v1"
    aggregate_type: ClassVar[str] = "enrollment"

    enrollment_id: str
    esi_id: str
    order_reference: str
    reason_code: str
    reason_text: str

    @property
    def aggregate_id(self) -> str:
        return self.enrollment_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractLost:
    """Another retailer takes the service point, or it is gone (TX SET 814_06, final 867_03).

    ``kind`` is ``switch``, ``move_in``, ``mass_transition``, ``acquisition`` or ``other``; service
    of ours ends with the day before ``effective_date``.
    """

    event_type: ClassVar[str] = "market.contract-lost.v1"
    aggregate_type: ClassVar[str] = "meter-point"

    esi_id: str
    tdsp_code: str
    effective_date: dt.date
    kind: str
    order_reference: str

    @property
    def aggregate_id(self) -> str:
        return self.esi_id


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveOutScheduled:
    """The wires company has accepted the move-out (TX SET 814_25)."""

    event_type: ClassVar[str] = "market.move-out-scheduled.v1"
    aggregate_type: ClassVar[str] = "move-out"

    move_out_id: str
    esi_id: str
    order_reference: str
    scheduled_date: dt.date

    @property
    def aggregate_id(self) -> str:
        return self.move_out_id


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveOutRejected:
    """The market has refused the move-out, or it could not be executed."""

    event_type: ClassVar[str] = "market.move-out-rejected.v1"
    aggregate_type: ClassVar[str] = "move-out"

    move_out_id: str
    esi_id: str
    order_reference: str
    reason_codes: tuple[str, ...]
    reason_text: str

    @property
    def aggregate_id(self) -> str:
        return self.move_out_id


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveOutCompleted:
    """Service has ended (final TX SET 867_03); ``end_date`` is the first day without it."""

    event_type: ClassVar[str] = "market.move-out-completed.v1"
    aggregate_type: ClassVar[str] = "move-out"

    move_out_id: str
    esi_id: str
    order_reference: str
    end_date: dt.date

    @property
    def aggregate_id(self) -> str:
        return self.move_out_id


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageChargesMatched:
    """A period's usage (867_03) and the wires company's invoice for it (810_02) have met.

    ``total_usd`` is a decimal string; a cancelled pair has ``is_cancelled``. Whether a bill is
    ready is billing's to decide.
    """

    event_type: ClassVar[str] = "market.usage-charges-matched.v1"
    aggregate_type: ClassVar[str] = "meter-point"

    esi_id: str
    tdsp_code: str
    start_date: dt.date
    end_date: dt.date
    usage_reference: str
    invoice_reference: str
    total_usd: str
    is_final: bool
    is_cancelled: bool

    @property
    def aggregate_id(self) -> str:
        return self.esi_id


@dataclass(frozen=True, slots=True, kw_only=True)
class DisconnectCompleted:
    """The meter is off for non-payment (TX SET 650_02 ``51``), from ``completed_at`` on."""

    event_type: ClassVar[str] = "market.disconnect-completed.v1"
    aggregate_type: ClassVar[str] = "disconnect"

    disconnect_id: str
    esi_id: str
    order_reference: str
    completed_at: dt.datetime

    @property
    def aggregate_id(self) -> str:
        return self.disconnect_id


@dataclass(frozen=True, slots=True, kw_only=True)
class DisconnectRefused:
    """The order was not sent, was rejected or could not be executed; codes and texts as sent."""

    event_type: ClassVar[str] = "market.disconnect-refused.v1"
    aggregate_type: ClassVar[str] = "disconnect"

    disconnect_id: str
    esi_id: str
    order_reference: str
    reason_codes: tuple[str, ...]
    reason_text: str

    @property
    def aggregate_id(self) -> str:
        return self.disconnect_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconnectCompleted:
    """The meter is on again, from ``completed_at`` on."""

    event_type: ClassVar[str] = "market.reconnect-completed.v1"
    aggregate_type: ClassVar[str] = "disconnect"

    disconnect_id: str
    esi_id: str
    order_reference: str
    completed_at: dt.datetime

    @property
    def aggregate_id(self) -> str:
        return self.disconnect_id


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageQueued:
    """A message to the market waits to be sent; ``kind`` is ``814_16``, ``650_01`` and so on."""

    event_type: ClassVar[str] = "market.message-queued.v1"
    aggregate_type: ClassVar[str] = "market-message"

    message_id: int
    kind: str
    partner_code: str
    esi_id: str
    reference: str
    queued_at: dt.datetime

    @property
    def aggregate_id(self) -> str:
        return self.reference


@dataclass(frozen=True, slots=True, kw_only=True)
class EsiIdExtractImported:
    """A file of ERCOT's ESI ID extract is in the registry; ``kind`` is ``FUL`` or ``DAILY``.

    ``state`` is ``done``, or ``broken`` where the file ended too early; counts are of rows.
    """

    event_type: ClassVar[str] = "market.esi-id-extract-imported.v1"
    aggregate_type: ClassVar[str] = "esi-id-extract"

    extract_id: int
    file_name: str
    tdsp_code: str
    kind: str
    effective_at: dt.datetime
    state: str
    rows: int
    added: int
    changed: int
    refused: int

    @property
    def aggregate_id(self) -> str:
        return str(self.extract_id)
