from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from ossrep.billing.models import (
    Charge,
    Invoice,
    OpeningAccount,
    OpeningSite,
    OpeningUsage,
    RefusedRow,
    Transfer,
)
from ossrep.billing.queries.refused_rows import list_refused_rows
from ossrep.billing.service import BillingService
from ossrep.billing.usecases.import_openings import (
    OpeningsImported,
    import_openings,
    retry_openings,
)
from ossrep.billing.usecases.plan_run import RunOrder
from ossrep.infra.invariants import assert_invariants
from ossrep.infra.services import standing_in
from ossrep.kernel.identifiers import AccountId
from ossrep.published.customer import CustomerService
from tests.factories.billing_book import FIRST_READ, SECOND_READ, START, a_book
from tests.fakes.customer import InMemoryCustomers, a_contract, an_account
from tests.integration.billing.runs import run

pytestmark = pytest.mark.django_db(databases="__all__")

ESI_ID = a_contract(contract_id=1, account_id=1).esi_id


def usage(start: str, end: str, kwh: str = "1000.5", **fields: str) -> dict[str, Any]:
    return {"start": start, "end": end, "import_kwh": kwh} | fields


def site(**fields: Any) -> dict[str, Any]:
    return {"esi_id": ESI_ID} | fields


def opening(**fields: Any) -> dict[str, Any]:
    return {"account": "000000001", "as_of": "2026-06-09", "balance_usd": "125.40"} | fields


@contextlib.contextmanager
def customers(*account_ids: int) -> Iterator[InMemoryCustomers]:
    known = InMemoryCustomers(an_account(account_id=n) for n in account_ids)
    with standing_in(CustomerService, known):
        yield known


def load(tmp_path: Path, *lines: Any) -> OpeningsImported:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    (tmp_path / "opening.jsonl").write_text("\n".join(texts))
    (result,) = import_openings(paths=[tmp_path / "opening.jsonl"])
    assert_invariants(contexts=["billing"])
    return result


def balance(account_id: int) -> Decimal:
    ids = [AccountId(account_id)]
    return BillingService().get_balances(account_ids=ids)[AccountId(account_id)]


def refusals() -> list[tuple[int, str]]:
    rows = list_refused_rows(kind="opening", is_open=True, limit=100)
    return [(row.line, row.reason_code) for row in rows]


FULL = opening(
    sites=[
        site(
            billed_through="2026-06-09",
            bank_usd="28.35",
            usage=[
                usage("2026-05-10", "2026-06-09", peak_kw="5.2"),
                usage("2026-04-09", "2026-05-10", "900"),
            ],
        )
    ]
)


