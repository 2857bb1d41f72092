"""The admin's pages of customers: found, read, changed by use cases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ossrep.customer.models import (
    Account,
    Contract,
    Customer,
    Enrollment,
    MoveOut,
    OutboxEvent,
    QuarantinedRow,
)
from ossrep.customer.usecases.move_in import move_in
from ossrep.kernel.identifiers import AccountId, PremisesId
from tests.factories.customer import (
    a_business,
    a_certificate,
    a_contract,
    a_meter,
    a_person,
    a_premises,
    an_account,
)
from tests.factories.customer_book import cells
from tests.fakes.product import FakeProductService
from tests.integration.customer.conftest import ImportRecords

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("product"),
]

MODELS = [
    "customer",
    "contact",
    "account",
    "exemptioncertificate",
    "premises",
    "meter",
    "contract",
    "importrun",
    "quarantinedrow",
]


@pytest.fixture
def operator() -> Client:
    """Signed in as a superuser."""
    client = Client()
    client.force_login(User.objects.create_superuser("pat", password="x"))
    return client


@pytest.fixture
def reader() -> Client:
    """Signed in as one who may look only."""
    user = User.objects.create_user("robin", password="x", is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(content_type__app_label="customer", codename__startswith="view_")
    )
    client = Client()
    client.force_login(user)
    return client


def list_of(model: str, **query: str) -> str:
    url = reverse(f"admin:customer_{model}_changelist")
    return url + "?" + "&".join(f"{k}={v}" for k, v in query.items())


def page_of(record: Any) -> str:
    return reverse(f"admin:customer_{record._meta.model_name}_change", args=[record.pk])


def html(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def messages_of(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


class TestLists:
    def rows(self, make: Callable[[], Any], count: int) -> None:
        for _ in range(count):
            make()

    def make_all(self) -> None:
        account = an_account(customer=a_business())
        contract = a_contract(account=account)
        a_meter(premises=contract.premises)
        a_certificate(account=account)

    @pytest.mark.parametrize("model", MODELS)
    def test_need_as_many_queries_for_many_rows_as_for_few(
        self, operator: Client, model: str
    ) -> None:
        self.rows(self.make_all, 2)
        few = self.count_queries(operator, model)
        self.rows(self.make_all, 6)

        assert self.count_queries(operator, model) == few

    def count_queries(self, operator: Client, model: str) -> int:
        with CaptureQueriesContext(connections["customer"]) as captured:
            html(operator, list_of(model))
        return len(captured)

    def test_ask_for_names_once_for_each_page(
        self, operator: Client, product: FakeProductService
    ) -> None:
        self.rows(self.make_all, 3)

        page = html(operator, list_of("contract"))

        assert page.count("Lone Star Fixed 12 v1") == 3
        assert "Lone Star Retail" in html(operator, list_of("account"))

    @pytest.mark.parametrize(
        ("model", "query"),
        [
            ("customer", "Hopper"),
            ("customer", "C-77"),
            ("customer", "A-77"),
            ("account", "A-77"),
            ("account", "hopper"),
            ("account", "10443720000000077"),
            ("account", "77 Sycamore"),
            ("premises", "10443720000000077"),
            ("premises", "77 Sycamore"),
            ("premises", "M-77"),
            ("contract", "K-77"),
            ("contract", "A-77"),
            ("contract", "10443720000000077"),
            ("meter", "M-77"),
        ],
    )
    def test_are_searched_by_what_people_know(
        self, operator: Client, model: str, query: str
    ) -> None:
        customer = a_person(number="C-77", last_name="Hopper")
        account = an_account(customer=customer, number="A-77")
        premises = a_premises(esi_id="10443720000000077", service_line1="77 Sycamore St")
        a_meter(premises=premises, number="M-77")
        a_contract(account=account, premises=premises, number="K-77")
        self.make_all()

        page = html(operator, list_of(model, q=query.replace(" ", "+")))

        assert "1 result" in page


class TestPages:
    def test_show_an_account_with_all_around_it(self, operator: Client) -> None:
        account = an_account(customer=a_person(last_name="Hopper"))
        contract = a_contract(account=account)
        a_certificate(account=account)
        an_account(customer=account.customer, parent=account, nickname="Garage")

        page = html(operator, page_of(account))

        for text in (
            contract.number,
            contract.premises.address,
            "Lone Star Fixed 12 v1",
            "sales_tax",
            "Garage",
            "insert",
        ):
            assert text in page

    @pytest.mark.parametrize("name", ["customer", "account", "premises", "contract"])
    def test_can_be_looked_at_without_the_right_to_change(self, reader: Client, name: str) -> None:
        contract = a_contract()
        records = {
            "customer": contract.account.customer,
            "account": contract.account,
            "premises": contract.premises,
            "contract": contract,
        }

        page = html(reader, page_of(records[name]))

        assert 'name="_save"' not in page
        assert "Why it changes" not in page

    @pytest.mark.parametrize("model", MODELS)
    def test_add_and_delete_nothing(self, operator: Client, model: str) -> None:
        assert operator.get(reverse(f"admin:customer_{model}_add")).status_code == 403


class TestChanging:
    def post(self, client: Client, record: Any, **changes: str) -> Any:
        form = client.get(page_of(record)).context["adminform"].form
        fields = {name: form[name].value() or "" for name in form.fields}
        inlines = {
            f"{formset.formset.prefix}-{name}": "0"
            for formset in client.get(page_of(record)).context["inline_admin_formsets"]
            for name in ("TOTAL_FORMS", "INITIAL_FORMS")
        }
        data = {**fields, **inlines, "reason": "customer called", **changes}
        return client.post(page_of(record), data, follow=True)

    def test_goes_through_the_use_case_with_history(self, operator: Client) -> None:
        account = an_account()

        answer = self.post(operator, account, nickname="Home", language="es")

        account.refresh_from_db()
        assert "was changed successfully" in messages_of(answer)[0]
        assert (account.nickname, account.language) == ("Home", "es")
        last = account.events.order_by("-pgh_id").first()  # type: ignore[attr-defined]
        assert last.pgh_context["username"] == "pat"
        assert last.pgh_context["reason"] == "customer called"
        [event] = OutboxEvent.objects.all()
        assert sorted(event.payload["changed"]) == ["language", "nickname"]
        assert "customer called" in html(operator, page_of(account))

    def test_wants_a_reason(self, operator: Client) -> None:
        account = an_account()

        answer = self.post(operator, account, nickname="Home", reason="")

        assert "This field is required" in answer.content.decode()
        account.refresh_from_db()
        assert account.nickname == ""

    def test_tells_what_the_use_case_refuses(self, operator: Client) -> None:
        premises = a_premises()

        answer = self.post(operator, premises, service_zip="7520")

        [told] = messages_of(answer)
        assert told.startswith("Nothing was changed. service_zip: ")
        premises.refresh_from_db()
        assert premises.service_zip == "75201"

    def test_moves_an_account_below_another(self, operator: Client) -> None:
        upper = an_account()
        lower = an_account(customer=upper.customer)

        self.post(operator, lower, parent=str(upper.pk))

        assert Account.objects.get(pk=lower.pk).parent == upper

    def test_changes_customers_contacts_and_certificates(self, operator: Client) -> None:
        customer = a_person()
        certificate = a_certificate(account=an_account(customer=customer))

        self.post(operator, customer, first_name="Augusta")
        answer = self.post(operator, certificate, to_date="2026-12-01")

        certificate.refresh_from_db()
        assert "was changed successfully" in messages_of(answer)[0]
        assert Customer.objects.get().first_name == "Augusta"
        assert certificate.to_date == dt.date(2026, 12, 1)


class TestActions:
    def run(self, client: Client, model: str, action: str, ids: list[int], **data: str) -> Any:
        chosen = {"action": action, "_selected_action": ids, **data}
        return client.post(list_of(model), chosen, follow=True)

    def test_activate_and_cancel_contracts(self, operator: Client) -> None:
        account = an_account()
        ids = [
            move_in(
                account_id=AccountId(account.pk),
                premises_id=PremisesId(a_premises().pk),
                plan_code="LS-FIX-12",
                start_date=dt.date(2026, 3, 1),
            )
            for _ in range(2)
        ]

        self.run(operator, "contract", "activate", [ids[0]])
        answer = self.run(operator, "contract", "cancel", [*ids])

        assert Contract.objects.get(pk=ids[0]).status == "active"
        assert Contract.objects.get(pk=ids[1]).status == "cancelled"
        assert sum("cannot become cancelled" in told for told in messages_of(answer)) == 1

    def test_are_kept_from_those_who_may_only_look(self, reader: Client) -> None:
        contract = a_contract(status="pending")

        self.run(reader, "contract", "cancel", [contract.pk])

        contract.refresh_from_db()
        assert contract.status == "pending"

    def test_settle_refused_rows(self, operator: Client, import_records: ImportRecords) -> None:
        import_records({"meter": [cells("meter"), cells("meter", 2)]})
        import_records({"premises": [cells("premises")]})
        first, second = QuarantinedRow.objects.order_by("pk")

        retried = self.run(operator, "quarantinedrow", "retry", [first.pk, second.pk])
        unsaid = self.run(operator, "quarantinedrow", "discard", [second.pk])
        put_away = self.run(operator, "quarantinedrow", "discard", [second.pk], reason="test")

        assert messages_of(retried) == ["1 rows taken, 1 refused again"]
        assert messages_of(unsaid) == ["say why the rows are put away"]
        assert messages_of(put_away) == ["1 rows put away"]
        states = QuarantinedRow.objects.order_by("pk").values_list("state", flat=True)
        assert list(states) == ["imported", "discarded"]
        assert "not finished" not in html(operator, list_of("importrun"))
        assert "P2" in html(operator, page_of(second))


class TestEnrollmentPages:
    def test_list_and_show_what_customers_wish(self, operator: Client) -> None:
        contract = a_contract(status="pending")
        enrollment = Enrollment.objects.create(
            number="WEB-1", contract=contract, kind="switch", submitted_at=dt.datetime.now(dt.UTC)
        )
        move_out = MoveOut.objects.create(
            number="OUT-1",
            contract=a_contract(),
            wanted_date=dt.date(2026, 9, 10),
            requested_at=dt.datetime.now(dt.UTC),
        )

        pages = [
            operator.get(reverse("admin:customer_enrollment_changelist"), {"q": "WEB-1"}),
            operator.get(reverse("admin:customer_enrollment_change", args=[enrollment.pk])),
            operator.get(
                reverse("admin:customer_moveout_changelist"),
                {"q": move_out.contract.premises.esi_id},
            ),
            operator.get(reverse("admin:customer_moveout_change", args=[move_out.pk])),
        ]

        assert [page.status_code for page in pages] == [200] * 4
        assert contract.account.number in pages[0].text
        assert contract.premises.esi_id in pages[1].text
        assert "OUT-1" in pages[2].text
        assert move_out.contract.number in pages[3].text

    def test_ask_the_market_to_cancel(self, operator: Client) -> None:
        enrollment = Enrollment.objects.create(
            number="WEB-1",
            contract=a_contract(status="pending"),
            kind="switch",
            submitted_at=dt.datetime.now(dt.UTC),
        )

        operator.post(
            reverse("admin:customer_enrollment_changelist"),
            {"action": "ask_to_cancel", "_selected_action": [enrollment.pk]},
        )

        enrollment.refresh_from_db()
        assert enrollment.is_cancel_requested
        assert [e.event_type for e in OutboxEvent.objects.all()] == [
            "customer.enrollment-cancel-requested.v1"
        ]
