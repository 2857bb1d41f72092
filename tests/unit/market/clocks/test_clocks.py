import datetime as dt
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ossrep.market.domain.clocks import (
    Bound,
    Calendar,
    Calendars,
    Clock,
    ClockError,
    DayZero,
    Hop,
    Limit,
    Unit,
    chain_due_at,
    due_at,
    is_inside_window,
    last_date,
)

CHICAGO = ZoneInfo("America/Chicago")
PLAIN = Calendar("ERCOT")
# Monday 1 June 2026 to Monday 8 June 2026: no holidays.
MON, TUE, WED, THU, FRI, SAT, SUN = (dt.date(2026, 6, day) for day in range(1, 8))


def at(date: dt.date, hhmm: str) -> dt.datetime:
    return dt.datetime.combine(date, dt.time.fromisoformat(hhmm), CHICAGO).astimezone(dt.UTC)


def hours(value: str, clock: Clock = Clock.RBH) -> Limit:
    return Limit(clock=clock, value=Fraction(value), unit=Unit.HOURS)


def days(value: int, **more: object) -> Limit:
    return Limit(
        clock=Clock.DAY,
        value=Fraction(value),
        unit=Unit.RETAIL_BUSINESS_DAYS,
        **more,  # type: ignore[arg-type]
    )


def calendar_days(value: int, **more: object) -> Limit:
    return Limit(
        clock=Clock.CAL,
        value=Fraction(value),
        unit=Unit.CALENDAR_DAYS,
        **more,  # type: ignore[arg-type]
    )


def due(start: dt.datetime, limit: Limit, calendar: Calendar = PLAIN) -> dt.datetime | None:
    return due_at(start=start, limit=limit, calendar=calendar)


class TestRetailBusinessHours:
    @pytest.mark.parametrize(
        ("start", "value", "expected"),
        [
            ((MON, "15:00"), "1", (MON, "16:00")),
            ((MON, "15:00"), "2", (MON, "17:00")),
            ((MON, "08:00"), "4", (MON, "12:00")),
            ((MON, "16:30"), "1", (TUE, "08:30")),
            ((MON, "17:00"), "1", (TUE, "09:00")),
            ((MON, "17:01"), "1", (TUE, "09:00")),
            ((MON, "06:00"), "1", (MON, "09:00")),
            ((FRI, "16:00"), "4", (dt.date(2026, 6, 8), "11:00")),
            ((SAT, "12:00"), "2", (dt.date(2026, 6, 8), "10:00")),
            ((MON, "15:00"), "9", (TUE, "15:00")),
            ((MON, "08:00"), "9", (MON, "17:00")),
            ((MON, "08:00"), "1.5", (MON, "09:30")),
        ],
    )
    def test_counts_open_hours_only(self, start, value, expected):
        assert due(at(*start), hours(value)) == at(*expected)

    def test_skips_a_holiday(self):
        calendar = Calendar("ERCOT", frozenset({TUE}))

        assert due(at(MON, "16:30"), hours("1"), calendar) == at(WED, "08:30")

    def test_counts_business_hours_alike(self):
        assert due(at(FRI, "16:00"), hours("4", Clock.BH)) == at(dt.date(2026, 6, 8), "11:00")


class TestWallClock:
    def test_counts_nights(self):
        assert due(at(MON, "18:00"), hours("12", Clock.WALL)) == at(TUE, "06:00")

    def test_counts_real_hours_over_the_change_in_spring(self):
        start = at(dt.date(2026, 3, 7), "20:00")

        assert due(start, hours("12", Clock.WALL)) == at(dt.date(2026, 3, 8), "09:00")

    def test_counts_real_hours_over_the_change_in_fall(self):
        start = at(dt.date(2026, 10, 31), "20:00")

        assert due(start, hours("12", Clock.WALL)) == at(dt.date(2026, 11, 1), "07:00")

    def test_counts_minutes(self):
        limit = Limit(clock=Clock.WALL, value=Fraction(15), unit=Unit.MINUTES)

        assert due(at(MON, "23:50"), limit) == at(TUE, "00:05")


