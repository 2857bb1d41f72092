"""Published Electricity Facts Labels, reproduced."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

import tests.oracle
from tests.oracle.building import bucket, component_of, plan_of, row, tariff_of, tier, window
from tests.oracle.documents import Document
from tests.oracle.efl import reference_efl
from tests.oracle.exact import Refusal, decimal_text, round_half_up

CASES: list[Document] = json.loads(
    (Path(tests.oracle.__file__).parent / "efl_cases.json").read_text()
)["cases"]
IDS = [f"{case['case']} {case['plan']['name']}" for case in CASES]
LABEL: Document = {"label_date": "2026-01-15"}


def printed(plan: Document, tariff: Document | None = None) -> dict[int, str]:
    return {kwh: price["printed"] for kwh, price in reference_efl(plan, tariff).items()}


class TestPublishedLabels:
    @pytest.mark.parametrize("case", CASES, ids=IDS)
    def test_print_the_published_averages(self, case: Document) -> None:
        prices = reference_efl(case["plan"], case["tariff"])

        assert {str(kwh): price["printed"] for kwh, price in prices.items()} == case[
            "printed_cents"
        ]

    @pytest.mark.parametrize("case", CASES, ids=IDS)
    def test_have_the_known_exact_averages(self, case: Document) -> None:
        prices = reference_efl(case["plan"], case["tariff"])

        for kwh, price in prices.items():
            known = case["exact_cents"][str(kwh)]
            decimals = len(known.partition(".")[2])
            assert decimal_text(round_half_up(price["cents"], decimals), decimals) == known

    @pytest.mark.parametrize("case", CASES, ids=IDS)
    def test_include_the_puc_assessment_only_when_asked(self, case: Document) -> None:
        plan = {**case["plan"], "efl": {**case["plan"]["efl"], "includes_puc_assessment": True}}

        prices = reference_efl(plan, case["tariff"])

        assert {str(kwh): price["printed"] for kwh, price in prices.items()} == case[
            "printed_with_puc_cents"
        ]

    def test_first_worked_label_is_exact(self) -> None:
        prices = reference_efl(CASES[0]["plan"], CASES[0]["tariff"])

        assert prices[500]["cents"] == Fraction("14.4283")
        assert prices[1000]["cents"] == Fraction("14.0053")
        assert prices[2000]["cents"] == Fraction("13.7938")


class TestReferenceEfl:
    def test_takes_shares_of_a_calendar_as_printed(self) -> None:
        energy = component_of(
            "energy_time_of_use",
            "energy",
            buckets=[bucket("peak", "0.30", window("14:00", "20:00"))],
            otherwise=bucket("rest", "0.10"),
        )
        shares = {"energy": {"peak": "0.25", "rest": "0.75"}}

        prices = printed(plan_of(energy, efl={**LABEL, "bucket_shares": shares}))

        assert prices == {500: "15.0", 1000: "15.0", 2000: "15.0"}

    def test_takes_kw_from_the_load_factor_without_ratchet(self) -> None:
        demand = component_of("demand", price_usd_per_kw="3.60", ratchet_percent="80")

        prices = printed(plan_of(demand, efl={**LABEL, "assumed_load_factor": "0.5"}))

        assert prices == {500: "1.0", 1000: "1.0", 2000: "1.0"}

    def test_takes_the_assumed_index(self) -> None:
        plan = plan_of(
            component_of("energy_indexed", series="RTM", adder_usd_per_kwh="0.02"),
            efl={**LABEL, "assumed_index_usd_per_kwh": {"RTM": "0.04"}},
        )

        assert printed(plan) == {500: "6.0", 1000: "6.0", 2000: "6.0"}

    def test_leaves_out_buyback_and_one_offs(self) -> None:
        plan = plan_of(
            component_of("energy_flat", price_usd_per_kwh="0.10"),
            component_of("one_off", amount_usd="75"),
            component_of("solar_buyback", mode="fixed", price_usd_per_kwh="0.09"),
            efl=LABEL,
        )

        assert printed(plan) == {500: "10.0", 1000: "10.0", 2000: "10.0"}

    def test_sums_bands_fees_and_minimum(self) -> None:
        plan = plan_of(
            component_of("energy_tiered", tiers=[tier("800", "0.10"), tier(None, "0.20")]),
            component_of("minimum_usage_fee", amount_usd="5", below_kwh="500", include_limit=True),
            component_of("usage_fee", amount_usd="8", from_kwh="2000", include_from=False),
            efl=LABEL,
        )

        assert printed(plan) == {500: "11.0", 1000: "12.0", 2000: "16.0"}

    def test_uses_the_rows_in_force_on_the_label_date(self) -> None:
        plan = plan_of(component_of("delivery"), efl=LABEL)
        tariff = tariff_of(
            row("wires", "kwh", "0.05", to="2026-01-15"),
            row("wires", "kwh", "0.06", from_="2026-01-15", to="2026-01-16"),
            row("wires", "kwh", "0.07", from_="2026-01-16"),
            row("daily", "day", "0.10"),
        )

        assert printed(plan, tariff) == {500: "6.6", 1000: "6.3", 2000: "6.2"}

    @pytest.mark.parametrize(
        "component",
        [
            component_of("energy_indexed", series="RTM"),
            component_of("demand", price_usd_per_kw="3.60"),
            component_of("free_weekends", price_usd_per_kwh="0.10"),
            component_of("delivery"),
        ],
        ids=["index", "load factor", "shares", "tariff"],
    )
    def test_refuses_without_what_the_label_assumes(self, component: Document) -> None:
        with pytest.raises(Refusal):
            reference_efl(plan_of(component, efl=LABEL), None)
