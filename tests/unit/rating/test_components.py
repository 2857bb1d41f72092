"""Each kind of component, with exact cents."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest

from ossrep.kernel.periods import DatePeriod
from ossrep.rating import PriceSeries, UsageBlock
from tests.unit.rating.build import (
    JULY,
    cents,
    compiled,
    facts,
    flat_wh,
    period,
    printed,
    quarter_hours,
    rated,
    registers,
)

SPRING = period("2026-03-08", "2026-03-09")
FALL = period("2026-11-01", "2026-11-02")


class TestBaseChargeMonthly:
    @pytest.mark.parametrize(
        ("proration", "over", "amount"),
        [
            (None, period("2026-07-20", "2026-08-03"), 464),
            (None, period("2026-07-01", "2026-08-02"), 995),
            ("none", period("2026-07-20", "2026-08-03"), 995),
            ("days_over_30", period("2026-07-01", "2026-08-02"), 1061),
            # 12/31 of July and 2/31 of August.
            ("calendar_month", period("2026-07-20", "2026-08-03"), 449),
            # 4/28 of February and 27/31 of March: 9.95 x 1.013824...
            ("calendar_month", period("2026-02-25", "2026-03-28"), 1009),
            ("calendar_month", period("2026-02-01", "2026-03-01"), 995),
        ],
    )
    def test_pays_the_share_of_its_period(
        self, proration: str | None, over: DatePeriod, amount: int
    ) -> None:
        component: dict[str, Any] = {"kind": "base_charge_monthly", "amount_usd": "9.95"}
        if proration is not None:
            component["proration"] = proration

        block = rated(compiled(component, over=over), registers(0, over=over))

        assert cents(block) == [amount]

    def test_is_printed_at_zero(self) -> None:
        ready = compiled({"kind": "base_charge_monthly", "amount_usd": "0"})

        assert cents(rated(ready, registers(0))) == [0]

    def test_rounds_a_negative_tie_away_from_zero(self) -> None:
        ready = compiled(
            {"kind": "base_charge_monthly", "amount_usd": "0.125"},
            {"kind": "base_charge_monthly", "amount_usd": "-0.125"},
        )

        assert cents(rated(ready, registers(0))) == [13, -13]


class TestBaseChargeDaily:
    def test_counts_the_start_day_and_not_the_end_day(self) -> None:
        over = period("2026-03-07", "2026-03-09")
        ready = compiled({"kind": "base_charge_daily", "amount_usd_per_day": "0.335"}, over=over)

        assert cents(rated(ready, registers(0, over=over))) == [67]


class TestEnergyFlat:
    @pytest.mark.parametrize(
        ("wh", "amount"), [(1, 0), (39, 0), (40, 1), (119, 1), (120, 2), (1_000_000, 12500)]
    )
    def test_rounds_exact_wh_once_half_up(self, wh: int, amount: int) -> None:
        ready = compiled({"kind": "energy_flat", "price_usd_per_kwh": "0.125"})

        assert cents(rated(ready, registers(wh))) == [amount]

    def test_drops_a_line_without_energy(self) -> None:
        ready = compiled({"kind": "energy_flat", "price_usd_per_kwh": "0.125"})

        assert cents(rated(ready, registers(0))) == []

    @pytest.mark.parametrize(("over", "amount"), [(SPRING, 92), (FALL, 100)])
    def test_adds_every_quarter_hour_of_a_clock_change(self, over: DatePeriod, amount: int) -> None:
        ready = compiled({"kind": "energy_flat", "price_usd_per_kwh": "0.01"}, over=over)
        usage = UsageBlock(period=over, import_wh=flat_wh(over, 1000))

        assert cents(rated(ready, usage)) == [amount]

    def test_takes_a_discount_as_a_negative_price(self) -> None:
        ready = compiled({"kind": "energy_flat", "price_usd_per_kwh": "-0.005"})

        assert cents(rated(ready, registers(1000))) == [-1]


class TestEnergyTiered:
    TIERS = {
        "kind": "energy_tiered",
        "tiers": [
            {"up_to_kwh": "500", "price_usd_per_kwh": "0.10"},
            {"up_to_kwh": "1000", "price_usd_per_kwh": "0.12"},
            {"price_usd_per_kwh": "0.15"},
        ],
    }

    @pytest.mark.parametrize(
        ("wh", "lines"),
        [
            (499_999, [("1", 5000)]),
            (500_000, [("1", 5000)]),
            (500_050, [("1", 5000), ("2", 1)]),
            (1_000_000, [("1", 5000), ("2", 6000)]),
            (1_000_100, [("1", 5000), ("2", 6000), ("3", 2)]),
        ],
    )
    def test_fills_the_bands_from_the_bottom(self, wh: int, lines: list[tuple[str, int]]) -> None:
        block = rated(compiled(self.TIERS), registers(wh))

        assert [(bucket, amount) for _, bucket, amount in printed(block)] == lines

    def test_does_not_prorate_bounds_unless_printed(self) -> None:
        over = period("2026-07-01", "2026-07-11")

        block = rated(compiled(self.TIERS, over=over), registers(500_000, over=over))

        assert cents(block) == [5000]

    def test_keeps_a_prorated_bound_exact(self) -> None:
        # 500 x 10/30 = 166.666... kWh at 0.10, the rest of 200 kWh at 0.12.
        over = period("2026-07-01", "2026-07-11")
        tiers = {**self.TIERS, "prorate_bounds": "days_over_30_capped"}

        block = rated(compiled(tiers, over=over), registers(200_000, over=over))

        assert cents(block) == [1667, 400]
        assert block.quantity[0].tolist() == [500_000, 100_000, 0]
        assert [template.quantity_scale for template in block.templates] == [3000, 3000, 3000]


class TestEnergyTimeOfUse:
    NIGHTS = {
        "kind": "energy_time_of_use",
        "buckets": [
            {
                "name": "night",
                "label": "Night energy",
                "price_usd_per_kwh": "0.05",
                "windows": [{"from": "20:00", "to": "06:00"}],
            }
        ],
        "otherwise": {"name": "day", "price_usd_per_kwh": "0.15"},
    }

    @pytest.mark.parametrize(
        ("over", "night_quarters", "day_quarters"),
        [
            (period("2026-07-01", "2026-07-02"), 40, 56),
            (SPRING, 36, 56),  # 02:00 to 03:00 does not exist
            (FALL, 44, 56),  # 01:00 to 02:00 exists twice
        ],
    )
    def test_splits_the_local_day(
        self, over: DatePeriod, night_quarters: int, day_quarters: int
    ) -> None:
        usage = UsageBlock(period=over, import_wh=flat_wh(over, 1000))

        block = rated(compiled(self.NIGHTS, over=over), usage)

        assert block.quantity[0].tolist() == [night_quarters * 1000, day_quarters * 1000]
        assert cents(block) == [night_quarters * 5, day_quarters * 15]

    def test_prints_a_line_for_each_bucket_that_holds_energy(self) -> None:
        wh = flat_wh(JULY, 0, 0)
        wh[0, 0] = 1000  # midnight
        wh[1, 40] = 1000  # 10:00

        block = rated(compiled(self.NIGHTS), UsageBlock(period=JULY, import_wh=wh))

        assert printed(block, 0) == [("energy_time_of_use", "night", 5)]
        assert printed(block, 1) == [("energy_time_of_use", "day", 15)]

    def test_is_refused_with_registers_only(self) -> None:
        block = rated(compiled(self.NIGHTS), registers(1000))

        assert block.refusals[0].code == "intervals_needed"
        assert cents(block) == []

    def test_reads_a_named_calendar(self) -> None:
        calendar = {
            "buckets": [
                {
                    "name": "peak",
                    "windows": [{"from": "13:00", "to": "19:00", "days": ["weekday"]}],
                }
            ],
            "otherwise": {"name": "off"},
            "holidays": "public",
        }
        over = period("2026-07-02", "2026-07-06")  # Thursday to Sunday
        ready = compiled(
            {
                "kind": "energy_time_of_use",
                "calendar": "summer",
                "prices": {"peak": "0.3", "off": "0.1"},
            },
            over=over,
            calendars={"summer": calendar},
            holidays={"public": [dt.date(2026, 7, 3)]},
        )

        block = rated(ready, UsageBlock(period=over, import_wh=flat_wh(over, 1000)))

        # Only Thursday has a peak: Friday is a holiday, then comes the weekend.
        assert printed(block) == [
            ("energy_time_of_use", "peak", 24 * 30),
            ("energy_time_of_use", "off", (4 * 96 - 24) * 10),
        ]


class TestFreeNights:
    def test_charges_nothing_inside_and_the_price_outside(self) -> None:
        ready = compiled(
            {"kind": "free_nights", "from": "21:00", "to": "06:00", "price_usd_per_kwh": "0.2"}
        )

        block = rated(ready, UsageBlock(period=JULY, import_wh=flat_wh(JULY, 100)))

        assert printed(block) == [
            ("free_nights", "free", 0),
            ("free_nights", "otherwise", 30 * 60 * 2),
        ]


class TestFreeWeekends:
    OVER = period("2026-07-02", "2026-07-07")  # Thursday to Monday

    @pytest.mark.parametrize(("free_holidays", "paid_days"), [([], 3), (["2026-07-03"], 2)])
    def test_frees_saturday_sunday_and_listed_holidays(
        self, free_holidays: list[str], paid_days: int
    ) -> None:
        ready = compiled(
            {
                "kind": "free_weekends",
                "price_usd_per_kwh": "0.1",
                "free_holidays": free_holidays,
            },
            over=self.OVER,
        )

        block = rated(ready, UsageBlock(period=self.OVER, import_wh=flat_wh(self.OVER, 100)))

        assert cents(block) == [0, paid_days * 96]

    def test_keeps_a_holiday_on_saturday_free(self) -> None:
        saturday = period("2026-07-04", "2026-07-05")
        ready = compiled(
            {
                "kind": "free_weekends",
                "price_usd_per_kwh": "0.1",
                "free_holidays": ["2026-07-04"],
            },
            over=saturday,
        )

        block = rated(ready, UsageBlock(period=saturday, import_wh=flat_wh(saturday, 100)))

        assert printed(block) == [("free_weekends", "free", 0)]


class TestEnergyIndexed:
    OVER = period("2026-11-01", "2026-11-03")  # 100 + 96 quarter hours
    INDEXED = {"kind": "energy_indexed", "series": "HUB", "adder_usd_per_kwh": "0.01"}

    def prices(self, **days: Any) -> dict[str, PriceSeries]:
        found = {
            dt.date(2026, 11, int(day[1:])): np.array(values, dtype=np.int32)
            for day, values in days.items()
        }
        return {"HUB": PriceSeries(found)}

    def test_multiplies_each_quarter_hour_and_rounds_once(self) -> None:
        wh = flat_wh(self.OVER, 0)
        wh[0, 0], wh[0, 5], wh[0, 9], wh[0, 100] = 333, 500, 500, 1000
        first = np.zeros(100)
        first[0], first[5], first[9] = 2418, 100_000, -100_000  # 01:15 comes twice
        ready = compiled(self.INDEXED, over=self.OVER)

        block = rated(
            ready,
            UsageBlock(period=self.OVER, import_wh=wh),
            prices=self.prices(d1=first, d2=np.full(96, -1500)),
        )

        # 0.333 x 0.03418 + 0.5 x 1.01 - 0.5 x 0.99 + 1 x -0.005 = 0.01638194
        assert printed(block) == [("energy_indexed", None, 2)]
        assert block.quantity[0].tolist() == [2333]

    def test_gives_a_daily_index_to_each_quarter_hour(self) -> None:
        ready = compiled(self.INDEXED, over=self.OVER)
        usage = UsageBlock(period=self.OVER, import_wh=flat_wh(self.OVER, 1000))

        block = rated(ready, usage, prices=self.prices(d1=[4000], d2=[-4000]))

        assert cents(block) == [100 * 5 - 96 * 3]

    def test_may_come_out_negative(self) -> None:
        ready = compiled(self.INDEXED, over=self.OVER)
        usage = UsageBlock(period=self.OVER, import_wh=flat_wh(self.OVER, 1000))

        block = rated(ready, usage, prices=self.prices(d1=[-2050], d2=[-2050]))

        assert cents(block) == [-206]

    @pytest.mark.parametrize("days", [{"d1": [4000]}, {}])
    def test_refuses_every_row_without_a_price(self, days: dict[str, Any]) -> None:
        ready = compiled(self.INDEXED, over=self.OVER)
        usage = UsageBlock(period=self.OVER, import_wh=flat_wh(self.OVER, 1000, 0))

        block = rated(ready, usage, prices=self.prices(**days))

        assert {row: refusal.code for row, refusal in block.refusals.items()} == {
            0: "missing_price",
            1: "missing_price",
        }
        missing = "2026-11-02" if days else "2026-11-01"
        assert block.refusals[0].message == (f"series HUB has no price for {missing}: load it")
        assert block.total_cents().tolist() == [0, 0]

    def test_refuses_a_series_that_is_not_given(self) -> None:
        ready = compiled(self.INDEXED, over=self.OVER)
        usage = UsageBlock(period=self.OVER, import_wh=flat_wh(self.OVER, 1000))

        assert rated(ready, usage).refusals[0].code == "missing_price"

    def test_refuses_a_price_missing_inside_a_day(self) -> None:
        holed = np.full(96, 4000)
        holed[7] = -(2**31)
        ready = compiled(self.INDEXED, over=self.OVER)
        usage = UsageBlock(period=self.OVER, import_wh=flat_wh(self.OVER, 1000))

        block = rated(ready, usage, prices=self.prices(d1=[4000], d2=holed))

        assert block.refusals[0].code == "missing_price"


class TestUsageBands:
    @pytest.mark.parametrize(
        ("band", "kwhs"),
        [
            ({}, [499, 500, 501, 1000, 1001]),
            ({"from_kwh": "500", "to_kwh": "1000"}, [500, 501, 1000]),
            ({"from_kwh": "500", "to_kwh": "1000", "include_from": False}, [501, 1000]),
            ({"from_kwh": "500", "to_kwh": "1000", "include_to": False}, [500, 501]),
            ({"to_kwh": "500"}, [499, 500]),
            ({"from_kwh": "1000"}, [1000, 1001]),
        ],
    )
    def test_include_their_ends_unless_printed(self, band: dict[str, Any], kwhs: list[int]) -> None:
        levels = [499, 500, 501, 1000, 1001]
        ready = compiled({"kind": "usage_fee", "amount_usd": "8", **band})

        block = rated(ready, registers(*(kwh * 1000 for kwh in levels)))

        assert [kwh for n, kwh in enumerate(levels) if cents(block, n) == [800]] == kwhs
        assert block.present.sum() == len(kwhs)

    def test_look_at_exact_wh(self) -> None:
        ready = compiled({"kind": "usage_credit", "amount_usd": "35", "from_kwh": "1000"})

        block = rated(ready, registers(999_999, 1_000_000))

        assert [cents(block, 0), cents(block, 1)] == [[], [-3500]]

    def test_prorate_the_amount_and_never_the_threshold(self) -> None:
        over = period("2026-07-20", "2026-08-03")
        credit = {
            "kind": "usage_credit",
            "amount_usd": "35",
            "from_kwh": "1000",
            "proration": "days_over_30_capped",
        }

        block = rated(compiled(credit, over=over), registers(467_000, 1_000_000, over=over))

        assert [cents(block, 0), cents(block, 1)] == [[], [-1633]]

    def test_hold_at_no_usage_from_zero(self) -> None:
        ready = compiled({"kind": "usage_fee", "amount_usd": "8", "to_kwh": "0"})

        assert cents(rated(ready, registers(0))) == [800]


class TestMinimumUsageFee:
    @pytest.mark.parametrize(
        ("include_limit", "charged"), [(False, [999_999]), (True, [999_999, 1_000_000])]
    )
    def test_is_charged_below_the_limit_or_at_it_where_printed(
        self, include_limit: bool, charged: list[int]
    ) -> None:
        levels = [999_999, 1_000_000, 1_000_001]
        ready = compiled(
            {
                "kind": "minimum_usage_fee",
                "amount_usd": "9.95",
                "below_kwh": "1000",
                "include_limit": include_limit,
            }
        )

        block = rated(ready, registers(*levels))

        assert [wh for n, wh in enumerate(levels) if cents(block, n) == [995]] == charged


class TestDemand:
    def test_is_the_highest_quarter_hour_times_four(self) -> None:
        wh = flat_wh(JULY, 100)
        wh[0, 1234] = 15_425
        ready = compiled({"kind": "demand", "price_usd_per_kw": "12.38"})

        block = rated(ready, UsageBlock(period=JULY, import_wh=wh))

        assert cents(block) == [76385]
        assert block.peak_w.tolist() == [61_700]

    @pytest.mark.parametrize(
        ("decimals", "peak_w", "amount"),
        [
            (0, 61_499, 6100),
            (0, 61_500, 6200),
            (1, 61_749, 6170),
            (1, 61_750, 6180),
            (3, 61_749, 6175),
        ],
    )
    def test_rounds_measured_kw_half_up_where_printed(
        self, decimals: int, peak_w: int, amount: int
    ) -> None:
        ready = compiled({"kind": "demand", "price_usd_per_kw": "1", "round_kw_decimals": decimals})

        assert cents(rated(ready, registers(1000, peak_w=[peak_w]))) == [amount]

    @pytest.mark.parametrize(("peak_w", "amount"), [(70_000, 7072), (70_720, 7100)])
    def test_does_not_round_the_ratcheted_kw(self, peak_w: int, amount: int) -> None:
        # 80 % of 88.4 kW are 70.72 kW; 70.72 kW measured round to 71.
        ready = compiled(
            {
                "kind": "demand",
                "price_usd_per_kw": "1",
                "ratchet_percent": "80",
                "round_kw_decimals": 0,
            }
        )
        usage = registers(1000, peak_w=[peak_w])

        block = rated(ready, usage, facts(1, prior_peak_w=88_400))

        assert cents(block) == [amount]

    def test_is_never_prorated(self) -> None:
        over = period("2026-07-01", "2026-07-08")
        ready = compiled({"kind": "demand", "price_usd_per_kw": "10"}, over=over)

        assert cents(rated(ready, registers(1000, over=over, peak_w=[2500]))) == [2500]

    def test_refuses_a_row_whose_peak_is_not_known(self) -> None:
        ready = compiled({"kind": "demand", "price_usd_per_kw": "10"})

        block = rated(ready, registers(1000, 1000, peak_w=[2500, -1]))

        assert cents(block, 0) == [2500]
        assert block.refusals.keys() == {1}
        assert block.refusals[1].code == "demand_needed"


class TestOneOff:
    @pytest.mark.parametrize(
        ("on", "first", "final", "amounts"),
        [
            ("first_bill", True, False, [-5000]),
            ("first_bill", False, True, []),
            ("final_bill", False, True, [-5000]),
            ("final_bill", True, False, []),
        ],
    )
    def test_stands_on_its_bill_only(
        self, on: str, first: bool, final: bool, amounts: list[int]
    ) -> None:
        ready = compiled({"kind": "one_off", "amount_usd": "-50", "on": on})

        block = rated(ready, registers(1000), facts(1, first_bill=first, final_bill=final))

        assert cents(block) == amounts
        assert block.recurring_cents().tolist() == [0]


class TestPlanWithoutIntervals:
    def test_needs_every_quarter_hour_where_intervals_are_given(self) -> None:
        wh = flat_wh(JULY, 100, 100, 100)
        wh[1, 5] = -(2**31)
        wh[2, 96] = -3
        ready = compiled({"kind": "energy_flat", "price_usd_per_kwh": "0.1"})

        block = rated(ready, UsageBlock(period=JULY, import_wh=wh))

        assert cents(block, 0) == [quarter_hours(JULY)]
        assert [(row, r.code, r.message) for row, r in block.refusals.items()] == [
            (
                1,
                "missing_interval",
                "1 quarter hours of import are missing, the first at 2026-07-01 01:15 (number 5): "
                "estimate or load them",
            ),
            (
                2,
                "negative_usage",
                "import at 2026-07-02 00:00 (number 0) is -3 Wh: usage is never negative, "
                "correct the reading",
            ),
        ]
        assert block.amount_cents[1:].tolist() == [[0], [0]]
        assert block.import_wh[1:].tolist() == [0, 0]
