"""Billed charges against those of the tariff."""

from __future__ import annotations

from decimal import Decimal

from ossrep.market.domain.invoice_audit import (
    ALL_CHARGES,
    Amounts,
    Comparison,
    Difference,
    add_up,
    compare_charges,
)


def usd(**amounts: str) -> Amounts:
    return {code: Decimal(amount) for code, amount in amounts.items()}


def compare(*, billed: Amounts, expected: Amounts) -> Comparison:
    return compare_charges(
        billed=billed, expected=expected, total_codes=["TOTMON", "TOTKWH"], not_in_tariff=["SER"]
    )


class TestCompareCharges:
    def test_equal_amounts_agree(self) -> None:
        found = compare(billed=usd(BAS001="1.48"), expected=usd(BAS001="1.48"))
        assert found.differences == ()
        assert found.compared == ("BAS001",)

    def test_too_much_is_positive(self) -> None:
        found = compare(billed=usd(DIS001="35.00"), expected=usd(DIS001="34.50"))
        assert found.differences == (Difference("DIS001", Decimal("35.00"), Decimal("34.50")),)
        assert found.amount_usd == Decimal("0.50")

    def test_a_code_that_no_row_has_is_not_judged(self) -> None:
        found = compare(billed=usd(DIS001="34.50", MSC099="9.00"), expected=usd(DIS001="34.50"))
        assert (found.differences, found.not_in_tariff) == ((), ("MSC099",))

    def test_a_code_that_was_not_billed_is_negative(self) -> None:
        found = compare(billed={}, expected=usd(DIS001="34.50"))
        assert found.amount_usd == Decimal("-34.50")

    def test_a_tariff_of_sums_is_compared_with_the_sum(self) -> None:
        found = compare(
            billed=usd(BAS001="4.23", DIS001="30.00", SER001="25.00"),
            expected=usd(TOTMON="4.23", TOTKWH="29.00"),
        )
        assert found.differences == (Difference(ALL_CHARGES, Decimal("34.23"), Decimal("33.23")),)
        assert found.not_in_tariff == ("SER001",)


class TestAddUp:
    def test_lines_of_one_code_are_one_amount(self) -> None:
        assert add_up([("DIS001", Decimal("1.00")), ("DIS001", Decimal("0.50"))]) == usd(
            DIS001="1.50"
        )
