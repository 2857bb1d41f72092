from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from ossrep.demo.book import Oddity
from ossrep.demo.history import History
from ossrep.demo.parameters import DemoParameters
from ossrep.demo.readings import Readings
from ossrep.demo.writing import DemoBook, make_book

SMALL = DemoParameters(accounts=40)
OCTOBER_1, NOVEMBER_18 = dt.date(2026, 10, 1), dt.date(2026, 11, 18)


@pytest.fixture(scope="module")
def book() -> DemoBook:
    return make_book(parameters=SMALL)


@pytest.fixture(scope="module")
def readings(book: DemoBook) -> Readings:
    return Readings(sites=book.sites, seed=SMALL.seed, schedule=SMALL.schedule)


def row_of(book: DemoBook, oddity: Oddity) -> int:
    return next(place for place, site in enumerate(book.sites) if site.oddity is oddity)


class TestReadings:
    @pytest.mark.parametrize(("date", "intervals"), [(OCTOBER_1, 96), (dt.date(2026, 11, 1), 100)])
    def test_has_as_many_values_as_the_day(
        self, readings: Readings, book: DemoBook, date: dt.date, intervals: int
    ) -> None:
        day = readings.day(date=date)

        assert day.first_wh.shape == day.export_wh.shape == (len(book.sites), intervals)
        assert int(day.first_wh.min()) >= 0

    def test_differs_from_what_was_measured_only_where_it_estimates(
        self, readings: Readings
    ) -> None:
        days = [readings.day(date=OCTOBER_1 + dt.timedelta(days=n)) for n in range(10)]

        estimated = sum(int(day.estimated.sum()) for day in days)
        assert all((day.first_wh == day.actual_wh)[~day.estimated].all() for day in days)
        assert estimated % 14 == 0
        assert estimated > 0

    def test_delivers_every_served_day_once_or_never(self, readings: Readings) -> None:
        for offset in range(70):
            date = SMALL.schedule.first_start + dt.timedelta(days=offset)
            day = readings.day(date=date)

            assert not (day.in_daily_file & day.in_late_file).any()
            assert not (~readings.served(date=date) & day.in_daily_file).any()
            assert not (day.in_correction & ~day.in_daily_file).any()

    def test_keeps_a_gap_for_ever_and_sends_another_late(
        self, readings: Readings, book: DemoBook
    ) -> None:
        gap, late = row_of(book, Oddity.GAP), row_of(book, Oddity.LATE)
        first = SMALL.schedule.first_start
        days = [readings.day(date=first + dt.timedelta(days=n)) for n in range(50)]
        served = [bool(readings.served(date=day.date)[gap]) for day in days]

        missing = [s and not d.in_daily_file[gap] for s, d in zip(served, days, strict=True)]
        assert sum(missing) == 6
        assert not any(day.in_late_file[gap] for day in days)
        assert sum(bool(day.in_late_file[late]) for day in days) == 6

    def test_hears_nothing_of_a_silent_meter_at_the_end(
        self, readings: Readings, book: DemoBook
    ) -> None:
        day = readings.day(date=SMALL.as_of - dt.timedelta(days=1))
        silent = row_of(book, Oddity.SILENT)

        assert (bool(day.in_daily_file[silent]), bool(day.in_late_file[silent])) == (False, False)

    def test_measures_too_much_or_nothing_in_the_last_period(
        self, readings: Readings, book: DemoBook
    ) -> None:
        usual = readings.shapes.day(date=NOVEMBER_18).import_wh
        day = readings.day(date=NOVEMBER_18)
        jump, vanished = row_of(book, Oddity.JUMP), row_of(book, Oddity.VANISHED)

        np.testing.assert_array_equal(day.actual_wh[jump], 9 * usual[jump])
        assert int(day.actual_wh[vanished].sum()) == 0


class TestHistory:
    def test_brings_periods_without_holes_up_to_the_first_bill(
        self, readings: Readings, book: DemoBook
    ) -> None:
        history = History(shapes=readings.shapes, schedule=SMALL.schedule, seed=SMALL.seed)
        openings = list(history.openings(accounts=book.accounts))

        for opening in openings:
            for site in opening.sites:
                ends = [usage.period.end for usage in site.usage]
                assert [usage.period.start for usage in site.usage[1:]] == ends[:-1]
                assert (ends[-1], opening.as_of) == (site.billed_through, site.billed_through)
        # All but those who came after it; and one that nobody knows.
        newcomers = [
            account
            for account in book.accounts
            if account.contracts[0].start >= account.contracts[0].site.first_day
        ]
        assert len(openings) == 40 - len(newcomers) + 1
        assert openings[-1].account_number not in {account.number for account in book.accounts}

    def test_brings_peaks_of_eleven_months_where_demand_is_billed(
        self, readings: Readings, book: DemoBook
    ) -> None:
        history = History(shapes=readings.shapes, schedule=SMALL.schedule, seed=SMALL.seed)
        kinds = {site.esi_id: site.kind for site in book.sites}

        for opening in history.openings(accounts=book.accounts):
            for site in opening.sites:
                peaks = sum(usage.peak_w is not None for usage in site.usage)
                is_business = kinds[site.esi_id] in ("shop", "plant")
                assert peaks == (min(11, len(site.usage)) if is_business else 0)
