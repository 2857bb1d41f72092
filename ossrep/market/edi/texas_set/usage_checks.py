"""Arithmetic and dates that a receiver of usage checks; each fault has the code of its 824.

Whether a fault rejects the usage, or only holds it, is decided by who receives it (RMG 9 D2).
Reads x multiplier has no code of its own: it is A13, other, with the text.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Final

from ossrep.kernel.market_time import local_midnight
from ossrep.market.edi.errors import Fault
from ossrep.market.edi.texas_set.intervals import IntervalSeries
from ossrep.market.edi.texas_set.usage import Measurement, Reading, Usage, UsageLoop
from ossrep.market.edi.texas_set.usage_codes import (
    adds_up,
    is_known,
    is_total_time_of_use,
    purpose_name,
    role_sign,
)
from ossrep.market.edi.texas_set.usage_totals import (
    group_registers,
    interval_columns,
    loop_quantity,
)

_ROLLOVERS: Final = tuple(Decimal(10) ** dials for dials in range(4, 9))
_SEGMENTS_OF_USAGE: Final = frozenset({"PTD", "QTY", "MEA"})
_MISSING_SHOWN_MAX: Final = 5
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def check_usage(
    usage: Usage, *, as_of: dt.date, previous_end: dt.date | None = None
) -> tuple[Fault, ...]:
    """Everything that does not add up, in an order that the order of the loops does not change.

    ``as_of`` is today's local date; ``previous_end`` the end of the period before, where there is
    one. A cancel is not checked against them.
    """
    faults = [
        *_dates(usage, as_of, previous_end),
        *_roles(usage),
        *_times_of_use(usage),
        *_reads(usage),
        *_summaries(usage),
        *_intervals(usage),
        *_interval_totals(usage),
        *_unplaced(usage),
    ]
    return tuple(sorted(set(faults), key=lambda fault: (fault.code, fault.message)))


def _fault(code: str, message: str, rule: str, expected: object, found: object) -> Fault:
    return Fault(
        code=code, message=message, tag="PTD", rule=rule, expected=str(expected), found=str(found)
    )


def _name(loop: UsageLoop) -> str:
    parts = [loop.kind, loop.meter_number, loop.meter_type, loop.role]
    return " ".join(part for part in parts if part)


def _dates(usage: Usage, as_of: dt.date, previous_end: dt.date | None) -> Iterator[Fault]:
    rule = "3.5.6, RMG 9 D2"
    starts = [loop.begins_on for loop in usage.loops if loop.begins_on]
    for loop in usage.loops:
        begins, ends = loop.begins_on, loop.ends_on
        if begins and ends and begins > ends:
            yield _fault("ASP", f"{_name(loop)} starts after it ends", rule, ends, begins)
        late = [day for day in (begins, ends) if day and day > as_of]
        if late:
            yield _fault(
                "RDF", f"{_name(loop)} has a read date in the future", rule, as_of, late[0]
            )
        if loop.read_on and loop.read_on.date > as_of:
            yield _fault(
                "RDF", f"{_name(loop)} has a read in the future", rule, as_of, loop.read_on.date
            )
    is_cancel = purpose_name(usage.purpose) == "cancel"
    if previous_end and starts and min(starts) != previous_end and not is_cancel:
        message = "the period does not begin where the one before ended"
        yield _fault("DDM", message, rule, previous_end, min(starts))


def _roles(usage: Usage) -> Iterator[Fault]:
    for loop in usage.loops:
        if role_sign(loop.role) is None:
            message = f"{_name(loop)} has a meter role that no table knows"
            yield _fault("MRI", message, "3.2, RMG 9 D2", "A, S, I or M", loop.role)


def _times_of_use(usage: Usage) -> Iterator[Fault]:
    """Unknown codes; parts of the day that do not add up to the total."""
    rule = "3.4, 3.5.4, RMG 9 D2"
    for loop in usage.loops:
        for _, measurement in _measurements(loop):
            code = measurement.time_of_use
            if code and not is_known("times_of_use", code):
                message = f"{_name(loop)} has a time of use that no table knows"
                yield _fault("TOU", message, rule, "a known code", code)
    for group in group_registers(usage.loops):
        total, parts = _parts_of_day(group)
        if total is not None and parts and adds_up(group[0].unit) and sum(parts) != total:
            message = f"{_name(group[0])}: the times of use do not add up to the total"
            yield _fault("SUM", message, rule, total, sum(parts))


def _measurements(loop: UsageLoop) -> Iterator[tuple[Reading, Measurement]]:
    for reading in loop.readings:
        for measurement in reading.measurements:
            yield reading, measurement


def _parts_of_day(group: list[UsageLoop]) -> tuple[Decimal | None, list[Decimal]]:
    total: Decimal | None = None
    parts: list[Decimal] = []
    for loop in group:
        for reading, measurement in _measurements(loop):
            quantity = measurement.quantity
            if quantity is None:
                quantity = reading.quantity
            if quantity is None or not measurement.time_of_use:
                continue
            if is_total_time_of_use(measurement.time_of_use):
                total = quantity
            else:
                parts.append(quantity)
    return total, parts


def _reads(usage: Usage) -> Iterator[Fault]:
    """(end - begin) x multiplier; a demand register has its end read alone."""
    for loop in usage.loops_of("PL", "BO"):
        for reading, measurement in _measurements(loop):
            quantity = measurement.quantity
            if quantity is None:
                quantity = reading.quantity
            if quantity is None or measurement.end is None or not is_known("units", loop.unit):
                continue
            expected = _by_reads(loop, reading, measurement)
            if expected and not any(_is_rounded(each, quantity) for each in expected):
                message = (
                    f"{_name(loop)} {measurement.time_of_use}: reads x multiplier is not the usage"
                )
                yield _fault("A13", message, "3.5.1-3.5.3", expected[0], quantity)


def _by_reads(loop: UsageLoop, reading: Reading, measurement: Measurement) -> list[Decimal]:
    """What the reads can give: with a register that has passed its last digit, several values."""
    end, begin = measurement.end, measurement.begin
    assert end is not None
    factor = Decimal(1) if reading.multiplier is None else reading.multiplier
    if not adds_up(loop.unit):
        return [end * factor]
    if begin is None:
        return []
    if end >= begin:
        return [(end - begin) * factor]
    return [
        (end + rollover - begin) * factor
        for rollover in _ROLLOVERS
        if rollover > begin and rollover > end
    ]


def _is_rounded(exact: Decimal, found: Decimal) -> bool:
    """Whether ``found`` is ``exact``, or is it rounded to the decimals that ``found`` has."""
    return abs(exact - found) <= _half_unit(found)


def _half_unit(value: Decimal) -> Decimal:
    exponent = value.as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return Decimal(5).scaleb(-decimals - 1)


def _summaries(usage: Usage) -> Iterator[Fault]:
    """SU against PL and BC against BD, for units that add up and each time of use."""
    for summary, parts in (("SU", "PL"), ("BC", "BD")):
        wanted = _by_unit(usage.loops_of(summary))
        found = _by_unit(usage.loops_of(parts))
        for key in sorted(wanted.keys() & found.keys()):
            unit, time_of_use = key
            if adds_up(unit) and wanted[key] != found[key]:
                message = f"{summary} {unit} {time_of_use} is not the sum of its {parts}"
                yield _fault("SUM", message, "3.5.4, RMG 9 D2", wanted[key], found[key])
    for loop in usage.loops_of("BD"):
        for reading in loop.readings:
            yield from _devices(loop, reading)


def _by_unit(loops: Iterable[UsageLoop]) -> dict[tuple[str, str], Decimal]:
    """Quantity by unit and part of the day (empty: all of it).

    Without roles I and M; subtractive meters taken off.
    """
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for loop in loops:
        sign = role_sign(loop.role)
        for reading in loop.readings:
            if not sign or reading.quantity is None:
                continue
            if not reading.measurements:
                sums[loop.unit, ""] += sign * reading.quantity
            for each in reading.measurements:
                quantity = reading.quantity if each.quantity is None else each.quantity
                part = "" if is_total_time_of_use(each.time_of_use) else each.time_of_use
                sums[loop.unit, part] += sign * quantity
    return sums


def _devices(loop: UsageLoop, reading: Reading) -> Iterator[Fault]:
    devices, each = reading.devices, reading.quantity_per_device
    if devices is None or each is None or reading.quantity is None:
        return
    if not _is_rounded(devices * each, reading.quantity):
        message = f"{_name(loop)}: devices x consumption of each is not the usage"
        yield _fault("A13", message, "3.9", devices * each, reading.quantity)


def _intervals(usage: Usage) -> Iterator[Fault]:
    """A series must be whole: rising, without a gap, from the period's start to its end."""
    rule = "3.10, RMG 9 D2"
    for loop, series in interval_columns(usage):
        ends = series.end_minutes
        broken = [later for earlier, later in pairwise(ends) if later - earlier != series.minutes]
        if broken:
            shown = ", ".join(_instant(each) for each in broken[:_MISSING_SHOWN_MAX])
            message = f"{_name(loop)}: intervals are missing, doubled or out of order at {shown}"
            yield _fault("INT", message, rule, "an unbroken series", len(broken))
        yield from _bounds(loop, series, rule)
        if unknown := sorted({q for q in series.qualifiers if not is_known("quantities", q)}):
            message = f"{_name(loop)}: intervals of a kind that no table knows"
            yield _fault("INT", message, rule, "QD or KA", " ".join(unknown))


