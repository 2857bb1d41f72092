"""The 814s that gain a service point: switch, move-in, and the market's answer to both."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import ClassVar

from ossrep.market.edi.texas_set.model import ERCOT, Contact, Party, Reason, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration(Transaction):
    """What every 814 through ERCOT carries.

    ``service`` is what is asked for or answered: ``SW`` switch, ``MVI`` move-in, ``MVO`` move-out
    (LIN07 or LIN09). ``line_id`` is the sender's own.
    """

    ercot: Party | None = ERCOT
    line_id: str = "1"
    service: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Registration):
    """An 814 that answers: ``action`` (ASI01) is ``WQ`` accepted or ``U`` rejected.

    ``change`` (ASI02) is what it answers: ``021`` add, ``002`` delete, ``001`` change. A rejection
    has one or more ``rejects`` (REF*7G), codes and texts as sent.
    """

    action: str
    change: str = ""
    rejects: tuple[Reason, ...] = ()

    @property
    def is_accepted(self) -> bool:
        """Whether the answer is yes; codes other than ``WQ`` are not."""
        return self.action == "WQ"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialNeeds:
    """REF*SU: whether the premises has special needs, and of which kind (``CCCT``, ``CRCT``)."""

    is_needed: bool | None
    status: str = ""


@dataclass(frozen=True, slots=True)
class OfRegister:
    """A value of one register of a meter, which its type (``KHMON``) names; empty: of all."""

    value: str
    meter_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """One meter of a service point (NM1*MQ loop); ``number`` may be NONE or UNMETERED."""

    number: str
    meter_types: tuple[OfRegister, ...] = ()
    multipliers: tuple[OfRegister, ...] = ()
    dials: tuple[OfRegister, ...] = ()
    times_of_use: tuple[OfRegister, ...] = ()
    roles: tuple[OfRegister, ...] = ()
    load_profile: str = ""
    rate_class: str = ""
    rate_subclass: str = ""
    read_cycle: str = ""
    ams_indicator: str = ""
    unmetered_types: tuple[Reason, ...] = ()
    metered_services: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchRequest(Registration):
    """814_01, retailer to ERCOT. Without ``requested_date`` the first date available is taken."""

    kind: ClassVar[str] = "814_01"

    order_type: str = ""
    service: str = "SW"
    history: str = ""
    customer: Contact | None = None
    special_needs: SpecialNeeds | None = None
    requested_date: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollmentResponse(Answer):
    """814_05, ERCOT to the new retailer: the wires company's answer to 814_01 or 814_16.

    ``scheduled_date`` (DTM*150) is its date and may differ from the requested one. ``order_type``
    passes on ``IA`` or ``CR`` of the 814_16.
    """

    kind: ClassVar[str] = "814_05"

    order_type: str = ""
    history: str = ""
    customer: Contact | None = None
    special_needs: SpecialNeeds | None = None
    station: str = ""
    loss_factor: str = ""
    premise_type: str = ""
    has_switch_hold: bool | None = None
    scheduled_date: dt.date | None = None
    meters: tuple[Meter, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveInRequest(Registration):
    """814_16, retailer to ERCOT. ``order_type``: ``IA`` inadvertent, ``CR`` rescission, or empty.

    ``priority`` (REF*PH): see the table's list.
    """

    kind: ClassVar[str] = "814_16"

    order_type: str = ""
    service: str = "MVI"
    history: str = ""
    customer: Contact | None = None
    priority: str = ""
    special_needs: SpecialNeeds | None = None
    requested_date: dt.date
