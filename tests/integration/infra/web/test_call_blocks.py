"""Calls are counted in blocks of a hundredth of the limit, and never let through uncounted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections
from django.test import RequestFactory
from rest_framework.request import Request

from ossrep.infra.web.throttling import AddressThrottle
from ossrep.kernel import clock

pytestmark = pytest.mark.django_db(databases="__all__")

INSTANT = dt.datetime(2026, 11, 24, 13, 0, 20, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _limit(settings: Any) -> Iterator[None]:
    settings.OSSREP_CALLS_PER_MINUTE_ADDRESS = 250
    with clock.standing_at(INSTANT):
        yield


def _allowed(address: str) -> bool:
    request = Request(RequestFactory().get("/", REMOTE_ADDR=address))
    return AddressThrottle().allow_request(request, None)


def _counted() -> list[int]:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT calls FROM rate_count")
        return [calls for (calls,) in cursor.fetchall()]


class TestCallBlocks:
    def test_let_through_the_limit_and_no_more(self) -> None:
        assert [_allowed("192.168.8.1") for _ in range(252)] == [True] * 250 + [False] * 2

    def test_count_before_they_let_through(self) -> None:
        counts = []
        for _ in range(3):
            assert _allowed("192.168.8.2")
            counts.append(_counted())

        assert counts == [[2], [2], [4]]

    def test_end_with_their_window(self) -> None:
        assert _allowed("192.168.8.3")

        with clock.standing_at(INSTANT + dt.timedelta(minutes=1)):
            assert _allowed("192.168.8.3")

        assert _counted() == [2, 2]
