"""The numbers that validation rules compare with: defaults, and meter points' own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

DEFAULTS: Mapping[tuple[str, str], int] = {
    ("gap", "missing_intervals_max"): 0,
    ("spike", "percent_of_third_highest_max"): 500,
    ("spike", "wh_considered_from"): 2_500,
    ("stuck", "equal_intervals_max"): 31,
    ("zero", "zero_intervals_max"): 91,
    ("sum_check", "difference_wh_max"): 2,
    ("sum_check", "difference_per_mille_max"): 1,
    ("period_sum_check", "difference_wh_max"): 1_000,
    ("period_sum_check", "difference_per_mille_max"): 5,
}
"""(rule, name) to value. A house's highest quarter hours are alike; one that stands five times
above the third highest is no load. Eight hours of one exact value above zero are no load either;
a whole day of zeros is. A day's readings have four decimals, a month's often none."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Values for all meter points, and those that differ, by meter point id."""

    values: Mapping[tuple[str, str], int] = field(default_factory=lambda: DEFAULTS)
    own: Mapping[tuple[str, str], Mapping[int, int]] = field(default_factory=dict)

    def column(
        self, *, rule: str, name: str, meter_point_ids: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """The value for each meter point: shape of ``meter_point_ids``."""
        column = np.full(len(meter_point_ids), self.values[rule, name], dtype=np.int64)
        for meter_point_id, value in self.own.get((rule, name), {}).items():
            column[meter_point_ids == meter_point_id] = value
        return column

    def lowest(self, *, rule: str, name: str) -> int:
        """The smallest value that any meter point has."""
        return min([self.values[rule, name], *self.own.get((rule, name), {}).values()])


def thresholds_of(rows: Iterable[tuple[str, str, int | None, int]]) -> Thresholds:
    """From rows (rule, name, meter point id or None, value); what no row names has its default."""
    values = dict(DEFAULTS)
    own: dict[tuple[str, str], dict[int, int]] = {}
    for rule, name, meter_point_id, value in rows:
        if (rule, name) not in DEFAULTS:
            continue
        if meter_point_id is None:
            values[rule, name] = value
        else:
            own.setdefault((rule, name), {})[meter_point_id] = value
    return Thresholds(values=values, own=own)
