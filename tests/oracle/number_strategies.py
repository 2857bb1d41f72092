"""Strategies of numbers that sit at the edges of rounding."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.oracle.exact import decimal_text
from tests.oracle.exact import read_decimal as exact

PRICES_OF_PLANS = (
    "0",
    "0.00000001",
    "0.005",
    "0.025",
    "0.079990",
    "0.12",
    "0.1254321",
    "0.14345678",
    "1",
)
SIGNED_RATES = ("-0.000372", "-0.005", "0", "0.000743", "0.015", "0.055833", "0.061322", "4.06")
AMOUNTS = ("0.01", "0.05", "0.85", "4.95", "9.95", "15.00", "29.95", "35.00", "1234.56")
MARKET_PRICES = ("-250.00", "-3.75", "-0.01", "0", "0.01", "19.27", "24.18", "512.6", "5000.00")
mostly = st.sampled_from((True, True, True, True, False))
rarely = st.sampled_from((False, False, False, False, True))
THRESHOLDS_KWH = ("1", "100", "233.333", "500", "999.999", "1000", "1000.5", "2000")


def decimals(smallest: int, largest: int, places: int) -> st.SearchStrategy[str]:
    """Decimal strings of whole numbers of 10**-places."""
    return st.integers(smallest, largest).map(
        lambda number: decimal_text(exact(str(number), "") / 10**places, places)
    )


def plan_prices() -> st.SearchStrategy[str]:
    """Dollars per kWh of a plan, 0 or more, at most eight decimals."""
    return st.sampled_from(PRICES_OF_PLANS) | decimals(0, 50_000_000, 8)


def buyback_prices() -> st.SearchStrategy[str]:
    """Dollars per exported kWh."""
    return st.sampled_from(("0.03", "0.09", "0.135", "0.005", "0")) | decimals(0, 300_000, 6)


def signed_rates() -> st.SearchStrategy[str]:
    """Dollars per unit of a tariff row, refunds included."""
    return st.sampled_from(SIGNED_RATES) | decimals(-20_000, 9_000_000, 6)


def amounts() -> st.SearchStrategy[str]:
    """Dollars above 0."""
    return st.sampled_from(AMOUNTS) | decimals(1, 20_000, 2)


def signed_amounts() -> st.SearchStrategy[str]:
    """Dollars of either sign, 0 included."""
    return decimals(-20_000, 20_000, 2)


def market_prices() -> st.SearchStrategy[str]:
    """$/MWh with two decimals, negative and very large ones included."""
    return st.sampled_from(MARKET_PRICES) | decimals(-25_000, 500_000, 2)


def thresholds() -> st.SearchStrategy[str]:
    """A kWh threshold above 0."""
    return st.sampled_from(THRESHOLDS_KWH)


def kilowatts() -> st.SearchStrategy[str]:
    """kW with at most three decimals."""
    return st.sampled_from(("0", "4.5", "61.7", "88.4", "12.345")) | decimals(0, 300_000, 3)
