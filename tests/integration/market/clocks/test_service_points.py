"""The registry of service points: words of several sources, in every order."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from django.contrib.auth.models import User
from django.db import ProgrammingError
from django.test import Client

from ossrep.market.models import Moratorium, OutboxEvent, ServicePoint, ServicePointChange
from ossrep.market.usecases.service_points import (
    UnknownServicePointField,
    apply_service_point_change,
)

pytestmark = pytest.mark.django_db(databases="__all__")

ESI_ID = "10443720000000001"


def at(day: int) -> dt.datetime:
    return dt.datetime(2026, 6, day, 5, tzinfo=dt.UTC)


CHANGES = [
    ("extract", "E1", at(1), {"read_cycle": "03", "has_switch_hold": False, "status": "active"}),
    ("814_20", "T1", at(3), {"has_switch_hold": True}),
    ("814_20", "T2", at(5), {"has_switch_hold": False, "rate_class": "RESIDENTIAL"}),
    ("hold-list", "H1", at(5), {"has_switch_hold": True}),
]


def take(source: str, reference: str, effective_at: dt.datetime, values: dict) -> None:
    apply_service_point_change(
        source=source,
        reference=reference,
        effective_at=effective_at,
        esi_id=ESI_ID,
        values=values,
        now=at(9),
    )


def told() -> list[tuple[str, str, object]]:
    """(type, rate class, switch hold) of each event."""
    return [
        (
            event.event_type,
            event.payload["servicePoint"].get("rateClass", ""),
            event.payload["servicePoint"].get("switchHoldIndicator"),
        )
        for event in OutboxEvent.objects.order_by("pk")
    ]


class TestWhatChanged:
    def test_is_published_once_for_each_word_that_holds(self):
        for change in (*CHANGES, CHANGES[1], ("814_20", "T0", at(2), {"has_switch_hold": False})):
            take(*change)

        kinds = [(kind, hold) for kind, _, hold in told()]
        assert kinds == [
            ("SERVICE_POINT_CREATED", "N"),
            ("SERVICE_POINT_UPDATED", "Y"),
            ("SERVICE_POINT_UPDATED", "N"),
            ("SERVICE_POINT_UPDATED", "Y"),
        ]
        event = OutboxEvent.objects.first()
        assert event.payload["eventType"] == "SERVICE_POINT_CREATED"
        assert event.payload["timestamp"] == "2026-06-09T05:00:00Z"
        assert event.payload["servicePoint"]["esiid"] == ESI_ID

    def test_is_not_published_where_the_change_is_undone(self):
        with pytest.raises(UnknownServicePointField):
            take("814_20", "T9", at(1), {"color": "red"})

        assert told() == []

    def test_creates_again_what_was_deleted(self):
        take(*CHANGES[0])
        ServicePoint.objects.update(deleted_at=at(2))

        take(*CHANGES[1])

        assert [kind for kind, *_ in told()] == ["SERVICE_POINT_CREATED"] * 2
        assert ServicePoint.objects.get().deleted_at is None


class TestApplyServicePointChange:
    @pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
    def test_ends_alike_in_every_order(self, order):
        for index in order:
            take(*CHANGES[index])

        point = ServicePoint.objects.get()
        assert (point.read_cycle, point.rate_class, point.status) == ("03", "RESIDENTIAL", "Active")
        # The hold list and the 814_20 are of the same instant: the later name wins.
        assert (point.has_switch_hold, point.told["has_switch_hold"]["source"]) == (
            True,
            "hold-list",
        )

    def test_takes_the_same_word_once(self):
        take(*CHANGES[1])
        take("814_20", "T1", at(7), {"has_switch_hold": False})

        assert ServicePoint.objects.get().has_switch_hold is True
        assert ServicePointChange.objects.count() == 1

    def test_refuses_a_field_it_does_not_keep(self):
        with pytest.raises(UnknownServicePointField, match="color"):
            take("814_20", "T1", at(1), {"color": "red"})

        assert not ServicePoint.objects.exists()

    def test_keeps_words_as_they_came(self):
        take(*CHANGES[0])

        with pytest.raises(ProgrammingError, match="permission denied"):
            ServicePointChange.objects.update(reference="other")


class TestPages:
    @pytest.fixture
    def admin(self, client: Client) -> Client:
        client.force_login(User.objects.create_superuser("ada", password="x"))
        return client

    def test_show_a_point_and_its_words(self, admin):
        take(*CHANGES[1])
        point = ServicePoint.objects.get()

        assert ESI_ID in admin.get(f"/admin/market/servicepoint/?q={ESI_ID}").content.decode()
        page = admin.get(f"/admin/market/servicepoint/{point.pk}/change/").content.decode()
        assert "814_20" in page

    def test_take_a_moratorium(self, admin):
        admin.post(
            "/admin/market/moratorium/add/",
            {
                "county": "DALLAS",
                "first_date": "2026-08-12",
                "last_date": "2026-08-18",
                "reason": "heat",
            },
        )

        assert str(Moratorium.objects.get()) == "DALLAS 2026-08-12 to 2026-08-18"
