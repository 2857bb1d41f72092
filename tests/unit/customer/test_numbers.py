"""Check digits of numbers that people read, terms, and the table of a contract's life."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ossrep.customer.domain import contract_life
from ossrep.customer.domain.contract_life import ForbiddenTransition, check_transition
from ossrep.customer.domain.numbers import check_digit, has_valid_check_digit, is_valid_number
from ossrep.customer.domain.terms import term_end

DIGITS = st.text("0123456789", min_size=1, max_size=12)


class TestCheckDigit:
    def test_is_that_of_the_published_example(self) -> None:
        # H. M. Damm (2004): the check digit of 572 is 4.
        assert check_digit(digits="572") == "4"
        assert has_valid_check_digit(digits="5724")

    @given(DIGITS, st.data())
    def test_finds_every_wrong_digit(self, digits: str, data: st.DataObject) -> None:
        number = digits + check_digit(digits=digits)
        place = data.draw(st.integers(0, len(number) - 1))
        wrong = data.draw(st.sampled_from([d for d in "0123456789" if d != number[place]]))

        assert not has_valid_check_digit(digits=number[:place] + wrong + number[place + 1 :])

    @given(DIGITS, st.data())
    def test_finds_every_swap_of_neighbours(self, digits: str, data: st.DataObject) -> None:
        number = digits + check_digit(digits=digits)
        place = data.draw(st.integers(0, len(number) - 2))
        swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]

        assert has_valid_check_digit(digits=swapped) == (swapped == number)

    def test_says_no_to_what_is_no_number(self) -> None:
        assert not has_valid_check_digit(digits="57a4")
        assert not has_valid_check_digit(digits="")


class TestIsValidNumber:
    @pytest.mark.parametrize("text", ["1", "A-7/3._x", "0" * 40])
    def test_takes(self, text: str) -> None:
        assert is_valid_number(text)

    @pytest.mark.parametrize("text", ["", "-1", "a b", "1\n", "é", "0" * 41, "=1"])
    def test_refuses(self, text: str) -> None:
        assert not is_valid_number(text)


class TestTermEnd:
    @pytest.mark.parametrize(
        ("start", "months", "expected"),
        [
            (dt.date(2026, 1, 1), 12, dt.date(2027, 1, 1)),
            (dt.date(2026, 1, 31), 1, dt.date(2026, 2, 28)),
            (dt.date(2027, 11, 30), 3, dt.date(2028, 2, 29)),
            (dt.date(2026, 12, 15), 1, dt.date(2027, 1, 15)),
            (dt.date(2026, 3, 8), 0, None),
        ],
    )
    def test_counts_months(self, start: dt.date, months: int, expected: dt.date | None) -> None:
        assert term_end(start=start, months=months) == expected


class TestContractLife:
    @pytest.mark.parametrize("before", contract_life.STATUSES)
    @pytest.mark.parametrize("after", contract_life.STATUSES)
    def test_allows_the_table_and_nothing_else(self, before: str, after: str) -> None:
        allowed = {("pending", "active"), ("pending", "cancelled"), ("active", "ended")}

        if (before, after) in allowed:
            check_transition(before=before, after=after, where="K1")
        else:
            with pytest.raises(ForbiddenTransition, match=f"^K1: .* is {before} cannot"):
                check_transition(before=before, after=after, where="K1")
