"""The queue of what waits for a person: use cases, command, admin."""

from __future__ import annotations

import datetime as dt
import io
import json
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import ProgrammingError, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ossrep.kernel.errors import DomainError
from ossrep.market.models import WorkItem, WorkItemNote
from ossrep.market.usecases.deadlines import start_deadline_at
from ossrep.market.usecases.work_items import (
    WorkItemAlreadyResolved,
    WorkItemTextMissing,
    WorkItemUnknown,
    assign_work_items,
    note_work_item,
    open_work_item,
    resolve_work_items,
)

pytestmark = pytest.mark.django_db(databases="__all__")

NOW = dt.datetime(2026, 6, 1, 20, tzinfo=dt.UTC)


def item(key: str = "a", **more: object) -> int:
    values = {"kind": "reject", "title": "Rejected", "text": "7G A13", "now": NOW, **more}
    return open_work_item(key=key, **values)  # type: ignore[arg-type]


class TestOpenWorkItem:
    def test_opens_a_matter_once(self):
        first = item(money_at_risk_usd=Decimal("1.25"))

        second = item(title="Other words")

        assert first == second
        assert WorkItem.objects.get().title == "Rejected"

    def test_leaves_a_resolved_matter_resolved(self):
        number = item()
        resolve_work_items(item_ids=[number], resolution="sent anew", resolved_by="ada", now=NOW)

        assert item() == number
        assert WorkItem.objects.get().state == "resolved"


class TestWorkingOnItems:
    def test_assigns_notes_and_resolves(self):
        number = item()

        assign_work_items(item_ids=[number], assignee="ada")
        note_work_item(item_id=number, text=" called ERCOT ", written_by="ada", now=NOW)
        resolve_work_items(item_ids=[number], resolution="sent anew", resolved_by="ada", now=NOW)

        row = WorkItem.objects.get()
        assert (row.assignee, row.state, row.resolution) == ("ada", "resolved", "sent anew")
        assert WorkItemNote.objects.get().text == "called ERCOT"

    def test_refuses_an_unknown_item_and_changes_none(self):
        number = item()

        with pytest.raises(WorkItemUnknown, match="no work item 999"):
            assign_work_items(item_ids=[number, 999], assignee="ada")

        assert WorkItem.objects.get().assignee == ""

    def test_refuses_to_resolve_twice(self):
        number = item()
        resolve_work_items(item_ids=[number], resolution="done", resolved_by="ada", now=NOW)

        with pytest.raises(WorkItemAlreadyResolved):
            resolve_work_items(item_ids=[number], resolution="again", resolved_by="bob", now=NOW)

        assert WorkItem.objects.get().resolved_by == "ada"

    @pytest.mark.parametrize("words", ["", "  "])
    def test_refuses_to_resolve_without_words(self, words):
        number = item()

        with pytest.raises(WorkItemTextMissing):
            resolve_work_items(item_ids=[number], resolution=words, resolved_by="ada", now=NOW)

        assert WorkItem.objects.get().state == "open"

    def test_keeps_notes_as_they_were_written(self):
        note_work_item(item_id=item(), text="called", written_by="ada", now=NOW)

        with pytest.raises(ProgrammingError, match="permission denied"):
            WorkItemNote.objects.update(text="never called")


class TestWorkItemsCommand:
    def run(self, *args: str) -> str:
        out = io.StringIO()
        call_command("market", *args, stdout=out)
        return out.getvalue()

    def test_lists_what_is_due_first(self):
        item("a", due_at=NOW + dt.timedelta(days=2))
        item("b", due_at=NOW + dt.timedelta(days=1), title="Sooner")
        item("c", title="Whenever")

        lines = [json.loads(line) for line in self.run("work-items", "--json").splitlines()]

        assert [line["title"] for line in lines] == ["Sooner", "Rejected", "Whenever"]

    def test_resolves(self):
        number = item()

        said = self.run("work-items", "resolve", str(number), "--text", "done", "--by", "ada")

        assert said == "1 resolved\n"
        assert WorkItem.objects.get().resolved_by == "ada"

    def test_shows_the_text_to_send(self):
        number = item(send_via="MarkeTrak", text_to_send="Please resend.")

        assert self.run("work-items", "show", str(number)) == (
            f"{number}: Rejected\n\n7G A13\n\nTo send (MarkeTrak):\nPlease resend.\n"
        )


