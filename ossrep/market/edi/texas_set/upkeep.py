"""The 814s beside the orders: CSA, ESI ID maintenance, usage history, customer information."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import ClassVar

from ossrep.market.edi.texas_set.model import Contact, Reason, Transaction
from ossrep.market.edi.texas_set.registration import Answer, PointNotice, Registration, SpecialNeeds


@dataclass(frozen=True, slots=True, kw_only=True)
class CsaRequest(Registration):
    """814_18: ``change`` (ASI02) ``021`` establishes, ``001`` changes, ``002`` deletes a CSA.

    ERCOT sends it to the former CSA retailer too.
    """

    kind: ClassVar[str] = "814_18"

    change: str = "021"
    customer: Contact | None = None
    start_date: dt.date | None = None
    end_date: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CsaResponse(Answer):
    """814_19, ERCOT to the retailer."""

    kind: ClassVar[str] = "814_19"

    start_date: dt.date | None = None
    end_date: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EsiIdMaintenance(PointNotice):
    """814_20: an ESI ID is created (``021``), changed (``001``) or retired (``002``).

    ``changes`` (REF*TD) list what changed; all else holds from ``effective_date`` (DTM*007) on.
    """

    kind: ClassVar[str] = "814_20"

    change: str = "001"
    changes: tuple[Reason, ...] = ()
    effective_date: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRequest(Registration):
    """814_26, retailer to ERCOT: past usage, to come as 867_02."""

    kind: ClassVar[str] = "814_26"

    history: str = "HU"


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryResponse(Answer):
    """814_27, ERCOT to the retailer."""

    kind: ClassVar[str] = "814_27"

    history: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerInformation(Transaction):
    """814_PC, retailer to the wires company directly (Options 2 and 3, co-operatives)."""

    kind: ClassVar[str] = "814_PC"

    line_id: str = "1"
    membership_id: str = ""
    customer: Contact | None = None
    special_needs: SpecialNeeds | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerInformationResponse(Transaction):
    """814_PD, wires company to the retailer: ``action`` ``WQ`` accepted, ``U`` rejected."""

    kind: ClassVar[str] = "814_PD"

    line_id: str = "1"
    membership_id: str = ""
    action: str
    change: str = ""
    rejects: tuple[Reason, ...] = ()
    statuses: tuple[Reason, ...] = ()

    @property
    def is_accepted(self) -> bool:
        """Whether the answer is yes."""
        return self.action == "WQ"
