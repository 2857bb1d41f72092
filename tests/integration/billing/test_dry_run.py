"""A dry run tells what a run would do, and does none of it."""

from __future__ import annotations

import json
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command

from ossrep.billing.models import BillRun, GuardThreshold, Invoice, LedgerAccount
from ossrep.billing.usecases.plan_run import RunOrder
from ossrep.billing.usecases.preview_run import RunPreview, preview_run
from tests.factories.billing_book import FIRST_READ, SECOND_READ, START, Book, a_book
from tests.integration.billing.runs import run

pytestmark = pytest.mark.django_db(databases="__all__")


def preview(book: Book, order: RunOrder) -> RunPreview:
    with book.standing_in():
        *_, last = preview_run(order=order)
    return last


class TestDryRun:
    def test_writes_nothing(self) -> None:
        found = preview(a_book(accounts=3), RunOrder(as_of=FIRST_READ))

        assert len(found.billed) == 3
        assert not BillRun.objects.exists()
        assert not Invoice.objects.exists()
        assert not LedgerAccount.objects.exists()

    def test_knows_the_totals_that_the_run_then_has(self) -> None:
        book = a_book(accounts=3)

        found = preview(book, RunOrder(as_of=FIRST_READ))
        status = run(book, RunOrder(as_of=FIRST_READ))

        assert found.total_usd("tax_cents") == status.tax_usd
        retailer, delivery = found.total_usd("retailer_cents"), found.total_usd("delivery_cents")
        assert retailer + delivery == status.charges_usd

    def test_compares_with_the_bills_before(self) -> None:
        book = a_book(accounts=2, usage_until=FIRST_READ)
        run(book, RunOrder(as_of=FIRST_READ))
        for number, scale in ((1, 200), (2, 400)):
            esi_id = f"1044372{number:010d}"
            book.put_usage(
                esi_id=esi_id, start=FIRST_READ, end=SECOND_READ, seed=number, scale=scale
            )

        found = preview(book, RunOrder(as_of=SECOND_READ))

        assert [line.account_number for line in found.outliers] == ["000000002", "000000001"]
        assert found.outliers[0].before_cents == 14_045 * 29 // 30

    def test_says_what_would_be_held_and_why(self) -> None:
        GuardThreshold.objects.filter(code="amount_too_high").update(value=Decimal("140.70"))
        book = a_book(accounts=3)
        del book.meter._import["10443720000000003", START]

        found = preview(book, RunOrder(as_of=FIRST_READ))

        assert dict(found.reasons) == {"amount_too_high": 1, "intervals_missing": 1}
        assert [line.account_number for line in found.stopped] == ["000000001", "000000003"]

    def test_counts_accounts_with_a_further_period(self) -> None:
        assert preview(a_book(accounts=2), RunOrder(as_of=SECOND_READ)).with_more == 2


class TestDryRunCommand:
    def test_prints_totals_as_the_last_json_line(self) -> None:
        out = StringIO()

        with a_book(accounts=2).standing_in():
            call_command("bill", "run", "--as-of", "2026-07-09", "--dry-run", "--json", stdout=out)

        last = json.loads(out.getvalue().splitlines()[-1])
        assert (last["due"], last["billed"], last["stopped"]) == (2, 2, {})

    def test_prints_tables_for_people(self) -> None:
        out = StringIO()

        with a_book(accounts=2).standing_in():
            call_command("bill", "run", "--as-of", "2026-07-09", "--dry-run", stdout=out)

        assert "would be billed\t2" in out.getvalue()
        assert out.getvalue().rstrip().endswith("Nothing was written.")
