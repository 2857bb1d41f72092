"""Staff see who signs in for a customer, close logins and decide claims."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from ossrep.customer.models import Login, LoginClaim
from ossrep.infra.models import RevokedAccess
from tests.customer_login import PortalUser
from tests.token_issuer import ISSUER

pytestmark = pytest.mark.django_db(databases="__all__")


def staff(role: str) -> Client:
    user = User.objects.create_user(role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


def act(client: Client, model: str, action: str, pk: int) -> int:
    path = f"/admin/customer/{model}/"
    return client.post(path, {"action": action, "_selected_action": pk}).status_code


@pytest.fixture
def claim(customer_login: PortalUser) -> LoginClaim:
    return LoginClaim.objects.create(
        issuer=ISSUER,
        subject="cy",
        email="cy@example.com",
        customer=customer_login.customer,
        account=customer_login.accounts[0],
    )


class TestLoginAdmin:
    def test_shows_and_closes(self, customer_login: PortalUser) -> None:
        client = staff("csr")
        listed = client.get("/admin/customer/login/").content.decode()
        page = client.get(f"/admin/customer/customer/{customer_login.customer.pk}/change/")
        closed = act(client, "login", "close", customer_login.login_id)

        assert "contracts, manage, pay, view" in listed
        assert "logins" in page.content.decode()
        assert closed == 302
        assert Login.objects.get(pk=customer_login.login_id).closed_at is not None
        assert RevokedAccess.objects.get(kind="subject").value == customer_login.subject

    def test_closes_nothing_for_readers(self, customer_login: PortalUser) -> None:
        client = staff("billing")
        act(client, "login", "close", customer_login.login_id)

        assert client.get("/admin/customer/login/").status_code == 200
        assert Login.objects.get(pk=customer_login.login_id).closed_at is None


class TestClaimAdmin:
    def test_waits_on_the_first_page_and_is_accepted(self, claim: LoginClaim) -> None:
        client = staff("csr")
        first = client.get("/admin/").content.decode().lower()
        act(client, "loginclaim", "accept", claim.pk)

        assert "claim of an account" in first
        claim.refresh_from_db()
        assert claim.state == "accepted"
        assert Login.objects.get(subject="cy").customer_id == claim.customer_id

    def test_can_be_refused(self, claim: LoginClaim) -> None:
        act(staff("csr"), "loginclaim", "refuse", claim.pk)

        claim.refresh_from_db()
        assert claim.state == "refused"
        assert not Login.objects.filter(subject="cy").exists()
