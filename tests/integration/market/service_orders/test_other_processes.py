"""Holds, notices, ESI ID maintenance, history, transitions, returns, premises without retailer."""

from __future__ import annotations

import datetime as dt
import io
import itertools
from uuid import uuid4

import pytest
from django.core.management import call_command

from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError
from ossrep.kernel.events import EventEnvelope, to_payload
from ossrep.kernel.market_time import local_midnight
from ossrep.market.consumers import HANDLERS
from ossrep.market.domain.holidays import build_calendars
from ossrep.market.domain.order_requests import RequestRefused
from ossrep.market.domain.service_orders import next_day_for_disconnects
from ossrep.market.edi.texas_set.model import Moment, Reason
from ossrep.market.edi.texas_set.registration import SpecialNeeds
from ossrep.market.models import (
    Deadline,
    Order,
    OutboundMessage,
    OutboxEvent,
    ServicePoint,
    WorkItem,
)
from ossrep.market.usecases.deadlines import run_clock
from ossrep.market.usecases.orders.apply import CommandRefused
from ossrep.market.usecases.service_orders.history import request_history
from ossrep.market.usecases.service_orders.holds import add_switch_hold, remove_switch_hold
from ossrep.market.usecases.service_orders.returns import (
    command_order,
    import_no_rep_list,
    note_agreement,
    open_issue,
    send_return,
    start_return_from_us,
    start_return_to_us,
)
from ossrep.published.billing import DisconnectRequested, ReconnectRequested
from tests.factories import market_orders
from tests.factories import market_service_orders as made

pytestmark = pytest.mark.django_db(databases="__all__")

ESI_ID = market_orders.ESI_ID
JANE = market_orders.JANE


def get(order_id: int) -> Order:
    return Order.objects.get(pk=order_id)


def state(order: Order) -> str:
    order.refresh_from_db()
    return order.state


def kinds() -> list[str]:
    return list(WorkItem.objects.order_by("pk").values_list("kind", flat=True))


class TestSwitchHold:
    def _add(self) -> Order:
        market_orders.add_identity()
        return get(add_switch_hold(esi_id=ESI_ID, customer=JANE, now=made.NOON))

    def test_is_placed_and_lifted_in_the_registry(self):
        order = self._add()
        made.receive(made.done(order, 1, "13:00"))
        assert (state(order), ServicePoint.objects.get().has_switch_hold) == ("placed", True)

        gone = get(remove_switch_hold(esi_id=ESI_ID, customer=JANE, now=made.at(2, "12:00")))
        made.receive(made.done(gone, 2, "13:00"))

        assert (state(gone), ServicePoint.objects.get().has_switch_hold) == ("removed", False)
        purposes = [
            segment[2]
            for message in OutboundMessage.objects.order_by("pk")
            for segment in message.segments
            if segment[:2] == ["REF", "8X"]
        ]
        assert purposes == ["SH001", "SH002"]

    def test_asks_once_at_a_time(self):
        self._add()

        with pytest.raises(RequestRefused, match="is not answered yet"):
            remove_switch_hold(esi_id=ESI_ID, customer=JANE, now=made.NOON)

    def test_of_tampering_is_lifted_by_its_own_purpose(self):
        market_orders.add_identity()

        remove_switch_hold(esi_id=ESI_ID, customer=JANE, now=made.NOON, is_tampering=True)

        assert ["REF", "8X", "SH003"] in OutboundMessage.objects.get().segments

    def test_is_rejected_with_its_text(self):
        order = self._add()

        made.receive(made.refused(order, "A13"))

        assert (state(order), kinds()) == ("rejected", ["hold-rejected"])
        assert "TEXT OF A13" in WorkItem.objects.get().text

    def test_is_chased_a_minute_after_one_day(self):
        self._add()

        run_clock(as_of=made.at(2, "17:00"))
        assert "answer-late" not in kinds()
        run_clock(as_of=made.at(2, "17:01"))

        assert "answer-late" in kinds()


