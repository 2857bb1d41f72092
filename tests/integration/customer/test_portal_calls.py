"""``/api/customer``, ``/api/accounts`` and ``/api/contracts``, as the portal calls them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ossrep.customer.models import Contact, Customer
from ossrep.infra.database import ALIASES
from ossrep.infra.services import standing_in
from ossrep.kernel import clock
from ossrep.kernel.identifiers import AccountId
from ossrep.published.billing import BillingService
from ossrep.published.product import ProductService
from tests.customer_login import PortalUser, a_portal_user
from tests.factories.customer import a_business, a_contract, a_meter, a_premises, an_account
from tests.factories.customer_book import a_catalogue
from tests.fakes.billing import FakeBillingService
from tests.token_issuer import TokenIssuer

pytestmark = pytest.mark.django_db(databases="__all__")

CALLS = ("/api/customer", "/api/accounts", "/api/contracts")
NOON = dt.datetime(2026, 11, 24, 18, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def billing() -> Iterator[FakeBillingService]:
    """Stands in for context ``billing``; ``product`` has the plans 1 and 2."""
    fake = FakeBillingService()
    with (
        standing_in(BillingService, fake),
        standing_in(ProductService, a_catalogue()),
        clock.standing_at(NOON),
    ):
        yield fake


def _instant(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class TestCustomer:
    def test_is_a_person_with_contact_and_accounts(self, customer_login: PortalUser) -> None:
        customer = customer_login.customer
        first, second = customer_login.accounts
        first.nickname = "Home"
        first.save(update_fields=["nickname"])
        contact = {"customer": customer, "name": "Ada", "role": "primary"}
        Contact.objects.create(number="N1", phone="+1 214 555 0100", **contact)
        Contact.objects.create(number="N2", email="ada@example.com", **contact)

        answer = customer_login.client.get("/api/customer")

        assert answer.status_code == 200
        assert answer.json() == {
            "customerId": customer.pk,
            "customerType": "INDIVIDUAL",
            "firstName": "Ada",
            "lastName": customer.last_name,
            "email": "ada@example.com",
            "phone": "+1 214 555 0100",
            "status": "ACTIVE",
            "createdAt": _instant(Customer.objects.get().created_at),
            "accounts": [
                {
                    "accountId": first.pk,
                    "accountNumber": first.number,
                    "nickname": "Home",
                    "status": "ACTIVE",
                },
                {"accountId": second.pk, "accountNumber": second.number, "status": "ACTIVE"},
            ],
        }

    def test_is_a_business_whose_clerk_sees_one_account(self, token_issuer: TokenIssuer) -> None:
        business = a_business()
        mine = an_account(customer=business)
        theirs = an_account(customer=business)
        for number, account in (("N1", theirs), ("N2", mine)):
            Contact.objects.create(
                number=number,
                customer=business,
                account=account,
                role="billing",
                name="Clerk",
                email=f"{number}@example.com",
            )
        clerk = a_portal_user(
            token_issuer, subject="clerk", customer=business, accounts=0, held_to=[mine]
        )

        body = clerk.client.get("/api/customer").json()

        assert {name: body[name] for name in ("customerType", "businessName", "email")} == {
            "customerType": "BUSINESS",
            "businessName": business.business_name,
            "email": "N2@example.com",
        }
        assert "lastName" not in body
        assert [account["accountId"] for account in body["accounts"]] == [mine.pk]
        assert body["status"] == "PENDING"


class TestAccounts:
    def test_have_the_portals_shape(
        self, customer_login: PortalUser, billing: FakeBillingService
    ) -> None:
        first, second = customer_login.accounts
        place = customer_login.premises[0]
        billing.balances[AccountId(first.pk)] = Decimal("81.20")
        first.refresh_from_db()
        meter = place.meters.get()

        answer = customer_login.client.get("/api/accounts")

        assert answer.status_code == 200
        shown, other = answer.json()["accounts"]
        assert shown == {
            "accountId": first.pk,
            "accountNumber": first.number,
            "customerId": customer_login.customer.pk,
            "status": "ACTIVE",
            "currentBalance": 81.2,
            "createdAt": _instant(first.created_at),
            "premises": [
                {
                    "premiseId": place.pk,
                    "street": place.service_line1,
                    "city": "Dallas",
                    "state": "TX",
                    "zip": "75201",
                    "isPrimary": True,
                    "meters": [
                        {
                            "meterId": meter.pk,
                            "meterNumber": meter.number,
                            "meterType": "ELECTRIC",
                            "status": "ACTIVE",
                        }
                    ],
                }
            ],
        }
        assert (other["accountId"], other["currentBalance"]) == (second.pk, 0)

    def test_show_all_places_that_are_or_will_be_served(self, customer_login: PortalUser) -> None:
        account, place = customer_login.accounts[0], customer_login.premises[0]
        a_meter(premises=place, removed_date=dt.date(2026, 11, 24))
        left = a_premises()
        a_contract(
            account=account,
            premises=left,
            status="ended",
            start_date=dt.date(2025, 1, 1),
            end_date=dt.date(2026, 11, 24),
            end_reason="move_out",
        )
        coming = a_premises(service_line2="Apt 4")
        a_meter(premises=coming)
        a_contract(
            account=account, premises=coming, status="pending", start_date=dt.date(2026, 12, 1)
        )

        shown = customer_login.client.get("/api/accounts").json()["accounts"][0]["premises"]

        assert [(p["premiseId"], p["isPrimary"], p.get("unit")) for p in shown] == [
            (place.pk, True, None),
            (coming.pk, False, "Apt 4"),
        ]
        assert [[m["status"] for m in p["meters"]] for p in shown] == [
            ["ACTIVE", "INACTIVE"],
            ["AVAILABLE"],
        ]

    def test_show_the_last_place_of_one_that_has_ended(self, token_issuer: TokenIssuer) -> None:
        user = a_portal_user(
            token_issuer,
            subject="gone",
            accounts=1,
            status="ended",
            end_date=dt.date(2026, 6, 1),
            end_reason="move_out",
        )

        (shown,) = user.client.get("/api/accounts").json()["accounts"]

        assert shown["status"] == "INACTIVE"
        assert [place["premiseId"] for place in shown["premises"]] == [user.premises[0].pk]
        assert shown["premises"][0]["meters"][0]["status"] == "AVAILABLE"

    def test_are_pending_without_contract(self, token_issuer: TokenIssuer) -> None:
        user = a_portal_user(token_issuer, subject="new", accounts=0)
        an_account(customer=user.customer)

        (shown,) = user.client.get("/api/accounts").json()["accounts"]

        assert (shown["status"], shown["premises"]) == ("PENDING", [])


class TestContracts:
    def test_have_the_portals_shape(self, customer_login: PortalUser) -> None:
        first, second = customer_login.contracts
        account = customer_login.accounts[1]

        answer = customer_login.client.get("/api/contracts")

        assert answer.status_code == 200
        shown, other = answer.json()["contracts"]
        assert shown == {
            "contractId": second.pk,
            "contractNumber": second.number,
            "customerId": customer_login.customer.pk,
            "plan": {
                "planId": 1,
                "name": "Lone Star Fixed 12",
                "ratePerKwh": 0.12,
                "termMonths": 12,
                "planType": "FIXED",
            },
            "startDate": "2026-01-01",
            "endDate": "2026-12-01",
            "status": "ACTIVE",
            "earlyTerminationFee": 0.0,
            "signedAt": "2025-12-15T06:00:00Z",
            "accounts": [{"accountId": account.pk, "accountNumber": account.number}],
        }
        assert other["contractId"] == first.pk

    def test_say_when_they_ended_and_why(self, token_issuer: TokenIssuer) -> None:
        ended: dict[str, Any] = {
            "status": "ended",
            "end_date": dt.date(2026, 6, 1),
            "signed_date": None,
        }
        user = a_portal_user(
            token_issuer, subject="renewed", accounts=1, end_reason="renewal", **ended
        )
        a_contract(
            account=user.accounts[0],
            start_date=dt.date(2026, 6, 1),
            term_end_date=dt.date(2027, 6, 1),
            plan_version_id=2,
        )

        shown = user.client.get("/api/contracts").json()["contracts"]

        assert [(c["status"], c["endDate"], c["plan"]["planId"]) for c in shown] == [
            ("ACTIVE", "2027-06-01", 2),
            ("RENEWED", "2026-06-01", 1),
        ]
        assert "signedAt" not in shown[1]


class TestPortalCalls:
    @pytest.mark.parametrize("call", CALLS)
    def test_ask_for_a_customers_token(self, call: str, token_issuer: TokenIssuer) -> None:
        def status(token: str | None) -> int:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            return Client(headers=headers).get(call).status_code

        assert status(None) == 401
        assert status("nonsense") == 401
        for role in ("csr", "billing", "market", "product", "admin", "service"):
            assert status(token_issuer.token(roles=[role])) == 403

    @pytest.mark.parametrize("call", CALLS)
    def test_say_that_a_login_has_no_customer(self, call: str, token_issuer: TokenIssuer) -> None:
        token = token_issuer.token(sub="stranger")
        headers = {"Authorization": f"Bearer {token}"}

        answer = Client(headers=headers).get(call)

        assert (answer.status_code, answer.json()["code"]) == (403, "no_customer")

    @pytest.mark.parametrize("call", CALLS)
    def test_show_nothing_of_another_customer(
        self, call: str, customer_login: PortalUser, other_login: PortalUser
    ) -> None:
        mine = customer_login.client.get(call).content.decode()
        theirs = other_login.client.get(call).content.decode()

        for user, foreign in ((customer_login, theirs), (other_login, mine)):
            numbers = [account.number for account in user.accounts]
            numbers += [contract.number for contract in user.contracts]
            numbers += [place.service_line1 for place in user.premises]
            assert [number for number in numbers if number in foreign] == []
        for account in customer_login.accounts:
            assert f'"accountId":{account.pk},' in mine
            assert f'"accountId":{account.pk},' not in theirs

    @pytest.mark.parametrize(
        ("call", "expected"),
        [
            ("/api/customer", {"default": 2, "customer": 9}),
            ("/api/accounts", {"default": 2, "customer": 7}),
            ("/api/contracts", {"default": 2, "customer": 7}),
        ],
    )
    def test_take_as_many_statements_for_many_accounts_as_for_one(
        self, call: str, expected: dict[str, int], token_issuer: TokenIssuer, settings: Any
    ) -> None:
        # So few that each call is counted by itself, one statement for address and login each.
        settings.OSSREP_CALLS_PER_MINUTE_ADDRESS = settings.OSSREP_CALLS_PER_MINUTE_CLIENT = 90
        few = a_portal_user(token_issuer, subject="few", accounts=1)
        many = a_portal_user(token_issuer, subject="many", accounts=30)
        few.client.get(call)

        for user in (few, many):
            assert _fewest_statements(partial(user.client.get, call)) == expected


def _fewest_statements(call: Callable[[], Any]) -> dict[str, int]:
    """Of three calls: now and then one asks anew what has ended, or what the settings are."""
    return min((_statements(call) for _ in range(3)), key=lambda found: sum(found.values()))


def _statements(call: Callable[[], Any]) -> dict[str, int]:
    """Statements by alias.

    Of ``customer`` one asks for the login and two are of the query's transaction; two more only
    exist inside a test's own, where ``external`` has to put back what it found.
    """
    captures = {alias: CaptureQueriesContext(connections[alias]) for alias in ALIASES}
    for capture in captures.values():
        capture.__enter__()
    assert call().status_code == 200
    for capture in captures.values():
        capture.__exit__(None, None, None)
    return {alias: len(found) for alias, found in captures.items() if len(found)}
