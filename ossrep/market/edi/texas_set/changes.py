"""The 814s that cancel, move or end an order, or tell that it cannot be done."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import ClassVar

from ossrep.market.edi.texas_set.model import Contact, Moment, Reason
from ossrep.market.edi.texas_set.registration import Answer, Registration


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRequest(Registration):
    """814_08, retailer to ERCOT or ERCOT to the retailer.

    ``original_reference`` is the order to cancel; ``reasons`` (REF*7G) hold the cancel code. A
    retailer may send ``A13`` with a text and ``B40`` only (RMG 11.2.5.9).
    """

    kind: ClassVar[str] = "814_08"

    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelResponse(Answer):
    """814_09, ERCOT to the retailer. REF*7G also echoes the cancel code of the 814_08.

    So an acceptance can have ``rejects`` that are none (RMG 11.3.7).
    """

    kind: ClassVar[str] = "814_09"


@dataclass(frozen=True, slots=True, kw_only=True)
class DateChangeRequest(Registration):
    """814_12: a move-in (DTM*375) or move-out (DTM*376) to another date.

    ``changes`` (REF*TD) name the date; ``counter`` rises with every 814_12 of one order and is
    echoed (RMG 11.2.5.5).
    """

    kind: ClassVar[str] = "814_12"

    changes: tuple[Reason, ...] = ()
    move_in_date: dt.date | None = None
    move_out_date: dt.date | None = None
    counter: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DateChangeResponse(Answer):
    """814_13, ERCOT to the retailer. The accepted one with the highest ``counter`` holds."""

    kind: ClassVar[str] = "814_13"

    changes: tuple[Reason, ...] = ()
    move_in_date: dt.date | None = None
    move_out_date: dt.date | None = None
    counter: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveOutRequest(Registration):
    """814_24, retailer to ERCOT.

    ``statuses`` (REF*1P): ``2MR`` insists after an unexecutable move-out (RMG 7.16.1). Only the
    CSA's own retailer may send ``bypasses_csa`` (REF*2W).
    """

    kind: ClassVar[str] = "814_24"

    service: str = "MVO"
    customer: Contact | None = None
    statuses: tuple[Reason, ...] = ()
    bypasses_csa: bool | None = None
    requested_date: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveOutResponse(Answer):
    """814_25, ERCOT to the retailer: ``end_date`` (DTM*151) is the scheduled stop date."""

    kind: ClassVar[str] = "814_25"

    end_date: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unexecutable(Registration):
    """814_28, ERCOT to the retailer: ``order_type`` is ``PT`` permit required or ``09``.

    ``reasons`` (REF*G7) say why it was not executable.
    """

    kind: ClassVar[str] = "814_28"

    reasons: tuple[Reason, ...] = ()
    is_tenant_based: bool | None = None
    attempt_date: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnexecutableResponse(Answer):
    """814_29, retailer to ERCOT: acknowledges an 814_28, or refuses it for invalid data only."""

    kind: ClassVar[str] = "814_29"