class TestMaintenance:
    def test_tells_the_registry_of_a_hold(self):
        made.receive(
            made.maintenance(
                has_switch_hold=True,
                effective_date=dt.date(2026, 6, 2),
                changes=(Reason("XX", "SWITCH HOLD"),),
            )
        )

        point = ServicePoint.objects.get()
        assert (point.has_switch_hold, point.tdsp_code) == (True, "ONCOR_ELEC")
        assert point.changes.get().notes == ["XX SWITCH HOLD"]
        assert point.changes.get().effective_at == local_midnight(dt.date(2026, 6, 2))

    def test_takes_critical_care_and_a_retirement(self):
        made.receive(made.maintenance(special_needs=SpecialNeeds(is_needed=True, status="CRCT")))
        made.receive(made.maintenance(change="002"))

        point = ServicePoint.objects.get()
        assert (point.has_special_needs, point.special_needs_status) == (True, "CRCT")
        assert point.status == "Inactive"

    @pytest.mark.parametrize("order_of", list(itertools.permutations(range(3))))
    def test_ends_alike_in_every_order(self, order_of):
        told = [
            made.maintenance(has_switch_hold=on, effective_date=dt.date(2026, 6, day))
            for day, on in [(1, True), (2, False), (3, True)]
        ]

        for index in order_of:
            made.receive(told[index])
            made.receive(told[index])

        assert ServicePoint.objects.get().has_switch_hold is True
        assert ServicePoint.objects.get().changes.count() == 3

    def test_shows_what_it_cannot_keep(self):
        outcome = made.receive(made.maintenance(changes=(Reason("ZZ", "NEW THING"),)))

        assert outcome.code == "unclear"
        assert "ZZ NEW THING" in WorkItem.objects.get().text


class TestSuspension:
    def test_for_good_owes_a_move_out_in_ten_business_days(self):
        interrupted = Moment(dt.date(2026, 6, 1), dt.time(9))

        made.receive(made.notice("R8", interrupted=interrupted))

        order, item = Order.objects.get(), WorkItem.objects.get()
        assert (order.kind, order.state) == ("suspension", "terminated")
        # Ten business days after Monday 1 June 2026.
        assert (item.kind, item.due_at) == ("move-out-draft", made.at(15, "17:00"))
        assert "Requested date: 2026-06-01" in item.text_to_send

    def test_is_overdue_a_minute_later(self):
        made.receive(made.notice("R8"))

        run_clock(as_of=made.at(15, "17:00"))
        assert "answer-late" not in kinds()
        report = run_clock(as_of=made.at(15, "17:01"))

        assert report.late == 1

    def test_ends_with_the_move_out(self):
        made.receive(made.notice("R8"))
        order = Order.objects.get()

        command_order(order_id=order.pk, name="move-out sent", now=made.NOON)

        assert state(order) == "moved_out"
        assert not Deadline.objects.filter(state="open").exists()

    def test_for_a_while_asks_nothing(self):
        made.receive(made.notice("S2"))

        assert (Order.objects.get().state, kinds()) == ("suspended", [])

    def test_is_over_with_the_reactivation(self):
        made.receive(made.notice("S2"))
        made.receive(made.notice("", "79"))

        assert Order.objects.get().state == "restored"

    def test_forbids_a_disconnect(self):
        made.receive(made.notice("S2"))

        assert made.disconnect().state == "not_sent"

    def test_takes_the_same_notice_once(self):
        notice = made.notice("R8")

        made.receive(notice)
        made.receive(notice)

        assert (Order.objects.count(), kinds()) == (1, ["move-out-draft"])

    @pytest.mark.parametrize("order_of", list(itertools.permutations(["S2", "R8"])))
    def test_ends_terminated_in_every_order(self, order_of):
        notices = {code: made.notice(code) for code in order_of}

        for code in order_of:
            made.receive(notices[code])

        assert (Order.objects.get().state, kinds()) == ("terminated", ["move-out-draft"])

    def test_shows_a_code_that_no_table_knows(self):
        assert made.receive(made.notice("QQ")).code == "unclear"
        assert kinds() == ["unclear-message"]

    def test_is_refused_by_a_650_05(self):
        market_orders.add_identity()
        made.receive(made.notice("S2"))
        order = Order.objects.get()

        command_order(order_id=order.pk, name="refuse", now=made.NOON)

        assert (state(order), OutboundMessage.objects.get().kind) == ("refused", "650_05")


