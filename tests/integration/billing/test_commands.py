"""The sub-commands of ``manage.py bill`` as an operator gives them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from ossrep.billing.management.subcommands.run import InvalidAccountsFile
from ossrep.billing.models import Invoice, Reversal
from ossrep.billing.queries.run_status import UnknownRun
from ossrep.billing.usecases.reverse_invoices import UnknownTarget
from tests.factories.billing_book import START, Book, a_book

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def book() -> Iterator[Book]:
    book = a_book(accounts=3)
    with book.standing_in():
        yield book


def bill(*arguments: str) -> str:
    out = StringIO()
    call_command("bill", *arguments, stdout=out)
    return out.getvalue()


class TestRunCommand:
    def test_bills_and_tells_the_totals(self, book: Book) -> None:
        text = bill("run", "--cycle", "07", "--as-of", "2026-07-09", "--json")

        last = json.loads(text.splitlines()[-1])
        assert (last["state"], last["billed"], last["held"]) == ("finished", 3, 0)

    def test_reads_the_accounts_of_a_file(self, book: Book, tmp_path: Path) -> None:
        path = tmp_path / "accounts.csv"
        path.write_text("\ufeffaccount\n000000002\n\n000000003\n", encoding="utf-8")

        bill("run", "--as-of", "2026-07-09", "--accounts", str(path))

        assert sorted(Invoice.objects.values_list("account_id", flat=True)) == [2, 3]

    def test_refuses_a_file_that_is_missing_or_empty(self, book: Book, tmp_path: Path) -> None:
        empty = tmp_path / "empty.csv"
        empty.write_text("account\n")

        for path in (empty, tmp_path / "none.csv"):
            with pytest.raises(InvalidAccountsFile):
                bill("run", "--as-of", "2026-07-09", "--accounts", str(path))


class TestOtherCommands:
    def test_show_runs_and_their_state(self, book: Book) -> None:
        bill("run", "--as-of", "2026-07-09")

        assert "\tfinished\t3\t3\t0\t" in bill("status")
        with pytest.raises(UnknownRun):
            bill("status", "4711")

    def test_hold_and_release_accounts(self, book: Book) -> None:
        assert "1 accounts are held" in bill("hold", "000000001", "--reason", "dispute")
        bill("run", "--as-of", "2026-07-09")
        assert "account_on_hold" in bill("due", "--as-of", "2026-07-12")

        bill("release", "000000001")
        bill("run", "--as-of", "2026-07-09")

        assert Invoice.objects.count() == 3

    def test_list_stopped_bills(self, book: Book) -> None:
        del book.meter._import["10443720000000002", START]
        bill("run", "--as-of", "2026-07-09")

        assert "000000002\t2026-06-09..2026-07-09\tintervals_missing" in bill("work-items")

    def test_reverse_an_invoice_or_a_run(self, book: Book) -> None:
        bill("run", "--as-of", "2026-07-09")
        number = Invoice.objects.order_by("id")[0].number
        run = Invoice.objects.order_by("id")[0].run_id

        bill("reverse", number, "--as-of", "2026-07-20", "--reason", "typo")
        assert Reversal.objects.count() == 1
        bill("reverse", str(run), "--as-of", "2026-07-20", "--reason", "all of it")

        assert Reversal.objects.count() == 3
        with pytest.raises(UnknownTarget):
            bill("reverse", "100000012", "--reason", "mistyped")

    def test_print_a_trial_balance_that_comes_to_zero(self, book: Book) -> None:
        bill("run", "--as-of", "2026-07-09")

        total = bill("trial-balance").splitlines()[-1].split("\t")

        assert total[0] == "total"
        assert (total[3] == total[4], total[5]) == (True, "0.00")
