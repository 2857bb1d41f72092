"""Published facts labels, reproduced from plan documents by the code that rates bills."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ossrep.kernel.money import quantize_half_up
from ossrep.rating import Plan, TariffRow, efl_average_prices, parse_plan, parse_tariff_rows

FIXTURE = Path(__file__).parents[2] / "fixtures" / "efl-cases.json"
CASES: list[dict[str, Any]] = json.loads(FIXTURE.read_text())["cases"]
ALL_CASES = pytest.mark.parametrize("case", CASES, ids=[str(case["case"]) for case in CASES])


def components(case: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if "base_usd_per_month" in case:
        found.append({"kind": "base_charge_monthly", "amount_usd": case["base_usd_per_month"]})
    if "base_usd_per_day" in case:
        found.append({"kind": "base_charge_daily", "amount_usd_per_day": case["base_usd_per_day"]})
    if "energy_usd_per_kwh" in case:
        price = case["energy_usd_per_kwh"]
        found.append({"kind": "energy_flat", "price_usd_per_kwh": price})
    if "weekday_usd_per_kwh" in case:
        price = case["weekday_usd_per_kwh"]
        found.append({"kind": "free_weekends", "price_usd_per_kwh": price})
    found += [{"kind": "usage_fee", **fee} for fee in case["usage_fees"]]
    found += [{"kind": "usage_credit", **credit} for credit in case["usage_credits"]]
    return [{"code": f"c{n}", **c} for n, c in enumerate([*found, {"kind": "delivery"}])]


def plan_of(case: dict[str, Any]) -> Plan:
    efl: dict[str, Any] = {"label_date": "2025-12-15"}
    if "weekend_share" in case:
        weekend = Decimal(case["weekend_share"])
        shares = {"free": str(weekend), "otherwise": str(1 - weekend)}
        efl["bucket_shares"] = {"c0": shares}
    return parse_plan(
        document={
            "plan": f"EFL-{case['case']}",
            "name": case["plan"],
            "brand": case["retailer"],
            "product_type": case["product_type"],
            "customer_class": "residential",
            "term_months": case["term_months"],
            "components": components(case),
            "efl": efl,
        }
    )


def tariff_of(case: dict[str, Any]) -> tuple[TariffRow, ...]:
    rates = (
        ("FIXED", "month", case["delivery_usd_per_month"]),
        ("KWH", "kwh", case["delivery_usd_per_kwh"]),
    )
    return parse_tariff_rows(
        [
            {"code": code, "unit": unit, "rate_usd": rate, "from": "2025-12-01"}
            for code, unit, rate in rates
        ]
    )


class TestPublishedLabels:
    @ALL_CASES
    def test_print_the_published_averages(self, case: dict[str, Any]) -> None:
        prices = efl_average_prices(plan=plan_of(case), tariff_rows=tariff_of(case))

        printed = {str(kwh): str(price.printed_cents) for kwh, price in prices.items()}
        assert printed == case["published_cents"]

    @ALL_CASES
    def test_come_from_unrounded_components(self, case: dict[str, Any]) -> None:
        prices = efl_average_prices(plan=plan_of(case), tariff_rows=tariff_of(case))

        exact = {str(kwh): quantize_half_up(price.exact_cents, 4) for kwh, price in prices.items()}
        assert exact == {k: Decimal(v) for k, v in case["exact_cents_4_decimals"].items()}

    @ALL_CASES
    def test_rise_with_the_assessment_where_the_product_says_so(self, case: dict[str, Any]) -> None:
        prices = efl_average_prices(
            plan=plan_of(case), tariff_rows=tariff_of(case), includes_puc_assessment=True
        )

        printed = {str(kwh): str(price.printed_cents) for kwh, price in prices.items()}
        assert printed == case["with_puc_cents"]
