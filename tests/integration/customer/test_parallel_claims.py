"""Fifty guesses of a bill at once count one after the other; two right ones let one in."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connections

from ossrep.customer.models import Login, LoginClaim
from ossrep.customer.usecases.claim_account import (
    TRIES,
    Claimant,
    ClaimLocked,
    ClaimRefused,
    claim_account,
)
from ossrep.infra.services import standing_in
from ossrep.kernel import clock
from ossrep.kernel.identifiers import AccountId
from ossrep.published.billing import BillingService
from tests.factories.customer import an_account
from tests.fakes.billing import FakeBillingService

AT_ONCE = 50
INVOICE, TOTAL = "1000000017", Decimal("143.27")


def at_once(calls: list[Callable[[], str]]) -> list[str]:
    """Outcomes of calls that start together, each on its own connections."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], str]) -> str:
        barrier.wait()
        try:
            return call()
        except (ClaimLocked, ClaimRefused) as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def claim(number: str, *, subject: str, total: Decimal) -> Callable[[], str]:
    claimant = Claimant(
        issuer="https://issuer.example",
        subject=subject,
        email=f"{subject}@example.com",
        is_email_verified=True,
    )
    return lambda: (
        claim_account(
            claimant=claimant,
            account_number=number,
            invoice_number=INVOICE,
            total=total,
            as_of=clock.now(),
        ).state
    )


@pytest.mark.usefixtures("fresh_database")
@pytest.mark.long
class TestClaimsAtOnce:
    def test_are_counted_and_let_one_in(self) -> None:
        guessed, right = an_account(), an_account()
        billing = FakeBillingService()
        billing.bills.add((AccountId(right.pk), INVOICE, TOTAL))
        with standing_in(BillingService, billing):
            guesses = at_once(
                [
                    claim(guessed.number, subject=f"eve-{n}", total=Decimal(n))
                    for n in range(AT_ONCE)
                ]
            )
            owners = at_once(
                [claim(right.number, subject=f"owner-{n}", total=TOTAL) for n in range(AT_ONCE)]
            )

        assert sorted(guesses) == ["claim_locked"] * (AT_ONCE - TRIES) + ["claim_refused"] * TRIES
        assert sorted(owners) == ["linked"] + ["pending"] * (AT_ONCE - 1)
        assert Login.objects.count() == 1
        assert LoginClaim.objects.filter(state="pending").count() == AT_ONCE - 1
