"""Providers' flat files through the mailroom end in the same pair as X12 does."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from ossrep.infra.invariants import assert_invariants
from ossrep.market.db import ALIAS
from ossrep.market.models import InboundOutcome, InvoiceDocument, MatchedPeriod, OutboundMessage
from ossrep.market.usecases.interchange.processing import process_files
from ossrep.market.usecases.interchange.receiving_files import take_in
from tests.factories.market_mail import register

pytestmark = pytest.mark.django_db(databases="__all__")

FILES = Path(__file__).parents[3] / "fixtures" / "market" / "usage"
LATER = dt.datetime(2026, 3, 5, 15, 0, tzinfo=dt.UTC)
ESI_ID = "10443720000000031"


@pytest.fixture(autouse=True)
def _partners() -> None:
    register()


def bring(name: str, partner: str) -> list[str]:
    """A provider's file; the states of its documents' outcomes, in order."""
    before = InboundOutcome.objects.count()
    list(take_in(paths=[FILES / name], now=LATER, partner=partner))
    assert [taken.state for taken in process_files(now=LATER)] == ["done"]
    rows = InboundOutcome.objects.order_by("pk")[before:]
    return [f"{row.inbound_set.kind} {row.state} {row.code}".strip() for row in rows]


class TestFlatFiles:
    @pytest.mark.parametrize("syntax", ["pipe", "prism"])
    @pytest.mark.parametrize("is_usage_first", [True, False])
    def test_end_in_one_pair(self, syntax: str, *, is_usage_first: bool) -> None:
        # The second usage replaces one that has not come.
        usage = ["867_03 applied", "867_03 parked waits_for_document"]
        files = [
            (f"monthly_{syntax}.txt", "ERCOT", usage),
            (f"invoice_{syntax}.txt", "ONCOR_ELEC", ["810_02 applied"]),
        ]

        for name, partner, outcomes in files if is_usage_first else reversed(files):
            assert bring(name, partner)[: len(outcomes)] == outcomes

        period = MatchedPeriod.objects.get(state="matched")
        invoice = InvoiceDocument.objects.get()
        assert (period.esi_id, period.start_date, period.end_date) == (
            ESI_ID, dt.date(2026, 2, 2), dt.date(2026, 3, 3),
        )  # fmt: skip
        assert period.usage is not None
        assert period.usage.import_kwh == Decimal("1281.6")
        assert period.invoice_id == invoice.pk
        assert_invariants(contexts=[ALIAS])

    @pytest.mark.parametrize("syntax", ["pipe", "prism"])
    def test_come_twice_with_one_effect(self, syntax: str) -> None:
        bring(f"invoice_{syntax}.txt", "ONCOR_ELEC")

        list(take_in(paths=[FILES / f"invoice_{syntax}.txt"], now=LATER, partner="ONCOR_ELEC"))
        list(process_files(now=LATER))

        assert InvoiceDocument.objects.count() == 1
        assert not OutboundMessage.objects.filter(kind="997").exists()
