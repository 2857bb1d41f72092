"""When each bill was paid, oldest first."""

from __future__ import annotations

import datetime as dt

from ossrep.billing.domain.open_items import Credit, Owed, Settlement, settlements


def day(number: int) -> dt.date:
    return dt.date(2026, 6, number)


def bill(number: int, cents: int) -> Owed:
    return Owed(f"bill {number}", day(number), day(number + 10), cents)


class TestSettlements:
    def test_pay_the_oldest_first(self) -> None:
        found = settlements(
            owed=[bill(2, 500), bill(1, 1000)], credits=[Credit(day(8), 700), Credit(day(5), 400)]
        )

        assert found == [Settlement(400, None), Settlement(0, day(8))]

    def test_say_the_day_on_which_nothing_was_left(self) -> None:
        found = settlements(
            owed=[bill(1, 1000)], credits=[Credit(day(5), 600), Credit(day(9), 400)]
        )

        assert found == [Settlement(0, day(9))]

    def test_pay_a_bill_on_its_own_day_from_credit_that_was_there(self) -> None:
        found = settlements(owed=[bill(4, 100)], credits=[Credit(day(1), 100)])

        assert found == [Settlement(0, day(4))]

    def test_leave_all_open_without_credit(self) -> None:
        assert settlements(owed=[bill(1, 10)], credits=[]) == [Settlement(10, None)]
