"""What context ``billing`` publishes: invoices, balances, payments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Protocol

from ossrep.kernel.identifiers import AccountId, EsiId


@dataclass(frozen=True, slots=True)
class ServicePeriod:
    """A service point over local dates ``[start_date, end_date)``."""

    esi_id: EsiId
    start_date: dt.date
    end_date: dt.date


class BillingService(Protocol):
    """The only door to context ``billing``."""

    context: ClassVar[str] = "billing"

    def get_balances(self, *, account_ids: Collection[AccountId]) -> Mapping[AccountId, Decimal]:
        """What each account owes, in dollars; negative is a credit. Accounts without money: 0."""
        ...

    def check_bill_fact(
        self, *, account_id: AccountId, invoice_number: str, total: Decimal
    ) -> bool:
        """True when the account has such an invoice in force with this amount due, in dollars.

        Who holds the bill knows both; an unknown account answers as a wrong fact does.
        """
        ...

    def find_billed_by_tariff(
        self, *, periods: Collection[ServicePeriod]
    ) -> frozenset[ServicePeriod]:
        """Those whose bill in force took the TDSP's charges from the tariff, not its invoice."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceIssued:
    """An invoice is issued; amounts are decimal strings of dollars."""

    event_type: ClassVar[str] = "billing.invoice-issued.v1"
    aggregate_type: ClassVar[str] = "account"

    account_id: int
    account_number: str
    invoice_number: str
    brand_id: int
    issue_date: dt.date
    due_date: dt.date
    current_charges_usd: str
    amount_due_usd: str

    @property
    def aggregate_id(self) -> str:
        return str(self.account_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceReversed:
    """An invoice no longer counts; its transfers are reversed."""

    event_type: ClassVar[str] = "billing.invoice-reversed.v1"
    aggregate_type: ClassVar[str] = "account"

    account_id: int
    account_number: str
    invoice_number: str
    reason: str
    amount_usd: str

    @property
    def aggregate_id(self) -> str:
        return str(self.account_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentPosted:
    """Money of an account arrived."""

    event_type: ClassVar[str] = "billing.payment-posted.v1"
    aggregate_type: ClassVar[str] = "account"

    account_id: int
    account_number: str
    reference: str
    received_date: dt.date
    amount_usd: str

    @property
    def aggregate_id(self) -> str:
        return str(self.account_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class DisconnectRequested:
    """An account is to be disconnected for non-payment; notice and evidence are billing's.

    ``disconnect_id`` names the wish once and for all; the reconnect names the same.
    """

    event_type: ClassVar[str] = "billing.disconnect-requested.v1"
    aggregate_type: ClassVar[str] = "disconnect"

    disconnect_id: str
    account_number: str
    brand_id: int
    esi_id: str
    tdsp_code: str
    wanted_date: dt.date
    amount_overdue_usd: str
    notice_date: dt.date
    customer_name: str
    contact_phone: str

    @property
    def aggregate_id(self) -> str:
        return self.disconnect_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconnectRequested:
    """The debt is paid or the reason gone: service is to come back."""

    event_type: ClassVar[str] = "billing.reconnect-requested.v1"
    aggregate_type: ClassVar[str] = "disconnect"

    disconnect_id: str
    esi_id: str
    reason: str

    @property
    def aggregate_id(self) -> str:
        return self.disconnect_id
