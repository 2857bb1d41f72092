"""A TDSP's charges against those of its tariff, code by code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

ALL_CHARGES = "all charges"

Amounts = Mapping[str, Decimal]
"""USD by charge code."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What was billed under a code, and what its tariff gives."""

    code: str
    billed_usd: Decimal
    expected_usd: Decimal

    @property
    def amount_usd(self) -> Decimal:
        """Positive where too much was billed."""
        return self.billed_usd - self.expected_usd


@dataclass(frozen=True, slots=True)
class Comparison:
    """``compared`` are the codes that both have; the others cannot be judged by the tariff."""

    compared: tuple[str, ...]
    not_in_tariff: tuple[str, ...]
    differences: tuple[Difference, ...]

    @property
    def amount_usd(self) -> Decimal:
        """The sum of the differences."""
        return sum((each.amount_usd for each in self.differences), Decimal())


def add_up(lines: Iterable[tuple[str, Decimal]]) -> Amounts:
    """Amounts by code; a code may stand in several lines."""
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    for code, amount in lines:
        amounts[code] += amount
    return amounts


def compare_charges(
    *,
    billed: Amounts,
    expected: Amounts,
    total_codes: Collection[str],
    not_in_tariff: Collection[str],
) -> Comparison:
    """Where the tariff has sums only (``total_codes``), the totals are compared.

    ``not_in_tariff`` are families (first letters) of codes that stand in no tariff row. A code
    that the tariff has and the invoice lacks was billed with nothing.
    """
    beside = {code for code in billed if code[:3] in not_in_tariff}
    recurring = {code: amount for code, amount in billed.items() if code not in beside}
    if expected.keys() & set(total_codes):
        billed_total = sum(recurring.values(), Decimal())
        pairs = [Difference(ALL_CHARGES, billed_total, sum(expected.values(), Decimal()))]
    else:
        beside |= recurring.keys() - expected.keys()
        pairs = [
            Difference(code, recurring.get(code, Decimal()), amount)
            for code, amount in expected.items()
        ]
    return Comparison(
        compared=tuple(sorted(pair.code for pair in pairs)),
        not_in_tariff=tuple(sorted(beside)),
        differences=tuple(pair for pair in pairs if pair.amount_usd),
    )
