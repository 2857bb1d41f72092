"""The admin's pages of taxes, payments and refused rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ossrep.billing.models import Payment, RefusedRow, TaxPlace
from ossrep.billing.usecases.import_payments import import_payments
from ossrep.billing.usecases.import_taxes import import_taxes
from ossrep.infra.services import standing_in
from ossrep.published.customer import CustomerService
from tests.fakes.customer import InMemoryCustomers, an_account

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ada", password="x"))
    return client


def load(tmp_path: Path, count: int) -> None:
    rows = "".join(f"000000001,2026-11-04,1.00,R-{n}\n" for n in range(count))
    bad = "".join(f"000000009,2026-11-04,1.00,B-{n}\n" for n in range(count))
    (tmp_path / "pay.csv").write_text(f"account,date,amount,reference\n{rows}{bad}")
    with standing_in(CustomerService, InMemoryCustomers([an_account(account_id=1)])):
        list(import_payments(paths=[tmp_path / "pay.csv"]))
    places = "".join(
        f"  - {{code: p{n}, name: Place {n}, population: 20000, local_taxes: "
        f'[{{code: city, label: City Tax, rate: "0.015", from: 2020-01-01}}]}}\n'
        for n in range(count)
    )
    (tmp_path / "taxes.yaml").write_text(f"places:\n{places}")
    import_taxes(path=tmp_path / "taxes.yaml")


def page(admin: Client, path: str) -> str:
    response = admin.get(f"/admin/billing/{path}")
    assert response.status_code == 200
    return response.content.decode()


class TestLists:
    @pytest.mark.parametrize("name", ["taxplace", "lawrate", "payment", "refusedrow"])
    def test_open_and_ask_as_often_for_many_rows_as_for_few(
        self, admin: Client, tmp_path: Path, name: str
    ) -> None:
        counts = []
        for size in (2, 12):
            load(tmp_path, size)
            with CaptureQueriesContext(connections["billing"]) as asked:
                page(admin, f"{name}/")
            counts.append(len(asked))

        assert counts[0] == counts[1]

    def test_find_a_payment_by_account_and_by_reference(
        self, admin: Client, tmp_path: Path
    ) -> None:
        load(tmp_path, 2)

        assert "2 payments" in page(admin, "payment/?q=000000001")
        found = page(admin, "payment/?q=R-1")
        assert "1 payment" in found
        assert '/admin/customer/account/?q=000000001">000000001</a>' in found

    def test_find_a_place_by_name(self, admin: Client, tmp_path: Path) -> None:
        load(tmp_path, 2)

        found = page(admin, "taxplace/?q=Place+1")
        assert "1 tax place" in found
        assert "/admin/customer/premises/?tax_place=p1" in found


class TestRecords:
    def test_show_a_place_with_its_rates(self, admin: Client, tmp_path: Path) -> None:
        load(tmp_path, 1)

        found = page(admin, f"taxplace/{TaxPlace.objects.get().pk}/change/")

        assert "City Tax 1.5 %, not homes, from 2020-01-01" in found

    def test_show_a_payment_with_its_transfer(self, admin: Client, tmp_path: Path) -> None:
        load(tmp_path, 1)

        found = page(admin, f"payment/{Payment.objects.get().pk}/change/")

        assert "1.00 from cash to receivable of account 1 on 2026-11-04" in found
        assert "pay.csv:2" in found

    def test_cannot_be_changed(self, admin: Client, tmp_path: Path) -> None:
        load(tmp_path, 1)
        payment = Payment.objects.get()

        admin.post(f"/admin/billing/payment/{payment.pk}/change/", {"amount_usd": "9"})

        assert Payment.objects.get().amount_usd == payment.amount_usd
        assert admin.get("/admin/billing/payment/add/").status_code == 403
        assert admin.post(f"/admin/billing/payment/{payment.pk}/delete/").status_code == 403


class TestRefusedRows:
    def act(self, admin: Client, action: str, reason: str = "", count: int = 1) -> str:
        ids = list(RefusedRow.objects.values_list("pk", flat=True)[:count])
        response = admin.post(
            "/admin/billing/refusedrow/",
            {"action": action, "reason": reason, "_selected_action": ids},
            follow=True,
        )
        return response.content.decode()

    def test_are_tried_again(self, admin: Client, tmp_path: Path) -> None:
        load(tmp_path, 1)

        with standing_in(CustomerService, InMemoryCustomers([an_account(account_id=9)])):
            told = self.act(admin, "retry")

        assert "1 rows taken, 0 refused again" in told
        assert Payment.objects.filter(account_number="000000009").count() == 1

    def test_are_put_away_with_a_reason(self, admin: Client, tmp_path: Path) -> None:
        load(tmp_path, 1)

        refused = self.act(admin, "discard")
        told = self.act(admin, "discard", "a test of the bank")

        assert "Say why: the reason is kept with the row" in refused
        assert "1 rows put away" in told
        assert RefusedRow.objects.get().settlement == "discarded: a test of the bank"

    def test_can_be_settled_only_by_those_who_may(self, client: Client, tmp_path: Path) -> None:
        load(tmp_path, 1)
        user = User.objects.create_user("bob", password="x", is_staff=True)
        client.force_login(user)

        assert client.get("/admin/billing/refusedrow/").status_code == 403
