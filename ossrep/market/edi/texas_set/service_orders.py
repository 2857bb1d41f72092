"""The 650s: disconnect, reconnect and switch hold, and the wires company's own outages."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from ossrep.market.edi.texas_set.model import Contact, Moment, Reason, Transaction
from ossrep.market.edi.texas_set.registration import SpecialNeeds


@dataclass(frozen=True, slots=True)
class Pole:
    """A pole at the premises, by number."""

    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderMeter:
    """A meter of a service order, with its reading where one was taken."""

    number: str
    read_code: str = ""
    reading: Decimal | None = None
    unit: str = ""
    read_date: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTransaction(Transaction):
    """What every 650 carries.

    ``category`` (BGN07): ``72`` disconnect, ``79`` reconnect, ``SH`` switch hold. ``action``
    (BGN08): ``IT`` request, ``C`` cancel, ``51`` complete, ``U`` reject, ``S2`` suspend, ``R8``
    terminate.
    """

    category: str = ""
    action: str = ""
    membership_id: str = ""
    special_needs: SpecialNeeds | None = None
    meters: tuple[OrderMeter, ...] = ()
    poles: tuple[Pole, ...] = ()
    changes: tuple[Reason, ...] = ()
    remarks: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOrder(ServiceTransaction):
    """650_01, retailer to the wires company.

    ``purpose`` (REF*8X): ``DC001``, ``RC001``, ``SH001`` and so on; a reconnect cites its
    disconnect in ``original_reference``. ``priority``, ``location`` (``MTR``, ``PDL``, ``ROL``)
    and ``is_friday_authorized`` mean what the wires company says (RMG 7.6.3).
    """

    kind: ClassVar[str] = "650_01"

    action: str = "IT"
    purpose: str
    customer: Contact | None = None
    priority: str = ""
    location: str = ""
    is_friday_authorized: bool | None = None
    wants_call_ahead: bool | None = None
    requested_date: dt.date | None = None
    not_before_date: dt.date | None = None
    verification: Reason | None = None
    directions: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOrderResponse(ServiceTransaction):
    """650_02, wires company to the retailer; ``original_reference`` is the 650_01's.

    ``rejects`` are REF*7G, ``unexecutables`` REF*G7. Only ``51`` with ``completed`` and without
    either proves that the work was done.
    """

    kind: ClassVar[str] = "650_02"

    purpose: str
    rejects: tuple[Reason, ...] = ()
    unexecutables: tuple[Reason, ...] = ()
    access: Reason | None = None
    equipment_location: str = ""
    order_number: str = ""
    switch_hold: Reason | None = None
    verification: Reason | None = None
    completed: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageNotice(ServiceTransaction):
    """650_04, wires company to the retailer: service suspended, terminated or back.

    ``reasons`` are REF*5H. ``R8`` obliges to an 814_24 within ten Business Days (RMG 7.12.2).
    """

    kind: ClassVar[str] = "650_04"

    reasons: tuple[Reason, ...] = ()
    interrupted: Moment | None = None
    estimated_restoration: Moment | None = None
    needs_repair: bool | None = None
    is_rescheduled: bool | None = None
    is_area_outage: bool | None = None
    duration: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageReject(Transaction):
    """650_05, retailer to the wires company: a 650_04 refused for bad data."""

    kind: ClassVar[str] = "650_05"

    category: str = ""
    action: str = "U"
    membership_id: str = ""
    rejects: tuple[Reason, ...] = ()
