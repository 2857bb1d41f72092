"""The mailroom's pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ossrep.market.models import (
    Channel,
    InboundFile,
    InboundSet,
    OutboundGroup,
    OutboundInterchange,
    OutboundMessage,
    ParkedSet,
    TradingPartner,
)
from ossrep.market.usecases.interchange.processing import process_files
from ossrep.market.usecases.interchange.sending import send
from ossrep.market.usecases.interchange.storing import store_file
from tests.factories.market_mail import NOW, handling, mail, register, switch_reject

pytestmark = pytest.mark.django_db(databases="__all__")
PAGES = (
    *("tradingpartner", "channel", "marketidentity", "inboundfile", "inboundset"),
    *("outboundmessage", "outboundinterchange", "outboundgroup"),
)


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ada", password="x"))
    return client


def exchange(tmp_path: Path, *numbers: int) -> bytes:
    """Files with a set each that nobody handles, and what we answer."""
    if not TradingPartner.objects.filter(channel__code="market-folder").exists():
        register(folder=tmp_path)
    channel = Channel.objects.get(code="market-folder")
    data = b""
    for number in numbers:
        data = mail(switch_reject(reference=f"A{number}"), number=number)
        store_file(name=f"{number}.edi", data=data, channel=channel, now=NOW)
    list(process_files(now=NOW, find_handler=handling()))
    list(send(now=NOW))
    return data


class TestEveryPage:
    @pytest.mark.parametrize("page", PAGES)
    def test_lists_with_as_many_queries_for_more_rows(
        self, admin: Client, tmp_path: Path, page: str
    ) -> None:
        counts = []
        for numbers in ((1, 2), range(3, 12)):
            exchange(tmp_path, *numbers)
            with CaptureQueriesContext(connections["market"]) as queries:
                assert admin.get(f"/admin/market/{page}/").status_code == 200
                assert admin.get(f"/admin/market/{page}/?q=A1").status_code == 200
            counts.append(len(queries))

        assert counts[0] == counts[1]

    @pytest.mark.parametrize(
        ("page", "model"),
        [
            ("inboundfile", InboundFile),
            ("inboundset", InboundSet),
            ("outboundmessage", OutboundMessage),
            ("outboundinterchange", OutboundInterchange),
            ("outboundgroup", OutboundGroup),
            ("tradingpartner", TradingPartner),
        ],
    )
    def test_shows_one(self, admin: Client, tmp_path: Path, page: str, model: type) -> None:
        exchange(tmp_path, 1)
        row = model.objects.order_by("-pk")[0]  # type: ignore[attr-defined]

        assert admin.get(f"/admin/market/{page}/{row.pk}/change/").status_code == 200


class TestReceivedFilePage:
    def test_gives_the_bytes_as_they_came(self, admin: Client, tmp_path: Path) -> None:
        data = exchange(tmp_path, 1)

        answer = admin.get(f"/admin/market/inboundfile/{InboundFile.objects.get().pk}/raw/")

        assert answer.content == data
        assert answer["Content-Type"] == "application/octet-stream"

    def test_gives_them_to_nobody_without_the_right(self, client: Client, tmp_path: Path) -> None:
        exchange(tmp_path, 1)
        client.force_login(User.objects.create_user("eve", password="x", is_staff=True))

        answer = client.get(f"/admin/market/inboundfile/{InboundFile.objects.get().pk}/raw/")

        assert answer.status_code == 403


class TestReceivedMessagePage:
    def test_shows_the_set_as_it_came_and_its_outcome(self, admin: Client, tmp_path: Path) -> None:
        exchange(tmp_path, 1)

        page = admin.get(f"/admin/market/inboundset/{InboundSet.objects.get().pk}/change/")

        text = page.content.decode()
        assert "BGN*11*A1*20260219***CR1**2~" in text
        assert "nothing here handles a 814_02" in text

    def test_puts_parked_ones_aside(self, admin: Client, tmp_path: Path) -> None:
        exchange(tmp_path, 1)
        row = InboundSet.objects.get()

        admin.post(
            "/admin/market/inboundset/", {"action": "put_aside", "_selected_action": [row.pk]}
        )

        last = row.outcomes.order_by("-number")[0]
        assert (last.state, last.code, last.text) == (
            "rejected",
            "laid_aside",
            "put aside by ada",
        )
        assert ParkedSet.objects.get().settled_at is not None

    def test_lists_those_that_wait(self, admin: Client, tmp_path: Path) -> None:
        exchange(tmp_path, 1)

        page = admin.get("/admin/market/inboundset/?outcome=parked").content.decode()

        assert "1 received message" in page


class TestSentGroupPage:
    def test_lets_a_group_go_out_again(self, admin: Client, tmp_path: Path) -> None:
        exchange(tmp_path, 1)
        group = OutboundGroup.objects.get()

        admin.post(
            "/admin/market/outboundgroup/", {"action": "resend", "_selected_action": [group.pk]}
        )

        assert OutboundInterchange.objects.get().state == "written"