class TestClockCommand:
    def _start(self) -> None:
        start_deadline_at(
            step="order:17",
            expects="814_05",
            started_at=NOW,
            due_at=NOW + dt.timedelta(hours=4),
            reference="CR1",
        )

    def test_opens_items_as_of_a_time(self):
        self._start()
        out = io.StringIO()

        call_command("market", "clock", "--as-of", "2026-06-01T19:01", stdout=out)

        assert out.getvalue().splitlines() == [
            "standing\texpected\tESI ID\treference\tdue (Central)",
            "late\t814_05\t\tCR1\tMon 1 Jun 2026 19:00",
            "work items opened: 1 late, 0 nearly late, 0 for messages that find no place",
            "of scheduled reads 0 documents are missing; 0 corrections wait too long",
        ]

    def test_only_shows_in_a_dry_run(self):
        self._start()

        call_command(
            "market", "clock", "--as-of", "2026-06-01T19:01", "--dry-run", stdout=io.StringIO()
        )

        assert not WorkItem.objects.exists()

    def test_refuses_a_time_it_cannot_read(self):
        with pytest.raises(DomainError, match="--as-of: 'tomorrow' is no time"):
            call_command("market", "clock", "--as-of", "tomorrow")


class TestAdmin:
    @pytest.fixture
    def admin(self, client: Client) -> Client:
        client.force_login(User.objects.create_superuser("ada", password="x"))
        return client

    def test_shows_open_items_first_and_finds_them(self, admin):
        item("a", esi_id="10443720000000001")
        number = item("b", title="Gone")
        resolve_work_items(item_ids=[number], resolution="x", resolved_by="ada", now=NOW)

        page = admin.get("/admin/market/workitem/?q=10443720000000001").content.decode()
        everything = admin.get("/admin/market/workitem/").content.decode()

        assert "Rejected" in page
        assert "Gone" not in everything

    def test_works_on_items_by_actions(self, admin):
        number = item()
        url = "/admin/market/workitem/"

        for action, words in [("assign", "bob"), ("note", "called"), ("resolve", "sent anew")]:
            admin.post(url, {"action": action, "_selected_action": [number], "words": words})

        row = WorkItem.objects.get()
        assert (row.assignee, row.resolution, row.resolved_by) == ("bob", "sent anew", "ada")
        assert WorkItemNote.objects.get().text == "called"

    def test_tells_why_an_item_was_not_resolved(self, admin):
        number = item()

        answer = admin.post(
            "/admin/market/workitem/",
            {"action": "resolve", "_selected_action": [number], "words": ""},
            follow=True,
        )

        assert [str(told) for told in answer.context["messages"]] == ["say what was done"]

    def test_shows_an_item_with_its_links(self, admin):
        number = item(esi_id="10443720000000001", order_id=17, text_to_send="<b>Please</b>")

        page = admin.get(f"/admin/market/workitem/{number}/change/").content.decode()

        assert "/admin/market/order/17/change/" in page
        assert "&lt;b&gt;Please" in page

    def test_needs_no_query_for_each_row(self, admin):
        def count() -> int:
            with CaptureQueriesContext(connections["market"]) as queries:
                admin.get("/admin/market/workitem/")
                admin.get("/admin/market/deadline/")
            return len(queries)

        item("a")
        first = count()
        for number in range(10):
            item(f"more {number}")

        assert count() == first

    def test_takes_a_holiday(self, admin):
        admin.post(
            "/admin/market/holiday/add/",
            {"calendar": "TNMP", "date": "2026-10-12", "name": "Columbus Day", "is_holiday": "on"},
        )

        page = admin.get("/admin/market/holiday/").content.decode()

        assert "Columbus Day" in page