class TestHistory:
    def _ask(self) -> Order:
        market_orders.add_identity()
        return get(request_history(esi_id=ESI_ID, now=made.NOON))

    def test_expects_its_answer_over_three_hops(self):
        order = self._ask()

        deadline = Deadline.objects.get()
        assert (order.state, OutboundMessage.objects.get().kind) == ("sent", "814_26")
        # Tuesday 17:00 forwarded, Thursday 17:00 answered, Friday 17:00 forwarded.
        assert deadline.due_at == made.at(5, "17:00")

    @pytest.mark.parametrize("order_of", list(itertools.permutations("AH")))
    def test_is_received_in_every_order(self, order_of):
        order = self._ask()

        for name in order_of:
            if name == "A":
                made.receive(made.history_answer(order.reference, "WQ"), partner="ERCOT")
            else:
                made.receive(made.history(order.reference), partner="ERCOT")

        assert (state(order), kinds()) == ("received", [])
        assert not Deadline.objects.filter(state="open").exists()

    def test_that_came_with_an_enrollment_is_applied(self):
        order = market_orders.switch()

        outcome = made.receive(made.history(order.reference), partner="ERCOT")

        assert (outcome.state, outcome.code) == ("applied", "history")

    def test_is_chased_when_it_does_not_come(self):
        order = self._ask()
        made.receive(
            made.history_answer(order.reference, "WQ"), partner="ERCOT", now=made.at(2, "12:00")
        )

        # Two days for the TDSP, then four business hours: Friday 12:00.
        run_clock(as_of=made.at(5, "12:00"))
        assert "answer-late" not in kinds()
        run_clock(as_of=made.at(5, "12:01"))

        assert "answer-late" in kinds()

    def test_is_refused_with_its_text(self):
        order = self._ask()

        made.receive(made.history_answer(order.reference, "U", "A13"), partner="ERCOT")

        assert (state(order), kinds()) == ("rejected", ["history-rejected"])


class TestTransition:
    def _given(self, **more: object):
        return made.given("TS1", order_type="TS", scheduled_date=made.WANTED, **more)

    @pytest.mark.parametrize("order_of", list(itertools.permutations("GR")))
    def test_makes_a_point_ours_in_every_order(self, order_of):
        given = self._given()

        for name in order_of:
            if name == "G":
                made.receive(given, partner="ERCOT")
                made.receive(given, partner="ERCOT")
            else:
                market_orders.read("867_04", original="TS1", date=made.WANTED)

        order = Order.objects.get(kind="transition_gain")
        assert (order.state, order.effective_date) == ("ours", made.WANTED)
        assert kinds() == ["transition-gain"]

    def test_asks_for_the_move_out_that_fell(self):
        made.receive(self._given(pending_move_out_date=dt.date(2026, 6, 20)), partner="ERCOT")

        assert sorted(kinds()) == ["transition-gain", "transition-move-out"]

    def test_is_chased_when_the_first_read_does_not_come(self):
        made.receive(self._given(), partner="ERCOT")

        # Wednesday + 3 days = Monday 17:00, then 12 hours.
        run_clock(as_of=made.at(9, "05:00"))
        assert "answer-late" not in kinds()
        run_clock(as_of=made.at(9, "05:01"))

        assert "answer-late" in kinds()

    @pytest.mark.parametrize("order_of", list(itertools.permutations("DR")))
    def test_takes_a_point_from_us_in_every_order(self, order_of):
        for name in order_of:
            if name == "D":
                drop = made.drop("AQ1", order_type="AQ", end_date=made.WANTED)
                made.receive(drop, partner="ERCOT")
            else:
                market_orders.read("867_03", says="final", original="AQ1", date=made.WANTED)

        event = OutboxEvent.objects.get(event_type="market.contract-lost.v1")
        assert Order.objects.get(kind="transition_loss").state == "lost"
        assert (event.payload["kind"], event.payload["effective_date"]) == (
            "acquisition",
            "2026-06-03",
        )

    def test_keeps_a_refused_drop_for_a_person(self):
        assert made.receive(made.drop("X", action="U"), partner="ERCOT").code == "unclear"


