"""Internal lists, all alike: who may, filters, sorting, cursors, and a fixed number of queries."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ossrep.customer.models import Contact
from ossrep.infra import database
from tests.factories.customer import a_contract, a_person, a_premises, an_account
from tests.token_issuer import TokenIssuer

pytestmark = pytest.mark.django_db(databases="__all__")
ESI_ID = "10443720000000001"
LISTS = [
    "customer/customers",
    "customer/accounts",
    "customer/premises",
    "customer/meters",
    "customer/contracts",
    "product/plans",
    "product/plan-versions",
    "meter/points",
    f"meter/usage?esiId={ESI_ID}",
    "meter/monthly-usage",
    "meter/quarantine",
    "billing/invoices",
    "billing/runs",
    "billing/work-items",
    "billing/holds",
    "market/work-items",
]
FEEDS = [
    "customer/changes/customers",
    "customer/changes/accounts",
    "customer/changes/premises",
    "customer/changes/contracts",
    "product/changes/plan-versions",
    "meter/changes/interval-days",
    "meter/changes/monthly-usage",
    "billing/changes/invoices",
    "billing/changes/work-items",
]

Caller = Callable[..., Client]


@pytest.fixture
def caller(token_issuer: TokenIssuer) -> Caller:
    def make(*roles: str) -> Client:
        return Client(headers={"Authorization": f"Bearer {token_issuer.token(roles=list(roles))}"})

    return make


def _at(path: str, query: str) -> str:
    return f"/api/v1/{path}{'&' if '?' in path else '?'}{query}"


def _queries(client: Client, path: str) -> int:
    total = 0
    contexts = [CaptureQueriesContext(connections[alias]) for alias in database.CONTEXTS]
    for context in contexts:
        context.__enter__()
    assert client.get(path).status_code == 200
    for context in contexts:
        context.__exit__(None, None, None)
        total += len(context)
    return total


class TestEveryList:
    @pytest.mark.parametrize("path", [*LISTS, *FEEDS])
    def test_answers_those_of_the_matrix_only(self, path: str, caller: Caller) -> None:
        assert caller("service").get(f"/api/v1/{path}").status_code == 200
        assert caller("customer").get(f"/api/v1/{path}").status_code == 403
        assert Client().get(f"/api/v1/{path}").status_code == 401

    @pytest.mark.parametrize("path", LISTS)
    def test_refuses_what_it_does_not_know(self, path: str, caller: Caller) -> None:
        client = caller("admin")
        wrong = {
            "password=1": "unknown_filter",
            "customer__contacts__email=a": "unknown_filter",
            "sort=password": "unknown_value",
            "cursor=forged": "invalid_cursor",
            "size=201": "out_of_range",
        }

        for query, code in wrong.items():
            answer = client.get(_at(path, query))

            assert answer.status_code == 400
            assert answer.json()["errors"][0]["code"] == code

    @pytest.mark.parametrize(
        ("path", "name"),
        [
            ("billing/invoices", "isEstimated"),
            ("billing/holds", "isLifted"),
            ("customer/meters", "isRemoved"),
            ("product/plan-versions", "isRetired"),
            ("meter/monthly-usage", "isFinal"),
            ("meter/usage?esiId=1", "becameCurrent"),
        ],
    )
    def test_takes_true_and_false_and_no_other_word(
        self, path: str, name: str, caller: Caller
    ) -> None:
        client = caller("admin")

        answers = [
            client.get(_at(path, f"{name}={value}"))
            for value in ("true", "false", "maybe", "' OR 1=1", "TRUE", "1", "null", "")
        ]

        assert [answer.status_code for answer in answers] == [200] * 2 + [400] * 6
        assert answers[-1].json()["errors"][0]["pointer"] == f"/{name}"

    def test_needs_an_esi_id_for_days(self, caller: Caller) -> None:
        answer = caller("admin").get("/api/v1/meter/usage")

        assert answer.json()["errors"][0] == {
            "pointer": "/esiId",
            "code": "required",
            "detail": "Name an ESI ID.",
        }

    @pytest.mark.parametrize("record_id", [0, 999_999, 10**30])
    def test_has_no_record_that_is_not_there(self, record_id: int, caller: Caller) -> None:
        for path in ("customer/accounts", "billing/invoices", "billing/runs", "market/work-items"):
            answer = caller("admin").get(f"/api/v1/{path}/{record_id}")

            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


class TestListsOfCustomers:
    @pytest.mark.parametrize("path", LISTS[:5])
    def test_cost_as_many_queries_for_ten_as_for_one(self, path: str, caller: Caller) -> None:
        client = caller("csr")

        def add() -> None:
            customer = a_person()
            Contact.objects.create(
                number=f"C-{customer.pk}", customer=customer, role="billing", name="Ada"
            )
            premises = a_premises()
            premises.meters.create(number="M1", installed_date="2026-01-01")
            a_contract(account=an_account(customer=customer), premises=premises)

        add()
        for_one = _queries(client, f"/api/v1/{path}?size=100")
        for _ in range(9):
            add()
        for_ten = _queries(client, f"/api/v1/{path}?size=100")

        assert for_ten == for_one

    def test_filter_and_sort(self, caller: Caller) -> None:
        numbers = ["A-3", "A-1", "A-2"]
        for number in numbers:
            an_account(
                number=number, delivery="email" if number == "A-3" else "paper", email="a@b.c"
            )
        client = caller("csr")

        def found(query: str) -> list[str]:
            items = client.get(f"/api/v1/customer/accounts?{query}").json()["items"]
            return [item["number"] for item in items]

        assert found("sort=-number") == ["A-3", "A-2", "A-1"]
        assert found("delivery=email") == ["A-3"]
        assert found("number=A-1,A-2&sort=number") == ["A-1", "A-2"]
        assert found("customerId=999999") == []

    def test_go_on_where_the_cursor_says(self, caller: Caller) -> None:
        for number in range(7):
            an_account(number=f"A-{number}")
        client, cursor, found = caller("csr"), "", []
        while cursor is not None:
            body = client.get(
                f"/api/v1/customer/accounts?sort=-number&size=3&cursor={cursor}"
            ).json()
            found += [item["number"] for item in body["items"]]
            cursor = body["nextCursor"]

        assert found == [f"A-{number}" for number in reversed(range(7))]

    def test_refuse_a_bad_value(self, caller: Caller) -> None:
        for query in ("customerId=x", "delivery=fax", "customerId=1%00", f"customerId={10**400}"):
            answer = caller("csr").get(f"/api/v1/customer/accounts?{query}")

            assert answer.status_code == 400


def _send(client: Client, method: str, path: str, body: Any, **headers: str) -> Any:
    return getattr(client, method)(
        f"/api/v1/{path}",
        json.dumps(body),
        content_type="application/json",
        headers={
            "Idempotency-Key": uuid.uuid4().hex,
            **headers,
        },
    )


class TestChangingAnAccount:
    def test_needs_the_state_that_was_read(self, caller: Caller) -> None:
        account = an_account(nickname="old")
        client = caller("csr")
        path = f"customer/accounts/{account.pk}"
        tag = client.get(f"/api/v1/{path}")["ETag"]

        blind = _send(client, "patch", path, {"nickname": "blind"})
        changed = _send(client, "patch", path, {"nickname": "new"}, **{"If-Match": tag})
        late = _send(client, "patch", path, {"nickname": "late"}, **{"If-Match": tag})

        assert (blind.status_code, changed.status_code, late.status_code) == (428, 200, 412)
        assert changed.json()["nickname"] == "new"
        assert changed["ETag"] != tag
        assert client.get(f"/api/v1/{path}").json()["nickname"] == "new"

    def test_changes_nothing_that_is_not_to_be_changed(self, caller: Caller) -> None:
        account = an_account()
        client = caller("csr")
        path = f"customer/accounts/{account.pk}"

        for field in ("customerId", "number", "brandId", "accountId", "customerClass"):
            answer = _send(client, "patch", path, {field: "1"}, **{"If-Match": "*"})

            assert answer.status_code == 400
            assert answer.json()["errors"][0]["code"] == "unknown_field"

    def test_is_for_those_who_serve_customers(self, caller: Caller) -> None:
        path = f"customer/accounts/{an_account().pk}"

        for role in ("billing", "market", "product", "service"):
            assert _send(caller(role), "patch", path, {"nickname": "x"}).status_code == 403


class TestContacts:
    def test_are_added_and_changed(self, caller: Caller) -> None:
        customer = a_person()
        client = caller("csr")
        path = f"customer/customers/{customer.pk}/contacts"
        body = {"role": "billing", "name": "Ada", "email": "a@b.example"}

        number = _send(client, "post", path, body).json()["number"]
        again = _send(client, "post", path, {**body, "number": number, "name": "Bea"})

        assert again.json() == {"number": number}
        (contact,) = client.get(f"/api/v1/customer/customers/{customer.pk}").json()["contacts"]
        assert (contact["name"], contact["email"]) == ("Bea", "a@b.example")


class TestImportingRecords:
    def test_takes_the_good_beside_the_bad(self, caller: Caller) -> None:
        bad = {"kind": "customer", "customer_number": "CU-2", "type": "ghost"}
        records = [
            {"kind": "customer", "customer_number": "CU-1", "type": "individual", "last_name": "A"},
            bad,
            {"kind": "customer", "customer_number": "CU-3", "type": "individual", "last_name": "C"},
            bad,
        ]

        answer = _send(caller("csr"), "post", "customer/imports", {"records": records}).json()

        assert (answer["done"], answer["refused"]) == (2, 2)
        assert [o["done"] for o in answer["outcomes"]] == [True, False, True, False]
        listed = caller("csr").get("/api/v1/customer/customers?number=CU-1,CU-2,CU-3").json()
        assert {item["number"] for item in listed["items"]} == {"CU-1", "CU-3"}
