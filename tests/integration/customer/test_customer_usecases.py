"""What can be done to customers, accounts and premises."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from ossrep.customer.db import rows
from ossrep.customer.domain.cells import FieldRefused
from ossrep.customer.domain.numbers import has_valid_check_digit
from ossrep.customer.models import Account, Contact, Customer, OutboxEvent, Premises
from ossrep.customer.usecases.change_details import (
    RecordUnknown,
    change_account,
    change_customer,
    change_premises,
)
from ossrep.customer.usecases.create_account import (
    BrandUnknown,
    CustomerUnknown,
    create_account,
)
from ossrep.customer.usecases.create_customer import create_customer
from ossrep.customer.usecases.create_premises import create_premises
from ossrep.customer.usecases.exchange_meter import exchange_meter
from ossrep.customer.usecases.record_certificate import record_certificate
from ossrep.customer.usecases.refusals import (
    CertificatesOverlap,
    EsiIdTaken,
    HierarchyCircle,
    HierarchyTooDeep,
    NotOfThisCustomer,
    NumberTaken,
)
from ossrep.customer.usecases.set_contact import remove_contact, set_contact
from ossrep.infra import audit
from ossrep.kernel.identifiers import AccountId, CustomerId, PremisesId, TdspCode
from ossrep.published.customer import Address
from tests.factories.customer import a_person, a_premises, an_account
from tests.integration.customer.conftest import AS_OF

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("product"),
]

MAILING = Address("PO Box 5", "", "Austin", "TX", "78701")
SERVICE = Address("9 Oak St", "", "Dallas", "TX", "75201")


def told() -> list[tuple[str, dict[str, Any]]]:
    found = OutboxEvent.objects.order_by("pk").values_list("event_type", "payload")
    return [(event_type.split(".")[1], payload) for event_type, payload in found]


class TestCreateCustomer:
    def test_gives_the_next_number_and_tells(self) -> None:
        customer_id = create_customer(
            customer_type="individual", first_name=" Ada ", last_name="Lovelace"
        )

        customer = Customer.objects.get(pk=customer_id)
        assert customer.name == "Ada Lovelace"
        assert customer.number[0] == "C"
        assert has_valid_check_digit(digits=customer.number[1:])
        assert told() == [
            (
                "customer-created",
                {
                    "customer_id": customer_id,
                    "customer_number": customer.number,
                    "customer_type": "individual",
                },
            )
        ]

    def test_is_done_once_for_a_number(self) -> None:
        first = create_customer(customer_type="business", business_name="Acme", number="C-1")
        again = create_customer(customer_type="business", business_name="Acme", number="C-1")

        assert first == again
        assert len(told()) == 1

    def test_refuses_a_number_of_another(self) -> None:
        create_customer(customer_type="business", business_name="Acme", number="C-1")

        with pytest.raises(NumberTaken, match=r"^customer C-1: "):
            create_customer(customer_type="business", business_name="Other", number="C-1")

        assert Customer.objects.get().business_name == "Acme"

    def test_refuses_a_person_without_a_last_name(self) -> None:
        with pytest.raises(FieldRefused, match=r"^last_name: is required for an individual"):
            create_customer(customer_type="individual", first_name="Ada")

        assert Customer.objects.count() == 0
        assert told() == []


class TestCreateAccount:
    def create(self, **changes: Any) -> AccountId:
        fields: dict[str, Any] = {
            "brand_code": "LONESTAR",
            "customer_class": "residential",
            "mailing_address": MAILING,
        }
        if "customer_id" not in changes:
            fields["customer_id"] = CustomerId(a_person().pk)
        return create_account(**{**fields, **changes})

    def test_opens_an_account_and_tells(self) -> None:
        account = Account.objects.get(pk=self.create(language="es", nickname="Home"))

        assert (account.brand_id, account.language, account.nickname) == (1, "es", "Home")
        assert has_valid_check_digit(digits=account.number)
        assert told() == [
            (
                "account-opened",
                {
                    "account_id": account.pk,
                    "account_number": account.number,
                    "customer_id": account.customer_id,
                    "brand_id": 1,
                },
            )
        ]

    def test_is_done_once_for_a_number(self) -> None:
        owner = CustomerId(a_person().pk)

        first = self.create(customer_id=owner, number="A-1")
        again = self.create(customer_id=owner, number="A-1")

        assert first == again
        assert len(told()) == 1
        with pytest.raises(NumberTaken, match=r"^account A-1: "):
            self.create(customer_id=owner, number="A-1", nickname="Other")

    def test_refuses_an_unknown_brand_or_customer(self) -> None:
        with pytest.raises(BrandUnknown, match="brand NO is not known"):
            self.create(brand_code="NO")
        with pytest.raises(CustomerUnknown, match="customer 0 is not known"):
            self.create(customer_id=CustomerId(0))

        assert Account.objects.count() == 0

    def test_refuses_a_parent_of_another_customer_or_too_deep(self) -> None:
        top = an_account()

        with pytest.raises(NotOfThisCustomer):
            self.create(parent_id=AccountId(top.pk))
        deepest = top
        for _ in range(5):
            deepest = an_account(customer=top.customer, parent=deepest)
        with pytest.raises(HierarchyTooDeep, match="at most 6 levels"):
            self.create(customer_id=top.customer_id, parent_id=AccountId(deepest.pk))


class TestCreatePremises:
    def create(self, **changes: Any) -> PremisesId:
        fields: dict[str, Any] = {
            "esi_id": "10443720000000001",
            "tdsp_code": TdspCode("ONCOR_ELEC"),
            "read_cycle": "7",
            "rate_class": "residential",
            "service_address": SERVICE,
            "tax_place": "DALLAS",
            "meter": ("M1", dt.date(2020, 1, 1)),
        }
        return create_premises(**{**fields, **changes})

    def test_registers_a_place_with_its_meter_and_tells(self) -> None:
        premises = Premises.objects.get(pk=self.create(number="P-1"))

        assert (premises.read_cycle, premises.address) == ("07", "9 Oak St, Dallas, TX 75201")
        assert [meter.number for meter in premises.meters.all()] == ["M1"]
        assert [name for name, _ in told()] == ["premises-registered"]

    def test_is_done_once_for_a_number(self) -> None:
        assert self.create(number="P-1") == self.create(number="P-1")
        assert Premises.objects.get().meters.count() == 1
        with pytest.raises(NumberTaken):
            self.create(number="P-1", tax_place="PLANO")

    def test_refuses_an_esi_id_twice(self) -> None:
        self.create()

        with pytest.raises(EsiIdTaken, match="another premises has this ESI ID"):
            self.create()

        assert Premises.objects.count() == 1


class TestChangeDetails:
    def test_changes_an_account_with_history_and_tells(self) -> None:
        account = an_account()

        with audit.history_context(username="pat", reason="called in"):
            changed = change_account(
                account_id=AccountId(account.pk),
                changes={"mailing_city": "Waco", "language": "en", "nickname": "Shop"},
                as_of=AS_OF,
            )

        account.refresh_from_db()
        assert changed == ("mailing_city", "nickname")
        assert (account.mailing_city, account.nickname) == ("Waco", "Shop")
        last = account.events.order_by("-pgh_id").first()  # type: ignore[attr-defined]
        assert (last.mailing_city, last.pgh_context["username"]) == ("Waco", "pat")
        assert last.pgh_context["reason"] == "called in"
        assert told()[-1][1]["changed"] == ["mailing_city", "nickname"]
        assert told()[-1][1]["effective_date"] == "2026-11-24"

    def test_says_nothing_when_nothing_differs(self) -> None:
        account = an_account()

        changed = change_account(
            account_id=AccountId(account.pk), changes={"delivery": "paper"}, as_of=AS_OF
        )

        assert changed == ()
        assert told() == []
        assert account.events.count() == 1  # type: ignore[attr-defined]

    def test_moves_an_account_below_another_and_refuses_circles(self) -> None:
        upper = an_account()
        lower = an_account(customer=upper.customer)
        below = {"parent_account_number": upper.number}

        change_account(account_id=AccountId(lower.pk), changes=below, as_of=AS_OF)
        with pytest.raises(HierarchyCircle):
            change_account(
                account_id=AccountId(upper.pk),
                changes={"parent_account_number": lower.number},
                as_of=AS_OF,
            )

        lower.refresh_from_db()
        upper.refresh_from_db()
        assert (lower.parent, upper.parent) == (upper, None)

    @pytest.mark.parametrize(
        ("changes", "told_of"),
        [
            ({"account_number": "A9"}, "^account_number: cannot be changed"),
            ({"brand": "OTHER"}, "^brand: cannot be changed"),
            ({"ssn": "1"}, "^ssn: cannot be changed"),
            ({"delivery": "email"}, "^email: is required where bills go by email"),
            ({"mailing_zip": "1"}, "^mailing_zip: "),
            ({"parent_account_number": "NO"}, "^parent_account_number: account .NO. is not known"),
        ],
    )
    def test_refuses_with_the_field(self, changes: dict[str, str], told_of: str) -> None:
        account = an_account()

        with pytest.raises(FieldRefused, match=told_of):
            change_account(account_id=AccountId(account.pk), changes=changes, as_of=AS_OF)

        assert told() == []

    def test_tells_each_account_of_a_customer(self) -> None:
        customer = a_person(last_name="Old")
        numbers = sorted(an_account(customer=customer).number for _ in range(2))

        changed = change_customer(
            customer_id=CustomerId(customer.pk), changes={"last_name": "New"}, as_of=AS_OF
        )

        assert changed == ("last_name",)
        assert sorted(payload["account_number"] for _, payload in told()) == numbers

    def test_turns_a_person_into_a_business(self) -> None:
        customer = a_person()

        change_customer(
            customer_id=CustomerId(customer.pk),
            changes={
                "type": "business",
                "business_name": "Acme",
                "first_name": "",
                "last_name": "",
            },
            as_of=AS_OF,
        )

        customer.refresh_from_db()
        assert customer.name == "Acme"

    def test_changes_premises_and_tells(self) -> None:
        premises = a_premises()

        changed = change_premises(
            premises_id=PremisesId(premises.pk),
            changes={"tdsp": "CENTERPOINT", "rate_class": "residential"},
            as_of=AS_OF,
        )

        premises.refresh_from_db()
        assert (changed, premises.tdsp_code) == (("tdsp",), "CENTERPOINT")
        assert told()[0][0] == "premises-changed"
        assert told()[0][1]["changed"] == ["tdsp"]

    def test_refuses_an_esi_id_of_another_premises(self) -> None:
        premises, other = a_premises(), a_premises()

        with pytest.raises(EsiIdTaken):
            change_premises(
                premises_id=PremisesId(premises.pk), changes={"esi_id": other.esi_id}, as_of=AS_OF
            )

    def test_refuses_unknown_records(self) -> None:
        with pytest.raises(RecordUnknown, match="account 0 is not known"):
            change_account(account_id=AccountId(0), changes={}, as_of=AS_OF)


class TestSetContact:
    def test_adds_changes_and_removes(self) -> None:
        account = an_account()
        owner = CustomerId(account.customer_id)
        fields: dict[str, Any] = {"customer_id": owner, "role": "billing", "as_of": AS_OF}

        number = set_contact(name="Pat", **fields)
        set_contact(name="Pat", number=number, **fields)
        set_contact(name="Pat", number=number, phone="555-0100", **fields)
        after_change = Contact.objects.get(number=number).phone
        remove_contact(number=number, as_of=AS_OF)

        assert after_change == "555-0100"
        assert Contact.objects.count() == 0
        assert [payload["changed"] for _, payload in told()] == [["contacts"]] * 3
        assert rows("SELECT pgh_label, phone FROM contact_event ORDER BY pgh_id") == [
            ("insert", ""),
            ("update", "555-0100"),
            ("delete", "555-0100"),
        ]

    def test_tells_only_the_account_it_is_for(self) -> None:
        account = an_account()
        an_account(customer=account.customer)

        set_contact(
            customer_id=CustomerId(account.customer_id),
            account_id=AccountId(account.pk),
            role="technical",
            name="Pat",
            as_of=AS_OF,
        )

        assert [payload["account_number"] for _, payload in told()] == [account.number]

    def test_refuses_an_account_of_another_customer(self) -> None:
        with pytest.raises(NotOfThisCustomer):
            set_contact(
                customer_id=CustomerId(a_person().pk),
                account_id=AccountId(an_account().pk),
                role="primary",
                name="Pat",
                as_of=AS_OF,
            )

        assert Contact.objects.count() == 0

    def test_refuses_to_remove_what_is_not_there(self) -> None:
        with pytest.raises(RecordUnknown, match="contact N9 is not known"):
            remove_contact(number="N9", as_of=AS_OF)


class TestRecordCertificate:
    def record(self, account: Account, **changes: Any) -> None:
        fields: dict[str, Any] = {
            "number": "E-1",
            "exemption": "sales_tax",
            "from_date": dt.date(2026, 1, 1),
            "as_of": AS_OF,
        }
        record_certificate(account_id=AccountId(account.pk), **{**fields, **changes})

    def test_records_once_and_ends_it(self) -> None:
        account = an_account()

        self.record(account)
        self.record(account)
        self.record(account, to_date=dt.date(2026, 7, 1))

        assert account.certificates.get().to_date == dt.date(2026, 7, 1)
        assert [payload["changed"] for _, payload in told()] == [["tax_exemption"]] * 2

    def test_refuses_two_of_one_scope_on_a_day(self) -> None:
        account = an_account()
        self.record(account, to_date=dt.date(2026, 7, 1))

        with pytest.raises(CertificatesOverlap, match=r"^certificate E-2: "):
            self.record(account, number="E-2", from_date=dt.date(2026, 6, 30))
        self.record(account, number="E-2", from_date=dt.date(2026, 7, 1))

        assert account.certificates.count() == 2

    def test_refuses_to_move_to_another_account(self) -> None:
        self.record(an_account())

        with pytest.raises(NumberTaken, match="belongs to another scope"):
            self.record(an_account())


class TestExchangeMeter:
    def test_removes_the_old_one_on_the_day_of_the_new(self) -> None:
        premises = a_premises()
        place = PremisesId(premises.pk)
        first, second = dt.date(2020, 1, 1), dt.date(2026, 3, 8)

        for number, date in [("M1", first), ("M2", second), ("M2", second)]:
            exchange_meter(premises_id=place, meter_number=number, installed_date=date, as_of=AS_OF)

        found = premises.meters.order_by("installed_date")
        assert list(found.values_list("number", "installed_date", "removed_date")) == [
            ("M1", first, second),
            ("M2", second, None),
        ]
        assert [payload["changed"] for _, payload in told()] == [["meters"]] * 2
