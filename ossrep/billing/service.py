"""The only door of context ``billing`` for other contexts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import ClassVar

from ossrep.billing.queries import balances, billed_periods, invoices
from ossrep.kernel.identifiers import AccountId
from ossrep.published.billing import ServicePeriod


class BillingService:
    """Implements ``ossrep.published.billing.BillingService`` over this context's tables."""

    context: ClassVar[str] = "billing"

    def get_balances(self, *, account_ids: Collection[AccountId]) -> Mapping[AccountId, Decimal]:
        return balances.get_balances(account_ids=account_ids)

    def check_bill_fact(
        self, *, account_id: AccountId, invoice_number: str, total: Decimal
    ) -> bool:
        return invoices.check_bill_fact(
            account_id=account_id, invoice_number=invoice_number, total=total
        )

    def find_billed_by_tariff(
        self, *, periods: Collection[ServicePeriod]
    ) -> frozenset[ServicePeriod]:
        return billed_periods.find_billed_by_tariff(periods=periods)
