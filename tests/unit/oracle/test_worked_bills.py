"""The worked bills of the Texas rules, to the cent."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

import pytest

from tests.oracle.building import (
    add_usage,
    case_of,
    component_of,
    local_tax,
    period_of,
    place_of,
    plan_of,
    prices_of,
    registers,
    row,
    site_of,
    spread_over,
    tariff_of,
    tax_of,
)
from tests.oracle.documents import Document
from tests.oracle.reference_bill import reference_bill

JUNE = period_of("2026-06-01", 30)
BIG_CITY = place_of("big_city", 10_000)
HOME = tax_of(BIG_CITY)
DELIVERY = component_of("delivery")


def amounts(bill: Document) -> list[str]:
    return [line["amount_usd"] for line in bill["lines"]]


def tax_amounts(bill: Document) -> dict[str, str]:
    return {tax["code"]: tax["amount_usd"] for tax in bill["taxes"]}


def delivery_tariff(fixed: str, per_kwh: str) -> Document:
    return tariff_of(row("fixed", "month", fixed), row("per_kwh", "kwh", per_kwh))


class TestStackedUsageCredits:
    PLAN: ClassVar[Document] = plan_of(
        component_of("energy_flat", price_usd_per_kwh="0.1158"),
        component_of("usage_credit", "credit_1000", amount_usd="35.00", from_kwh="1000"),
        component_of("usage_credit", "credit_2000", amount_usd="15.00", from_kwh="2000"),
        DELIVERY,
    )

    @pytest.mark.parametrize(
        ("kwh", "subtotal", "puc", "receipts", "total", "average"),
        [
            ("999", "195.83", "0.33", "3.91", "200.07", "19.6"),
            ("1000", "161.02", "0.27", "3.22", "164.51", "16.1"),
            ("1250", "208.06", "0.35", "4.15", "212.56", "16.6"),
            ("1999", "349.00", "0.58", "6.97", "356.55", "17.5"),
            ("2000", "334.19", "0.56", "6.67", "341.42", "16.7"),
            ("2350", "400.05", "0.67", "7.99", "408.71", "17.0"),
        ],
    )
    def test_step_at_exact_thresholds(
        self, kwh: str, subtotal: str, puc: str, receipts: str, total: str, average: str
    ) -> None:
        site = site_of(
            self.PLAN, registers(kwh), tariff=delivery_tariff("7.85", "0.072370"), tax=HOME
        )

        bill = reference_bill(case_of("credits", JUNE, [site]))

        assert bill["subtotal_usd"] == subtotal
        assert tax_amounts(bill) == {"puc_assessment": puc, "gross_receipts": receipts}
        assert bill["total_usd"] == total
        assert bill["average_price_cents_per_kwh"] == average


class TestFreeWeekends:
    def test_waive_energy_and_keep_delivery(self) -> None:
        def on_weekday(date: dt.date, minute: int) -> bool:
            return date.weekday() < 5

        def on_weekend(date: dt.date, minute: int) -> bool:
            return not on_weekday(date, minute)

        usage = add_usage(
            spread_over(JUNE, 803_000, on_weekday), spread_over(JUNE, 333_000, on_weekend)
        )
        plan = plan_of(component_of("free_weekends", price_usd_per_kwh="0.144"), DELIVERY)
        site = site_of(plan, usage, tariff=delivery_tariff("4.23", "0.056032"), tax=HOME)

        bill = reference_bill(case_of("weekends", JUNE, [site]))

        printed = {(line["bucket"], line["quantity"], line["amount_usd"]) for line in bill["lines"]}
        assert printed == {
            ("free", "333", "0.00"),
            ("otherwise", "803", "115.63"),
            ("fixed", "1", "4.23"),
            ("per_kwh", "1136", "63.65"),
        }
        assert bill["subtotal_usd"] == "183.51"
        assert tax_amounts(bill) == {"puc_assessment": "0.31", "gross_receipts": "3.66"}
        assert bill["total_usd"] == "187.48"
        assert bill["average_price_cents_per_kwh"] == "16.2"


class TestSolarBuyback:
    @staticmethod
    def bill(imported: str, exported: str, bank_in: str) -> Document:
        plan = plan_of(
            component_of("base_charge_monthly", amount_usd="9.95"),
            component_of("energy_flat", price_usd_per_kwh="0.135"),
            component_of(
                "solar_buyback", mode="fixed", price_usd_per_kwh="0.090", bank={"cap_usd": None}
            ),
            DELIVERY,
        )
        site = site_of(
            plan,
            registers(imported, export_kwh=exported),
            tariff=delivery_tariff("4.06", "0.061322"),
            tax=HOME,
            bank_in_usd=bank_in,
        )
        return reference_bill(case_of("solar", JUNE, [site]))

    @pytest.mark.parametrize(
        ("usage", "lines", "bank_out", "subtotal", "puc", "receipts", "total"),
        [
            (
                ("640", "810", "0.00"),
                ["9.95", "86.40", "-72.90", "4.06", "39.25"],
                "0.00",
                "66.76",
                "0.11",
                "1.33",
                "68.20",
            ),
            (
                ("410", "930", "0.00"),
                ["9.95", "55.35", "-55.35", "4.06", "25.14"],
                "28.35",
                "39.15",
                "0.07",
                "0.78",
                "40.00",
            ),
            (
                ("980", "210", "28.35"),
                ["9.95", "132.30", "-18.90", "-28.35", "4.06", "60.10"],
                "0.00",
                "159.16",
                "0.27",
                "3.18",
                "162.61",
            ),
        ],
        ids=["April", "May", "December"],
    )
    def test_offsets_energy_first_and_banks_the_rest(
        self,
        usage: tuple[str, str, str],
        lines: list[str],
        bank_out: str,
        subtotal: str,
        puc: str,
        receipts: str,
        total: str,
    ) -> None:
        bill = self.bill(*usage)

        assert amounts(bill) == lines
        assert bill["banks"][0]["out_usd"] == bank_out
        assert bill["subtotal_usd"] == subtotal
        assert tax_amounts(bill) == {"puc_assessment": puc, "gross_receipts": receipts}
        assert bill["total_usd"] == total

    def test_matches_one_to_one_up_to_the_import(self) -> None:
        plan = plan_of(
            component_of("energy_flat", price_usd_per_kwh="0.135"),
            component_of(
                "solar_buyback",
                mode="net_one_to_one",
                price_usd_per_kwh="0.135",
                excess_price_usd_per_kwh="0.03",
                bank={"cap_usd": None},
            ),
        )
        site = site_of(plan, registers("640", export_kwh="810"))

        bill = reference_bill(case_of("one_to_one", JUNE, [site]))

        credits = [line for line in bill["lines"] if line["kind"] == "solar_credit"]
        assert [(line["quantity"], line["amount_usd"]) for line in credits] == [
            ("640", "-86.40"),
            ("170", "0.00"),
        ]
        assert bill["banks"][0]["earned_usd"] == "91.50"
        assert bill["banks"][0]["out_usd"] == "5.10"

    def test_rounds_real_time_earnings_once(self) -> None:
        day = period_of("2026-06-01", 1)
        exports = {0: 850, 15: 1100, 30: 950, 45: 400}
        market = {0: "24.18", 15: "31.02", 30: "-3.75", 45: "512.60"}
        usage = spread_over(day, 96_000)
        usage["days"][0]["export_wh"] = [exports.get(15 * n, 0) for n in range(96)]
        plan = plan_of(
            component_of("energy_flat", price_usd_per_kwh="0.10"),
            component_of("solar_buyback", mode="real_time", series="RTM"),
        )
        prices = {"RTM": prices_of(day, lambda date, minute: market.get(minute, "0.00"))}

        bill = reference_bill(case_of("real_time", day, [site_of(plan, usage)], prices=prices))

        assert amounts(bill) == ["9.60", "-0.26"]


class TestCommercialDemand:
    LOCAL = local_tax("local", "0.02", residential=False)

    def bill(
        self, *, exemption: str = "none", ratchet: str | None = None, prior: str = "0"
    ) -> Document:
        plan = plan_of(
            component_of("energy_flat", price_usd_per_kwh="0.0725"),
            DELIVERY,
            customer_class="small_commercial",
        )
        tariff = tariff_of(
            row("fixed", "month", "22.00"),
            row("per_kwh", "kwh", "0.000743"),
            row("demand", "kw", "12.38", ratchet_percent=ratchet),
        )
        place = place_of("big_city", 10_000, self.LOCAL)
        site = site_of(
            plan,
            registers("18400", peak_kw="61.7"),
            tariff=tariff,
            tax=tax_of(place, residential=False, exemption=exemption),
            prior_peak_kw=prior,
        )
        return reference_bill(case_of("demand", JUNE, [site]))

    def test_taxes_lines_with_the_assessments(self) -> None:
        bill = self.bill()

        assert amounts(bill) == ["1334.00", "22.00", "13.67", "763.85"]
        assert bill["subtotal_usd"] == "2133.52"
        assert tax_amounts(bill) == {
            "puc_assessment": "3.56",
            "gross_receipts": "42.61",
            "state_sales": "136.23",
            "local": "43.59",
        }
        assert bill["total_usd"] == "2359.51"
        assert bill["average_price_cents_per_kwh"] == "11.6"

    def test_bills_the_ratchet_of_a_past_peak(self) -> None:
        bill = self.bill(ratchet="80", prior="88.4")

        assert amounts(bill)[3] == "875.51"

    @pytest.mark.parametrize(
        ("exemption", "total"),
        [("sales_tax", "2179.69"), ("public_school_district", "2137.08")],
    )
    def test_spares_the_exempt(self, exemption: str, total: str) -> None:
        assert self.bill(exemption=exemption)["total_usd"] == total


class TestProratedFirstBill:
    FORTNIGHT = period_of("2026-07-20", 14)

    @pytest.mark.parametrize(
        ("proration", "fixed", "subtotal", "receipts", "total"),
        [
            ("none", "4.06", "80.62", "1.61", "82.36"),
            ("days_over_30_capped", "1.89", "78.45", "1.57", "80.15"),
        ],
    )
    def test_prorates_the_base_and_the_tdsp_as_its_row_says(
        self, proration: str, fixed: str, subtotal: str, receipts: str, total: str
    ) -> None:
        plan = plan_of(
            component_of("base_charge_monthly", amount_usd="9.95"),
            component_of("energy_flat", price_usd_per_kwh="0.125"),
            DELIVERY,
        )
        tariff = tariff_of(
            row("fixed", "month", "4.06", proration=proration),
            row("per_kwh", "kwh", "0.061322"),
        )
        site = site_of(plan, registers("386"), tariff=tariff, tax=HOME)

        bill = reference_bill(case_of("first", self.FORTNIGHT, [site]))

        assert amounts(bill) == ["4.64", "48.25", fixed, "23.67"]
        assert bill["subtotal_usd"] == subtotal
        assert tax_amounts(bill) == {"puc_assessment": "0.13", "gross_receipts": receipts}
        assert bill["total_usd"] == total

    def test_average_of_the_first_bill(self) -> None:
        plan = plan_of(
            component_of("base_charge_monthly", amount_usd="9.95"),
            component_of("energy_flat", price_usd_per_kwh="0.125"),
            DELIVERY,
        )
        site = site_of(plan, registers("386"), tariff=delivery_tariff("4.06", "0.061322"))

        bill = reference_bill(case_of("first", self.FORTNIGHT, [site]))

        assert bill["average_price_cents_per_kwh"] == "20.9"

    def test_prorates_a_daily_charge_and_a_credit(self) -> None:
        plan = plan_of(
            component_of("base_charge_daily", amount_usd_per_day="0.85"),
            component_of(
                "usage_credit", amount_usd="15.00", to_kwh="500", proration="days_over_30_capped"
            ),
            component_of("energy_flat", price_usd_per_kwh="0.109"),
            DELIVERY,
        )
        tariff = tariff_of(
            row("fixed", "month", "4.23", proration="days_over_30_capped"),
            row("per_kwh", "kwh", "0.057059"),
        )
        site = site_of(plan, registers("310"), tariff=tariff)

        bill = reference_bill(case_of("prepaid", self.FORTNIGHT, [site]))

        assert amounts(bill) == ["11.90", "-7.00", "33.79", "1.97", "17.69"]
        assert bill["total_usd"] == "58.35"
