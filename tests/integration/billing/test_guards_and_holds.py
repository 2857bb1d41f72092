"""What stops a bill, and how a person lets it go on."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from ossrep.billing.models import AccountHold, GuardThreshold, Invoice, WorkItem
from ossrep.billing.queries.due_list import list_due
from ossrep.billing.usecases.decide_work_items import (
    NoteMissing,
    NotReleasable,
    UnknownWorkItem,
    dismiss_work_items,
    release_work_items,
)
from ossrep.billing.usecases.hold_accounts import (
    AlreadyOnHold,
    NotOnHold,
    hold_accounts,
    lift_holds,
)
from ossrep.billing.usecases.plan_run import RunOrder, UnknownAccounts
from tests.factories.billing_book import FIRST_READ, SECOND_READ, START, Book, a_book
from tests.fakes.customer import a_contract, an_account
from tests.integration.billing.runs import run

pytestmark = pytest.mark.django_db(databases="__all__")


def limit(code: str, value: str) -> None:
    GuardThreshold.objects.filter(code=code).update(value=Decimal(value))


def only_item() -> WorkItem:
    return WorkItem.objects.get()


class TestGuards:
    def test_stop_an_implausible_amount(self) -> None:
        limit("amount_too_high", "140.70")

        status = run(a_book(accounts=2), RunOrder(as_of=FIRST_READ))

        assert (status.billed, status.held) == (1, 1)
        item = only_item()
        assert (item.reason_code, item.account_id) == ("amount_too_high", 1)
        assert item.money_at_risk_usd == Decimal("140.85")
        assert item.message == "charges of 140.85 are above 140.7 dollars"

    def test_stop_a_jump_in_usage(self) -> None:
        book = a_book(accounts=1, usage_until=FIRST_READ)
        run(book, RunOrder(as_of=FIRST_READ))
        book.put_usage(
            esi_id="10443720000000001", start=FIRST_READ, end=SECOND_READ, seed=9, scale=1200
        )

        status = run(book, RunOrder(as_of=SECOND_READ))

        assert status.held == 1
        assert only_item().reason_code == "usage_jump"

    def test_stop_usage_that_vanished(self) -> None:
        book = a_book(accounts=1, usage_until=FIRST_READ)
        run(book, RunOrder(as_of=FIRST_READ))
        book.meter.put_days(
            esi_id="10443720000000001", start=FIRST_READ, end=SECOND_READ, import_wh=0
        )

        run(book, RunOrder(as_of=SECOND_READ))

        assert only_item().reason_code == "usage_vanished"

    def test_stop_intervals_that_miss_the_register(self) -> None:
        book = a_book(accounts=1)
        book.meter.put_register(
            esi_id="10443720000000001", start=START, end=FIRST_READ, import_wh=800_000
        )

        run(book, RunOrder(as_of=FIRST_READ))

        assert only_item().reason_code == "register_mismatch"

    def test_stop_an_estimate_at_the_edge_of_a_credit(self) -> None:
        book = a_book()
        contract = a_contract(contract_id=1, account_id=1, start_date=START)
        book.add(an_account(account_id=1, contracts=[contract]))
        for day in range(30):
            book.meter.put_day(
                esi_id=contract.esi_id,
                date=START + dt.timedelta(days=day),
                import_wh=347,
                estimated_intervals=4 if day == 3 else 0,
            )

        run(book, RunOrder(as_of=FIRST_READ))

        item = only_item()
        assert (item.reason_code, item.details["kwh"]) == ("credit_cliff", "999.36")

    def test_stop_a_negative_quarter_hour(self) -> None:
        book = a_book(accounts=1)
        book.meter._import["10443720000000001", START][5] = -7

        run(book, RunOrder(as_of=FIRST_READ))

        assert only_item().reason_code == "negative_usage"

    def test_stop_too_many_days(self) -> None:
        book = a_book(accounts=1)
        book.market.read_dates.clear()
        book.market.add_read_dates(tdsp="ONCOR_ELEC", read_cycle="07", dates=[dt.date(2026, 8, 20)])
        book.put_usage(esi_id="10443720000000001", start=START, end=dt.date(2026, 8, 20))

        run(book, RunOrder(as_of=dt.date(2026, 8, 21)))

        assert only_item().reason_code == "period_too_long"

    @pytest.mark.parametrize("code", ["first_bill", "final_bill"])
    def test_stop_first_and_final_bills_where_asked_to(self, code: str) -> None:
        limit(code, "1")
        book = a_book()
        contract = a_contract(contract_id=1, account_id=1, start_date=START, end_date=FIRST_READ)
        book.add(an_account(account_id=1, contracts=[contract]))
        book.put_usage(esi_id=contract.esi_id, start=START, end=FIRST_READ)

        run(book, RunOrder(as_of=FIRST_READ))

        assert only_item().reason_code == code

    def test_are_off_when_disabled(self) -> None:
        limit("amount_too_high", "1")
        GuardThreshold.objects.filter(code="amount_too_high").update(is_enabled=False)

        assert run(a_book(accounts=1), RunOrder(as_of=FIRST_READ)).billed == 1


def stopped_book() -> Book:
    limit("amount_too_high", "1")
    book = a_book(accounts=1)
    run(book, RunOrder(as_of=FIRST_READ))
    return book


class TestRelease:
    def test_lets_the_next_run_bill_it_as_it_is(self) -> None:
        book = stopped_book()

        release_work_items(item_ids=[only_item().pk], note="large pool pump", decided_by="ana")
        status = run(book, RunOrder(as_of=FIRST_READ))

        assert status.billed == 1
        item = only_item()
        assert (item.status, item.note, item.decided_by) == ("resolved", "large pool pump", "ana")

    def test_covers_those_days_only(self) -> None:
        book = stopped_book()
        release_work_items(item_ids=[only_item().pk], note="seen", decided_by="ana")

        status = run(book, RunOrder(as_of=SECOND_READ))

        assert (status.billed, status.held) == (1, 1)

    def test_is_refused_where_no_right_bill_can_come_of_it(self) -> None:
        book = a_book(accounts=1, usage_until=START)
        run(book, RunOrder(as_of=FIRST_READ))

        with pytest.raises(NotReleasable):
            release_work_items(item_ids=[only_item().pk], note="go", decided_by="ana")

        assert only_item().status == "open"

    def test_wants_a_reason_and_a_known_item(self) -> None:
        with pytest.raises(NoteMissing):
            release_work_items(item_ids=[1], note="", decided_by="ana")
        with pytest.raises(UnknownWorkItem):
            release_work_items(item_ids=[12345], note="go", decided_by="ana")

    def test_may_be_a_dismissal(self) -> None:
        stopped_book()

        dismiss_work_items(item_ids=[only_item().pk], note="test account", decided_by="ana")

        assert only_item().status == "dismissed"


class TestHold:
    def test_keeps_an_account_from_being_billed_until_it_is_lifted(self) -> None:
        book = a_book(accounts=2)
        with book.standing_in():
            hold_accounts(account_numbers=["000000001"], reason="dispute", placed_by="ana")

        held = run(book, RunOrder(as_of=FIRST_READ))
        with book.standing_in():
            lift_holds(account_numbers=["000000001"], lifted_by="bo")
        lifted = run(book, RunOrder(as_of=FIRST_READ))

        assert (held.billed, held.skipped, lifted.billed) == (1, 1, 1)
        assert not WorkItem.objects.exists()

    def test_is_placed_once(self) -> None:
        with a_book(accounts=2).standing_in():
            hold_accounts(account_numbers=["000000001"], reason="dispute", placed_by="ana")

            with pytest.raises(AlreadyOnHold):
                hold_accounts(
                    account_numbers=["000000002", "000000001"], reason="x", placed_by="ana"
                )

        assert AccountHold.objects.count() == 1

    def test_refuses_unknown_and_free_accounts(self) -> None:
        with a_book(accounts=1).standing_in():
            with pytest.raises(UnknownAccounts):
                hold_accounts(account_numbers=["9"], reason="x", placed_by="ana")
            with pytest.raises(NotOnHold):
                lift_holds(account_numbers=["000000001"], lifted_by="ana")


class TestDueList:
    def test_says_who_waits_why_and_how_long(self) -> None:
        book = a_book(accounts=3)
        del book.meter._import["10443720000000002", START]
        with book.standing_in():
            hold_accounts(account_numbers=["000000001"], reason="dispute", placed_by="ana")
        run(book, RunOrder(as_of=FIRST_READ))
        book.add(
            an_account(
                account_id=4, contracts=[a_contract(contract_id=4, account_id=4, start_date=START)]
            )
        )

        with book.standing_in():
            lines = list_due(as_of=FIRST_READ + dt.timedelta(days=12))

        assert [(x.account_number, x.reason, x.days, x.days_left) for x in lines] == [
            ("000000001", "account_on_hold", 12, 18),
            ("000000002", "intervals_missing", 12, 18),
            ("000000004", "not_run_yet", 12, 18),
        ]

    def test_is_empty_when_all_is_billed(self) -> None:
        book = a_book(accounts=1)
        run(book, RunOrder(as_of=FIRST_READ))

        with book.standing_in():
            assert list_due(as_of=FIRST_READ) == []
        assert Invoice.objects.count() == 1