def _bounds(loop: UsageLoop, series: IntervalSeries, rule: str) -> Iterator[Fault]:
    start, end = loop.begins_on, loop.ends_on
    if start and loop.start and loop.start.time in (None, dt.time()):
        expected = local_midnight(start)
        if series.start_at != expected:
            message = f"{_name(loop)}: the intervals do not begin with the period"
            yield _fault("INT", message, rule, expected.isoformat(), series.start_at.isoformat())
    if end and loop.end and loop.end.time in (None, dt.time()):
        expected = local_midnight(end)
        if series.end_at != expected:
            message = f"{_name(loop)}: the intervals do not end with the period"
            yield _fault("INT", message, rule, expected.isoformat(), series.end_at.isoformat())


def _instant(minutes: int) -> str:
    return (_EPOCH + dt.timedelta(minutes=minutes)).isoformat()


def _interval_totals(usage: Usage) -> Iterator[Fault]:
    """IA and PP against all PM, BO against the PM of its meter, within rounding."""
    rule = "3.5.5, RMG 9 D2"
    streams = list(interval_columns(usage, "PM"))
    for loop in usage.loops_of("IA", "PP", "BO"):
        quantity = loop_quantity(loop)
        if quantity is None or not adds_up(loop.unit):
            continue
        if loop.kind == "BO":
            of_loop = [
                (1, series)
                for part, series in streams
                if (part.meter_number, part.role, part.unit)
                == (loop.meter_number, loop.role, loop.unit)
            ]
        else:
            of_loop = [
                (role_sign(part.role) or 0, series)
                for part, series in streams
                if part.unit == loop.unit and role_sign(part.role)
            ]
        if of_loop:
            yield from _interval_total(loop, quantity, of_loop, rule)


def _interval_total(
    loop: UsageLoop, quantity: Decimal, streams: list[tuple[int, IntervalSeries]], rule: str
) -> Iterator[Fault]:
    total = sum((sign * series.total for sign, series in streams), Decimal())
    rounding = sum((_rounding(series) for _, series in streams), _half_unit(quantity))
    if abs(total - quantity) > rounding:
        message = f"{_name(loop)} is not the sum of the intervals"
        yield _fault("SUM", message, rule, quantity, total)


def _rounding(series: IntervalSeries) -> Decimal:
    """Half a unit of the last decimal of every value: so much may a sum of rounded ones be off."""
    finest = 3 if all(value % 1000 == 0 for value in series.millionths) else 6
    return len(series) * Decimal(5).scaleb(-finest - 1)


def _unplaced(usage: Usage) -> Iterator[Fault]:
    """Usage that stands where no table expects it is counted nowhere: a person has to look."""
    for placed in usage.unknown:
        if placed.segment and placed.segment[0] in _SEGMENTS_OF_USAGE:
            text = "*".join(placed.segment)
            yield Fault(
                code="A13",
                message=f"usage that no table places: {text[:60]}",
                tag=placed.segment[0],
                rule="guides/867_03.yaml",
                found=text[:80],
            )
