"""Outboxes and parked events in the admin."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from ossrep.infra.outbox import keeping
from tests.integration.infra.facts import notes, rows, write

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def admin_client() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("chief", password="a long password"))
    return client


def _as_role(role: str) -> Client:
    user = User.objects.create_user(f"user-{role}", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


def _row_ids() -> list[int]:
    return [row[0] for row in rows("billing", "SELECT id FROM outbox_event ORDER BY id")]


def _park_one() -> None:
    values = ["billing", "sheet", "s0"]
    rows(
        "billing",
        "INSERT INTO inbox_stream VALUES (%s, %s, %s, 1, 0, true) RETURNING 1",
        values,
    )
    rows(
        "billing",
        "INSERT INTO inbox_parked (consumer, aggregate_type, aggregate_id, incarnation, seq, "
        "event_id, event_type, payload, headers, error) VALUES (%s, %s, %s, 1, 1, "
        "gen_random_uuid(), 'meter.unheard-of.v1', %s, '{}', 'ValueError: no') RETURNING 1",
        [*values, json.dumps({})],
    )


class TestOutboxPage:
    def test_lists_events_with_their_state(self, admin_client: Client) -> None:
        write(*notes(sheets=1, each=2))
        rows("billing", "UPDATE outbox_event SET quarantined_at = now() WHERE seq = 2 RETURNING 1")

        page = admin_client.get("/admin/billing/outboxevent/").content.decode()

        assert "billing.noted.v1" in page
        assert "sheet:s0" in page
        assert "quarantined after 0 tries" in page

    def test_filters_by_state(self, admin_client: Client) -> None:
        write(*notes(sheets=2, each=1))
        rows("billing", "UPDATE outbox_event SET quarantined_at = now() RETURNING 1")
        rows(
            "billing",
            "UPDATE outbox_event SET quarantined_at = NULL WHERE aggregate_id = 's1' RETURNING 1",
        )

        page = admin_client.get("/admin/billing/outboxevent/?state=quarantined").content.decode()

        assert "sheet:s0" in page
        assert "sheet:s1" not in page

    def test_shows_one_event_and_no_way_to_change_it(self, admin_client: Client) -> None:
        write(*notes(sheets=1, each=1))
        address = f"/admin/billing/outboxevent/{_row_ids()[0]}/change/"

        page = admin_client.get(address).content.decode()
        answer = admin_client.post(address, {"event_type": "x"})

        assert "billing.noted.v1" in page
        assert 'name="_save"' not in page
        assert answer.status_code == 403
        assert admin_client.get("/admin/billing/outboxevent/add/").status_code == 403

    def test_tries_quarantined_events_again(self, admin_client: Client) -> None:
        write(*notes(sheets=1, each=2))
        rows("billing", "UPDATE outbox_event SET quarantined_at = now() RETURNING 1")

        admin_client.post(
            "/admin/billing/outboxevent/",
            {"action": "retry_quarantined", "_selected_action": _row_ids()[:1]},
        )

        assert keeping.depth(context="billing").quarantined == 1

    def test_publishes_anew_from_the_selected_event(self, admin_client: Client) -> None:
        write(*notes(sheets=1, each=3))
        rows("billing", "UPDATE outbox_event SET published_at = now() RETURNING 1")

        admin_client.post(
            "/admin/billing/outboxevent/",
            {"action": "publish_anew", "_selected_action": _row_ids()[1:2]},
        )

        assert rows(
            "billing", "SELECT seq FROM outbox_event WHERE published_at IS NULL ORDER BY 1"
        ) == [(2,), (3,)]

    def test_offers_its_actions_to_the_role_of_the_context_only(self) -> None:
        write(*notes(sheets=1, each=1))

        for role, offered in (("billing", True), ("csr", False)):
            page = _as_role(role).get("/admin/billing/outboxevent/").content.decode()
            assert ("retry_quarantined" in page) is offered


class TestParkedPage:
    def test_says_why_an_aggregate_is_parked(self, admin_client: Client) -> None:
        _park_one()

        page = admin_client.get("/admin/billing/inboxparked/").content.decode()

        assert "ValueError: no" in page
        assert "sheet:s0" in page

    def test_says_where_nobody_handles_events_any_more(self, admin_client: Client) -> None:
        _park_one()
        row_id = rows("billing", "SELECT id FROM inbox_parked")[0][0]
        rows("billing", "UPDATE inbox_parked SET consumer = 'gone' RETURNING 1")

        page = admin_client.post(
            "/admin/billing/inboxparked/",
            {"action": "let_go_on", "_selected_action": [row_id]},
            follow=True,
        ).content.decode()

        assert "Gone: no handlers of that name" in page