class TestReturnToUs:
    LOSS, ISSUE = dt.date(2026, 5, 20), dt.date(2026, 5, 26)

    def _start(self, kind: str = "inadvertent_loss") -> Order:
        market_orders.add_identity()
        order_id = start_return_to_us(
            kind=kind,
            esi_id=ESI_ID,
            loss_date=self.LOSS,
            issue_date=self.ISSUE,
            customer=JANE,
            zip_code="75001",
            now=made.NOON,
        )
        return get(order_id)

    def _agreed(self, kind: str = "inadvertent_loss") -> Order:
        order = self._start(kind)
        note_agreement(order_id=order.pk, date=dt.date(2026, 5, 21), now=made.NOON)
        return order

    @pytest.mark.parametrize(
        ("kind", "code"), [("inadvertent_loss", "IA"), ("rescission_return", "CR")]
    )
    def test_is_restored_by_a_backdated_move_in(self, kind, code):
        order = self._agreed(kind)
        send_return(order_id=order.pk, now=made.NOON)
        message = OutboundMessage.objects.get()
        bgn = next(segment for segment in message.segments if segment[0] == "BGN")
        assert code in bgn
        assert ["DTM", "375", "20260521"] in message.segments

        market_orders.receive(market_orders.scheduled(order.reference, dt.date(2026, 5, 21)))
        market_orders.read("867_04", original=order.reference, date=dt.date(2026, 5, 21))

        assert (state(order), kinds()[-1]) == ("restored", "service-restored")

    @pytest.mark.parametrize("date", [dt.date(2026, 5, 20), dt.date(2026, 6, 6)])
    def test_refuses_a_day_outside_the_window(self, date):
        order = self._start()

        with pytest.raises(RequestRefused, match="2026-05-21 to 2026-06-05"):
            note_agreement(order_id=order.pk, date=date, now=made.NOON)

    def test_refuses_another_day_after_a_rescission(self):
        order = self._start("rescission_return")

        with pytest.raises(RequestRefused, match="back on 2026-05-21 only"):
            note_agreement(order_id=order.pk, date=dt.date(2026, 5, 22), now=made.NOON)

    def test_refuses_to_send_what_is_not_backdated(self):
        order = self._start()
        note_agreement(order_id=order.pk, date=dt.date(2026, 6, 1), now=made.NOON)

        with pytest.raises(RequestRefused, match="backdated by at least one"):
            send_return(order_id=order.pk, now=made.NOON)

    def test_is_sent_again_under_a_new_number(self):
        order = self._agreed()
        send_return(order_id=order.pk, now=made.NOON)
        first = order.reference
        market_orders.receive(market_orders.not_scheduled(first, "DIP"))
        assert (state(order), kinds()[-1]) == ("to_mend", "return-rejected")

        send_return(order_id=order.pk, now=made.at(2, "12:00"))

        order.refresh_from_db()
        assert (order.state, order.reference != first) == ("sent", True)
        assert OutboundMessage.objects.filter(kind="814_16").count() == 2

    def test_is_overdue_twelve_days_after_the_issue(self):
        self._agreed()

        run_clock(as_of=local_midnight(dt.date(2026, 6, 8)))
        assert "answer-late" not in kinds()
        run_clock(as_of=local_midnight(dt.date(2026, 6, 8)) + dt.timedelta(minutes=1))

        assert WorkItem.objects.filter(title__contains="backdated move-in").exists()

    def test_is_closed_by_hand(self):
        order = self._start()

        command_order(order_id=order.pk, name="close", now=made.NOON)

        assert state(order) == "closed"
        assert not Deadline.objects.filter(state="open").exists()

    def test_opens_one_issue_at_a_time(self):
        self._start()

        with pytest.raises(RequestRefused, match="open already"):
            self._start()


