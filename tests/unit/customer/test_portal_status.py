"""What the portal's words mean."""

from __future__ import annotations

import datetime as dt

import pytest

from ossrep.customer.domain.portal_status import (
    Life,
    account_status,
    contract_status,
    customer_status,
    meter_status,
    shown_end,
)

DAY = dt.date(2026, 11, 24)


def _life(
    status: str,
    start: str = "2026-01-01",
    end: str | None = None,
    term_end: str | None = None,
    reason: str = "",
) -> Life:
    return Life(
        status=status,
        start_date=dt.date.fromisoformat(start),
        end_date=dt.date.fromisoformat(end) if end else None,
        term_end_date=dt.date.fromisoformat(term_end) if term_end else None,
        end_reason=reason,
    )


WAITING = _life("pending", "2026-12-01")
SERVING = _life("active")
LEAVING = _life("ended", end="2026-11-25", reason="move_out")
GONE = _life("ended", end="2026-11-24", reason="move_out")
GIVEN_UP = _life("cancelled")


class TestAccountStatus:
    @pytest.mark.parametrize(
        ("lives", "expected"),
        [
            ([], "PENDING"),
            ([WAITING], "PENDING"),
            ([_life("active", "2026-11-25")], "PENDING"),
            ([GONE, WAITING], "PENDING"),
            ([_life("active", "2026-11-24")], "ACTIVE"),
            ([GONE, SERVING, WAITING], "ACTIVE"),
            ([LEAVING], "ACTIVE"),
            ([GONE], "INACTIVE"),
            ([GIVEN_UP], "INACTIVE"),
        ],
    )
    def test_follows_the_contracts(self, lives: list[Life], expected: str) -> None:
        assert account_status(lives, day=DAY) == expected


class TestCustomerStatus:
    def test_is_the_liveliest(self) -> None:
        assert customer_status(["INACTIVE", "ACTIVE", "PENDING"]) == "ACTIVE"
        assert customer_status(["INACTIVE", "PENDING"]) == "PENDING"
        assert customer_status(["INACTIVE"]) == "INACTIVE"
        assert customer_status([]) == "PENDING"


class TestContractStatus:
    @pytest.mark.parametrize(
        ("life", "expected"),
        [
            (WAITING, "PENDING"),
            (_life("active", "2026-11-25"), "PENDING"),
            (SERVING, "ACTIVE"),
            (LEAVING, "ACTIVE"),
            (GONE, "EXPIRED"),
            (_life("ended", end="2026-06-01", term_end="2026-06-01", reason="switch"), "EXPIRED"),
            (_life("ended", end="2026-05-31", term_end="2026-06-01", reason="switch"), "CANCELLED"),
            (_life("ended", end="2026-05-31", term_end="2026-06-01", reason="renewal"), "RENEWED"),
            (_life("ended", end="2026-06-01", reason="plan_change"), "RENEWED"),
            (GIVEN_UP, "CANCELLED"),
        ],
    )
    def test_follows_dates_and_reason(self, life: Life, expected: str) -> None:
        assert contract_status(life, day=DAY) == expected


class TestShownEnd:
    @pytest.mark.parametrize(
        ("life", "expected"),
        [
            (GONE, "2026-11-24"),
            (_life("active", term_end="2027-01-01"), "2027-01-01"),
            (_life("active", "2026-01-01"), "2026-12-01"),
            (_life("active", "2026-01-24"), "2026-12-24"),
            (_life("active", "2026-01-25"), "2026-11-25"),
            (_life("active", "2026-10-31"), "2026-11-30"),
            (_life("active", "2024-12-31", term_end="2025-12-31"), "2026-11-30"),
            (_life("active", "2026-11-24"), "2026-12-24"),
            (_life("pending", "2027-02-10"), "2027-03-10"),
            (_life("cancelled", "2025-01-01", term_end="2026-01-01"), "2026-01-01"),
        ],
    )
    def test_is_the_end_of_something(self, life: Life, expected: str) -> None:
        assert shown_end(life, day=DAY) == dt.date.fromisoformat(expected)


class TestMeterStatus:
    def test_follows_removal_and_service(self) -> None:
        assert meter_status(removed_date=DAY, is_served=True, day=DAY) == "INACTIVE"
        later = DAY + dt.timedelta(days=1)
        assert meter_status(removed_date=later, is_served=True, day=DAY) == "ACTIVE"
        assert meter_status(removed_date=None, is_served=False, day=DAY) == "AVAILABLE"
