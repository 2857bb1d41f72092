"""Which period is billed next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest

from ossrep.billing.domain.windows import BillingHorizon, NotDue, Window, next_window


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(f"2026-{text}")


READS = ("06-09", "07-09", "08-07", "09-08")


def horizon(
    *,
    start: str = "06-09",
    end: str | None = None,
    billed: str | None = None,
    reads: Sequence[str] = READS,
    usage: Sequence[tuple[str, str]] = (),
) -> BillingHorizon:
    return BillingHorizon(
        contract_start=day(start),
        contract_end=day(end) if end else None,
        billed_through=day(billed) if billed else None,
        read_dates=[day(date) for date in reads],
        usage_periods=[(day(a), day(b)) for a, b in usage],
    )


def window(start: str, end: str, *, is_final: bool = False) -> Window:
    return Window(day(start), day(end), is_final)


class TestNextWindow:
    def test_goes_from_the_contract_start_to_the_next_read(self) -> None:
        assert next_window(horizon(start="06-20"), as_of=day("07-09")) == window("06-20", "07-09")

    def test_goes_on_where_billing_ended(self) -> None:
        assert next_window(horizon(billed="07-09"), as_of=day("08-20")) == window("07-09", "08-07")

    def test_waits_for_the_read(self) -> None:
        assert next_window(horizon(), as_of=day("07-08")) is NotDue.NOT_READ_YET

    def test_takes_the_end_of_the_market_usage_that_covers_its_start(self) -> None:
        found = next_window(horizon(usage=[("06-09", "07-08")]), as_of=day("07-09"))

        assert found == window("06-09", "07-08")

    def test_passes_over_usage_of_other_periods(self) -> None:
        found = next_window(horizon(usage=[("07-09", "08-07")]), as_of=day("07-09"))

        assert found == window("06-09", "07-09")

    def test_takes_a_calendar_date_right_after_a_read_for_the_same_read(self) -> None:
        found = next_window(horizon(billed="07-08"), as_of=day("08-07"))

        assert found == window("07-08", "08-07")

    def test_bills_a_short_first_period(self) -> None:
        assert next_window(horizon(start="07-07"), as_of=day("07-09")) == window("07-07", "07-09")

    @pytest.mark.parametrize("end", ["07-01", "07-09"])
    def test_ends_with_the_contract(self, end: str) -> None:
        found = next_window(horizon(end=end), as_of=day("07-09"))

        assert found == window("06-09", end, is_final=True)

    def test_does_not_wait_for_a_read_after_the_end_of_a_contract(self) -> None:
        found = next_window(horizon(end="07-01", reads=()), as_of=day("07-02"))

        assert found == window("06-09", "07-01", is_final=True)

    def test_bills_to_the_read_before_a_later_end(self) -> None:
        assert next_window(horizon(end="07-20"), as_of=day("07-30")) == window("06-09", "07-09")

    def test_waits_for_the_end_of_a_contract(self) -> None:
        found = next_window(horizon(end="07-20", billed="07-09"), as_of=day("07-15"))

        assert found is NotDue.NOT_READ_YET

    def test_is_over_when_the_end_is_billed(self) -> None:
        found = next_window(horizon(end="07-20", billed="07-20"), as_of=day("09-15"))

        assert found is NotDue.BILLED_TO_THE_END

    def test_misses_a_calendar_after_45_days(self) -> None:
        bare = horizon(reads=())

        assert next_window(bare, as_of=day("07-24")) is NotDue.NOT_READ_YET
        assert next_window(bare, as_of=day("07-25")) is NotDue.NO_READ_CALENDAR