class TestReturnFromUs:
    def _found(self, kind: str = "inadvertent_gain") -> Order:
        order_id = start_return_from_us(
            kind=kind, esi_id=ESI_ID, gain_date=dt.date(2026, 5, 20), now=made.NOON
        )
        return get(order_id)

    def test_forbids_a_disconnect(self):
        self._found()

        assert made.disconnect().state == "not_sent"

    def test_ends_with_the_final_read_of_the_others_order(self):
        order = self._found()
        open_issue(
            order_id=order.pk, issue_number="M1", issue_date=dt.date(2026, 6, 1), now=made.NOON
        )
        note_agreement(order_id=order.pk, date=None, now=made.NOON)

        market_orders.read("867_03", says="final", original="THEIRS", date=dt.date(2026, 5, 21))

        assert (state(order), order.effective_date) == ("returned", dt.date(2026, 5, 21))

    def test_of_a_rescission_wants_agreement_in_two_business_days(self):
        order = self._found("rescission")
        open_issue(
            order_id=order.pk, issue_number="M1", issue_date=dt.date(2026, 6, 1), now=made.NOON
        )

        assert Deadline.objects.get().due_at == made.at(3, "17:00")


class TestLeftInHot:
    def _import(self, *esi_ids: str):
        return import_no_rep_list(
            tdsp_code="ONCOR_ELEC", list_name="oncor-2026-06", esi_ids=esi_ids, now=made.NOON
        )

    def test_asks_about_those_that_we_know(self):
        market_orders.switch()

        outcome = self._import(ESI_ID, "10443720000000009", "what?")

        assert (outcome.rows, outcome.known, outcome.opened) == (3, 1, 1)
        assert outcome.refused == ("oncor-2026-06:3: 'what?' is not 8 to 36 digits",)
        assert "left-in-hot" in kinds()
        # Five business days after Monday the 1st.
        assert Deadline.objects.get(expects="claim").due_at == made.at(8, "17:00")

    def test_takes_a_list_once(self):
        market_orders.switch()
        self._import(ESI_ID)

        assert self._import(ESI_ID).opened == 0

    def test_is_claimed_and_moved_in(self):
        market_orders.switch()
        self._import(ESI_ID)
        order = Order.objects.get(kind="left_in_hot")

        command_order(order_id=order.pk, name="claim", now=made.NOON)
        command_order(order_id=order.pk, name="move-in sent", now=made.NOON)

        assert state(order) == "moved_in"

    def test_refuses_a_step_out_of_turn(self):
        market_orders.switch()
        self._import(ESI_ID)
        order = Order.objects.get(kind="left_in_hot")

        with pytest.raises(CommandRefused, match="does not allow: move-in sent"):
            command_order(order_id=order.pk, name="move-in sent", now=made.NOON)


class TestWhatAnOrderSettles:
    def test_sends_the_move_out_that_was_owed(self):
        made.receive(made.notice("R8"))

        market_orders.move_out()

        assert Order.objects.get(kind="suspension").state == "moved_out"
        assert WorkItem.objects.get(kind="move-out-draft").state == "resolved"

    def test_moves_in_where_nobody_served(self):
        market_orders.switch()
        import_no_rep_list(
            tdsp_code="ONCOR_ELEC", list_name="list", esi_ids=[ESI_ID], now=made.NOON
        )

        market_orders.move_in()

        assert Order.objects.get(kind="left_in_hot").state == "moved_in"

    def test_ends_a_disconnect_with_the_service(self):
        order = made.disconnect()
        made.receive(made.done(order))
        leaving = market_orders.move_out()

        market_orders.receive(
            market_orders.move_out_answer(leaving.reference, "WQ", date=made.WANTED)
        )
        market_orders.read("867_03", says="final", original=leaving.reference, date=made.WANTED)

        assert state(order) == "gone"


