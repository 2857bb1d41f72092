"""Prism records to usage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ossrep.market.edi.flat.columns import Columns
from ossrep.market.edi.flat.layouts import PrismLayout
from ossrep.market.edi.flat.model import (
    Row,
    clock_text,
)
from ossrep.market.edi.flat.prism_records import (
    INITIAL,
    INITIAL_READ,
    METER,
    METER_QUANTITY,
    STREAMS,
    SUMMARY,
    SUMMARY_MEASURE,
    SUMMARY_QUANTITY,
)
from ossrep.market.edi.flat.shared import party
from ossrep.market.edi.texas_set.usage import (
    Estimate,
    HistoricalUsage,
    InitialRead,
    Measurement,
    MonthlyUsage,
    Reading,
    Usage,
    UsageLoop,
)
from ossrep.market.edi.texas_set.usage_codes import usage_codes

_QUANTITIES: Final = frozenset({"08", "09", "11", "16", "18", "35"})


def read_usage(rows: Sequence[Row], layout: PrismLayout) -> Usage:
    """One document: SH, 01 and its loops."""
    start, head = rows[0], rows[1]
    start.text("reference"), start.text("direction"), head.text("created"), head.text("account")
    build = _kind(head, rows)
    profile = _schedule(rows)
    order = head.text("order_reference")
    original = head.text("original_reference")
    return build(
        reference=head.needed_text("reference"),
        date=head.needed_date("date"),
        original_reference=original if build is MonthlyUsage else order or original,
        order_reference=order if build is MonthlyUsage else "",
        esi_id=head.text("esi_id"),
        tdsp=party(head, "tdsp"),
        retailer=party(head, "retailer"),
        ercot=party(head, "ercot"),
        purpose=head.text("purpose"),
        report_type=head.text("report_type"),
        action=head.text("action"),
        power_region=head.text("power_region"),
        load_profile=profile.text("load_profile") if profile else "",
        rate_class=profile.text("rate_class") if profile else "",
        rate_subclass=profile.text("rate_subclass") if profile else "",
        estimates=_read_estimate(head),
        loops=tuple(_read_loop(each, layout) for each in _loops(rows)),
    )


def _kind(head: Row, rows: Sequence[Row]) -> type[Usage]:
    meaning = usage_codes()["purposes"].get(head.text("purpose"), {}).get("name")
    if meaning == "initial read" or any(row.tag == INITIAL for row in rows):
        return InitialRead
    return HistoricalUsage if meaning == "history" else MonthlyUsage


def _schedule(rows: Sequence[Row]) -> Row | None:
    found = [row for row in rows if row.tag == "20"]
    if len(found) > 1:
        raise found[1].wrong("load_profile", "one 20 record in a document", code="flat_order")
    return found[0] if found else None


def _read_estimate(head: Row) -> tuple[Estimate, ...]:
    estimate = Estimate(
        reason=head.text("estimate_reason"),
        text=head.text("estimate_text"),
        door_hanger_left=head.text("door_hanger"),
        denials=head.integer("denials"),
        estimates=head.integer("estimates"),
    )
    return () if estimate == Estimate(reason="") else (estimate,)


def _loops(rows: Sequence[Row]) -> list[list[Row]]:
    loops: list[list[Row]] = []
    for row in rows[2:]:
        if row.tag == "20":
            continue
        if row.tag not in _QUANTITIES:
            loops.append([row])
        elif loops:
            loops[-1].append(row)
        else:
            raise row.wrong("qualifier", "a loop before its quantities", code="flat_order")
    return loops


def _read_loop(rows: Sequence[Row], layout: PrismLayout) -> UsageLoop:
    head = rows[0]
    meter_type = head.text("unit") + head.text("interval")
    loop = UsageLoop(
        kind=_read_kind(head, layout),
        start=head.moment("start"),
        end=head.moment("end_date"),
        exchanged=head.moment("exchanged"),
        read_on=head.moment("read_on"),
        meter=head.text("meter"),
        meter_type=meter_type,
        role=head.text("role"),
        channel=head.text("channel"),
    )
    if head.tag in STREAMS:
        return _with_intervals(loop, rows)
    if head.tag == SUMMARY:
        return _with_summary(loop, rows, layout)
    expected = {METER: METER_QUANTITY, INITIAL: INITIAL_READ}[head.tag]
    _expect(rows, {expected})
    read = _read_initial if head.tag == INITIAL else _read_metered
    return replace(loop, readings=tuple(read(row, meter_type, layout) for row in rows[1:]))


def _expect(rows: Sequence[Row], tags: set[str]) -> None:
    for row in rows[1:]:
        if row.tag not in tags:
            expected = f"a record {' or '.join(sorted(tags))} under {rows[0].tag}"
            raise row.wrong("qualifier", expected, code="flat_order")


def _read_kind(head: Row, layout: PrismLayout) -> str:
    metered, interval = head.text("metered"), head.text("interval")
    minutes = "yes" if interval.isdecimal() else "no"
    candidates = [entry for entry in layout.loops if entry["record"] == head.tag]
    for entry in candidates:
        if len(candidates) == 1 or (entry["metered"], entry["minutes"]) == (metered, minutes):
            return entry["loop"]
    raise head.wrong("metered", "a flag that the table of loops knows")


def _with_intervals(loop: UsageLoop, rows: Sequence[Row]) -> UsageLoop:
    _expect(rows, {STREAMS[rows[0].tag]})
    if len(rows) == 1:
        return loop
    columns = Columns(meter_type=loop.meter_type)
    for row in rows[1:]:
        moment = row.moment("interval_date", "interval_time")
        time = row.text("interval_time").replace(":", "")
        if moment is not None and not time and moment.time is not None:
            time = clock_text(moment.time)
        # 24:00 has become the next day already, with the clock at 00:00.
        columns.add(row, moment, "0000" if time[:4] == "2400" else time[:4])
    return replace(loop, intervals=columns.series())


def _with_summary(loop: UsageLoop, rows: Sequence[Row], layout: PrismLayout) -> UsageLoop:
    """A summary may leave its period to the measurements."""
    _expect(rows, {SUMMARY_QUANTITY, SUMMARY_MEASURE})
    readings: list[Reading] = []
    for row in rows[1:]:
        if row.tag == SUMMARY_QUANTITY:
            quantity = row.decimal("quantity")
            unit = row.text("unit") or (loop.unit if quantity is not None else "")
            readings.append(Reading(qualifier=row.text("qualifier"), quantity=quantity, unit=unit))
            continue
        if not readings:
            raise row.wrong("measured", "record 08 before 09", code="flat_order")
        loop = _with_period(loop, row)
        measurement = Measurement(
            measures=layout.measures,
            quantity=row.decimal("measured"),
            unit=loop.unit,
            time_of_use=row.text("time_of_use"),
        )
        last = readings[-1]
        readings[-1] = replace(last, measurements=(*last.measurements, measurement))
    return replace(loop, readings=tuple(readings))


def _with_period(loop: UsageLoop, row: Row) -> UsageLoop:
    start, end = row.moment("start"), row.moment("end_date")
    if (loop.start or start) != (start or loop.start) or (loop.end or end) != (end or loop.end):
        raise row.wrong("start", "the period of the loop it stands in")
    return replace(loop, start=loop.start or start, end=loop.end or end)


def _read_metered(row: Row, meter_type: str, layout: PrismLayout) -> Reading:
    quantity = row.decimal("quantity")
    unit = row.text("unit") or (meter_type[:2] if quantity is not None else "")
    quality, time_of_use = row.text("quality"), row.text("time_of_use")
    begin, end = row.decimal("begin"), row.decimal("end")
    has_measurement = quality or time_of_use or begin is not None or end is not None
    measurement = Measurement(
        measures=layout.measures,
        quantity=quantity,
        unit=unit,
        quality=quality,
        begin=begin,
        end=end,
        time_of_use=time_of_use,
    )
    return Reading(
        qualifier=row.text("qualifier"),
        quantity=quantity,
        unit=unit,
        measurements=(measurement,) if has_measurement else (),
        multiplier=row.decimal("multiplier"),
        power_factor=row.decimal("power_factor"),
        loss_factor=row.decimal("loss_factor"),
        devices=row.decimal("devices"),
        quantity_per_device=row.decimal("quantity_per_device"),
    )


def _read_initial(row: Row, meter_type: str, layout: PrismLayout) -> Reading:
    """The read is the end of a measurement without a quantity, as the X12 has it."""
    measurement = Measurement(
        unit=row.text("unit"), end=row.decimal("read"), time_of_use=row.text("time_of_use")
    )
    has_measurement = measurement != Measurement()
    return Reading(
        qualifier=row.text("qualifier"), measurements=(measurement,) if has_measurement else ()
    )
