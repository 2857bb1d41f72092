"""Deadlines of answers, and the work items the clock opens for them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from ossrep.market.domain.clocks import ClockError
from ossrep.market.domain.deadlines import Standing
from ossrep.market.domain.timing import UnknownLimit
from ossrep.market.models import Deadline, Holiday, WorkItem
from ossrep.market.queries.deadlines import late_or_nearly
from ossrep.market.usecases.deadlines import (
    cancel_deadline,
    meet_deadline,
    run_clock,
    start_deadline,
    start_deadline_at,
)

pytestmark = pytest.mark.django_db(databases="__all__")

CHICAGO = ZoneInfo("America/Chicago")
HOPS = ["814_03.move_in_standard", "814_04.all", "814_05.move_in_standard"]
ESI_ID = "10443720000000001"


def at(day: int, hhmm: str) -> dt.datetime:
    """A day of June 2026, which begins on a Monday."""
    time = dt.time.fromisoformat(hhmm)
    return dt.datetime.combine(dt.date(2026, 6, day), time, CHICAGO).astimezone(dt.UTC)


def start(**more: object) -> None:
    values = {
        "step": "order:17",
        "expects": "814_05",
        "hops": HOPS,
        "started_at": at(1, "15:00"),
        "esi_id": ESI_ID,
        "tdsp_code": "ONCOR_ELEC",
        "reference": "CR20260601M0001",
        **more,
    }
    start_deadline(**values)  # type: ignore[arg-type]


class TestStartDeadline:
    def test_adds_up_its_hops(self):
        start()

        deadline = Deadline.objects.get()
        assert (deadline.due_at, deadline.hops) == (at(4, "09:00"), HOPS)
        # 66 hours in all; the last quarter of them is the warning.
        assert deadline.nearly_at == at(3, "16:30")

    def test_counts_a_holiday_of_the_tdsp(self):
        Holiday.objects.create(calendar="ONCOR_ELEC", date=dt.date(2026, 6, 2), name="storm day")

        start()

        assert Deadline.objects.get().due_at == at(5, "09:00")

    def test_starts_once_for_the_same_step(self):
        start()
        start()

        assert Deadline.objects.count() == 1

    def test_moves_and_opens_again_with_another_instant(self):
        start()
        meet_deadline(step="order:17", at=at(2, "10:00"))

        start(started_at=at(8, "15:00"))

        deadline = Deadline.objects.get()
        assert (deadline.state, deadline.due_at, deadline.ended_at) == (
            "open",
            at(11, "09:00"),
            None,
        )

    def test_waits_for_nothing_without_a_limit(self):
        start(hops=["814_16.standard"])

        assert not Deadline.objects.exists()

    def test_refuses_an_unknown_hop(self):
        with pytest.raises(UnknownLimit, match="814_77"):
            start(hops=["814_77.all"])

        assert not Deadline.objects.exists()

    def test_refuses_to_be_due_before_its_start(self):
        with pytest.raises(ClockError, match="order:17: 814_05 would be due before"):
            start_deadline_at(
                step="order:17",
                expects="814_05",
                started_at=at(2, "10:00"),
                due_at=at(2, "09:59"),
            )


class TestRunClock:
    def test_says_nothing_while_there_is_time(self):
        start()

        report = run_clock(as_of=at(3, "16:29"))

        assert (report.nearly_late, report.late) == (0, 0)
        assert not WorkItem.objects.exists()

    def test_warns_in_the_last_quarter(self):
        start()

        report = run_clock(as_of=at(3, "16:30"))

        assert (report.nearly_late, report.late) == (1, 0)
        item = WorkItem.objects.get()
        assert (item.kind, item.state) == ("answer-nearly-late", "open")
        assert item.title == f"Nearly late: No answer to the enrollment of ESI ID {ESI_ID}"

    def test_is_in_time_at_the_very_minute(self):
        start()

        assert run_clock(as_of=at(4, "09:00")).late == 0

    def test_opens_an_item_a_minute_later(self):
        start(money_at_risk_usd=Decimal("120.50"), order_id=17)
        run_clock(as_of=at(4, "08:00"))

        report = run_clock(as_of=at(4, "09:01"))

        assert (report.nearly_late, report.late) == (0, 1)
        nearly, late = WorkItem.objects.order_by("pk")
        assert (nearly.state, nearly.resolution) == (
            "resolved",
            "it became late, see the later item",
        )
        assert (late.kind, late.esi_id, late.order_id) == ("answer-late", ESI_ID, 17)
        assert (late.money_at_risk_usd, late.due_at) == (Decimal("120.50"), at(4, "09:00"))
        assert late.send_via == "MarkeTrak, Day-to-Day, Missing Enrollment Transactions"
        assert late.text_to_send.splitlines() == [
            f"ESI ID: {ESI_ID}",
            "Original transaction ID (BGN02): CR20260601M0001",
            "Transaction sent: Mon 1 Jun 2026 15:00",
            "Missing: 814_05, due Thu 4 Jun 2026 09:00",
            "We have neither an 814_05 nor a reject. Please research and resend the response.",
        ]

    def test_opens_it_once(self):
        start()

        reports = [run_clock(as_of=at(day, "12:00")).late for day in (4, 4, 5, 6)]

        assert reports == [1, 0, 0, 0]
        assert WorkItem.objects.count() == 1

    def test_looks_at_all_of_many(self):
        for number in range(401):
            start(step=f"order:{number}")

        assert run_clock(as_of=at(5, "12:00")).late == 401

    def test_takes_an_unknown_answer_with_the_general_text(self):
        start(expects="814_99")

        run_clock(as_of=at(5, "12:00"))

        assert WorkItem.objects.get().title == f"814_99 is missing for ESI ID {ESI_ID}"


class TestMeetDeadline:
    def test_ends_it_and_settles_its_items(self):
        start()
        run_clock(as_of=at(5, "12:00"))

        met = meet_deadline(step="order:17", expects="814_05", at=at(5, "13:00"))

        deadline, item = Deadline.objects.get(), WorkItem.objects.get()
        assert (met, deadline.state, deadline.ended_at) == (1, "met", at(5, "13:00"))
        assert (item.state, item.resolved_by) == ("resolved", "the market")
        assert item.resolution == "the answer came Fri 5 Jun 2026 13:00"

    def test_leaves_other_answers_of_the_step(self):
        start()
        start(expects="867_04")

        assert meet_deadline(step="order:17", expects="814_05", at=at(2, "13:00")) == 1
        assert Deadline.objects.get(expects="867_04").state == "open"

    def test_does_nothing_for_an_unknown_step(self):
        assert meet_deadline(step="order:1", at=at(2, "13:00")) == 0

    def test_takes_an_answer_before_the_question(self):
        start()

        meet_deadline(step="order:17", at=at(1, "14:00"))

        assert Deadline.objects.get().ended_at == at(1, "15:00")


class TestCancelDeadline:
    def test_ends_it_without_an_answer(self):
        start()

        cancel_deadline(step="order:17", at=at(2, "10:00"))

        assert Deadline.objects.get().state == "cancelled"
        assert run_clock(as_of=at(9, "10:00")).late == 0


class TestLateOrNearly:
    def test_tells_how_each_stands(self):
        start()
        start(step="order:18", started_at=at(2, "15:00"))
        start(step="order:19", started_at=at(4, "15:00"))

        lines = late_or_nearly(as_of=at(4, "17:00"))

        assert [(line.step, line.standing) for line in lines] == [
            ("order:17", Standing.LATE),
            ("order:18", Standing.NEARLY_LATE),
        ]
