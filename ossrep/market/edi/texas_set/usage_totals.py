"""What a month's usage comes to, however the loops are ordered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from ossrep.market.edi.texas_set.intervals import IntervalSeries
from ossrep.market.edi.texas_set.usage import Reading, Usage, UsageLoop
from ossrep.market.edi.texas_set.usage_codes import (
    adds_up,
    has_estimated_end,
    is_demand,
    is_energy,
    is_estimated_quantity,
    is_export,
    is_final,
    is_total_time_of_use,
    role_sign,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageTotals:
    """Local dates ``[start, end)``; kWh delivered and sent out, the highest kW where there is one.

    ``import_kwh`` is None where the usage has no energy at all. ``demands`` are all demands by
    unit, since some wires companies send kVA and no kW.
    """

    start: dt.date | None
    end: dt.date | None
    import_kwh: Decimal | None
    export_kwh: Decimal
    peak_kw: Decimal | None
    demands: tuple[tuple[str, Decimal], ...]
    is_estimated: bool
    is_final: bool


def total_usage(usage: Usage) -> UsageTotals:
    """The figures of an 867_03. Its own summaries count before what its meters add up to.

    Out-flow is never taken from consumption, and counts once where both the meter's total and
    its intervals tell it (RMG 7.14.4).
    """
    starts = [loop.begins_on for loop in usage.loops if loop.begins_on]
    ends = [loop.ends_on for loop in usage.loops if loop.ends_on]
    demands = _demands(usage)
    return UsageTotals(
        start=min(starts, default=None),
        end=max(ends, default=None),
        import_kwh=_import(usage),
        export_kwh=_export(usage),
        peak_kw=next((value for unit, value in demands if is_demand(unit)), None),
        demands=demands,
        is_estimated=any(is_estimated(loop) for loop in usage.loops),
        is_final=is_final(usage.action),
    )


def is_estimated(loop: UsageLoop) -> bool:
    """Whether a quantity, an end read or an interval of the loop is estimated."""
    qualifiers = set(loop.intervals.qualifiers) if loop.intervals else set[str]()
    qualifiers |= {reading.qualifier for reading in loop.readings}
    return any(is_estimated_quantity(qualifier) for qualifier in qualifiers) or any(
        has_estimated_end(measurement.quality)
        for reading in loop.readings
        for measurement in reading.measurements
    )


def loop_quantity(loop: UsageLoop) -> Decimal | None:
    """The loop's total: over its times of use, or over its intervals; None where it has none."""
    if loop.intervals is not None and not loop.readings:
        return loop.intervals.total
    totals = [total for reading in loop.readings for total in [reading_total(reading)] if total]
    whole = [quantity for quantity, is_whole in totals if is_whole]
    if whole:
        return max(whole)
    return sum((quantity for quantity, _ in totals), Decimal()) if totals else None


def reading_total(reading: Reading) -> tuple[Decimal, bool] | None:
    """The quantity of a reading, and whether it is the total of all times of use.

    A reading that only measures part of the day is no total; one without a time of use is.
    """
    codes = {each.time_of_use for each in reading.measurements if each.time_of_use}
    if reading.quantity is None:
        return None
    return reading.quantity, not codes or any(is_total_time_of_use(code) for code in codes)


def _import(usage: Usage) -> Decimal | None:
    metered = _metered(usage)
    unmetered = _first(
        _sum(usage.loops_of("BC"), with_sign=False), _sum(usage.loops_of("BD"), with_sign=False)
    )
    if metered is None or unmetered is None:
        return metered if unmetered is None else unmetered
    return metered + unmetered


def _metered(usage: Usage) -> Decimal | None:
    summary = _first(
        _sum(usage.loops_of("SU"), with_sign=False), _sum(usage.loops_of("PL"), with_sign=True)
    )
    stream = _first(
        _sum(usage.loops_of("IA"), with_sign=False),
        _sum(usage.loops_of("BO"), with_sign=True),
        _sum(usage.loops_of("PP"), with_sign=False),
        _sum(usage.loops_of("PM"), with_sign=True),
    )
    return _first(summary, stream)


def _export(usage: Usage) -> Decimal:
    for kinds in (("PL",), ("BO",), ("PM",)):
        loops = [loop for loop in usage.loops_of(*kinds) if is_export(loop.role)]
        quantities = [loop_quantity(loop) for loop in loops if is_energy(loop.unit)]
        found = [quantity for quantity in quantities if quantity is not None]
        if found:
            return sum(found, Decimal())
    return Decimal()


def _sum(loops: Iterable[UsageLoop], *, with_sign: bool) -> Decimal | None:
    """kWh of the loops; those of one meter in several times of use count by their total."""
    total: Decimal | None = None
    for group in group_registers(loops):
        sign = role_sign(group[0].role) if with_sign else 0 if is_export(group[0].role) else 1
        quantity = register_quantity(group)
        if is_energy(group[0].unit) and quantity is not None and sign:
            total = (total or Decimal()) + sign * quantity
    return total


def group_registers(loops: Iterable[UsageLoop]) -> list[list[UsageLoop]]:
    """Loops of one register together: a meter may send one loop for each time of use.

    Two loops of the same time of use are two registers, even without a meter number.
    """
    groups: list[tuple[tuple[object, ...], set[str], list[UsageLoop]]] = []
    for loop in loops:
        key = (
            loop.kind,
            loop.meter_number,
            loop.meter_type,
            loop.role,
            loop.channel,
            loop.begins_on,
            loop.ends_on,
        )
        codes = _times_of_use(loop)
        for other, taken, group in groups:
            if other == key and codes and taken and not codes & taken:
                taken |= codes
                group.append(loop)
                break
        else:
            groups.append((key, set(codes), [loop]))
    return [group for _, _, group in groups]


def register_quantity(group: list[UsageLoop]) -> Decimal | None:
    """The total of a register's loops: the one over all times of use, else their sum."""
    whole = [loop for loop in group if any(map(is_total_time_of_use, _times_of_use(loop)))]
    quantities = [loop_quantity(loop) for loop in (whole or group)]
    found = [quantity for quantity in quantities if quantity is not None]
    return sum(found, Decimal()) if found else None


def _times_of_use(loop: UsageLoop) -> set[str]:
    return {
        measurement.time_of_use
        for reading in loop.readings
        for measurement in reading.measurements
        if measurement.time_of_use
    }


def _demands(usage: Usage) -> tuple[tuple[str, Decimal], ...]:
    """The highest demand of each unit: of the summaries, else of the meters (never their sum)."""
    of_meters = _highest(usage.loops_of("PL", "BO"))
    return tuple(sorted((of_meters | _highest(usage.loops_of("SU", "IA"))).items()))


def _highest(loops: Iterable[UsageLoop]) -> dict[str, Decimal]:
    highest: dict[str, Decimal] = {}
    for loop in loops:
        quantity = loop_quantity(loop)
        if quantity is not None and not adds_up(loop.unit) and role_sign(loop.role) != 0:
            highest[loop.unit] = max(highest.get(loop.unit, quantity), quantity)
    return highest


def _first(*values: Decimal | None) -> Decimal | None:
    return next((value for value in values if value is not None), None)


def interval_columns(usage: Usage, *kinds: str) -> Iterator[tuple[UsageLoop, IntervalSeries]]:
    """The loops that carry intervals, with them."""
    for loop in usage.loops_of(*kinds) if kinds else usage.loops:
        if loop.intervals is not None:
            yield loop, loop.intervals
