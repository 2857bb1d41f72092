"""Orders on the command line and in the admin."""

from __future__ import annotations

import io
import json

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ossrep.kernel.errors import DomainError
from ossrep.market.models import Order, OutboundMessage, WaitingMessage
from tests.factories import market_orders as made

pytestmark = pytest.mark.django_db(databases="__all__")

AS_OF = "2026-06-01T12:00"


def market(*arguments: str) -> str:
    out = io.StringIO()
    call_command("market", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ada", password="x"))
    return client


@pytest.fixture(autouse=True)
def _identity() -> None:
    made.add_identity()


class TestMarketCommands:
    def test_ask_for_a_switch(self) -> None:
        told = market(
            "switch", made.ESI_ID, "--zip", "75001", "--name", "Jane Sample", "--as-of", AS_OF
        )

        assert told == f"{Order.objects.get().reference} queued\n"

    def test_ask_for_a_move_in_and_move_and_cancel_it(self) -> None:
        market(
            *("move-in", made.ESI_ID, "2026-06-10", "--zip", "75001"),
            *("--name", "Jane Sample", "--priority", "--as-of", AS_OF),
        )
        reference = Order.objects.get().reference
        market("change-date", reference, "2026-06-12", "--as-of", AS_OF)
        market("cancel", reference, "--code", "A13", "--text", "twice", "--as-of", AS_OF)

        kinds = list(OutboundMessage.objects.order_by("pk").values_list("kind", flat=True))
        assert kinds == ["814_16", "814_12", "814_08"]

    def test_ask_for_a_move_out(self) -> None:
        market("move-out", made.ESI_ID, "2026-06-10", "--name", "Jane", "--as-of", AS_OF)

        assert Order.objects.get().kind == "move_out"

    def test_establish_and_delete_an_agreement(self) -> None:
        market(
            *("csa", "establish", made.ESI_ID, "--start", "2026-06-10", "--end", "2027-06-09"),
            *("--name", "Sample Apartments", "--as-of", AS_OF),
        )
        agreement = Order.objects.get()
        made.receive(made.csa_answer(agreement.reference, "WQ"))
        market("csa", "delete", agreement.reference, "--as-of", AS_OF)

        kinds = list(Order.objects.order_by("pk").values_list("kind", "state"))
        assert kinds == [("csa", "agreed"), ("csa_delete", "sent")]

    def test_say_what_is_wrong(self) -> None:
        with pytest.raises(DomainError, match="DATE: 'tomorrow' is no date like 2026-06-04"):
            market("move-out", made.ESI_ID, "tomorrow", "--name", "Jane", "--as-of", AS_OF)

    def test_list_open_orders(self) -> None:
        order = made.switch()
        closed = made.move_in()
        made.receive(made.move_in_reject(closed.reference, "A76"))

        lines = [json.loads(line) for line in market("orders", "--json").splitlines()]

        assert [(line["reference"], line["state"]) for line in lines] == [(order.reference, "sent")]
        assert len(market("orders", "--all", "--json").splitlines()) == 2

    def test_tell_the_story_of_one(self) -> None:
        order = made.switch()
        made.read("867_04", original=order.reference, reference="EARLY1")
        made.receive(made.switch_reject(order.reference, "DUP"))

        told = market("order", order.reference)

        assert told.splitlines()[0] == (f"switch {order.reference}, ESI ID {made.ESI_ID}: sent")
        assert "\tDUP" in told
        assert "  waits for 814_05, due Thu 4 Jun 2026 17:00" in told
        assert "  waits for its turn: 867_04 EARLY1" in told
        assert json.loads(market("order", order.reference, "--json"))["steps"][1]["verdict"] == (
            "noted"
        )

    def test_send_one_again(self) -> None:
        order = made.switch()

        market("order", order.reference, "--resend", "--as-of", AS_OF)

        assert order.steps.order_by("-number").values_list("trigger", flat=True)[0] == (
            "command resend"
        )

    def test_refuse_a_number_that_no_order_has(self) -> None:
        with pytest.raises(DomainError, match="no order has the number 'X'"):
            market("order", "X")


class TestOrderPages:
    def test_list_and_find_orders(self, admin: Client) -> None:
        order = made.switch()

        page = admin.get(f"/admin/market/order/?q={made.ESI_ID}").content.decode()

        assert order.reference in page

    def test_need_no_query_per_row(self, admin: Client) -> None:
        made.switch()
        with CaptureQueriesContext(connections["market"]) as one:
            admin.get("/admin/market/order/")
        for day in range(11, 16):
            made.move_in(requested_date=made.DAY.replace(day=day))

        with CaptureQueriesContext(connections["market"]) as six:
            admin.get("/admin/market/order/")

        assert len(six) == len(one)

    def test_tell_the_story_of_one(self, admin: Client) -> None:
        order = made.switch()
        made.receive(made.scheduled(order.reference))

        page = admin.get(f"/admin/market/order/{order.pk}/change/").content.decode()

        assert "814_05 accept" in page
        assert "the TDSP has set a date; service has not begun" in page

    @pytest.mark.parametrize("name", ["orderstep", "waitingmessage"])
    def test_show_steps_and_waiting_messages(self, admin: Client, name: str) -> None:
        order = made.switch()
        made.read("867_04", original=order.reference)

        assert admin.get(f"/admin/market/{name}/").status_code == 200

    def test_send_a_cancel(self, admin: Client) -> None:
        order = made.switch()

        admin.post(
            "/admin/market/order/",
            {"action": "cancel", "_selected_action": [order.pk], "text": "", "date": ""},
        )

        cancel = Order.objects.get(kind="cancel")
        step = cancel.steps.get()
        assert (cancel.request["reason"], step.by) == ("B40", "ada")

    def test_tell_why_nothing_was_sent(self, admin: Client) -> None:
        order = made.switch()

        page = admin.post(
            "/admin/market/order/",
            {"action": "move", "_selected_action": [order.pk], "text": "", "date": "2026-06-20"},
            follow=True,
        ).content.decode()

        assert "the date of a switch cannot be changed: cancel it and send a new one" in page
        assert Order.objects.count() == 1

    def test_lay_a_message_aside(self, admin: Client) -> None:
        made.read("867_04", original="NOBODYS")
        waiting = WaitingMessage.objects.get()

        admin.post(
            "/admin/market/waitingmessage/",
            {"action": "lay_aside", "_selected_action": [waiting.pk]},
        )

        waiting.refresh_from_db()
        assert waiting.state == "laid_aside"
        assert made.read("867_04", original="NOBODYS", reference=waiting.reference).state == (
            "rejected"
        )
