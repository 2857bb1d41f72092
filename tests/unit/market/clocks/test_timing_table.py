import csv
import datetime as dt
import os
from collections import Counter
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ossrep.market.domain.clocks import Bound, Clock, DayZero, Unit, chain_due_at, due_at
from ossrep.market.domain.holidays import SingleDay, build_calendars
from ossrep.market.domain.timing import UnknownLimit, get_hops, get_limit, get_timing, load_timing

CHICAGO = ZoneInfo("America/Chicago")


def at(date: dt.date, hhmm: str) -> dt.datetime:
    return dt.datetime.combine(date, dt.time.fromisoformat(hhmm), CHICAGO).astimezone(dt.UTC)


class TestTable:
    def test_has_every_limit_with_source_and_confidence(self):
        rows = load_timing().values()

        assert len(rows) == 157
        assert all(row.source and row.starts_at for row in rows)
        assert Counter(row.confidence for row in rows) == {"sourced": 150, "inferred": 7}

    def test_counts_in_every_clock(self):
        clocks = Counter(row.hop.limit.clock for row in load_timing().values())

        assert set(clocks) == set(Clock)

    def test_agrees_with_the_sampled_table(self):
        samples = os.environ.get("OSSREP_SAMPLES")
        if not samples:
            pytest.skip("OSSREP_SAMPLES is not set")
        with (Path(samples) / "txset-timing.csv").open(newline="") as file:
            theirs = [
                (row["transaction"], row["sender"], row["limit_value"], row["limit_unit"])
                for row in csv.DictReader(file)
            ]

        ours = [
            (
                row.transaction,
                row.sender,
                "" if limit.value is None else f"{float(limit.value):g}",
                str(limit.unit or ""),
            )
            for row in load_timing().values()
            for limit in [row.hop.limit]
        ]

        assert ours == theirs

    def test_reads_a_row(self):
        row = get_timing(key="814_06.switch")

        assert (row.transaction, row.sender, row.receiver) == ("814_06", "ERCOT", "losing CR")
        assert row.source == "RMG D1 (Protocol 15.1.1.6)"
        limit = row.hop.limit
        assert (limit.value, limit.unit) == (Fraction(-2), Unit.RETAIL_BUSINESS_DAYS)
        assert (limit.by, limit.day_zero, limit.bound) == (dt.time(8), DayZero.DATE, Bound.BY)

    def test_refuses_an_unknown_key(self):
        with pytest.raises(UnknownLimit, match=r"timing\.csv: .*814_99"):
            get_limit(key="814_99.all")


class TestChainsOfTheTable:
    def test_dates_the_answer_to_a_move_in(self):
        keys = ["814_03.move_in_standard", "814_04.all", "814_05.move_in_standard"]

        found = chain_due_at(
            start=at(dt.date(2026, 6, 1), "15:00"),
            hops=get_hops(keys=keys),
            calendars=build_calendars(),
            tdsp_code="ONCOR_ELEC",
        )

        assert found == at(dt.date(2026, 6, 4), "09:00")

    def test_dates_the_answer_to_a_switch_over_thanksgiving(self):
        keys = ["814_03.switch", "814_04.all", "814_05.switch"]

        found = chain_due_at(
            start=at(dt.date(2026, 11, 24), "16:30"),
            hops=get_hops(keys=keys),
            calendars=build_calendars(),
            tdsp_code="CENTERPOINT",
        )

        # Wed 08:30; Thursday and Friday are holidays, so Mon, Tue 17:00; then Wed 17:00.
        assert found == at(dt.date(2026, 12, 2), "17:00")


class TestHolidays:
    @pytest.mark.parametrize(
        "date",
        [
            dt.date(2026, 1, 1),
            dt.date(2026, 5, 25),
            dt.date(2026, 7, 3),  # the 4th is a Saturday
            dt.date(2026, 9, 7),
            dt.date(2026, 11, 26),
            dt.date(2026, 11, 27),
            dt.date(2026, 12, 24),
            dt.date(2026, 12, 25),
            dt.date(2027, 7, 5),  # the 4th is a Sunday
            dt.date(2021, 12, 31),  # New Year's Day of 2022 is a Saturday
        ],
    )
    def test_are_no_business_days(self, date):
        assert build_calendars().ercot.is_business_day(date) is False

    def test_leave_other_weekdays_open(self):
        ercot = build_calendars().ercot
        year = [dt.date(2026, 1, 1) + dt.timedelta(days=d) for d in range(365)]

        assert sum(map(ercot.is_business_day, year)) == 261 - 8

    def test_of_a_tdsp_are_ercots_with_its_own_days_over_them(self):
        columbus, christmas_eve = dt.date(2026, 10, 12), dt.date(2026, 12, 24)
        calendars = build_calendars(
            [
                SingleDay("ONCOR_ELEC", columbus, True),
                SingleDay("ERCOT", christmas_eve, False),
            ]
        )

        oncor = calendars.find(calendar="TDSP", tdsp_code="ONCOR_ELEC")
        tnmp = calendars.find(calendar="TDSP", tdsp_code="TNMP")

        assert [c.is_business_day(columbus) for c in (oncor, tnmp)] == [False, True]
        assert [c.is_business_day(christmas_eve) for c in (oncor, tnmp)] == [True, True]

    def test_stand_for_a_tdsp_that_nobody_listed(self):
        calendars = build_calendars()

        assert calendars.find(calendar="TDSP", tdsp_code="NEW_TDSP") is calendars.ercot


class TestReconnectLimits:
    @pytest.mark.parametrize(
        ("key", "paid", "leaves"),
        [
            ("rnp_paid_before_noon", (5, "11:59"), (5, "14:00")),
            ("rnp_paid_afternoon", (5, "16:00"), (5, "19:00")),
            ("rnp_paid_evening", (5, "18:00"), (5, "21:00")),
            ("rnp_paid_night", (5, "20:00"), (8, "14:00")),
            ("rnp_paid_on_a_day_off", (6, "10:00"), (8, "14:00")),
        ],
    )
    def test_follow_the_hour_of_payment(self, key, paid, leaves):
        found = due_at(
            start=at(dt.date(2026, 6, paid[0]), paid[1]),
            limit=get_limit(key=f"650_01.{key}"),
            calendar=build_calendars().ercot,
        )

        assert found == at(dt.date(2026, 6, leaves[0]), leaves[1])