class TestHoursOfWholeBusinessDays:
    @pytest.mark.parametrize(
        ("start", "expected"),
        [
            ((MON, "10:00"), (WED, "10:00")),
            ((FRI, "10:00"), (dt.date(2026, 6, 9), "10:00")),
            ((SAT, "10:00"), (dt.date(2026, 6, 10), "00:00")),
            ((THU, "22:00"), (dt.date(2026, 6, 8), "22:00")),
        ],
    )
    def test_counts_all_hours_of_business_days(self, start, expected):
        assert due(at(*start), hours("48", Clock.RBD24)) == at(*expected)

    def test_leaves_out_the_day_of_the_clock_change(self):
        friday = dt.date(2026, 3, 6)

        found = due(at(friday, "12:00"), hours("48", Clock.RBD24))

        assert found == at(dt.date(2026, 3, 10), "12:00")


class TestBusinessDays:
    @pytest.mark.parametrize(
        ("start", "count", "expected"),
        [
            ((MON, "15:00"), 1, TUE),
            ((MON, "15:00"), 2, WED),
            ((MON, "17:00"), 1, TUE),
            ((MON, "17:01"), 1, WED),
            ((MON, "03:00"), 1, TUE),
            ((FRI, "17:30"), 0, dt.date(2026, 6, 8)),
            ((FRI, "17:30"), 1, dt.date(2026, 6, 9)),
            ((SUN, "09:00"), 2, dt.date(2026, 6, 10)),
        ],
    )
    def test_end_at_17_00_after_day_zero(self, start, count, expected):
        assert due(at(*start), days(count)) == at(expected, "17:00")

    def test_begin_on_tuesday_after_a_monday_holiday(self):
        memorial_day = dt.date(2026, 5, 25)
        calendar = Calendar("ERCOT", frozenset({memorial_day}))

        found = due(at(dt.date(2026, 5, 22), "17:30"), days(0), calendar)

        assert found == at(dt.date(2026, 5, 26), "17:00")

    @pytest.mark.parametrize(
        ("of", "expected"),
        [
            (WED, MON),
            (FRI, WED),
            (dt.date(2026, 6, 8), THU),
            (dt.date(2026, 6, 9), FRI),
        ],
    )
    def test_count_back_from_a_date_to_08_00(self, of, expected):
        limit = days(-2, by=dt.time(8), day_zero=DayZero.DATE)

        assert due(at(of, "00:00"), limit) == at(expected, "08:00")

    def test_count_from_the_triggers_own_date_where_a_row_says_so(self):
        limit = days(1, by=dt.time(14), day_zero=DayZero.DATE)

        assert due(at(MON, "20:00"), limit) == at(TUE, "14:00")
        assert due(at(SAT, "10:00"), limit) == at(dt.date(2026, 6, 8), "14:00")


class TestCalendarDays:
    def test_end_with_their_last_day(self):
        assert due(at(MON, "15:00"), calendar_days(7)) == at(dt.date(2026, 6, 9), "00:00")

    def test_count_back(self):
        limit = calendar_days(-1, bound=Bound.LATEST)

        assert due(at(WED, "00:00"), limit) == at(WED, "00:00")
        assert last_date(start=at(WED, "00:00"), limit=limit, calendar=PLAIN) == TUE

    def test_begin_with_the_first_allowed_day(self):
        limit = calendar_days(5, bound=Bound.MIN)

        assert due(at(MON, "15:00"), limit) == at(SAT, "00:00")

    def test_end_at_the_named_time(self):
        limit = calendar_days(-1, by=dt.time(23, 59))

        assert due(at(WED, "00:00"), limit) == at(TUE, "23:59")

    def test_end_at_midnight_on_the_short_day_of_spring(self):
        found = due(at(dt.date(2026, 3, 7), "12:00"), calendar_days(1))

        assert found == dt.datetime(2026, 3, 9, 5, tzinfo=dt.UTC)


