"""``/api/v1/me/...`` of this context: profile, preferences, premises and contracts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse

from ossrep.customer.models import Account, Contact, ContactConsent, OutboxEvent
from ossrep.infra.services import standing_in
from ossrep.kernel import clock
from ossrep.published.customer import LoginRight
from ossrep.published.product import ProductService
from tests.customer_login import PortalUser, a_portal_user
from tests.factories.customer import a_contract, a_meter, an_account
from tests.factories.customer_book import a_catalogue
from tests.token_issuer import TokenIssuer

pytestmark = pytest.mark.django_db(databases="__all__")

PROFILE = "/api/v1/me/profile"
PREFERENCES = "/api/v1/me/preferences"
NOON = dt.datetime(2026, 11, 24, 18, tzinfo=dt.UTC)
CONSENT = {"email": True, "sms": False, "phone": False, "mail": False}


@pytest.fixture(autouse=True)
def _stand() -> Iterator[None]:
    with standing_in(ProductService, a_catalogue()), clock.standing_at(NOON):
        yield


def _edit(
    user: PortalUser, path: str, body: Any, *, key: str = "key-0001", tag: str | None = None
) -> HttpResponse:
    client = user.client
    tag = client.get(path)["ETag"] if tag is None else tag
    method = client.patch if path == PROFILE else client.put
    headers = {"Idempotency-Key": key, **({"If-Match": tag} if tag else {})}
    answer: HttpResponse = method(  # type: ignore[assignment]
        path, body, content_type="application/json", headers=headers
    )
    return answer


def _code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


class TestProfile:
    def test_changes_contact_and_address_with_history(self, customer_login: PortalUser) -> None:
        account = customer_login.accounts[0]
        address = {"street": "1 Oak St", "unit": "", "city": "Waco", "state": "TX", "zip": "76701"}
        body = {
            "email": "ada@example.com",
            "phone": "+1 214 555 0100",
            "accounts": [{"accountId": account.pk, "nickname": "Home", "mailingAddress": address}],
        }

        answer = _edit(customer_login, PROFILE, body)

        assert answer.status_code == 200
        shown = answer.json()  # type: ignore[attr-defined]
        assert (shown["email"], shown["phone"]) == ("ada@example.com", "+1 214 555 0100")
        assert shown["accounts"][0] == {
            "accountId": account.pk,
            "accountNumber": account.number,
            "nickname": "Home",
            "billToName": "",
            "mailingAddress": address,
        }
        assert shown == customer_login.client.get(PROFILE).json()
        contact = Contact.objects.get()
        assert (contact.role, contact.name) == ("primary", customer_login.customer.name)
        event = account.events.latest("pgh_id")  # type: ignore[attr-defined]
        assert event.pgh_context["login"] == customer_login.login_id
        assert event.pgh_context["url"] == PROFILE
        changed = [tuple(told.payload["changed"]) for told in OutboxEvent.objects.order_by("pk")]
        assert changed == [
            ("contacts",),
            ("contacts",),
            ("nickname", "mailing_line1", "mailing_city", "mailing_zip"),
        ]

    def test_keeps_what_is_left_out(self, customer_login: PortalUser) -> None:
        Contact.objects.create(
            number="N1", customer=customer_login.customer, role="primary", name="A", phone="1"
        )
        before = customer_login.client.get(PROFILE).json()

        shown = _edit(customer_login, PROFILE, {"email": "a@example.com"}).json()  # type: ignore[attr-defined]

        assert shown == {**before, "email": "a@example.com"}
        assert Contact.objects.get().name == "A"

    @pytest.mark.parametrize(
        "field",
        [
            {"customerId": 1},
            {"customerNumber": "CU-1"},
            {"customerType": "BUSINESS"},
            {"lastName": "Byron"},
            {"rights": ["manage"]},
            {"accounts": [{"accountId": 1, "accountNumber": "A-1"}]},
            {"accounts": [{"accountId": 1, "billToName": "Me"}]},
            {"accounts": [{"accountId": 1, "brandId": 2}]},
            {"accounts": [{"accountId": 1, "mailingAddress": {"country": "US"}}]},
        ],
    )
    def test_refuses_fields_that_are_not_the_customers(
        self, field: Any, customer_login: PortalUser
    ) -> None:
        if "accounts" in field:
            field["accounts"][0]["accountId"] = customer_login.accounts[0].pk

        answer = _edit(customer_login, PROFILE, {"email": "a@example.com", **field})

        assert _code(answer) == (400, "invalid_request")
        codes = [error["code"] for error in answer.json()["errors"]]  # type: ignore[attr-defined]
        assert "unknown_field" in codes
        assert Contact.objects.count() == 0

    def test_answers_a_foreign_account_as_an_absent_one(
        self, customer_login: PortalUser, other_login: PortalUser
    ) -> None:
        foreign = other_login.accounts[0].pk
        answers = [
            _edit(
                customer_login,
                PROFILE,
                {"phone": "1", "accounts": [{"accountId": account_id, "nickname": "x"}]},
                key=f"key-{account_id:08d}",
            )
            for account_id in (foreign, 10**15)
        ]

        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content
        assert Account.objects.filter(nickname="x").count() == 0
        assert Contact.objects.count() == 0

    def test_asks_for_the_state_that_is_edited(self, customer_login: PortalUser) -> None:
        body = {"phone": "1"}
        old = customer_login.client.get(PROFILE)["ETag"]

        assert _code(_edit(customer_login, PROFILE, body, tag="")) == (428, "if_match_missing")
        assert _edit(customer_login, PROFILE, body, tag=old, key="key-0002").status_code == 200
        again = _edit(customer_login, PROFILE, {"phone": "2"}, tag=old, key="key-0003")
        assert _code(again) == (412, "if_match_failed")
        assert customer_login.client.get(PROFILE).json()["phone"] == "1"

    def test_repeats_its_answer_for_the_same_key(self, customer_login: PortalUser) -> None:
        tag = customer_login.client.get(PROFILE)["ETag"]
        first = _edit(customer_login, PROFILE, {"phone": "1"}, tag=tag)
        second = _edit(customer_login, PROFILE, {"phone": "1"}, tag=tag)

        assert (second.status_code, second.content) == (200, first.content)
        assert second["Idempotency-Replayed"] == "true"

    def test_is_changed_by_who_may_manage_only(self, token_issuer: TokenIssuer) -> None:
        clerk = a_portal_user(token_issuer, subject="clerk", rights=[LoginRight.PAY])

        assert _code(_edit(clerk, PROFILE, {"phone": "1"})) == (403, "right_missing")
        assert clerk.client.get(PROFILE).json()["phone"] == ""

    def test_says_what_is_wrong_with_a_field(self, customer_login: PortalUser) -> None:
        wrong = {"street": "1 Oak", "city": "Waco", "state": "T1", "zip": "76701"}
        account_id = customer_login.accounts[0].pk
        body = {"phone": "1", "accounts": [{"accountId": account_id, "mailingAddress": wrong}]}

        answer = _edit(customer_login, PROFILE, body)

        assert answer.status_code == 422
        assert answer.json()["where"] == "mailing_state"  # type: ignore[attr-defined]
        assert Contact.objects.count() == 0


class TestPreferences:
    def _body(self, user: PortalUser) -> dict[str, Any]:
        return {
            "contactConsent": CONSENT,
            "accounts": [
                {
                    "accountId": account.pk,
                    "billDelivery": "EMAIL",
                    "billEmail": "bills@example.com",
                    "language": "es",
                }
                for account in user.accounts
            ],
        }

    def test_are_replaced_as_a_whole(self, customer_login: PortalUser) -> None:
        body = self._body(customer_login)

        answer = _edit(customer_login, PREFERENCES, body)

        assert answer.status_code == 200
        assert answer.json() == body  # type: ignore[attr-defined]
        assert customer_login.client.get(PREFERENCES).json() == body
        consent = ContactConsent.objects.get()
        assert (consent.channel, consent.is_given, consent.decided_at) == ("email", True, NOON)

    def test_name_every_account_once(self, customer_login: PortalUser) -> None:
        body = self._body(customer_login)
        body["accounts"].pop()

        assert _code(_edit(customer_login, PREFERENCES, body)) == (400, "accounts_incomplete")
        assert Account.objects.filter(delivery="email").count() == 0

    def test_answer_a_foreign_account_as_an_absent_one(
        self, customer_login: PortalUser, other_login: PortalUser
    ) -> None:
        contents = []
        for number, account_id in enumerate((other_login.accounts[0].pk, 10**15)):
            body = self._body(customer_login)
            body["accounts"][0]["accountId"] = account_id
            answer = _edit(customer_login, PREFERENCES, body, key=f"key-000{number}")
            assert answer.status_code == 404
            contents.append(answer.content)

        assert contents[0] == contents[1]
        assert Account.objects.filter(delivery="email").count() == 0

    def test_refuse_bills_by_email_without_address(self, customer_login: PortalUser) -> None:
        body = self._body(customer_login)
        body["accounts"][1]["billEmail"] = ""

        answer = _edit(customer_login, PREFERENCES, body)

        assert (answer.status_code, Account.objects.filter(delivery="email").count()) == (422, 0)
        assert ContactConsent.objects.count() == 0


class TestPremises:
    def test_show_meters_and_my_own_contracts_only(
        self, customer_login: PortalUser, other_login: PortalUser
    ) -> None:
        place, account = customer_login.premises[0], customer_login.accounts[0]
        a_contract(
            account=other_login.accounts[0],
            premises=place,
            status="ended",
            start_date=dt.date(2024, 1, 1),
            end_date=dt.date(2026, 1, 1),
        )
        meter, contract = place.meters.get(), customer_login.contracts[0]

        body = customer_login.client.get("/api/v1/me/premises").json()

        assert [item["premisesId"] for item in body["items"]] == [
            place.pk for place in customer_login.premises
        ]
        assert body["nextCursor"] is None
        assert body["items"][0] == {
            "premisesId": place.pk,
            "premisesNumber": place.number,
            "esiId": place.esi_id,
            "tdsp": "ONCOR_ELEC",
            "serviceAddress": {
                "street": place.service_line1,
                "unit": "",
                "city": "Dallas",
                "state": "TX",
                "zip": "75201",
                "county": "",
            },
            "meters": [
                {
                    "meterId": meter.pk,
                    "meterNumber": meter.number,
                    "installedDate": "2020-01-01",
                    "removedDate": None,
                }
            ],
            "service": [
                {
                    "contractId": contract.pk,
                    "contractNumber": contract.number,
                    "accountId": account.pk,
                    "accountNumber": account.number,
                    "startDate": "2026-01-01",
                    "endDate": None,
                }
            ],
        }

    def test_come_in_pages_of_constant_cost(
        self, token_issuer: TokenIssuer, django_assert_num_queries: Any
    ) -> None:
        user = a_portal_user(token_issuer, subject="many", accounts=7)
        a_meter(premises=user.premises[0])
        seen: list[int] = []
        client, cursor = user.client, ""
        client.get("/api/v1/me/premises")
        while True:
            size = 3 if not seen else 2
            with django_assert_num_queries(9, using="customer"):
                body = client.get(f"/api/v1/me/premises?size={size}&cursor={cursor}").json()
            seen += [item["premisesId"] for item in body["items"]]
            cursor = body["nextCursor"]
            if not cursor:
                break

        assert seen == [place.pk for place in user.premises]

    def test_refuse_another_s_cursor(
        self, customer_login: PortalUser, other_login: PortalUser
    ) -> None:
        path = "/api/v1/me/premises?size=1"
        cursor = customer_login.client.get(path).json()["nextCursor"]

        answer = other_login.client.get(f"{path}&cursor={cursor}")

        assert _code(answer) == (400, "invalid_request")


class TestContract:
    def test_has_its_plan_and_dates(self, customer_login: PortalUser) -> None:
        contract, account = customer_login.contracts[0], customer_login.accounts[0]

        answer = customer_login.client.get(f"/api/v1/me/contracts/{contract.pk}")

        assert answer.json() == {
            "contractId": contract.pk,
            "contractNumber": contract.number,
            "accountId": account.pk,
            "accountNumber": account.number,
            "premisesId": customer_login.premises[0].pk,
            "esiId": customer_login.premises[0].esi_id,
            "status": "ACTIVE",
            "startDate": "2026-01-01",
            "endDate": None,
            "termEndDate": None,
            "endReason": "",
            "signedDate": "2025-12-15",
            "plan": {
                "planId": 1,
                "planCode": "LS-FIX-12",
                "name": "Lone Star Fixed 12",
                "planType": "FIXED",
                "termMonths": 12,
                "ratePerKwh": "0.12",
                "baseCharge": "0",
                "earlyTerminationFee": "0",
                "features": [],
            },
        }

    def test_of_another_is_as_none_at_all(
        self, customer_login: PortalUser, other_login: PortalUser, token_issuer: TokenIssuer
    ) -> None:
        mine = an_account(customer=customer_login.customer)
        clerk = a_portal_user(
            token_issuer,
            subject="clerk",
            customer=customer_login.customer,
            accounts=0,
            held_to=[mine],
        )
        foreign = [other_login.contracts[0].pk, 10**15, 10**30]
        answers = [
            customer_login.client.get(f"/api/v1/me/contracts/{contract_id}")
            for contract_id in foreign
        ]
        # Of the same customer, but of an account that this login is not held to.
        answers.append(clerk.client.get(f"/api/v1/me/contracts/{customer_login.contracts[0].pk}"))

        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.content for answer in answers}) == 1
