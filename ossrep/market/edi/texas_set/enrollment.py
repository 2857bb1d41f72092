"""The 814s that gain a service point: switch, move-in, and the market's answer to both."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import ClassVar

from ossrep.market.edi.texas_set.model import Contact
from ossrep.market.edi.texas_set.registration import Answer, Meter, Registration, SpecialNeeds


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchRequest(Registration):
    """814_01, retailer to ERCOT. Without ``requested_date`` the first date available is taken."""

    kind: ClassVar[str] = "814_01"

    service: str = "SW"
    history: str = ""
    customer: Contact | None = None
    special_needs: SpecialNeeds | None = None
    requested_date: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchReject(Answer):
    """814_02, ERCOT to the retailer: its own refusal of an 814_01; there is no positive one."""

    kind: ClassVar[str] = "814_02"

    service: str = "SW"
    action: str = "U"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollmentResponse(Answer):
    """814_05, ERCOT to the new retailer: the wires company's answer to 814_01 or 814_16.

    ``scheduled_date`` (DTM*150) is its date and may differ from the requested one. It passes on
    the ``order_type`` of the 814_16.
    """

    kind: ClassVar[str] = "814_05"

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
    """814_16, retailer to ERCOT. ``order_type`` is ``IA``, ``CR`` or empty.

    ``priority`` (REF*PH) is of the table's list: standard, priority, holiday.
    """

    kind: ClassVar[str] = "814_16"

    service: str = "MVI"
    history: str = ""
    customer: Contact | None = None
    priority: str = ""
    special_needs: SpecialNeeds | None = None
    requested_date: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveInReject(Answer):
    """814_17, ERCOT to the retailer: its own refusal of an 814_16; there is no positive one."""

    kind: ClassVar[str] = "814_17"

    service: str = "MVI"
    action: str = "U"
