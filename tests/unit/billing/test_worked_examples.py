"""The worked bills of the Texas rules, by hand to the cent, through the path of a quote."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from ossrep.billing.domain.quotes import answer
from ossrep.kernel.market_time import intervals_in_day

JUNE = {"start": "2026-06-01", "end": "2026-07-01"}
CITY = {"code": "city", "name": "City", "population": 250_000, "local_taxes": []}
HOME = {"residential": True, "exemption": "none", "place": CITY}


def plan(*components: dict[str, Any], customer_class: str = "residential") -> dict[str, Any]:
    return {
        "plan": "EXAMPLE",
        "name": "Example",
        "brand": "EX",
        "product_type": "fixed",
        "customer_class": customer_class,
        "term_months": 12,
        "components": [*components, {"kind": "delivery", "code": "delivery"}],
    }


def energy(price: str) -> dict[str, Any]:
    return {"kind": "energy_flat", "code": "energy", "price_usd_per_kwh": price}


def base(amount: str) -> dict[str, Any]:
    return {"kind": "base_charge_monthly", "code": "base", "amount_usd": amount}


def row(unit: str, rate: str, **fields: Any) -> dict[str, Any]:
    fields = {"code": f"TDU_{unit}", "label": f"TDU {unit}", "proration": "none"} | fields
    return {"unit": unit, "rate_usd": rate, "from": "2026-01-01", "to": None} | fields


def tariff(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"tdsp": "X", "rate_class": "residential", "rows": list(rows)}


def bill(**case: Any) -> dict[str, Any]:
    answered = answer({"id": "example", "period": JUNE, "tax": HOME} | case)
    assert "error" not in answered, answered["error"]
    return answered


def by_kind(answered: dict[str, Any], kind: str) -> list[str]:
    return [line["amount_usd"] for line in answered["lines"] if line["kind"] == kind]


def taxes(answered: dict[str, Any]) -> dict[str, str]:
    return {tax["code"]: tax["amount_usd"] for tax in answered["taxes"]}


class TestExample1AveragePrice:
    @pytest.mark.parametrize(
        ("kwh", "subtotal", "average"),
        [("500", "72.15", "14.4"), ("1000", "140.05", "14.0"), ("2000", "275.88", "13.8")],
    )
    def test_prints_the_average_of_rounded_lines(
        self, kwh: str, subtotal: str, average: str
    ) -> None:
        found = bill(
            plan=plan(energy("0.07999")),
            usage={"import_kwh": kwh},
            tariff=tariff(row("month", "4.23"), row("kwh", "0.055833")),
        )

        assert (found["subtotal_usd"], found["average_price_cents_per_kwh"]) == (subtotal, average)


class TestExample3StackedCredits:
    @pytest.mark.parametrize(
        ("kwh", "credits", "subtotal", "puc", "gross_receipts", "total", "average"),
        [
            ("999", [], "195.83", "0.33", "3.91", "200.07", "19.6"),
            ("1000", ["-35.00"], "161.02", "0.27", "3.22", "164.51", "16.1"),
            ("1250", ["-35.00"], "208.06", "0.35", "4.15", "212.56", "16.6"),
            ("1999", ["-35.00"], "349.00", "0.58", "6.97", "356.55", "17.5"),
            ("2000", ["-35.00", "-15.00"], "334.19", "0.56", "6.67", "341.42", "16.7"),
            ("2350", ["-35.00", "-15.00"], "400.05", "0.67", "7.99", "408.71", "17.0"),
        ],
    )
    def test_adds_each_credit_from_its_own_threshold(
        self,
        kwh: str,
        credits: list[str],
        subtotal: str,
        puc: str,
        gross_receipts: str,
        total: str,
        average: str,
    ) -> None:
        stacked = [
            {"kind": "usage_credit", "code": f"at_{at}", "amount_usd": usd, "from_kwh": at}
            for at, usd in (("1000", "35"), ("2000", "15"))
        ]
        found = bill(
            plan=plan(energy("0.1158"), *stacked),
            usage={"import_kwh": kwh},
            tariff=tariff(row("kwh", "0.072370"), row("month", "7.85")),
        )

        assert by_kind(found, "usage_credit") == credits
        assert found["subtotal_usd"] == subtotal
        assert taxes(found) == {"puc_assessment": puc, "gross_receipts": gross_receipts}
        assert (found["total_usd"], found["average_price_cents_per_kwh"]) == (total, average)


class TestExample4FreeWeekends:
    def test_gives_the_weekend_away_but_not_its_delivery(self) -> None:
        start, end = dt.date(2026, 6, 1), dt.date(2026, 7, 1)
        dates = [start + dt.timedelta(days=n) for n in range((end - start).days)]
        weekend = [date for date in dates if date.weekday() >= 5]
        days = []
        for date in dates:
            of_kind = weekend if date in weekend else [d for d in dates if d not in weekend]
            wh = 333_000 if date in weekend else 803_000
            each, rest = divmod(wh, len(of_kind))
            values = [0] * intervals_in_day(date)
            values[0] = each + (rest if date == of_kind[0] else 0)
            days.append({"date": date.isoformat(), "import_wh": values})

        found = bill(
            plan=plan({"kind": "free_weekends", "code": "energy", "price_usd_per_kwh": "0.144"}),
            usage={"days": days},
            tariff=tariff(row("kwh", "0.056032"), row("month", "4.23")),
        )

        assert by_kind(found, "free_weekends") == ["0.00", "115.63"]
        assert by_kind(found, "delivery") == ["63.65", "4.23"]
        assert found["subtotal_usd"] == "183.51"
        assert taxes(found) == {"puc_assessment": "0.31", "gross_receipts": "3.66"}
        assert (found["total_usd"], found["average_price_cents_per_kwh"]) == ("187.48", "16.2")


class TestExample5SolarBuyback:
    BUYBACK = {
        "kind": "solar_buyback",
        "code": "solar",
        "mode": "fixed",
        "price_usd_per_kwh": "0.090",
        "bank": {"cap_usd": None},
    }
    ONCOR = tariff(row("month", "4.06"), row("kwh", "0.061322"))

    def solar(self, kwh: str, export: str, bank_in: str, **buyback: Any) -> dict[str, Any]:
        return bill(
            plan=plan(base("9.95"), energy("0.135"), self.BUYBACK | buyback),
            usage={"import_kwh": kwh, "export_kwh": export},
            tariff=self.ONCOR,
            bank_in_usd=bank_in,
        )

    @pytest.mark.parametrize(
        ("case", "earned", "applied", "used", "out", "subtotal", "puc", "receipts", "total"),
        [
            (
                ("640", "810", "0"),
                "72.90",
                "72.90",
                "0.00",
                "0.00",
                "66.76",
                "0.11",
                "1.33",
                "68.20",
            ),
            (
                ("410", "930", "0"),
                "83.70",
                "55.35",
                "0.00",
                "28.35",
                "39.15",
                "0.07",
                "0.78",
                "40.00",
            ),
            (
                ("980", "210", "28.35"),
                "18.90",
                "18.90",
                "28.35",
                "0.00",
                "159.16",
                "0.27",
                "3.18",
                "162.61",
            ),
        ],
        ids=["April", "May", "December"],
    )
    def test_offsets_energy_first_and_keeps_the_rest(
        self,
        case: tuple[str, str, str],
        earned: str,
        applied: str,
        used: str,
        out: str,
        subtotal: str,
        puc: str,
        receipts: str,
        total: str,
    ) -> None:
        found = self.solar(*case)

        (bank,) = found["banks"]
        assert (bank["earned_usd"], bank["applied_usd"]) == (earned, applied)
        assert (bank["used_usd"], bank["out_usd"], bank["lost_usd"]) == (used, out, "0.00")
        assert found["subtotal_usd"] == subtotal
        assert taxes(found) == {"puc_assessment": puc, "gross_receipts": receipts}
        assert found["total_usd"] == total

    def test_credits_one_to_one_up_to_the_import(self) -> None:
        found = self.solar(
            "640",
            "810",
            "0",
            mode="net_one_to_one",
            price_usd_per_kwh="0.135",
            excess_price_usd_per_kwh="0.03",
        )

        assert by_kind(found, "solar_credit") == ["-86.40", "0.00"]
        assert [line["quantity"] for line in found["lines"] if line["kind"] == "solar_credit"] == [
            "640",
            "170",
        ]
        assert found["banks"][0]["out_usd"] == "5.10"

    def test_rounds_real_time_pay_once(self) -> None:
        exports = [850, 1100, 950, 400]
        prices = ["24.18", "31.02", "-3.75", "512.60"]
        fill = [0] * 92
        found = bill(
            period={"start": "2026-06-01", "end": "2026-06-02"},
            plan=plan(
                energy("1"),
                {"kind": "solar_buyback", "code": "solar", "mode": "real_time", "series": "RTM"},
            ),
            usage={
                "days": [
                    {
                        "date": "2026-06-01",
                        "import_wh": [1000, *[0] * 95],
                        "export_wh": exports + fill,
                    }
                ]
            },
            prices={"RTM": {"days": [{"date": "2026-06-01", "usd_per_mwh": prices + ["0"] * 92}]}},
            tariff=self.ONCOR,
        )

        credit = next(line for line in found["lines"] if line["kind"] == "solar_credit")
        assert credit["recipe"]["exact_earned_usd"] == "0.2561525"
        assert credit["amount_usd"] == "-0.26"


class TestExample6CommercialDemand:
    TAXED = {
        "residential": False,
        "exemption": "none",
        "place": CITY
        | {
            "local_taxes": [
                {"code": "local", "label": "Local", "rate": "0.02", "residential": False}
            ]
        },
    }

    def shop(self, exemption: str = "none", **case: Any) -> dict[str, Any]:
        return bill(
            **{
                "plan": plan(energy("0.0725"), customer_class="small_commercial"),
                "usage": {"import_kwh": "18400", "peak_kw": "61.7"},
                "tariff": tariff(row("month", "22.00"), row("kwh", "0.000743"), row("kw", "12.38")),
                "tax": self.TAXED | {"exemption": exemption},
            }
            | case
        )

    def test_taxes_energy_delivery_and_assessments(self) -> None:
        found = self.shop()

        assert by_kind(found, "energy_flat") == ["1334.00"]
        assert by_kind(found, "delivery") == ["22.00", "13.67", "763.85"]
        assert found["subtotal_usd"] == "2133.52"
        assert taxes(found) == {
            "puc_assessment": "3.56",
            "gross_receipts": "42.61",
            "state_sales": "136.23",
            "local": "43.59",
        }
        assert [tax["base_usd"] for tax in found["taxes"]][2:] == ["2179.69", "2179.69"]
        assert (found["total_usd"], found["average_price_cents_per_kwh"]) == ("2359.51", "11.6")

    def test_bills_the_ratchet_of_the_year_before(self) -> None:
        rows = tariff(row("kw", "12.38", ratchet_percent="80"))

        found = self.shop(tariff=rows, prior_peak_kw="88.4")

        (demand,) = [line for line in found["lines"] if line["kind"] == "delivery"]
        assert (demand["quantity"], demand["amount_usd"]) == ("70.72", "875.51")

    @pytest.mark.parametrize(
        ("exemption", "total"),
        [("sales_tax", "2179.69"), ("public_school_district", "2137.08")],
    )
    def test_leaves_exempt_customers_their_part(self, exemption: str, total: str) -> None:
        assert self.shop(exemption)["total_usd"] == total


class TestExample7ProratedFirstBill:
    PERIOD = {"start": "2026-07-20", "end": "2026-08-03"}

    @pytest.mark.parametrize(
        ("proration", "fixed", "subtotal", "puc", "gross_receipts", "total"),
        [
            ("none", "4.06", "80.62", "0.13", "1.61", "82.36"),
            ("days_over_30_capped", "1.89", "78.45", "0.13", "1.57", "80.15"),
        ],
    )
    def test_prorates_the_base_and_the_tariff_as_printed(
        self,
        proration: str,
        fixed: str,
        subtotal: str,
        puc: str,
        gross_receipts: str,
        total: str,
    ) -> None:
        found = bill(
            period=self.PERIOD,
            plan=plan(base("9.95"), energy("0.125")),
            usage={"import_kwh": "386"},
            tariff=tariff(row("month", "4.06", proration=proration), row("kwh", "0.061322")),
        )

        assert by_kind(found, "base_charge_monthly") == ["4.64"]
        assert by_kind(found, "energy_flat") == ["48.25"]
        assert by_kind(found, "delivery") == [fixed, "23.67"]
        assert found["subtotal_usd"] == subtotal
        assert taxes(found) == {"puc_assessment": puc, "gross_receipts": gross_receipts}
        assert found["total_usd"] == total

    def test_gives_the_average_of_the_first_bill(self) -> None:
        found = bill(
            period=self.PERIOD,
            plan=plan(base("9.95"), energy("0.125")),
            usage={"import_kwh": "386"},
            tariff=tariff(row("month", "4.06"), row("kwh", "0.061322")),
        )

        assert found["average_price_cents_per_kwh"] == "20.9"

    def test_prorates_a_credit_but_not_its_limit(self) -> None:
        found = bill(
            period=self.PERIOD,
            plan=plan(
                {"kind": "base_charge_daily", "code": "daily", "amount_usd_per_day": "0.85"},
                {
                    "kind": "usage_credit",
                    "code": "small",
                    "amount_usd": "15",
                    "to_kwh": "500",
                    "proration": "days_over_30_capped",
                },
                energy("0.109"),
            ),
            usage={"import_kwh": "310"},
            tariff=tariff(
                row("month", "4.23", proration="days_over_30_capped"), row("kwh", "0.057059")
            ),
        )

        assert [line["amount_usd"] for line in found["lines"]] == [
            "11.90",
            "-7.00",
            "33.79",
            "1.97",
            "17.69",
        ]
        assert found["subtotal_usd"] == "58.35"
