"""Runs, invoices, held bills and holds, as operators' tools call them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from ossrep.billing.models import BillRun, Invoice, WorkItem
from ossrep.billing.usecases.plan_run import RunOrder
from tests.factories.billing_book import FIRST_READ, Book, a_book
from tests.integration.billing.runs import run
from tests.token_issuer import TokenIssuer

pytestmark = pytest.mark.django_db(databases="__all__")
ORDER = RunOrder(as_of=FIRST_READ, read_cycle="07")


@pytest.fixture
def client(token_issuer: TokenIssuer) -> Client:
    return Client(headers={"Authorization": f"Bearer {token_issuer.token(roles=['billing'])}"})


@pytest.fixture
def book() -> Book:
    return a_book(accounts=3)


def _post(client: Client, path: str, body: Any, key: str = "key-00000001") -> Any:
    return client.post(
        f"/api/v1/billing/{path}",
        json.dumps(body),
        content_type="application/json",
        headers={"Idempotency-Key": key},
    )


class TestInvoices:
    def test_are_listed_and_shown_with_their_lines(self, client: Client, book: Book) -> None:
        run(book, ORDER)
        items = client.get("/api/v1/billing/invoices?sort=-amountDueUsd").json()["items"]
        whole = client.get(f"/api/v1/billing/invoices/{items[0]['invoiceId']}").json()

        assert len(items) == 3
        assert [item["amountDueUsd"] for item in items] == [
            str(amount)
            for amount in Invoice.objects.order_by("-amount_due_usd").values_list(
                "amount_due_usd", flat=True
            )
        ]
        lines = sum(Decimal(line["amountUsd"]) for line in whole["lines"])
        assert lines == Decimal(whole["retailerUsd"]) + Decimal(whole["deliveryUsd"])
        assert sum(Decimal(tax["amountUsd"]) for tax in whole["taxes"]) == Decimal(whole["taxUsd"])
        assert len(whole["lines"]) == whole["lineCount"]

    def test_are_found_by_account(self, client: Client, book: Book) -> None:
        run(book, ORDER)
        number = Invoice.objects.get(account_id=2).account_number

        items = client.get(f"/api/v1/billing/invoices?accountNumber={number}").json()["items"]

        assert [item["accountId"] for item in items] == [2]


class TestRuns:
    def test_are_planned_once(self, client: Client, book: Book) -> None:
        body = {"asOf": FIRST_READ.isoformat(), "readCycle": "07", "reason": "monthly"}
        with book.standing_in():
            first = _post(client, "runs", body)
            again = _post(client, "runs", body, "key-00000002")
        run_id = first.json()["runId"]

        assert first.status_code == 202
        assert again.json()["runId"] == run_id
        assert (first.json()["planned"], first.json()["state"]) == (3, "open")
        assert BillRun.objects.get().requested_by == "subject-1"

    def test_show_their_items(self, client: Client, book: Book) -> None:
        status = run(book, ORDER)

        body = client.get(f"/api/v1/billing/runs/{status.run_id}").json()
        path = f"/api/v1/billing/runs/{status.run_id}/items"
        items = client.get(f"{path}?state=billed&size=2").json()

        assert (body["billed"], body["state"]) == (3, "finished")
        assert body["chargesUsd"] == str(status.charges_usd)
        assert [item["accountId"] for item in items["items"]] == [1, 2]
        assert (
            client.get(f"{path}?cursor={items['nextCursor']}&size=2&state=billed").json()["items"][
                0
            ]["accountId"]
            == 3
        )

    def test_name_no_account_that_is_not_there(self, client: Client, book: Book) -> None:
        with book.standing_in():
            answer = _post(
                client, "runs", {"asOf": FIRST_READ.isoformat(), "accountNumbers": ["NONE"]}
            )

        assert (answer.status_code, answer.json()["code"]) == (422, "unknown_accounts")
        assert BillRun.objects.count() == 0


class TestHolds:
    def test_are_placed_and_lifted_each_with_its_outcome(self, client: Client, book: Book) -> None:
        numbers = [account.account_number for account in book.customers.accounts.values()]
        with book.standing_in():
            wanted = [numbers[0], "NONE", numbers[1]]
            placed = _post(client, "holds", {"accountNumbers": wanted, "reason": "x"}).json()
            lift = {"accountNumbers": numbers}
            lifted = _post(client, "holds/lifts", lift, "key-00000002").json()
        holds = client.get("/api/v1/billing/holds").json()["items"]

        assert (placed["done"], placed["refused"]) == (2, 1)
        assert [o["done"] for o in placed["outcomes"]] == [True, False, True]
        assert placed["outcomes"][1]["code"] == "unknown_accounts"
        assert [o.get("code") for o in lifted["outcomes"]] == [None, None, "not_on_hold"]
        assert {hold["placedBy"] for hold in holds} == {"subject-1"}
        assert all(hold["liftedAt"] for hold in holds)

    def test_are_at_most_a_thousand(self, client: Client) -> None:
        body = {"accountNumbers": [f"A-{n}" for n in range(1001)], "reason": "x"}

        assert _post(client, "holds", body).status_code == 400


class TestHeldBills:
    def test_are_decided_each_with_its_outcome(self, client: Client) -> None:
        items = [
            WorkItem.objects.create(
                account_id=number,
                period_start="2026-06-09",
                period_end="2026-07-09",
                reason_code="implausible",
                message="high",
                details={"releasable": number != 2},
            )
            for number in (1, 2, 3)
        ]
        body = {"decision": "release", "workItemIds": [i.pk for i in items], "note": "checked"}

        answer = _post(client, "work-items/decisions", body).json()

        assert [o.get("code") for o in answer["outcomes"]] == [None, "not_releasable", None]
        listed = client.get("/api/v1/billing/work-items?status=released").json()["items"]
        assert {item["accountId"] for item in listed} == {1, 3}
        assert {item["decidedBy"] for item in listed} == {"subject-1"}