class TestChain:
    def test_adds_up_the_hops_of_a_move_in(self):
        hops = [Hop(hours("1")), Hop(days(2), "TDSP"), Hop(hours("1"))]

        found = chain_due_at(start=at(MON, "15:00"), hops=hops, calendars=Calendars(PLAIN))

        assert found == at(THU, "09:00")

    def test_counts_each_hop_by_its_own_holidays(self):
        hops = [Hop(hours("1")), Hop(days(2), "TDSP"), Hop(hours("1"))]
        calendars = Calendars(PLAIN, {"ONCOR_ELEC": Calendar("ONCOR_ELEC", frozenset({TUE}))})

        oncor, other = (
            chain_due_at(start=at(MON, "15:00"), hops=hops, calendars=calendars, tdsp_code=code)
            for code in ("ONCOR_ELEC", "TNMP")
        )

        assert (oncor, other) == (at(FRI, "09:00"), at(THU, "09:00"))

    def test_has_no_end_without_limits(self):
        hops = [Hop(Limit(clock=Clock.NONE))]

        assert chain_due_at(start=at(MON, "15:00"), hops=hops, calendars=Calendars(PLAIN)) is None


class TestWindow:
    @pytest.mark.parametrize(
        ("time", "expected"),
        [("06:59", False), ("07:00", True), ("16:59", True), ("17:00", False)],
    )
    def test_holds_its_hours(self, time, expected):
        limit = Limit(clock=Clock.NONE, window=(dt.time(7), dt.time(17)))

        assert is_inside_window(at=at(MON, time), limit=limit) is expected


class TestRefusals:
    def test_refuses_a_naive_instant(self):
        with pytest.raises(ClockError, match="without a time zone"):
            due(dt.datetime(2026, 6, 1, 15), hours("1"))  # noqa: DTZ001

    @pytest.mark.parametrize(
        "wrong",
        [
            {"clock": Clock.NONE, "value": Fraction(1), "unit": Unit.HOURS},
            {"clock": Clock.RBH, "value": Fraction(1), "unit": Unit.CALENDAR_DAYS},
            {"clock": Clock.DAY, "value": Fraction(3, 2), "unit": Unit.BUSINESS_DAYS},
            {"clock": Clock.WALL, "value": Fraction(-1), "unit": Unit.HOURS},
            {"clock": Clock.CAL},
        ],
    )
    def test_refuses_a_limit_its_clock_cannot_count(self, wrong):
        with pytest.raises(ClockError):
            Limit(**wrong)

    def test_refuses_a_calendar_without_business_days(self):
        dates = frozenset(MON + dt.timedelta(days=d) for d in range(-2000, 2000))

        with pytest.raises(ClockError, match="no business day"):
            due(at(MON, "10:00"), days(1), Calendar("ERCOT", dates))


_instants = st.integers(0, 5_000_000).map(
    lambda minutes: dt.datetime(2020, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=minutes)
)


class TestOrder:
    @given(start=_instants, later=st.integers(0, 10_000), value=st.integers(0, 60))
    def test_never_ends_a_later_start_earlier(self, start, later, value):
        after = start + dt.timedelta(minutes=later)
        for clock in (Clock.RBH, Clock.WALL, Clock.RBD24):
            limit = hours(str(value), clock)
            first, second = due(start, limit), due(after, limit)
            assert start <= first <= second

    @given(start=_instants, one=st.integers(0, 30), two=st.integers(0, 30))
    def test_adds_open_hours_in_any_portions(self, start, one, two):
        at_once = due(start, hours(str(one + two)))
        middle = due(start, hours(str(one)))
        assert middle is not None

        # At the end of a day and the start of the next the same moment has two names.
        assert due(middle, hours(str(two))) == at_once or two == 0
