"""What holds for every bill of the reference, whatever the case."""

from __future__ import annotations

import copy
from fractions import Fraction

from hypothesis import HealthCheck, given, settings

from tests.oracle.compare import differences
from tests.oracle.documents import Document
from tests.oracle.efl import reference_efl
from tests.oracle.exact import money_text, to_cents
from tests.oracle.label_strategies import labels
from tests.oracle.reference_bill import reference_bill
from tests.oracle.strategies import cases, refused_cases

FEW = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def usd(documents: list[Document], field: str = "amount_usd") -> Fraction:
    return sum((Fraction(document[field]) for document in documents), Fraction(0))


class TestReferenceBill:
    @FEW
    @given(cases())
    def test_foots(self, case: Document) -> None:
        bill = reference_bill(case)

        assert "error" not in bill, bill["error"]
        assert Fraction(bill["subtotal_usd"]) == usd(bill["lines"])
        assert Fraction(bill["tax_usd"]) == usd(bill["taxes"])
        assert bill["total_usd"] == money_text(usd(bill["lines"]) + usd(bill["taxes"]))

    @FEW
    @given(cases())
    def test_splits_add_up_to_their_tax(self, case: Document) -> None:
        for tax in reference_bill(case)["taxes"]:
            assert usd(tax["split"]) == Fraction(tax["amount_usd"])

    @FEW
    @given(cases())
    def test_no_credit_is_made_or_forgotten(self, case: Document) -> None:
        bill = reference_bill(case)

        for site, bank in enumerate(bill["banks"]):
            money = {name: Fraction(amount) for name, amount in bank.items()}
            coming = money["in_usd"] + money["earned_usd"]
            offset = money["applied_usd"] + money["used_usd"]
            credited = [
                line
                for line in bill["lines"]
                if line["site"] == site and line["kind"] in ("solar_credit", "solar_bank_used")
            ]
            assert min(money.values()) >= 0
            assert coming == offset + money["out_usd"] + money["lost_usd"]
            assert -usd(credited) == offset

    @FEW
    @given(cases())
    def test_energy_lines_hold_all_imported_energy(self, case: Document) -> None:
        bill = reference_bill(case)
        sites = case.get("sites", [case])

        for index, site in enumerate(sites):
            for component in site["plan"]["components"]:
                if component["kind"].startswith(("energy_", "free_")):
                    kwh = sum(
                        Fraction(line["quantity"])
                        for line in bill["lines"]
                        if (line["site"], line["component"]) == (index, component["code"])
                    )
                    assert kwh == imported_kwh(site)

    @FEW
    @given(cases())
    def test_bills_each_site_as_if_it_were_alone_but_for_taxes(self, case: Document) -> None:
        together = reference_bill(case)
        shared: Document = {
            name: case[name] for name in ("period", "prices", "tax_rates") if name in case
        }

        alone = [reference_bill({**shared, **site}) for site in case.get("sites", [site_of(case)])]

        assert together["banks"] == [bank for bill in alone for bank in bill["banks"]]
        assert [{**line, "site": 0} for line in together["lines"]] == [
            line for bill in alone for line in bill["lines"]
        ]

    @FEW
    @given(cases())
    def test_does_not_change_the_case(self, case: Document) -> None:
        before = copy.deepcopy(case)

        reference_bill(case)

        assert case == before

    @FEW
    @given(refused_cases())
    def test_refuses_every_single_fault(self, case: Document) -> None:
        answer = reference_bill(case)

        assert set(answer) == {"id", "error"}
        assert set(answer["error"]) == {"code", "where", "message"}


class TestReferenceEfl:
    @FEW
    @given(labels())
    def test_prints_the_exact_average_to_a_tenth(
        self, label: tuple[Document, Document | None]
    ) -> None:
        prices = reference_efl(*label)

        assert list(prices) == [500, 1000, 2000]
        for price in prices.values():
            assert abs(Fraction(price["printed"]) - price["cents"]) <= Fraction(1, 20)


class TestDifferences:
    @FEW
    @given(cases())
    def test_finds_none_between_equal_bills(self, case: Document) -> None:
        bill = reference_bill(case)

        assert differences(copy.deepcopy(bill), bill) == []


class TestToCents:
    def test_is_odd_so_that_a_reversal_is_the_exact_negative(self) -> None:
        for mills in range(-30, 31):
            exact = Fraction(mills, 1000)
            assert to_cents(-exact) == -to_cents(exact)

    def test_takes_a_tie_away_from_zero(self) -> None:
        assert to_cents(Fraction("0.005")) == Fraction("0.01")
        assert to_cents(Fraction("-0.005")) == Fraction("-0.01")
        assert to_cents(Fraction("0.0049999999")) == 0


def site_of(case: Document) -> Document:
    return {
        name: value
        for name, value in case.items()
        if name not in ("id", "period", "prices", "tax_rates")
    }


def imported_kwh(site: Document) -> Fraction:
    if "days" not in site["usage"]:
        return Fraction(site["usage"]["import_kwh"])
    return Fraction(sum(sum(day["import_wh"]) for day in site["usage"]["days"]), 1000)
