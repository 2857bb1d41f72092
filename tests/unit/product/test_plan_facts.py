"""The one price that a list of plans shows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ossrep.product.domain.plan_facts import summarize_plan
from ossrep.rating import Plan, parse_plan

WINDOW = [{"from": "13:00", "to": "19:00"}]


def _plan(*components: dict[str, Any], **fields: Any) -> Plan:
    return parse_plan(
        document={
            "plan": "P-1",
            "name": "P",
            "brand": "B",
            "product_type": "fixed",
            "customer_class": "residential",
            "term_months": 12,
            "components": [*components, {"kind": "delivery", "code": "delivery"}],
            **fields,
        }
    )


FLAT = {"kind": "energy_flat", "code": "energy", "price_usd_per_kwh": "0.1158"}
TIERED = {
    "kind": "energy_tiered",
    "code": "energy",
    "tiers": [
        {"up_to_kwh": "250", "price_usd_per_kwh": "0.2"},
        {"up_to_kwh": "1200", "price_usd_per_kwh": "0.1"},
        {"price_usd_per_kwh": "0.05"},
    ],
}
TIME_OF_USE = {
    "kind": "energy_time_of_use",
    "code": "energy",
    "buckets": [{"name": "peak", "price_usd_per_kwh": "0.3", "windows": WINDOW}],
    "otherwise": {"name": "off_peak", "price_usd_per_kwh": "0.1"},
}
NIGHTS = {
    "kind": "free_nights",
    "code": "energy",
    "from": "21:00",
    "to": "06:00",
    "price_usd_per_kwh": "0.2",
}
INDEXED = {
    "kind": "energy_indexed",
    "code": "energy",
    "series": "LZ_NORTH",
    "adder_usd_per_kwh": "0.01",
}
SHARES = {"bucket_shares": {"energy": {"peak": "0.25", "off_peak": "0.75"}}}
NIGHT_SHARES = {"bucket_shares": {"energy": {"free": "0.4", "otherwise": "0.6"}}}


class TestRate:
    @pytest.mark.parametrize(
        ("component", "efl", "rate"),
        [
            (FLAT, None, "0.1158"),
            (TIERED, None, "0.125"),
            (TIME_OF_USE, SHARES, "0.15"),
            (TIME_OF_USE, None, "0.3"),
            (NIGHTS, NIGHT_SHARES, "0.12"),
            (NIGHTS, None, "0.2"),
            (INDEXED, {"assumed_index_usd_per_kwh": {"LZ_NORTH": "0.04"}}, "0.05"),
            (INDEXED, None, "0.01"),
        ],
    )
    def test_is_the_energy_of_1000_kwh(
        self, component: dict[str, Any], efl: dict[str, Any] | None, rate: str
    ) -> None:
        fields = {"efl": efl} if efl else {}

        assert summarize_plan(_plan(component, **fields)).rate_usd_per_kwh == Decimal(rate)

    def test_adds_energy_components_up(self) -> None:
        adder = {**FLAT, "code": "adder", "price_usd_per_kwh": "-0.01"}

        assert summarize_plan(_plan(FLAT, adder)).rate_usd_per_kwh == Decimal("0.1058")


class TestBaseCharge:
    def test_is_that_of_thirty_days(self) -> None:
        monthly = {"kind": "base_charge_monthly", "code": "m", "amount_usd": "9.95"}
        daily = {"kind": "base_charge_daily", "code": "d", "amount_usd_per_day": "0.10"}

        assert summarize_plan(_plan(FLAT, monthly, daily)).base_charge_usd == Decimal("12.95")


class TestFeatures:
    def test_name_what_a_flat_price_does_not_say(self) -> None:
        credit = {"kind": "usage_credit", "code": "c", "amount_usd": "5", "from_kwh": "1000"}
        other = {**credit, "code": "c2", "from_kwh": "2000"}

        assert summarize_plan(_plan(FLAT)).features == ()
        assert summarize_plan(_plan(NIGHTS, credit, other)).features == (
            "Free nights",
            "Usage credit",
        )
