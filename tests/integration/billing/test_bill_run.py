"""The bill run from plan to posted invoices, on other contexts' fakes."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal

import pytest

from ossrep.billing.models import (
    BillRunChunk,
    BillRunItem,
    Charge,
    Invoice,
    InvoiceLine,
    InvoiceTax,
    OutboxEvent,
    TaxPlace,
    WorkItem,
)
from ossrep.billing.service import BillingService
from ossrep.billing.usecases.plan_run import RunOrder, UnknownAccounts, plan_run
from ossrep.billing.usecases.reverse_invoices import ReversalOrder, reverse_invoices
from ossrep.kernel.identifiers import AccountId
from ossrep.published.billing import ServicePeriod
from ossrep.published.market import DeliveryCharge, DeliveryChargeRequest
from tests.factories.billing_book import FIRST_READ, SECOND_READ, START, a_book
from tests.fakes.customer import a_contract, an_account
from tests.integration.billing.runs import pay, run

pytestmark = pytest.mark.django_db(databases="__all__")


class TestBillRun:
    def test_bills_each_account_once(self) -> None:
        status = run(a_book(accounts=3), RunOrder(as_of=FIRST_READ, read_cycle="07"))

        assert (status.state, status.planned, status.billed) == ("finished", 3, 3)
        assert [i.number for i in Invoice.objects.order_by("id")] == [
            "100000011",
            "100000022",
            "100000033",
        ]

    @pytest.mark.parametrize(
        ("accounts", "planned"), [(7, [2, 2, 2, 1]), (9, [2, 2, 1, 1, 1, 1, 1])]
    )
    def test_ends_a_long_run_in_small_chunks(self, accounts: int, planned: list[int]) -> None:
        status = run(a_book(accounts=accounts), RunOrder(as_of=FIRST_READ, chunk_accounts=2))

        chunks = BillRunChunk.objects.order_by("chunk_no")
        assert list(chunks.values_list("planned", flat=True)) == planned
        assert status.billed == accounts

    def test_prints_lines_in_the_plan_order_with_exact_quantities(self) -> None:
        run(a_book(accounts=1), RunOrder(as_of=FIRST_READ))

        lines = InvoiceLine.objects.select_related("template").order_by("line_no")
        assert [(x.template.label, x.quantity, x.amount_usd) for x in lines] == [
            ("Base charge", 1, Decimal("9.95")),
            ("Energy, nights", 273_558, Decimal("13.68")),
            ("Energy, days", 450_984, Decimal("72.16")),
            ("TDU Delivery Charges", 1, Decimal("4.23")),
            ("TDU Delivery Charges, kWh", 724_542, Decimal("40.60")),
        ]

    def test_heads_the_invoice_with_what_it_prints(self) -> None:
        run(a_book(accounts=1), RunOrder(as_of=FIRST_READ))

        invoice = Invoice.objects.get()
        assert (invoice.issue_date, invoice.due_date) == (FIRST_READ, dt.date(2026, 7, 27))
        assert (invoice.retailer_usd, invoice.delivery_usd) == (Decimal("95.79"), Decimal("44.83"))
        assert invoice.average_price_tenth_cents == 194
        assert invoice.brand_part.content["name"] == "Lone Star Retail"
        assert invoice.snapshot["history"] == [["2026-07-08", 724_542, 0]]
        assert invoice.snapshot["sites"][0]["esi_id"] == "10443720000000001"

    def test_keeps_each_day_of_usage_with_the_charge(self) -> None:
        run(a_book(accounts=1), RunOrder(as_of=FIRST_READ))

        charge = Charge.objects.get()
        daily = memoryview(bytes(charge.daily_import_wh)).cast("q").tolist()
        assert (len(daily), sum(daily)) == (30, 724_542)
        assert charge.daily_export_wh == b""

    def test_names_each_place_though_alike_places_are_taxed_together(self) -> None:
        book = a_book()
        for number, name in enumerate(("Waco", "Tyler"), start=1):
            TaxPlace.objects.create(code=name.upper(), name=name, population=100_000)
            home = a_contract(
                contract_id=number, account_id=number, start_date=START, tax_place=name.upper()
            )
            book.add(an_account(account_id=number, contracts=[home]))
            book.put_usage(esi_id=home.esi_id, start=START, end=FIRST_READ)

        run(book, RunOrder(as_of=FIRST_READ))

        taxes = InvoiceTax.objects.select_related("template").order_by("invoice_id", "tax_no")
        label = "Miscellaneous Gross Receipts Tax Reimbursement"
        assert [(tax.template.place, tax.template.label) for tax in taxes] == [
            ("", "PUC Assessment"),
            ("WACO", f"{label}, Waco"),
            ("", "PUC Assessment"),
            ("TYLER", f"{label}, Tyler"),
        ]
        assert len({tax.amount_usd for tax in taxes}) == 2

    def test_tells_of_each_invoice(self) -> None:
        run(a_book(accounts=1), RunOrder(as_of=FIRST_READ))

        event = OutboxEvent.objects.get()
        assert (event.event_type, event.aggregate_id) == ("billing.invoice-issued.v1", "1")
        assert event.payload["amount_due_usd"] == str(Invoice.objects.get().amount_due_usd)

    def test_posts_what_is_owed(self) -> None:
        run(a_book(accounts=2), RunOrder(as_of=FIRST_READ))

        due = dict(Invoice.objects.values_list("account_id", "amount_due_usd"))
        ids = [AccountId(1), AccountId(2), AccountId(99)]
        assert BillingService().get_balances(account_ids=ids) == {
            1: due[1],
            2: due[2],
            99: Decimal("0.00"),
        }

    def test_bills_a_second_period_in_the_same_run_after_the_first(self) -> None:
        status = run(a_book(accounts=2), RunOrder(as_of=SECOND_READ))

        assert (status.planned, status.billed) == (4, 4)
        first, second = Invoice.objects.filter(account_id=1).order_by("id")
        assert second.period_start == first.period_end
        assert second.previous_balance_usd == first.amount_due_usd

    def test_counts_payments_since_the_last_invoice(self) -> None:
        book = a_book(accounts=1)
        run(book, RunOrder(as_of=FIRST_READ))
        pay(account_id=1, amount="100.00", date=dt.date(2026, 7, 20))

        run(book, RunOrder(as_of=SECOND_READ))

        first, second = Invoice.objects.order_by("id")
        assert second.previous_balance_usd == first.amount_due_usd
        assert second.payments_usd == Decimal("-100.00")
        assert second.snapshot["payments"] == [
            {"date": "2026-07-20", "label": "Payment, thank you", "amount_usd": "-100.00"}
        ]

    def test_bills_nothing_twice(self) -> None:
        book = a_book(accounts=2)
        run(book, RunOrder(as_of=FIRST_READ))

        status = run(book, RunOrder(as_of=FIRST_READ))

        assert (status.planned, status.billed) == (0, 0)
        assert BillRunItem.objects.count() == 2

    def test_takes_only_the_accounts_named(self) -> None:
        status = run(a_book(accounts=3), RunOrder(as_of=FIRST_READ, account_numbers=["000000002"]))

        assert status.billed == 1
        assert Invoice.objects.get().account_id == 2

    def test_refuses_accounts_that_nobody_knows(self) -> None:
        book = a_book(accounts=1)
        order = RunOrder(as_of=FIRST_READ, account_numbers=["000000001", "77"])

        with book.standing_in(), pytest.raises(UnknownAccounts, match="77"):
            plan_run(order=order)

        assert not BillRunItem.objects.exists()

    def test_ends_a_contract_with_a_final_bill(self) -> None:
        book = a_book()
        end = dt.date(2026, 6, 25)
        contract = a_contract(contract_id=1, account_id=1, start_date=START, end_date=end)
        book.add(an_account(account_id=1, contracts=[contract]))
        book.put_usage(esi_id=contract.esi_id, start=START, end=end)

        run(book, RunOrder(as_of=FIRST_READ))

        invoice = Invoice.objects.get()
        assert (invoice.period_start, invoice.period_end) == (START, end)
        assert BillRunItem.objects.get().get_kind_display() == "final"

    def test_takes_the_periods_of_the_market_usage(self) -> None:
        book = a_book(accounts=1)
        esi_id = "10443720000000001"
        end = dt.date(2026, 7, 8)
        total = sum(
            int(book.meter._import[esi_id, START + dt.timedelta(days=n)].sum()) for n in range(29)
        )
        book.meter.put_register(esi_id=esi_id, start=START, end=end, import_wh=total)

        run(book, RunOrder(as_of=FIRST_READ))

        assert Invoice.objects.get().period_end == end

    def test_passes_the_charges_of_the_tdsp_through(self) -> None:
        book = a_book(accounts=1)
        request = DeliveryChargeRequest(
            next(iter(book.customers.accounts.values())).contracts[0].esi_id, START, FIRST_READ
        )
        charge = DeliveryCharge(code="BAS001", label="Metering", amount_usd=Decimal("7.77"))
        book.market.add_charges(request=request, charges=[charge])

        run(book, RunOrder(as_of=FIRST_READ))

        assert Invoice.objects.get().delivery_usd == Decimal("7.77")
        assert Charge.objects.get().get_delivery_source_display() == "TDSP's invoice"
        period = ServicePeriod(request.esi_id, START, FIRST_READ)
        assert BillingService().find_billed_by_tariff(periods=[period]) == frozenset()

    def test_knows_what_was_billed_by_the_tariff(self) -> None:
        book = a_book(accounts=1)
        esi_id = next(iter(book.customers.accounts.values())).contracts[0].esi_id

        run(book, RunOrder(as_of=FIRST_READ))

        period = ServicePeriod(esi_id, START, FIRST_READ)
        other = ServicePeriod(esi_id, START, FIRST_READ + dt.timedelta(days=1))
        found = BillingService().find_billed_by_tariff(periods=[period, other])
        assert found == {period}
        number = Invoice.objects.get().number
        order = ReversalOrder(invoice_number=number, reason="again", effective_date=FIRST_READ)
        reverse_invoices(order=order)
        assert BillingService().find_billed_by_tariff(periods=[period]) == frozenset()


class TestAnAccountOfSeveralPremises:
    def test_gets_one_invoice_with_a_section_for_each(self) -> None:
        book = a_book()
        contracts = [
            a_contract(contract_id=n, account_id=1, start_date=START, plan_version_id=plan)
            for n, plan in ((1, 2), (2, 1), (3, 2))
        ]
        book.add(an_account(account_id=1, contracts=contracts))
        for n, contract in enumerate(contracts):
            book.put_usage(esi_id=contract.esi_id, start=START, end=FIRST_READ, seed=n)

        run(book, RunOrder(as_of=FIRST_READ))

        invoice = Invoice.objects.get()
        lines = InvoiceLine.objects.order_by("line_no").select_related("template")
        assert [(x.line_no, x.site_no) for x in lines] == [
            *((n, 1) for n in range(1, 4)),
            *((n, 2) for n in range(4, 9)),
            *((n, 3) for n in range(9, 12)),
        ]
        assert [c.site_no for c in Charge.objects.order_by("site_no")] == [1, 2, 3]
        assert invoice.import_wh == sum(c.import_wh for c in Charge.objects.all())
        puc = InvoiceTax.objects.get()
        assert [(part["site"], part["section"]) for part in puc.split] == [
            (site, section) for site in (1, 2, 3) for section in ("retailer", "delivery")
        ]

    def test_is_held_whole_when_one_cannot_be_billed(self) -> None:
        book = a_book()
        contracts = [a_contract(contract_id=n, account_id=1, start_date=START) for n in (1, 2)]
        book.add(an_account(account_id=1, contracts=contracts))
        book.put_usage(esi_id=contracts[0].esi_id, start=START, end=FIRST_READ)

        status = run(book, RunOrder(as_of=FIRST_READ))

        assert (status.billed, status.held) == (0, 1)
        assert WorkItem.objects.get().esi_id == contracts[1].esi_id


class TestSolar:
    def test_hands_its_bank_on_to_the_next_bill(self) -> None:
        book = a_book()
        contract = a_contract(contract_id=1, account_id=1, start_date=START, plan_version_id=3)
        book.add(an_account(account_id=1, contracts=[contract]))
        book.meter.put_days(
            esi_id=contract.esi_id, start=START, end=SECOND_READ, import_wh=50, export_wh=200
        )

        run(book, RunOrder(as_of=SECOND_READ))

        first, second = Charge.objects.order_by("id")
        assert (first.bank_in_usd, first.bank_out_usd) == (Decimal("0.00"), Decimal("31.68"))
        assert second.bank_in_usd == Decimal("31.68")
        recipes = InvoiceLine.objects.filter(recipe__isnull=False).order_by("invoice_id", "line_no")
        assert recipes[0].recipe["earned_usd"] == "51.84"


class TestAnAccountThatCannotBeBilled:
    def test_becomes_a_work_item_and_stops_nobody(self) -> None:
        book = a_book(accounts=3)
        del book.meter._import["10443720000000002", dt.date(2026, 6, 20)]

        status = run(book, RunOrder(as_of=FIRST_READ))

        item = WorkItem.objects.get()
        assert (status.billed, status.held) == (2, 1)
        assert (item.account_number, item.reason_code) == ("000000002", "intervals_missing")
        assert "96 quarter hours" in item.message

    def test_is_billed_by_the_next_run_once_the_cause_is_mended(self) -> None:
        book = a_book(accounts=1)
        day = book.meter._import.pop(("10443720000000001", dt.date(2026, 6, 20)))
        run(book, RunOrder(as_of=FIRST_READ))
        book.meter._import["10443720000000001", dt.date(2026, 6, 20)] = day

        status = run(book, RunOrder(as_of=FIRST_READ))

        assert status.billed == 1
        assert WorkItem.objects.get().status == "resolved"

    def test_waits_when_only_the_register_is_known_and_the_plan_needs_intervals(self) -> None:
        book = a_book()
        for number, plan in ((1, 1), (2, 2)):
            contract = a_contract(
                contract_id=number, account_id=number, start_date=START, plan_version_id=plan
            )
            book.add(an_account(account_id=number, contracts=[contract]))
            book.meter.put_register(
                esi_id=contract.esi_id, start=START, end=FIRST_READ, import_wh=900_000
            )

        status = run(book, RunOrder(as_of=FIRST_READ))

        assert (status.billed, status.held) == (1, 1)
        assert WorkItem.objects.get().reason_code == "intervals_needed"
        assert Charge.objects.get().get_usage_source_display() == "register"

    def test_says_which_tariff_is_missing(self) -> None:
        book = a_book(accounts=2)
        account = book.customers.accounts[AccountId(2)]
        contract = dataclasses.replace(account.contracts[0], rate_class="secondary")
        book.add(dataclasses.replace(account, contracts=(contract,)))

        status = run(book, RunOrder(as_of=FIRST_READ))

        assert (status.billed, status.held) == (1, 1)
        assert WorkItem.objects.get().reason_code == "missing_tariff"

    def test_says_when_the_read_calendar_is_missing(self) -> None:
        book = a_book(accounts=1)
        book.market.read_dates.clear()

        status = run(book, RunOrder(as_of=SECOND_READ))

        assert status.planned == 0
        assert WorkItem.objects.get().reason_code == "no_read_calendar"

    def test_is_parted_from_the_rest_when_nobody_foresaw_the_error(self) -> None:
        book = a_book(accounts=5)
        account = book.customers.accounts[AccountId(4)]
        book.add(dataclasses.replace(account, bill_to_name="broken \x00 name"))

        status = run(book, RunOrder(as_of=FIRST_READ))

        assert (status.billed, status.held) == (4, 1)
        item = WorkItem.objects.get()
        assert (item.account_id, item.reason_code) == (4, "unexpected_error")


class TestAPlanThatChangedSince:
    def test_is_left_to_the_next_run(self) -> None:
        book = a_book(accounts=2)
        with book.standing_in():
            plan_run(order=RunOrder(as_of=FIRST_READ))
        account = book.customers.accounts[AccountId(1)]
        ended = dataclasses.replace(account.contracts[0], end_date=dt.date(2026, 7, 1))
        book.add(dataclasses.replace(account, contracts=(ended,)))

        status = run(book, RunOrder(as_of=FIRST_READ))
        again = run(book, RunOrder(as_of=FIRST_READ))

        assert (status.billed, status.skipped) == (1, 1)
        assert again.billed == 1
        assert Invoice.objects.get(account_id=1).period_end == dt.date(2026, 7, 1)