class TestImportOpenings:
    def test_posts_balance_bank_usage_and_peaks(self, tmp_path: Path) -> None:
        with customers(1):
            result = load(tmp_path, FULL)

        assert (result.posted, result.known, result.refused) == (1, 0, 0)
        assert balance(1) == Decimal("125.40")
        transfer = Transfer.objects.get()
        assert (transfer.debit.kind, transfer.credit.kind) == ("receivable", "opening")
        assert (transfer.effective_date, transfer.source_id) == (
            dt.date(2026, 6, 9),
            OpeningAccount.objects.get().pk,
        )
        opened = OpeningSite.objects.get()
        assert (opened.billed_through, opened.bank_usd) == (dt.date(2026, 6, 9), Decimal("28.35"))
        rows = OpeningUsage.objects.order_by("period_start")
        assert list(rows.values_list("import_wh", "peak_w")) == [
            (900_000, None),
            (1_000_500, 5_200),
        ]

    @pytest.mark.parametrize(("usd", "kinds"), [("-40.00", ("opening", "receivable")), ("0", None)])
    def test_books_a_credit_the_other_way_and_nothing_for_zero(
        self, tmp_path: Path, usd: str, kinds: tuple[str, str] | None
    ) -> None:
        with customers(1):
            load(tmp_path, opening(balance_usd=usd))

        transfers = [(t.debit.kind, t.credit.kind) for t in Transfer.objects.all()]
        assert transfers == ([kinds] if kinds else [])
        assert balance(1) == Decimal(usd)

    def test_does_nothing_with_the_same_lines_again(self, tmp_path: Path) -> None:
        shuffled = json.loads(json.dumps(FULL))
        shuffled["sites"][0]["usage"].reverse()
        shuffled["balance_usd"] = "125.4"

        with customers(1):
            load(tmp_path, FULL)
            again = load(tmp_path, FULL, shuffled)

        assert (again.posted, again.known, again.refused) == (0, 2, 0)
        assert (Transfer.objects.count(), OpeningUsage.objects.count()) == (1, 2)

    @pytest.mark.parametrize(
        "other",
        [
            opening(balance_usd="125.41"),
            opening(as_of="2026-06-10"),
            opening(sites=[site(bank_usd="1")]),
            FULL | {"balance_usd": "1"},
        ],
    )
    def test_refuses_another_opening_of_the_same_account(
        self, tmp_path: Path, other: dict[str, Any]
    ) -> None:
        with customers(1):
            load(tmp_path, FULL)
            result = load(tmp_path, other)

        assert (result.posted, result.refused) == (0, 1)
        assert refusals() == [(1, "opening_differs")]
        assert balance(1) == Decimal("125.40")

    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            ("{", "not_json"),
            ("[]", "not_json"),
            ("[" * 5_000, "not_json"),
            (opening(account="000000099"), "unknown_account"),
            (opening(sites=[site(esi_id="10443720000009999")]), "unknown_esi_id"),
            (opening(sites=[site(esi_id="123")]), "invalid_opening"),
            (opening(sites=[site(), site()]), "invalid_opening"),
            (opening(balance_usd=1.5), "invalid_opening"),
            (opening(balance_usd="1.555"), "invalid_opening"),
            (opening(balance_usd="NaN"), "invalid_opening"),
            (opening(as_of="soon"), "invalid_opening"),
            (opening(colour="green"), "invalid_opening"),
            (opening(sites=[site(bank_usd="-1")]), "invalid_opening"),
            (opening(sites=[site(usage=[usage("2026-05-10", "2026-05-10")])]), "invalid_opening"),
            (
                opening(
                    sites=[
                        site(
                            usage=[
                                usage("2026-05-10", "2026-06-09"),
                                usage("2026-06-01", "2026-07-01"),
                            ]
                        )
                    ]
                ),
                "invalid_opening",
            ),
            (
                opening(
                    sites=[
                        site(billed_through="2026-06-01", usage=[usage("2026-05-10", "2026-06-09")])
                    ]
                ),
                "invalid_opening",
            ),
        ],
    )
    def test_keeps_a_bad_line_and_posts_the_good_ones(
        self, tmp_path: Path, line: Any, reason: str
    ) -> None:
        with customers(1, 2):
            result = load(tmp_path, line, "", opening(account="000000002"))

        assert (result.posted, result.refused) == (1, 1)
        assert refusals() == [(1, reason)]
        assert (balance(1), balance(2)) == (Decimal("0.00"), Decimal("125.40"))

    def test_refuses_an_account_that_is_billed_here(self, tmp_path: Path) -> None:
        book = a_book(accounts=1)
        run(book, RunOrder(as_of=FIRST_READ))

        with book.standing_in():
            load(tmp_path, opening())

        assert refusals() == [(1, "already_billed")]

    def test_retries_lines_whose_account_has_come(self, tmp_path: Path) -> None:
        with customers(2) as known:
            load(tmp_path, opening(), "{")
            known.accounts[AccountId(1)] = an_account(account_id=1)

            result = retry_openings(row_ids=None)

        assert (result.posted, result.refused) == (1, 1)
        assert balance(1) == Decimal("125.40")
        assert RefusedRow.objects.get(line=1).settlement == "loaded"

    def test_runs_as_a_command(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "opening.jsonl").write_text(json.dumps(FULL))

        with customers(1):
            call_command("bill", "import-opening", str(tmp_path / "opening.jsonl"))

        assert capsys.readouterr().out.splitlines()[1] == "opening.jsonl\t1\t0\t0"


class TestTheFirstBillAfterAnOpening:
    def test_goes_on_where_the_old_system_ended(self, tmp_path: Path) -> None:
        book = a_book(usage_until=SECOND_READ)
        contract = a_contract(
            contract_id=1, account_id=1, plan_version_id=3, start_date=dt.date(2026, 1, 1)
        )
        book.add(an_account(account_id=1, contracts=[contract]))
        book.put_usage(esi_id=contract.esi_id, start=START, end=FIRST_READ)
        with book.standing_in():
            load(tmp_path, FULL)

        status = run(book, RunOrder(as_of=FIRST_READ))

        assert status.billed == 1
        charge, invoice = Charge.objects.get(), Invoice.objects.get()
        assert (charge.period_start, charge.period_end) == (START, FIRST_READ)
        assert (charge.bank_in_usd, charge.bank_used_usd) == (Decimal("28.35"), Decimal("28.35"))
        assert invoice.previous_balance_usd + invoice.adjustments_usd == Decimal("125.40")
        assert [entry[1] for entry in invoice.snapshot["history"]][:2] == [900_000, 1_000_500]
