"""Numbers of invoices."""

from __future__ import annotations

import pytest

from ossrep.billing.domain.invoice_numbers import (
    check_digit,
    invoice_number,
    invoice_numbers,
    is_valid_invoice_number,
)


class TestCheckDigit:
    def test_is_that_of_the_published_example(self) -> None:
        assert check_digit("572") == 4

    def test_finds_every_wrong_digit_and_every_swap_of_neighbours(self) -> None:
        number = invoice_number(series=1, counter=4_417_603)
        wrong = {
            number[:place] + digit + number[place + 1 :]
            for place in range(len(number))
            for digit in "0123456789"
        } | {
            number[:place] + number[place + 1] + number[place] + number[place + 2 :]
            for place in range(len(number) - 1)
        }

        assert {text for text in wrong if is_valid_invoice_number(text)} == {number}


class TestInvoiceNumber:
    def test_has_series_counter_and_check_digit(self) -> None:
        assert invoice_number(series=1, counter=1) == "100000011"
        assert invoice_number(series=12, counter=34) == "1200000341"

    @pytest.mark.parametrize(("series", "counter"), [(1, 0), (1, 10_000_000), (0, 5)])
    def test_refuses_what_has_no_number(self, series: int, counter: int) -> None:
        with pytest.raises(ValueError, match="counter"):
            invoice_number(series=series, counter=counter)

    def test_is_read_with_spaces_and_hyphens(self) -> None:
        assert is_valid_invoice_number("1 0000001-1")
        assert not is_valid_invoice_number("12")
        assert not is_valid_invoice_number("10000001x")


class TestInvoiceNumbers:
    @pytest.mark.parametrize(
        ("series", "counters"),
        [(1, range(1, 2_000)), (9, range(9_999_000, 10_000_000)), (12, range(34, 35))],
    )
    def test_are_the_numbers_one_by_one(self, series: int, counters: range) -> None:
        expected = [invoice_number(series=series, counter=counter) for counter in counters]

        assert invoice_numbers(series=series, counters=counters) == expected

    def test_of_nothing_are_none(self) -> None:
        assert invoice_numbers(series=1, counters=range(5, 5)) == []

    def test_refuse_what_has_no_number(self) -> None:
        with pytest.raises(ValueError, match="counter"):
            invoice_numbers(series=1, counters=range(9_999_999, 10_000_001))
