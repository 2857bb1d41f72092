"""Validation rules over blocks of days: pure functions, each with a version of its own.

A rule is given arrays of k days with n quarter hours and answers with the days that do not pass,
what it measured, what it allows, and where the first offence begins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ossrep.meter.domain.interval_days import IMPORT, NO_REGISTER
from ossrep.meter.domain.vee.thresholds import Thresholds
from ossrep.published.meter import MISSING_WH

WHOLE_DAY = -1


@dataclass(frozen=True, slots=True)
class Days:
    """k days to judge: ``wh`` int32 (k, n); the rest (k,).

    ``expected_intervals`` is what each local day has; ``same_as_day_before`` says that values and
    qualities equal those of the day before; ``register_wh`` is ``NO_REGISTER`` where unknown.
    """

    meter_point_ids: NDArray[np.int64]
    directions: NDArray[np.int8]
    wh: NDArray[np.int32]
    expected_intervals: NDArray[np.int64]
    register_wh: NDArray[np.int64]
    same_as_day_before: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.wh)


@dataclass(frozen=True, slots=True)
class Failures:
    """Days (indexes) that a rule does not pass; ``first_interval`` is ``WHOLE_DAY`` for all."""

    days: NDArray[np.intp]
    measured: NDArray[np.int64]
    allowed: NDArray[np.int64]
    first_interval: NDArray[np.int64]


Rule = Callable[[Days, Thresholds], Failures]

_NONE = np.zeros(0, dtype=np.int64)
PASSED = Failures(np.zeros(0, dtype=np.intp), _NONE, _NONE, _NONE)


def _failures(
    failed: NDArray[np.bool_],
    measured: NDArray[np.integer],
    allowed: NDArray[np.int64],
    first_interval: NDArray[np.integer] | None = None,
) -> Failures:
    days = np.flatnonzero(failed)
    if not len(days):
        return PASSED
    where = np.full(len(days), WHOLE_DAY) if first_interval is None else first_interval[days]
    return Failures(days, measured[days].astype(np.int64), allowed[days], where.astype(np.int64))


def find_gaps(days: Days, thresholds: Thresholds) -> Failures:
    """More quarter hours without a value than allowed (Wh ``MISSING_WH``)."""
    if not len(days) or days.wh.min() != MISSING_WH:
        return PASSED
    is_missing = days.wh == MISSING_WH
    missing = is_missing.sum(axis=1)
    allowed = _limit(thresholds, "gap", "missing_intervals_max", days)
    return _failures(missing > allowed, missing, allowed, is_missing.argmax(axis=1))


def find_wrong_counts(days: Days, thresholds: Thresholds) -> Failures:
    """Not as many values as the local day has quarter hours: 92, 96 or 100."""
    count = np.full(len(days), days.wh.shape[1], dtype=np.int64)
    return _failures(count != days.expected_intervals, count, days.expected_intervals)


def find_spikes(days: Days, thresholds: Thresholds) -> Failures:
    """A highest value far above the third highest; measured in percent of it."""
    floor = _limit(thresholds, "spike", "wh_considered_from", days)
    highest = days.wh.max(axis=1)
    considered = np.flatnonzero(highest >= floor)
    if not len(considered) or days.wh.shape[1] < 3:
        return PASSED
    third = np.partition(days.wh[considered], -3, axis=1)[:, -3].astype(np.int64)
    percent = highest[considered].astype(np.int64) * 100 // np.maximum(third, 1)
    allowed = _limit(thresholds, "spike", "percent_of_third_highest_max", days)[considered]
    failed = percent > allowed
    chosen = considered[failed]
    return Failures(
        chosen, percent[failed], allowed[failed], days.wh[chosen].argmax(axis=1).astype(np.int64)
    )


def find_negatives(days: Days, thresholds: Thresholds) -> Failures:
    """A value below zero; measured is the lowest. The other direction has rows of its own."""
    if not len(days) or days.wh.min() >= 0:
        return PASSED
    present = np.where(days.wh == MISSING_WH, 0, days.wh)
    lowest = present.min(axis=1)
    allowed = np.zeros(len(days), dtype=np.int64)
    return _failures(lowest < 0, lowest, allowed, present.argmin(axis=1))


def find_stuck(days: Days, thresholds: Thresholds) -> Failures:
    """The same value above zero in more successive quarter hours than a load has it."""
    step = max((thresholds.lowest(rule="stuck", name="equal_intervals_max") + 1) // 2, 1)
    # A run this long covers two of the sampled places, so most days are cleared cheaply.
    sample = days.wh[:, ::step]
    suspect = ((sample[:, 1:] == sample[:, :-1]) & (sample[:, 1:] > 0)).any(axis=1)
    suspects = np.flatnonzero(suspect)
    if not len(suspects):
        return PASSED
    lengths, begins = _longest_runs(days.wh[suspects])
    allowed = _limit(thresholds, "stuck", "equal_intervals_max", days)[suspects]
    failed = lengths > allowed
    return Failures(suspects[failed], lengths[failed], allowed[failed], begins[failed])


def _longest_runs(wh: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Length and begin of each row's longest run of one value above zero."""
    places = np.broadcast_to(np.arange(wh.shape[1]), wh.shape)
    begins_here = np.ones(wh.shape, dtype=np.bool_)
    begins_here[:, 1:] = wh[:, 1:] != wh[:, :-1]
    begin = np.maximum.accumulate(np.where(begins_here, places, 0), axis=1)
    length = np.where(wh > 0, places - begin + 1, 0)
    last = length.argmax(axis=1)
    rows = np.arange(len(wh))
    return length[rows, last], begin[rows, last]


