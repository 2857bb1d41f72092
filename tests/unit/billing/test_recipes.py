from __future__ import annotations

from ossrep.billing.domain.quotes import answer
from ossrep.billing.domain.recipes import recipe_text
from tests.oracle.edge_cases import EDGE_CASES


def texts(name: str) -> list[str]:
    """The sentences of the bill of a named edge case."""
    case = next(edge.case for edge in EDGE_CASES if edge.name == name)
    return [recipe_text(line["recipe"]) for line in answer(case)["lines"]]


class TestRecipeText:
    def test_shows_the_rounding_only_where_there_was_one(self) -> None:
        recipe = {"quantity": "1", "unit": "kwh", "unit_price_usd": "0.005", "amount_usd": "0.01"}

        found = [recipe_text(recipe | {"exact_usd": exact}) for exact in ("0.005", "0.01")]

        assert found == ["1 kWh x $0.005 = $0.005, rounded $0.01", "1 kWh x $0.005 = $0.01"]

    def test_tells_the_share_of_a_month(self) -> None:
        recipe = {
            "quantity": "7/15",
            "unit": "month",
            "unit_price_usd": "-15",
            "proration": "days_over_30_capped",
            "days": 14,
            "share": "7/15",
            "from_kwh": "0",
            "to_kwh": "500",
            "include_from": True,
            "include_to": False,
            "exact_usd": "-7",
            "amount_usd": "-7.00",
        }

        assert recipe_text(recipe) == (
            "7/15 month x -$15 = -$7; share 7/15 of 14 days (days_over_30_capped); "
            "from 0 kWh below 500 kWh"
        )

    def test_tells_which_quarter_hours_a_bucket_holds(self) -> None:
        recipe = {
            "quantity": "36",
            "unit": "kwh",
            "unit_price_usd": "0",
            "bucket": "free",
            "windows": ["21:00-06:00 weekday"],
            "holidays": ["2026-07-04"],
            "quarter_hours": 36,
            "exact_usd": "0",
            "amount_usd": "0.00",
        }

        assert recipe_text(recipe) == (
            "36 kWh x $0 = $0; free: 21:00-06:00 weekday, 36 quarter hours, holidays 2026-07-04"
        )

    def test_tells_a_demand_with_its_ratchet(self) -> None:
        assert texts("ratchet of a kW row") == [
            "70.72 kW x $12.38 = $875.5136, rounded $875.51; measured 61.7 kW, billing 70.72 kW "
            "(at least 80 % of 88.4 kW); rate in force from 2000-01-01"
        ]

    def test_has_words_for_every_line_that_there_is(self) -> None:
        lines = [line for edge in EDGE_CASES for line in answer(edge.case).get("lines", [])]

        assert {line["kind"] for line in lines} >= {
            "base_charge_monthly",
            "energy_indexed",
            "energy_time_of_use",
            "solar_credit",
            "solar_charge",
            "solar_bank_used",
            "one_off",
            "delivery",
        }
        assert all(recipe_text(line["recipe"]) for line in lines)
