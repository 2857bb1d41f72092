"""Importing a customer book: what it writes, tells and leaves alone."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from ossrep.customer.models import (
    Account,
    Contract,
    ContractStatusChange,
    Customer,
    ImportRun,
    Meter,
    OutboxEvent,
    Premises,
    QuarantinedRow,
)
from ossrep.customer.usecases.import_book import ImportResult, import_book
from ossrep.customer.usecases.import_book.batches import Counts
from ossrep.infra import audit
from ossrep.infra.invariants import assert_invariants
from tests.factories.customer_book import book, cells, write_book
from tests.fakes.product import FakeProductService
from tests.integration.customer.conftest import AS_OF, ImportRecords

pytestmark = pytest.mark.django_db(databases="__all__")


def counted(result: ImportResult, kind: str) -> Counts:
    return result.counts[kind]


def reasons() -> list[tuple[str, str]]:
    found = QuarantinedRow.objects.filter(state="open").order_by("pk")
    return [(row.number, row.reason) for row in found]


def events(event_type: str) -> list[dict[str, object]]:
    found = OutboxEvent.objects.filter(event_type=event_type).order_by("pk")
    return [event.payload for event in found]


class TestImportBook:
    def test_creates_every_kind(self, import_records: ImportRecords) -> None:
        result = import_records(book(1, 2))

        assert {kind: counts.created for kind, counts in result.counts.items()} == dict.fromkeys(
            book(1), 2
        )
        assert result.refused == 0
        contract = Contract.objects.get(number="K1")
        assert contract.account.number == "A1"
        assert contract.account.customer.name == "Ann Smith 1"
        assert contract.premises.esi_id == "10443720000000001"
        assert contract.plan_version_id == 1
        assert contract.account.brand_id == 1
        assert (contract.start_date, contract.end_date) == (dt.date(2026, 1, 1), None)
        assert Meter.objects.get(number="M1").premises == contract.premises
        assert contract.account.certificates.get().exemption == "sales_tax"
        assert_invariants(contexts=["customer"])

    def test_tells_each_fact_once(self, import_records: ImportRecords) -> None:
        import_records(book(1))

        told = sorted(OutboxEvent.objects.values_list("event_type", flat=True))
        assert told == [
            "customer.account-opened.v1",
            "customer.contract-activated.v1",
            "customer.customer-created.v1",
            "customer.details-changed.v1",
            "customer.details-changed.v1",
            "customer.premises-changed.v1",
            "customer.premises-registered.v1",
        ]
        account = Account.objects.get()
        assert events("customer.contract-activated.v1") == [
            {
                "account_id": account.pk,
                "account_number": "A1",
                "contract_id": Contract.objects.get().pk,
                "esi_id": "10443720000000001",
                "tdsp_code": "ONCOR_ELEC",
                "plan_version_id": 1,
                "start_date": "2026-01-01",
                "term_end_date": "2027-01-01",
            }
        ]

    def test_changes_nothing_when_repeated(self, import_records: ImportRecords) -> None:
        import_records(book(1, 2))
        before = OutboxEvent.objects.count()
        account = Account.objects.get(number="A1")

        result = import_records(book(1, 2))

        assert all(c == Counts(unchanged=2) for c in result.counts.values())
        assert OutboxEvent.objects.count() == before
        assert account.events.count() == 1  # type: ignore[attr-defined]

    def test_changes_fields_that_differ_with_history_and_fact(
        self, import_records: ImportRecords
    ) -> None:
        import_records(book(1, 2))

        with audit.history_context(reason="moved to e-bill", os_user="pat"):
            moved = cells("account", 1, delivery="email", email="a@example.com")
            result = import_records({"account": [moved, cells("account", 2)]})

        assert counted(result, "account") == Counts(changed=1, unchanged=1)
        account = Account.objects.get(number="A1")
        assert (account.delivery, account.email) == ("email", "a@example.com")
        last = account.events.order_by("-pgh_id").first()  # type: ignore[attr-defined]
        assert last.pgh_label == "update"
        assert last.pgh_context["reason"] == "moved to e-bill"
        assert last.pgh_context["os_user"] == "pat"
        assert events("customer.details-changed.v1")[-1] == {
            "account_id": account.pk,
            "account_number": "A1",
            "changed": ["delivery", "email"],
            "effective_date": "2026-11-24",
        }

    def test_tells_every_account_of_a_customer_that_changed(
        self, import_records: ImportRecords
    ) -> None:
        second = cells("account", 2, customer_number="C1")
        import_records({"customer": [cells("customer")], "account": [cells("account"), second]})

        import_records({"customer": [cells("customer", last_name="Jones")]})

        told = events("customer.details-changed.v1")
        assert sorted(str(event["account_number"]) for event in told) == ["A1", "A2"]
        assert told[0]["changed"] == ["last_name"]

    def test_leaves_fields_of_absent_columns(self, import_records: ImportRecords) -> None:
        import_records(
            {"customer": [cells("customer")], "account": [cells("account", nickname="Home")]}
        )
        short = cells("account")
        del short["nickname"]

        result = import_records({"account": [short]})

        assert counted(result, "account") == Counts(unchanged=1)
        assert Account.objects.get().nickname == "Home"

    def test_empties_a_field_by_an_empty_cell(self, import_records: ImportRecords) -> None:
        import_records(
            {"customer": [cells("customer")], "account": [cells("account", nickname="Home")]}
        )

        result = import_records({"account": [cells("account")]})

        assert counted(result, "account") == Counts(changed=1)
        assert Account.objects.get().nickname == ""

    def test_uses_defaults_for_absent_columns_of_new_records(
        self, import_records: ImportRecords
    ) -> None:
        short = cells("account")
        for column in ("delivery", "language", "nickname", "email", "bill_to_name"):
            del short[column]

        import_records({"customer": [cells("customer")], "account": [short]})

        account = Account.objects.get()
        assert (account.delivery, account.language, account.nickname) == ("paper", "en", "")

    def test_works_in_batches(self, import_records: ImportRecords) -> None:
        result = import_records(book(*range(1, 9)), rows_per_batch=3)

        assert all(c == Counts(created=8) for c in result.counts.values())

    def test_remembers_the_run(self, import_records: ImportRecords) -> None:
        result = import_records({"customer": [cells("customer"), cells("customer", 2, type="x")]})

        run = ImportRun.objects.get(pk=result.run_id)
        assert run.finished_at is not None
        assert run.sources[0].endswith("customers.csv")
        assert run.counts["customer"] == {
            "created": 1,
            "changed": 0,
            "unchanged": 0,
            "refused": 1,
        }


class TestReferences:
    def test_finds_parents_in_any_order(self, import_records: ImportRecords) -> None:
        accounts = [
            cells("account", n, customer_number="C1", parent_account_number=parent)
            for n, parent in [(1, "A4"), (2, "A1"), (3, "A2"), (4, "")]
        ]

        records = {"customer": [cells("customer")], "account": accounts}
        result = import_records(records, rows_per_batch=2)

        assert counted(result, "account") == Counts(created=4)
        parents = dict(Account.objects.values_list("number", "parent__number"))
        assert parents == {"A1": "A4", "A2": "A1", "A3": "A2", "A4": None}
        assert reasons() == []

    def test_refuses_what_refers_to_nothing_and_goes_on(
        self, import_records: ImportRecords
    ) -> None:
        result = import_records(
            {
                "customer": [cells("customer")],
                "account": [cells("account"), cells("account", 2, customer_number="C9")],
                "premises": [cells("premises"), cells("premises", 2)],
                "contract": [cells("contract"), cells("contract", 2)],
            }
        )

        assert counted(result, "account") == Counts(created=1, refused=1)
        assert counted(result, "contract") == Counts(created=1, refused=1)
        assert reasons() == [
            ("A2", 'customer_number "C9" is not known'),
            ("K2", 'account_number "A2" is not known'),
        ]

    def test_refuses_circles_and_depth(self, import_records: ImportRecords) -> None:
        def account(number: int, parent: str) -> dict[str, str]:
            return cells("account", number, customer_number="C1", parent_account_number=parent)

        chain = [account(n, f"A{n - 1}" if n > 10 else "") for n in range(10, 18)]
        circle = [account(1, "A2"), account(2, "A1")]

        result = import_records({"customer": [cells("customer")], "account": [*circle, *chain]})

        assert counted(result, "account") == Counts(created=6, refused=4)
        assert reasons() == [
            ("A1", "the account would be above itself"),
            ("A2", "the account would be above itself"),
            ("A16", "accounts stand at most 6 levels deep"),
            ("A17", 'parent_account_number "A16" is not known'),
        ]

    def test_refuses_a_circle_through_a_stored_account(self, import_records: ImportRecords) -> None:
        first = cells("account", 1, customer_number="C1")
        below = cells("account", 2, customer_number="C1", parent_account_number="A1")
        import_records({"customer": [cells("customer")], "account": [first, below]})

        result = import_records({"account": [{**first, "parent_account_number": "A2"}]})

        assert counted(result, "account") == Counts(refused=1)
        assert reasons() == [("A1", "the account would be above itself")]
        assert Account.objects.get(number="A1").parent is None

    def test_refuses_relations_across_customers(self, import_records: ImportRecords) -> None:
        result = import_records(
            {
                "customer": [cells("customer"), cells("customer", 2)],
                "account": [cells("account"), cells("account", 2, parent_account_number="A1")],
                "contact": [cells("contact", 2, account_number="A1")],
            }
        )

        assert result.refused == 2
        assert reasons() == [
            ("A2", "parent_account_number is another customer's"),
            ("N2", "account_number is another customer's"),
        ]

    def test_refuses_to_move_a_record_to_another_owner(self, import_records: ImportRecords) -> None:
        import_records(book(1, 2))

        import_records(
            {
                "account": [cells("account", 1, customer_number="C2", brand="OTHER")],
                "contract": [cells("contract", 1, premises_number="P2")],
            }
        )

        assert reasons() == [
            ("A1", "customer_number cannot change"),
            ("K1", "premises_number cannot change"),
        ]
        assert Account.objects.get(number="A1").customer.number == "C1"

    def test_refuses_unknown_brands_and_plans(self, import_records: ImportRecords) -> None:
        same = {"account_number": "A1", "premises_number": "P1"}
        import_records(
            {
                **book(1, kinds=("customer", "premises")),
                "account": [
                    cells("account"),
                    cells("account", 2, customer_number="C1", brand="NO"),
                ],
                "contract": [
                    cells("contract", 1, plan="NO-PLAN"),
                    cells("contract", 2, plan_version="7", **same),
                    cells("contract", 3, plan="OT-FIX-12", **same),
                ],
            }
        )

        assert reasons() == [
            ("A2", 'brand "NO" is not known'),
            ("K1", 'plan "NO-PLAN" version 1 is not known'),
            ("K2", 'plan "LS-FIX-12" version 7 is not known'),
            ("K3", "the plan is sold by another brand"),
        ]

    def test_refuses_an_esi_id_of_another_premises(self, import_records: ImportRecords) -> None:
        import_records({"premises": [cells("premises")]})
        taken = cells("premises")["esi_id"]
        third = cells("premises", 3)

        import_records(
            {
                "premises": [
                    cells("premises", 2, esi_id=taken),
                    third,
                    cells("premises", 4, esi_id=third["esi_id"]),
                ]
            }
        )

        assert reasons() == [
            ("P2", f"premises P1 has ESI ID {taken}"),
            ("P4", f"premises P3 has ESI ID {third['esi_id']}"),
        ]
        assert Premises.objects.count() == 2


class TestContracts:
    def lives(self, number: str = "K1") -> list[tuple[str, dt.date, str]]:
        found = ContractStatusChange.objects.filter(contract__number=number).order_by("pk")
        return [(step.status, step.effective_date, step.reason) for step in found]

    def test_refuses_two_that_share_a_day(self, import_records: ImportRecords) -> None:
        ended = {"status": "ended", "end_date": "2026-03-01", "end_reason": "move_out"}
        same = {"account_number": "A1", "premises_number": "P1"}
        import_records(
            {
                **book(1, kinds=("customer", "account", "premises")),
                "contract": [
                    cells("contract", 1, **ended),
                    cells("contract", 2, start_date="2026-02-28", **same),
                    cells("contract", 3, start_date="2026-03-01", **same),
                    cells("contract", 4, start_date="2026-06-01", **same),
                ],
            }
        )

        assert reasons() == [
            ("K2", "shares days with contract K1"),
            ("K4", "shares days with contract K3"),
        ]
        assert list(Contract.objects.order_by("number").values_list("number", flat=True)) == [
            "K1",
            "K3",
        ]

    def test_takes_an_end_and_the_next_start_in_any_order(
        self, import_records: ImportRecords
    ) -> None:
        import_records(book(1, kinds=("customer", "account", "premises", "contract")))
        later = cells(
            "contract", 2, account_number="A1", premises_number="P1", start_date="2026-05-01"
        )
        end = cells("contract", 1, status="ended", end_date="2026-05-01", end_reason="plan_change")

        result = import_records({"contract": [later, end]}, rows_per_batch=1)

        assert counted(result, "contract") == Counts(created=1, changed=1)
        assert reasons() == []
        assert_invariants(contexts=["customer"])

    def test_lets_a_pending_one_lie_over_the_tenant_before(
        self, import_records: ImportRecords
    ) -> None:
        result = import_records(
            {
                **book(1, 2, kinds=("customer", "account")),
                "premises": [cells("premises")],
                "contract": [
                    cells("contract"),
                    cells("contract", 2, premises_number="P1", status="pending"),
                ],
            }
        )

        assert counted(result, "contract") == Counts(created=2)
        assert [event["contract_id"] for event in events("customer.contract-signed.v1")] == [
            Contract.objects.get(number="K2").pk
        ]

    def test_follows_a_contract_through_its_life(self, import_records: ImportRecords) -> None:
        ended = {"status": "ended", "end_date": "2026-03-01", "end_reason": "switch"}
        kinds = ("customer", "account", "premises")
        import_records({**book(1, kinds=kinds), "contract": [cells("contract", status="pending")]})
        import_records({"contract": [cells("contract")]})

        result = import_records({"contract": [cells("contract", **ended)]})

        assert counted(result, "contract") == Counts(changed=1)
        assert self.lives() == [
            ("pending", dt.date(2026, 1, 1), ""),
            ("active", dt.date(2026, 1, 1), ""),
            ("ended", dt.date(2026, 3, 1), "switch"),
        ]
        told = OutboxEvent.objects.filter(event_type__contains="contract").order_by("pk")
        assert [event.event_type for event in told] == [
            "customer.contract-signed.v1",
            "customer.contract-activated.v1",
            "customer.contract-ended.v1",
        ]

    def test_takes_both_steps_of_one_that_ended_since_the_last_book(
        self, import_records: ImportRecords
    ) -> None:
        ended = {"status": "ended", "end_date": "2026-03-01", "end_reason": "switch"}
        kinds = ("customer", "account", "premises")
        import_records({**book(1, kinds=kinds), "contract": [cells("contract", status="pending")]})

        result = import_records({"contract": [cells("contract", **ended)]})

        assert counted(result, "contract") == Counts(changed=1)
        assert [status for status, _, _ in self.lives()] == ["pending", "active", "ended"]

    @pytest.mark.parametrize(
        ("before", "after"),
        [("active", "pending"), ("active", "cancelled"), ("cancelled", "active")],
    )
    def test_refuses_steps_that_a_life_does_not_have(
        self, import_records: ImportRecords, before: str, after: str
    ) -> None:
        kinds = ("customer", "account", "premises")
        import_records({**book(1, kinds=kinds), "contract": [cells("contract", status=before)]})

        result = import_records({"contract": [cells("contract", status=after)]})

        assert counted(result, "contract") == Counts(refused=1)
        assert reasons() == [("K1", f"the contract is {before} and cannot become {after}")]
        assert Contract.objects.get().status == before

    def test_takes_the_newest_version_and_keeps_it(
        self, import_records: ImportRecords, product: FakeProductService
    ) -> None:
        unversioned = cells("contract", plan_version="")
        import_records(
            {**book(1, kinds=("customer", "account", "premises")), "contract": [unversioned]}
        )
        first = product.versions[1]  # type: ignore[index]
        newer = product.add_plan(document=first.document, brand=product.brands[first.brand_id])

        again = import_records({"contract": [unversioned]})
        other = cells(
            "contract",
            2,
            account_number="A1",
            premises_number="P1",
            plan_version="",
            start_date="2025-01-01",
            end_date="2026-01-01",
            status="ended",
            end_reason="renewal",
        )
        import_records({"contract": [other]})

        assert counted(again, "contract") == Counts(unchanged=1)
        assert dict(Contract.objects.values_list("number", "plan_version_id")) == {
            "K1": 1,
            "K2": newer.plan_version_id,
        }

    def test_tells_a_correction_of_dates(self, import_records: ImportRecords) -> None:
        import_records(book(1, kinds=("customer", "account", "premises", "contract")))

        import_records({"contract": [cells("contract", term_end_date="2028-01-01")]})

        [told] = events("customer.contract-changed.v1")
        assert told["changed"] == ["term_end_date"]
        assert told["term_end_date"] == "2028-01-01"


class TestCertificates:
    def test_refuses_two_of_one_scope_on_a_day(self, import_records: ImportRecords) -> None:
        kinds = ("customer", "account", "premises")
        certificates = [
            cells("certificate", 1, to_date="2026-06-01"),
            cells("certificate", 2, account_number="A1", from_date="2026-05-31"),
            cells("certificate", 3, account_number="A1", premises_number="P1"),
            cells("certificate", 4, account_number="A1", from_date="2026-06-01"),
        ]

        import_records({**book(1, kinds=kinds), "certificate": certificates})

        assert reasons() == [("E2", "shares days with certificate E1")]


class TestOneImportAtATime:
    def test_a_customer_number_twice(self, import_records: ImportRecords) -> None:
        rows = [cells("customer"), cells("customer", last_name="Other")]

        first = import_records({"customer": rows})
        second = import_records({"customer": rows})

        assert counted(first, "customer") == Counts(created=1, refused=1)
        assert counted(second, "customer") == Counts(unchanged=1, refused=1)
        assert reasons() == [("C1", "customer C1 stands in this import already, at line 2")]
        assert QuarantinedRow.objects.count() == 1
        assert Customer.objects.get().last_name == "Smith 1"

    def test_imports_the_same_from_several_files(
        self, product: FakeProductService, tmp_path: Path
    ) -> None:
        first = write_book(tmp_path / "a", {"customer": [cells("customer")]})
        second = write_book(tmp_path / "b", {"customer": [cells("customer", 2)]})

        result = import_book(paths=[first, second / "customers.csv"], as_of=AS_OF)

        assert counted(result, "customer") == Counts(created=2)
