"""Context ``billing`` in memory: implements its published Protocol for other contexts' tests."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar

from ossrep.kernel.identifiers import AccountId
from ossrep.published.billing import ServicePeriod


@dataclass
class FakeBillingService:
    """Answers from the balances and bills (account, number, amount due) a test put in."""

    context: ClassVar[str] = "billing"

    balances: dict[AccountId, Decimal] = field(default_factory=dict)
    by_tariff: set[ServicePeriod] = field(default_factory=set)
    bills: set[tuple[AccountId, str, Decimal]] = field(default_factory=set)

    def get_balances(self, *, account_ids: Collection[AccountId]) -> Mapping[AccountId, Decimal]:
        return {a: self.balances.get(a, Decimal("0.00")) for a in account_ids}

    def check_bill_fact(
        self, *, account_id: AccountId, invoice_number: str, total: Decimal
    ) -> bool:
        return (account_id, invoice_number, total) in self.bills

    def find_billed_by_tariff(
        self, *, periods: Collection[ServicePeriod]
    ) -> frozenset[ServicePeriod]:
        return frozenset(self.by_tariff & set(periods))
