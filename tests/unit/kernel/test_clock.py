"""The clock, standing and running."""

from __future__ import annotations

import datetime as dt

from ossrep.kernel import clock

NEW_YEARS_EVE = dt.datetime(2026, 1, 1, 5, 30, tzinfo=dt.UTC)


class TestStandingAt:
    def test_stands_until_it_is_left(self) -> None:
        with clock.standing_at(NEW_YEARS_EVE):
            standing = clock.now(), clock.market_today()

        assert standing == (NEW_YEARS_EVE, dt.date(2025, 12, 31))
        assert clock.now() > NEW_YEARS_EVE

    def test_of_nothing_lets_it_run(self) -> None:
        before = clock.now()

        with clock.standing_at(None):
            assert clock.now() >= before

    def test_is_undone_by_what_fails_inside(self) -> None:
        try:
            with clock.standing_at(NEW_YEARS_EVE):
                raise KeyError
        except KeyError:
            pass

        assert clock.now() > NEW_YEARS_EVE