def find_sum_differences(days: Days, thresholds: Thresholds) -> Failures:
    """The day's values do not add up to the difference of its register readings."""
    known = np.flatnonzero(days.register_wh != NO_REGISTER)
    if not len(known):
        return PASSED
    register = days.register_wh[known]
    values = days.wh[known]
    total = np.where(values == MISSING_WH, 0, values).sum(axis=1, dtype=np.int64)
    allowed = _tolerance("sum_check", days, thresholds)[known]
    difference = np.abs(total - register)
    failed = difference > allowed
    return Failures(
        known[failed],
        difference[failed],
        allowed[failed],
        np.full(int(failed.sum()), WHOLE_DAY, dtype=np.int64),
    )


def _tolerance(rule: str, days: Days, thresholds: Thresholds) -> NDArray[np.int64]:
    fixed = _limit(thresholds, rule, "difference_wh_max", days)
    share = _limit(thresholds, rule, "difference_per_mille_max", days) * days.register_wh // 1000
    tolerance: NDArray[np.int64] = np.maximum(fixed, share)
    return tolerance


def find_duplicates(days: Days, thresholds: Thresholds) -> Failures:
    """The very values of the day before: a day sent twice under two dates. Zeros may repeat."""
    suspects = np.flatnonzero(days.same_as_day_before)
    copied = suspects[(days.wh[suspects] > 0).any(axis=1)]
    size = len(copied)
    return Failures(
        copied,
        np.full(size, days.wh.shape[1], dtype=np.int64),
        np.zeros(size, dtype=np.int64),
        np.full(size, WHOLE_DAY, dtype=np.int64),
    )


def find_zeros(days: Days, thresholds: Thresholds) -> Failures:
    """A day of import with (almost) nothing but zeros; an outage, an empty house, a dead meter."""
    zeros = np.count_nonzero(days.wh == 0, axis=1)
    allowed = _limit(thresholds, "zero", "zero_intervals_max", days)
    return _failures((zeros > allowed) & (days.directions == IMPORT), zeros, allowed)


def _limit(thresholds: Thresholds, rule: str, name: str, days: Days) -> NDArray[np.int64]:
    return thresholds.column(rule=rule, name=name, meter_point_ids=days.meter_point_ids)


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """A rule with the version of its code and the bit that marks its failure on a day."""

    check: Rule
    version: int
    bit: int


RULES: Mapping[str, RuleEntry] = {
    "gap": RuleEntry(find_gaps, 1, 1),
    "count": RuleEntry(find_wrong_counts, 1, 2),
    "spike": RuleEntry(find_spikes, 1, 4),
    "negative": RuleEntry(find_negatives, 1, 8),
    "stuck": RuleEntry(find_stuck, 1, 16),
    "sum_check": RuleEntry(find_sum_differences, 1, 32),
    "duplicate": RuleEntry(find_duplicates, 1, 64),
    "zero": RuleEntry(find_zeros, 1, 128),
}
PERIOD_SUM_CHECK = "period_sum_check"
PERIOD_SUM_CHECK_VERSION = 1


@dataclass(frozen=True, slots=True)
class RuleFailures:
    """What one rule found."""

    rule: str
    version: int
    failures: Failures


def check_days(
    *, days: Days, thresholds: Thresholds
) -> tuple[NDArray[np.int32], list[RuleFailures]]:
    """All rules over a block: the failed rules' bits of each day, and what was found."""
    failed = np.zeros(len(days), dtype=np.int32)
    found: list[RuleFailures] = []
    if not len(days):
        return failed, found
    for name, rule in RULES.items():
        failures = rule.check(days, thresholds)
        if len(failures.days):
            failed[failures.days] |= rule.bit
            found.append(RuleFailures(name, rule.version, failures))
    return failed, found


def failed_names(bits: int) -> list[str]:
    """Names of the rules whose bits are set, in the rules' order."""
    return [name for name, rule in RULES.items() if bits & rule.bit]


def period_difference(
    *, total_wh: int, register_wh: int, thresholds: Thresholds, meter_point_id: int
) -> tuple[int, int] | None:
    """A register's period whose intervals do not add up: (difference, allowed) Wh, else None."""
    one = np.array([meter_point_id], dtype=np.int64)
    fixed, share = (
        int(thresholds.column(rule=PERIOD_SUM_CHECK, name=name, meter_point_ids=one)[0])
        for name in ("difference_wh_max", "difference_per_mille_max")
    )
    allowed = max(fixed, share * register_wh // 1000)
    difference = abs(total_wh - register_wh)
    return (difference, allowed) if difference > allowed else None
