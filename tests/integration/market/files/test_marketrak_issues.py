"""MarkeTrak issues from opening to closing, with their clocks."""

from __future__ import annotations

import datetime as dt
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import ProgrammingError
from django.test import Client

from ossrep.market.db import transaction
from ossrep.market.domain.marketrak import MarketrakRefused, State, Trigger
from ossrep.market.models import Deadline, MarketrakEntry, MarketrakIssue, WorkItem
from ossrep.market.usecases.deadlines import run_clock
from ossrep.market.usecases.marketrak import open_issue, take_issue_step

pytestmark = pytest.mark.django_db(databases="__all__")

MONDAY = dt.datetime(2026, 6, 1, 14, tzinfo=dt.UTC)  # 09:00 Central
ESI_ID = "10443720000000001"


def _open(**fields: Any) -> int:
    values: dict[str, Any] = {
        "subtype": "billing_and_usage",
        "side": "record",
        "text": "Invoice 17 bills 31 days twice",
        "now": MONDAY,
        "esi_id": ESI_ID,
        "tdsp_code": "ONCOR_ELEC",
    }
    return open_issue(**{**values, **fields})


def _step(issue_id: int, trigger: Trigger, **fields: Any) -> State:
    values: dict[str, Any] = {"text": "words", "now": MONDAY + dt.timedelta(days=1)}
    return take_issue_step(issue_id=issue_id, trigger=trigger, **{**values, **fields})


class TestOpenIssue:
    def test_counts_the_tdsps_ten_business_days(self) -> None:
        issue = MarketrakIssue.objects.get(pk=_open(number="MT1", links=["invoice-17.pdf"]))

        assert (issue.state, issue.number) == ("with_them", "MT1")
        # Monday 15 June, 17:00 Central.
        assert issue.due_at == dt.datetime(2026, 6, 15, 22, tzinfo=dt.UTC)
        entry = MarketrakEntry.objects.get()
        assert (entry.trigger, entry.state, entry.links) == (
            "open",
            "with_them",
            ["invoice-17.pdf"],
        )

    def test_counts_what_we_owe_an_issue_of_theirs(self) -> None:
        issue_id = _open(subtype="switch_hold_removal", side="losing", is_ours=False)

        issue = MarketrakIssue.objects.get(pk=issue_id)
        assert (issue.state, issue.due_at) == ("with_us", MONDAY + dt.timedelta(hours=1.5))

    def test_starts_the_duty_of_the_losing_side_beside(self) -> None:
        issue_id = _open(subtype="inadvertent_losing", side="losing")

        deadline = Deadline.objects.get(step=f"marketrak:{issue_id}")
        assert deadline.expects == "MarkeTrak duty 814_16.ia_send"
        # Until the end of 13 June, local time.
        assert deadline.due_at == dt.datetime(2026, 6, 14, 5, tzinfo=dt.UTC)
        assert MarketrakIssue.objects.get().due_at is None

    @pytest.mark.parametrize(
        ("fields", "told"),
        [
            ({"subtype": "x"}, "no subtype is called 'x'"),
            ({"side": "x"}, "our side must be gaining, losing, record, not 'x'"),
            ({"text": " "}, "say what was written or done"),
            ({"number": "MT1"}, "is recorded already"),
        ],
    )
    def test_refuses(self, fields: dict[str, Any], told: str) -> None:
        _open(number="MT1")

        with pytest.raises(MarketrakRefused, match=told):
            _open(**fields)
        assert MarketrakIssue.objects.count() == 1


class TestTakeIssueStep:
    def test_goes_from_answer_to_close(self) -> None:
        issue_id = _open()
        assert _step(issue_id, Trigger.ADD_EVIDENCE, links=["a.pdf"]) is State.WITH_THEM
        assert MarketrakIssue.objects.get().due_at is not None

        assert _step(issue_id, Trigger.THEY_ANSWER, number="MT2") is State.WITH_US
        assert Deadline.objects.get().state == "met"
        assert _step(issue_id, Trigger.WE_ANSWER, due_at=MONDAY + dt.timedelta(days=5)) is (
            State.WITH_THEM
        )
        assert Deadline.objects.get().state == "open"
        assert _step(issue_id, Trigger.CLOSE) is State.CLOSED

        issue = MarketrakIssue.objects.get()
        assert (issue.number, issue.due_at) == ("MT2", None)
        assert issue.closed_at == MONDAY + dt.timedelta(days=1)
        assert Deadline.objects.get().state == "cancelled"
        assert list(MarketrakEntry.objects.values_list("trigger", "state")) == [
            ("open", "with_them"),
            ("add_evidence", "with_them"),
            ("they_answer", "with_us"),
            ("we_answer", "with_them"),
            ("close", "closed"),
        ]

    def test_refuses_what_its_table_has_not(self) -> None:
        issue_id = _open()

        with pytest.raises(MarketrakRefused, match="we answer: not while the issue is with_them"):
            _step(issue_id, Trigger.WE_ANSWER)
        assert MarketrakEntry.objects.count() == 1

    def test_keeps_entries_as_they_are(self) -> None:
        _open()

        with pytest.raises(ProgrammingError, match="permission denied"), transaction():
            MarketrakEntry.objects.update(text="other")


class TestLateIssue:
    def test_becomes_a_work_item_and_is_settled_by_the_answer(self) -> None:
        issue_id = _open(number="MT1", order_id=None)
        due = dt.datetime(2026, 6, 15, 22, tzinfo=dt.UTC)

        assert run_clock(as_of=due).late == 0
        assert run_clock(as_of=due + dt.timedelta(minutes=1)).late == 1

        item = WorkItem.objects.get(kind="answer-late")
        assert item.title == "MarkeTrak MT1: MarkeTrak answer is due"
        assert (item.esi_id, item.reference, item.send_via) == (
            ESI_ID,
            "MarkeTrak MT1",
            "MarkeTrak",
        )
        _step(issue_id, Trigger.THEY_ANSWER, now=due + dt.timedelta(hours=1))
        assert WorkItem.objects.get(kind="answer-late").state == "resolved"


class TestCommand:
    def test_opens_answers_and_lists(self) -> None:
        def run(*words: str) -> list[str]:
            out = StringIO()
            call_command("market", "marketrak", *words, stdout=out)
            return out.getvalue().splitlines()

        (opened,) = run(
            "open", "--subtype", "billing_and_usage", "--esi-id", ESI_ID, "--text", "Too much",
            "--as-of", "2026-06-01T09:00",
        )  # fmt: skip
        number = MarketrakIssue.objects.get().pk
        assert opened == f"issue {number} opened"
        assert run("list")[1] == (
            f"{number}\t\tBilling and Usage\t{ESI_ID}\t\trecord\twith them\tMon 15 Jun 2026 17:00"
        )
        assert run("answer", str(number), "--theirs", "--number", "MT9", "--text", "Agreed") == [
            f"issue {number} is with us"
        ]
        assert run("close", str(number), "--text", "Done") == [f"issue {number} is closed"]
        assert len(run("list")) == 1


class TestPage:
    def test_shows_the_issue_with_its_links(self, admin_client: Client) -> None:
        issue_id = _open(number="MT1", order_id=17)

        queue = admin_client.get("/admin/market/marketrakissue/")
        page = admin_client.get(f"/admin/market/marketrakissue/{issue_id}/change/")

        assert "MarkeTrak MT1" in queue.content.decode()
        text = page.content.decode()
        assert "/admin/market/order/17/change/" in text
        assert "/admin/market/workitem/?state=all&amp;q=MarkeTrak%20MT1" in text
        assert "Invoice 17 bills 31 days twice" in text