class TestCommands:
    def run(self, *args: str) -> str:
        out = io.StringIO()
        call_command("market", *args, "--as-of", "2026-06-01T12:00", stdout=out)
        return out.getvalue().strip()

    def test_work_a_return_from_issue_to_move_in(self):
        market_orders.add_identity()

        opened = self.run(
            "take-back", "inadvertent-loss", ESI_ID, "2026-05-20", "2026-05-26",
            "--name", "Jane Sample", "--zip", "75001",
        )  # fmt: skip
        reference = opened.split()[0]
        agreed = self.run("step", reference, "agreed", "--date", "2026-05-21")
        sent = self.run("step", reference, "send")

        assert (agreed, sent) == (f"{reference}: agreed", f"{reference}: sent")
        assert OutboundMessage.objects.get().kind == "814_16"

    def test_give_back_what_was_gained_in_error(self):
        reference = self.run("give-back", "inadvertent-gain", ESI_ID, "2026-05-20").split()[0]

        said = self.run("step", reference, "open-issue", "--issue", "M1", "--date", "2026-06-01")

        assert said == f"{reference}: issue_open"

    def test_hold_and_history(self):
        market_orders.add_identity()

        self.run("hold", "add", ESI_ID, "--name", "Jane Sample")
        self.run("history", ESI_ID)

        kinds = OutboundMessage.objects.order_by("pk").values_list("kind", flat=True)
        assert list(kinds) == ["650_01", "814_26"]

    def test_take_a_list_and_name_its_bad_rows(self, tmp_path):
        market_orders.switch()
        path = tmp_path / "oncor.csv"
        path.write_text(f"ESI ID,kWh\n{ESI_ID},200\n12,5\n")

        with pytest.raises(DomainError, match=r"oncor\.csv:2: '12' is not 8 to 36 digits"):
            self.run("left-in-hot", str(path), "--tdsp", "ONCOR_ELEC")

        assert Order.objects.filter(kind="left_in_hot").count() == 1

    def test_refuse_a_file_that_is_not_there(self, tmp_path):
        with pytest.raises(DomainError, match="cannot be read"):
            self.run("left-in-hot", str(tmp_path / "none.csv"), "--tdsp", "ONCOR_ELEC")


class TestConsumer:
    def _deliver(self, event, *, times: int = 1) -> None:
        handler = HANDLERS[event.event_type]
        for _ in range(times):
            handler(
                EventEnvelope(
                    event_id=uuid4(),
                    event_type=event.event_type,
                    aggregate_type=event.aggregate_type,
                    aggregate_id=event.aggregate_id,
                    incarnation=1,
                    seq=1,
                    payload=to_payload(event),
                    headers={},
                )
            )

    def test_sends_what_billing_asks_for_once(self):
        market_orders.add_identity()
        far = clock.market_today() + dt.timedelta(days=30)
        day = next_day_for_disconnects(date=far, calendar=build_calendars().ercot)
        wanted = DisconnectRequested(
            disconnect_id="D1",
            account_number="A1",
            brand_id=1,
            esi_id=ESI_ID,
            tdsp_code="ONCOR_ELEC",
            wanted_date=day,
            amount_overdue_usd="321.09",
            notice_date=far,
            customer_name="Jane Sample",
            contact_phone="2145550100",
        )

        self._deliver(wanted, times=2)
        paid = ReconnectRequested(disconnect_id="D1", esi_id=ESI_ID, reason="paid")
        self._deliver(paid, times=2)

        orders = Order.objects.order_by("pk").values_list("kind", "state")
        assert list(orders) == [("disconnect", "cancelling"), ("reconnect", "sent")]
        assert OutboundMessage.objects.count() == 2
