"""Rules that the database itself holds, each shown to bite by taking it away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from ossrep.customer.db import rows, run
from ossrep.customer.domain.contract_life import TRANSITIONS
from ossrep.customer.domain.numbers import check_digit, has_valid_check_digit
from ossrep.customer.models import Account, Contract, Premises
from ossrep.customer.models.series import take_number
from tests.factories.customer import (
    a_contract,
    a_person,
    a_premises,
    an_account,
)

pytestmark = pytest.mark.django_db(databases="__all__")

ENDED = {"status": "ended", "end_reason": "move_out"}


@contextmanager
def refused(rule: str, kind: type[Exception] = IntegrityError) -> Iterator[None]:
    """The database refuses with a rule's name; the test's transaction goes on."""
    with pytest.raises(kind, match=rule), transaction.atomic(using="customer"):
        yield


class TestServedOnce:
    @pytest.mark.parametrize(
        ("first", "second", "is_refused"),
        [
            (("01-01", None), ("01-01", None), True),
            (("01-01", None), ("12-31", None), True),
            (("01-01", "03-01"), ("03-01", None), False),
            (("01-01", "03-01"), ("02-28", None), True),
            (("03-01", None), ("01-01", "03-01"), False),
            (("03-01", None), ("01-01", "03-02"), True),
            (("02-01", "02-02"), ("02-01", "02-02"), True),
            (("01-01", "04-01"), ("02-01", "03-01"), True),
        ],
    )
    def test_takes_periods_as_half_open(
        self,
        first: tuple[str, str | None],
        second: tuple[str, str | None],
        is_refused: bool,
    ) -> None:
        premises = a_premises()

        def contract(start: str, end: str | None) -> Contract:
            fields: dict[str, Any] = {"start_date": dt.date.fromisoformat(f"2026-{start}")}
            if end:
                fields |= {**ENDED, "end_date": dt.date.fromisoformat(f"2026-{end}")}
            return a_contract(premises=premises, **fields)

        contract(*first)
        if is_refused:
            with refused("cust_contract_served_once"):
                contract(*second)
        else:
            contract(*second)

        assert Contract.objects.count() == (1 if is_refused else 2)

    def test_leaves_other_premises_alone(self) -> None:
        a_contract()
        a_contract()

        assert Contract.objects.count() == 2

    def test_ignores_cancelled_and_pending_ones(self) -> None:
        premises = a_premises()
        for status in ("active", "pending", "cancelled", "cancelled"):
            a_contract(premises=premises, status=status)

        with refused("cust_contract_pending_once"):
            a_contract(premises=premises, status="pending")

        assert Contract.objects.count() == 4

    def test_moves_two_ends_in_one_statement(self) -> None:
        premises = a_premises()
        a_contract(premises=premises, end_date=dt.date(2026, 3, 1), **ENDED)
        a_contract(premises=premises, start_date=dt.date(2026, 3, 1))

        run(
            "UPDATE contract SET end_date = CASE WHEN status = 'ended' THEN date '2026-04-01' END,"
            " start_date = CASE status WHEN 'ended' THEN start_date ELSE date '2026-04-01' END"
        )

        found = Contract.objects.order_by("start_date").values_list("start_date", "end_date")
        assert list(found) == [
            (dt.date(2026, 1, 1), dt.date(2026, 4, 1)),
            (dt.date(2026, 4, 1), None),
        ]


class TestContractLife:
    @pytest.mark.parametrize("before", ["pending", "active", "ended", "cancelled"])
    @pytest.mark.parametrize("after", ["pending", "active", "ended", "cancelled"])
    def test_is_held_by_the_database_as_the_table_says(self, before: str, after: str) -> None:
        ended = {"end_date": dt.date(2026, 5, 1), "end_reason": "switch"}
        fields = ended if before == "ended" else {}
        contract = a_contract(status=before, **fields)
        wanted = ended if after == "ended" else {"end_date": None, "end_reason": ""}
        change = Contract.objects.filter(pk=contract.pk)

        if before == after or (before, after) in TRANSITIONS:
            change.update(status=after, **wanted)
        else:
            with refused("Invalid transition", ProgrammingError):
                change.update(status=after, **wanted)

        expected = after if (before, after) in TRANSITIONS else before
        assert Contract.objects.get().status == expected

    def test_keeps_account_and_premises(self) -> None:
        contract = a_contract()

        with refused("Cannot update rows", ProgrammingError):
            Contract.objects.filter(pk=contract.pk).update(account=an_account())
        with refused("Cannot update rows", ProgrammingError):
            Contract.objects.filter(pk=contract.pk).update(premises=a_premises())

    @pytest.mark.parametrize(
        ("fields", "rule"),
        [
            ({"status": "ended"}, "cust_contract_end_known"),
            ({"end_date": dt.date(2027, 1, 1)}, "cust_contract_end_known"),
            ({**ENDED, "end_date": dt.date(2026, 1, 1)}, "cust_contract_rising"),
            ({"term_end_date": dt.date(2026, 1, 1)}, "cust_contract_term"),
            ({"status": "live"}, "cust_contract_status"),
            ({"number": "K 1"}, "cust_contract_number"),
            ({"number": "K1\n"}, "cust_contract_number"),
        ],
    )
    def test_refuses_what_does_not_fit(self, fields: dict[str, Any], rule: str) -> None:
        with refused(rule):
            a_contract(**fields)


class TestHierarchy:
    def chain(self, length: int) -> list[Account]:
        accounts = [an_account()]
        for _ in range(length - 1):
            above = accounts[-1]
            accounts.append(an_account(customer=above.customer, parent=above))
        return accounts

    def test_goes_six_levels_deep(self) -> None:
        deepest = self.chain(6)[-1]

        with refused("cust_account_depth|stand too deep"):
            an_account(customer=deepest.customer, parent=deepest)

    def test_counts_the_levels_below_too(self) -> None:
        upper, lower = self.chain(3), self.chain(4)
        Account.objects.filter(customer=lower[0].customer)
        top_of_lower = an_account(customer=upper[0].customer)
        below = top_of_lower
        for _ in range(3):
            below = an_account(customer=upper[0].customer, parent=below)

        with refused("stand too deep"):
            Account.objects.filter(pk=top_of_lower.pk).update(parent=upper[-1])

    def test_has_no_circles(self) -> None:
        accounts = self.chain(3)

        with refused("would be above itself"):
            Account.objects.filter(pk=accounts[0].pk).update(parent=accounts[2])
        with refused("would be above itself"):
            Account.objects.filter(pk=accounts[0].pk).update(parent=accounts[0])

    def test_stays_within_a_customer(self) -> None:
        stranger = an_account()

        with refused("cust_account_same_customer"):
            an_account(parent=stranger)

    def test_keeps_an_account_s_customer(self) -> None:
        account = an_account()

        with refused("Cannot update rows", ProgrammingError):
            Account.objects.filter(pk=account.pk).update(customer=a_person())


class TestRuntimeRole:
    @pytest.mark.parametrize(
        "table", ["customer", "account", "premises", "contract", "exemption_certificate"]
    )
    def test_deletes_no_records(self, table: str) -> None:
        with refused("permission denied", ProgrammingError):
            run(f"DELETE FROM {table}")

    @pytest.mark.parametrize(
        ("table", "column"),
        [
            ("contract_status_change", "id"),
            ("customer_event", "pgh_id"),
            ("account_event", "pgh_id"),
        ],
    )
    def test_changes_no_history(self, table: str, column: str) -> None:
        with refused("permission denied", ProgrammingError):
            run(f"DELETE FROM {table}")
        with refused("permission denied", ProgrammingError):
            run(
                f"UPDATE {table} SET id = 1"
                if "status" in table
                else f"UPDATE {table} SET pgh_id = 1"
            )


class TestRecords:
    @pytest.mark.parametrize(
        "fields",
        [
            {"type": "individual", "last_name": ""},
            {"type": "business"},
            {"type": "individual", "business_name": "Acme"},
            {"type": "robot"},
        ],
    )
    def test_refuses_a_customer_without_its_kind_of_name(self, fields: dict[str, str]) -> None:
        with refused("cust_customer_named"):
            a_person(**fields)

    @pytest.mark.parametrize("esi_id", ["", "1044372000000000", "1044372000000000X", "1" * 18])
    def test_refuses_an_esi_id_of_a_wrong_form(self, esi_id: str) -> None:
        with refused("cust_premises_esi_id"):
            a_premises(esi_id=esi_id)

    def test_refuses_an_esi_id_twice(self) -> None:
        first = a_premises()

        with refused("premises_esi_id"):
            a_premises(esi_id=first.esi_id)

    def test_refuses_bills_by_email_to_nowhere(self) -> None:
        with refused("cust_account_email"):
            an_account(delivery="email")

    def test_keeps_every_change_with_its_values(self) -> None:
        premises = a_premises(rate_class="residential")

        Premises.objects.filter(pk=premises.pk).update(rate_class="small")

        found = premises.events.order_by("pgh_id")  # type: ignore[attr-defined]
        assert list(found.values_list("pgh_label", "rate_class")) == [
            ("insert", "residential"),
            ("update", "small"),
        ]

    def test_keeps_what_a_bulk_change_really_changed(self) -> None:
        first, second = an_account(nickname="Shop"), an_account()

        Account.objects.update(nickname="Shop")

        found = rows("SELECT pgh_obj_id, pgh_label FROM account_event ORDER BY pgh_id")
        assert found == [(first.pk, "insert"), (second.pk, "insert"), (second.pk, "update")]


class TestTakeNumber:
    def test_gives_rising_numbers_with_check_digits(self) -> None:
        first, second = take_number("account"), take_number("account")

        assert int(second[:-1]) == int(first[:-1]) + 1
        assert (len(first), first[0]) == (9, "1")
        assert has_valid_check_digit(digits=first)
        assert has_valid_check_digit(digits=second)

    def test_steps_over_a_number_that_a_book_brought(self) -> None:
        [[last]] = rows("SELECT nextval('customer_number_seq')")
        brought = str(last + 1)
        a_person(number="C" + brought + check_digit(digits=brought))

        expected = str(last + 2)
        assert take_number("customer") == "C" + expected + check_digit(digits=expected)
