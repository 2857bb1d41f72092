"""Prism records to usage and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from ossrep.market.edi.flat.columns import Columns, write_series
from ossrep.market.edi.flat.layouts import PrismLayout
from ossrep.market.edi.flat.model import (
    Row,
    cannot_write,
    clock_text,
    compact_date,
    compact_moment,
    decimal_text,
)
from ossrep.market.edi.flat.shared import party, refuse_fields
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

_LAYOUT: Final = "prism"
_SUMMARY, _SUMMARY_QUANTITY, _SUMMARY_MEASURE = "07", "08", "09"
_METER, _METER_QUANTITY = "15", "16"
_STREAMS: Final = {"10": "11", "17": "18"}
_INITIAL, _INITIAL_READ = "30", "35"
_QUANTITIES: Final = frozenset({"08", "09", "11", "16", "18", "35"})
_HEAD_UNWRITTEN: Final = ("charges_due", "customer_name", "previous_esi_id", "bill_cycle")
_LOOP_UNWRITTEN: Final = [
    "estimates",
    "item",
    "item_qualifier",
    "unmetered_type",
    "unmetered_text",
    "movement",
    "rate_class",
    "bill_cycle",
    "load_profile",
]


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
    if meaning == "initial read" or any(row.tag == _INITIAL for row in rows):
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
    if head.tag in _STREAMS:
        return _with_intervals(loop, rows)
    if head.tag == _SUMMARY:
        return _with_summary(loop, rows, layout)
    expected = {_METER: _METER_QUANTITY, _INITIAL: _INITIAL_READ}[head.tag]
    _expect(rows, {expected})
    read = _read_initial if head.tag == _INITIAL else _read_metered
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
    _expect(rows, {_STREAMS[rows[0].tag]})
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
    _expect(rows, {_SUMMARY_QUANTITY, _SUMMARY_MEASURE})
    readings: list[Reading] = []
    for row in rows[1:]:
        if row.tag == _SUMMARY_QUANTITY:
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


def write_usage(partner: str, usage: Usage, layout: PrismLayout) -> Iterator[str]:
    """The records of one document, SH first."""
    refuse_fields(usage, _HEAD_UNWRITTEN, _LAYOUT)
    yield layout.record("SH", partner=partner, reference=usage.reference, direction="I")
    yield layout.record("01", partner=partner, state=layout.state, **_head(usage))
    if usage.load_profile or usage.rate_class or usage.rate_subclass:
        yield layout.record(
            "20",
            partner=partner,
            load_profile=usage.load_profile,
            rate_class=usage.rate_class,
            rate_subclass=usage.rate_subclass,
        )
    for loop in usage.loops:
        yield from _write_loop(partner, loop, layout)


def _head(usage: Usage) -> dict[str, str]:
    texts = {
        "purpose": usage.purpose,
        "report_type": usage.report_type,
        "action": usage.action,
        "reference": usage.reference,
        "date": compact_date(usage.date) + "0000",
        "esi_id": usage.esi_id,
        "power_region": usage.power_region,
    }
    if isinstance(usage, MonthlyUsage):
        texts["original_reference"] = usage.original_reference
        texts["order_reference"] = usage.order_reference
    else:
        texts["order_reference"] = usage.original_reference
    for name, found in (("retailer", usage.retailer), ("tdsp", usage.tdsp), ("ercot", usage.ercot)):
        if found is not None:
            texts |= {f"{name}_name": found.name, f"{name}_duns": found.duns}
    if len(usage.estimates) > 1:
        raise cannot_write(_LAYOUT, "more than one reason for an estimate")
    for estimate in usage.estimates:
        refuse_fields(estimate, ("clarification", "remainder"), _LAYOUT)
        texts |= {
            "estimate_reason": estimate.reason,
            "estimate_text": estimate.text,
            "door_hanger": estimate.door_hanger_left,
            "denials": "" if estimate.denials is None else str(estimate.denials),
            "estimates": "" if estimate.estimates is None else str(estimate.estimates),
        }
    return texts


def _write_loop(partner: str, loop: UsageLoop, layout: PrismLayout) -> Iterator[str]:
    refuse_fields(loop, _LOOP_UNWRITTEN, _LAYOUT)
    interval = loop.meter_type[2:]
    minutes = "yes" if interval.isdecimal() else "no"
    entry = _entry(loop, minutes, layout)
    record = entry["record"]
    texts = {
        "start": compact_moment(loop.start),
        "end_date": compact_moment(loop.end),
        "exchanged": compact_moment(loop.exchanged),
        "read_on": compact_moment(loop.read_on),
        "meter": loop.meter,
        "unit": loop.meter_type[:2],
        "interval": interval,
        "role": loop.role,
        "channel": loop.channel,
        "metered": entry["metered"],
    }
    written = _write_quantities(partner, loop, record, layout)
    if record == _SUMMARY and any(each.measurements for each in loop.readings):
        texts |= {"start": "", "end_date": ""}
    places = layout.records[record]
    for name, text in texts.items():
        if text and name not in places:
            raise cannot_write(_LAYOUT, f"{name.replace('_', ' ')} in a {loop.kind} loop")
    yield layout.record(record, partner=partner, **{n: t for n, t in texts.items() if n in places})
    yield from written


def _entry(loop: UsageLoop, minutes: str, layout: PrismLayout) -> dict[str, str]:
    for entry in layout.loops:
        if entry["loop"] == loop.kind:
            if entry["metered"] and entry["minutes"] != minutes:
                break
            return dict(entry)
    raise cannot_write(_LAYOUT, f"a {loop.kind} loop of meter type {loop.meter_type!r}")


def _write_quantities(partner: str, loop: UsageLoop, record: str, layout: PrismLayout) -> list[str]:
    if record in _STREAMS:
        return list(_write_stream(partner, loop, _STREAMS[record], layout))
    if loop.intervals is not None:
        raise cannot_write(_LAYOUT, f"intervals in a {loop.kind} loop")
    write = {
        _SUMMARY: _write_summary,
        _METER: _write_metered,
        _INITIAL: _write_initial,
    }[record]
    return [line for each in loop.readings for line in write(partner, each, loop, layout)]


def _write_stream(partner: str, loop: UsageLoop, record: str, layout: PrismLayout) -> Iterator[str]:
    if loop.readings:
        raise cannot_write(_LAYOUT, f"quantities that are no intervals in a {loop.kind} loop")
    if loop.intervals is None:
        return
    series = loop.intervals
    for date, time, qualifier, quantity in write_series(loop.meter_type, series, _LAYOUT):
        yield layout.record(
            record,
            partner=partner,
            qualifier=qualifier,
            quantity=quantity,
            interval_date=compact_date(date),
            interval_time=time,
        )


def _write_summary(
    partner: str, reading: Reading, loop: UsageLoop, layout: PrismLayout
) -> Iterator[str]:
    if reading != Reading(
        qualifier=reading.qualifier,
        quantity=reading.quantity,
        unit=loop.meter_type[:2] if reading.quantity is not None else "",
        measurements=reading.measurements,
    ):
        raise cannot_write(_LAYOUT, "factors or another unit in a summary")
    yield layout.record(
        "08",
        partner=partner,
        qualifier=reading.qualifier,
        quantity=decimal_text(reading.quantity),
    )
    for found in reading.measurements:
        plain = Measurement(
            measures=layout.measures,
            quantity=found.quantity,
            unit=loop.meter_type[:2],
            time_of_use=found.time_of_use,
        )
        if found != plain:
            raise cannot_write(_LAYOUT, "reads in a summary")
        yield layout.record(
            "09",
            partner=partner,
            measured=decimal_text(found.quantity),
            time_of_use=found.time_of_use,
            start=compact_moment(loop.start),
            end_date=compact_moment(loop.end),
        )


def _write_metered(
    partner: str, reading: Reading, loop: UsageLoop, layout: PrismLayout
) -> Iterator[str]:
    if len(reading.measurements) > 1 or (reading.quantity is None) != (reading.unit == ""):
        raise cannot_write(_LAYOUT, "several measurements of one quantity")
    texts = {
        "qualifier": reading.qualifier,
        "quantity": decimal_text(reading.quantity),
        "unit": reading.unit,
        "multiplier": decimal_text(reading.multiplier),
        "power_factor": decimal_text(reading.power_factor),
        "loss_factor": decimal_text(reading.loss_factor),
        "devices": decimal_text(reading.devices),
        "quantity_per_device": decimal_text(reading.quantity_per_device),
    }
    for found in reading.measurements:
        same = (found.measures, found.quantity, found.unit) == (
            layout.measures,
            reading.quantity,
            reading.unit,
        )
        reads = {
            "quality": found.quality,
            "time_of_use": found.time_of_use,
            "begin": decimal_text(found.begin),
            "end": decimal_text(found.end),
        }
        if not same or not any(reads.values()):
            raise cannot_write(_LAYOUT, "a measurement other than that of its quantity")
        texts |= reads
    yield layout.record("16", partner=partner, **texts)


def _write_initial(
    partner: str, reading: Reading, loop: UsageLoop, layout: PrismLayout
) -> Iterator[str]:
    found = reading.measurements[0] if reading.measurements else Measurement()
    plain = Measurement(unit=found.unit, end=found.end, time_of_use=found.time_of_use)
    if reading != Reading(
        qualifier=reading.qualifier, measurements=(plain,) if reading.measurements else ()
    ):
        raise cannot_write(_LAYOUT, "more than a read in an initial read")
    yield layout.record(
        "35",
        partner=partner,
        qualifier=reading.qualifier,
        unit=found.unit,
        read=decimal_text(found.end),
        time_of_use=found.time_of_use,
    )
