"""The 814s by which ERCOT tells of a gain or a loss that the retailer did not ask for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import ClassVar

from ossrep.market.edi.texas_set.registration import Answer, PointNotice, Registration


@dataclass(frozen=True, slots=True, kw_only=True)
class LossNotice(Registration):
    """814_06, ERCOT to the losing retailer: ``service`` says whether by switch or move-in.

    ``original_reference`` is the gaining retailer's; service ends with ``end_date`` (DTM*151).
    """

    kind: ClassVar[str] = "814_06"

    end_date: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DropResponse(Answer):
    """814_11, ERCOT to the losing retailer in a mass transition or acquisition."""

    kind: ClassVar[str] = "814_11"

    end_date: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DropEnrollment(PointNotice):
    """814_14, ERCOT to the gaining retailer: an ESI ID by mass transition or acquisition.

    A ``pending_move_out_date`` must be sent anew by the gaining retailer (RMG 7.11.1.2).
    """

    kind: ClassVar[str] = "814_14"

    had_switch_hold: bool | None = None
    scheduled_date: dt.date | None = None
    pending_move_out_date: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CsaMoveIn(PointNotice):
    """814_22, ERCOT to the CSA's retailer: the premises comes back to it on ``scheduled_date``."""

    kind: ClassVar[str] = "814_22"

    service: str = "MVI"
    scheduled_date: dt.date | None = None
