"""Rows of the pipe format to usage and back: a row is a loop with one quantity, or an interval."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from ossrep.market.edi.flat.columns import Columns, write_series
from ossrep.market.edi.flat.layouts import PipeLayout, code_of, word_of
from ossrep.market.edi.flat.model import Row, cannot_write, clock_text, decimal_text, slashed_date
from ossrep.market.edi.flat.shared import merge_head, party, refuse_fields
from ossrep.market.edi.texas_set.intervals import IntervalSeries
from ossrep.market.edi.texas_set.model import Moment
from ossrep.market.edi.texas_set.usage import (
    Estimate,
    HistoricalUsage,
    Measurement,
    MonthlyUsage,
    Reading,
    Usage,
    UsageLoop,
)
from ossrep.market.edi.texas_set.usage_codes import usage_codes

_KINDS: Final = {each.kind: each for each in (MonthlyUsage, HistoricalUsage)}
_HEAD: Final = [
    "purpose",
    "report_type",
    "date",
    "retailer_duns",
    "retailer_name",
    "tdsp_duns",
    "tdsp_name",
    "ercot_duns",
    "ercot_name",
    "esi_id",
    "original_reference",
    "due_date",
    "due_time",
]
_UNWRITTEN: Final = [
    "action",
    "customer_name",
    "previous_esi_id",
    "order_reference",
    "power_region",
    "rate_class",
    "rate_subclass",
    "bill_cycle",
    "load_profile",
]
_LOOP_UNWRITTEN: Final = (
    "read_on",
    "item",
    "item_qualifier",
    "rate_class",
    "bill_cycle",
    "load_profile",
)


def read_usage(rows: Sequence[Row], layout: PipeLayout) -> Usage:
    """One document: rows of the same tracking number."""
    head = merge_head(rows, _HEAD)
    build = _KINDS[head.needed_text("kind")]
    estimates = _read_estimate(head)
    if any(_read_estimate(row) != estimates for row in rows):
        estimates = ()
    return build(
        reference=head.needed_text("reference"),
        date=head.needed_date("date"),
        original_reference=head.text("original_reference"),
        esi_id=head.text("esi_id"),
        tdsp=party(head, "tdsp"),
        retailer=party(head, "retailer"),
        ercot=party(head, "ercot"),
        purpose=code_of(layout.purposes, head.text("purpose")),
        report_type=code_of(layout.report_types, head.text("report_type")),
        charges_due=head.moment("due_date", "due_time"),
        estimates=estimates,
        loops=tuple(_read_loops(rows, is_estimate_of_all=bool(estimates))),
    )


def _read_estimate(row: Row) -> tuple[Estimate, ...]:
    estimate = Estimate(
        reason=row.text("estimate_reason"),
        text=row.text("estimate_text"),
        clarification=row.text("estimate_clarification"),
        door_hanger_left=row.text("door_hanger"),
        denials=row.integer("denials"),
        estimates=row.integer("estimates"),
    )
    return () if estimate == Estimate(reason="") else (estimate,)


def _read_loops(rows: Sequence[Row], *, is_estimate_of_all: bool) -> Iterator[UsageLoop]:
    """Rows that name an interval's end and agree in all else are one loop.

    The reason for an estimate is the document's where all rows have the same, else the loop's.
    """

    def key(row: Row) -> tuple[int, UsageLoop]:
        is_interval = bool(row.text("interval_date"))
        frame = _read_frame(row)
        if not is_estimate_of_all:
            frame = replace(frame, estimates=_read_estimate(row))
        return (0 if is_interval else row.number), frame

    for (number, frame), group in groupby(rows, key):
        of_loop = list(group)
        if number:
            yield replace(frame, readings=_read_reading(of_loop[0], frame))
        else:
            yield replace(frame, intervals=_read_series(of_loop))


def _read_frame(row: Row) -> UsageLoop:
    return UsageLoop(
        kind=row.needed_text("loop"),
        start=row.moment("start", "start_time"),
        end=row.moment("end_date", "end_time"),
        exchanged=row.moment("exchanged", "exchanged_time"),
        meter=row.text("meter"),
        meter_type=row.text("meter_type"),
        role=row.text("role"),
        channel=row.text("channel"),
        unmetered_type=row.text("unmetered_type"),
        unmetered_text=row.text("unmetered_text"),
        movement=row.text("movement"),
    )


def _read_reading(row: Row, frame: UsageLoop) -> tuple[Reading, ...]:
    unit = frame.meter_type[:2]
    quantity = row.decimal("quantity")
    devices, per_device = row.decimal("devices"), row.decimal("quantity_per_device")
    reading = Reading(
        qualifier=row.text("qualifier"),
        quantity=quantity,
        unit=unit if quantity is not None else "",
        measurements=_read_measurement(row, unit),
        multiplier=row.decimal("multiplier"),
        power_factor=row.decimal("power_factor"),
        loss_factor=row.decimal("loss_factor"),
        devices=devices,
        quantity_per_device=per_device,
    )
    return () if reading == Reading() else (reading,)


def _read_measurement(row: Row, unit: str) -> tuple[Measurement, ...]:
    measured, begin, end = row.decimal("measured"), row.decimal("begin"), row.decimal("end")
    quality, time_of_use = _read_quality(row), row.text("time_of_use")
    if measured is None and begin is None and end is None and not quality and not time_of_use:
        return ()
    return (
        Measurement(
            measures=next(iter(usage_codes()["measures"])),
            quantity=measured,
            unit=unit,
            quality=quality,
            begin=begin,
            end=end,
            time_of_use=time_of_use,
        ),
    )


def _read_quality(row: Row) -> str:
    begin, end = row.text("begin_type"), row.text("end_type")
    if not begin and not end:
        return ""
    for code, words in usage_codes()["qualities"].items():
        if (words["begin"], words["end"]) == (begin.upper(), end.upper()):
            return code
    alone = usage_codes()["qualities_without_begin"].get(end.upper())
    if not begin and alone is not None and row.decimal("begin") is None:
        return alone["code"]
    return f"{begin}/{end}"


def _read_series(rows: Sequence[Row]) -> IntervalSeries:
    columns = Columns(meter_type=rows[0].text("meter_type"))
    for row in rows:
        moment = row.moment("interval_date")
        columns.add(row, moment, row.text("interval_time").replace(":", ""))
        # Both repeat what the interval's own quantity says.
        row.seen |= {row.places.get("measured", 0), row.places.get("time_of_use", 0)}
    return columns.series()


def write_usage(usage: Usage, layout: PipeLayout) -> list[dict[str, str]]:
    """The rows of one document, as field names to texts."""
    refuse_fields(usage, _UNWRITTEN, "pipe")
    head = {
        "set": layout.set_code,
        "kind": usage.kind,
        "purpose": word_of(layout.purposes, usage.purpose),
        "report_type": word_of(layout.report_types, usage.report_type),
        "reference": usage.reference,
        "date": slashed_date(usage.date),
        "original_reference": usage.original_reference,
        "esi_id": usage.esi_id,
        **_moments("due", usage.charges_due, "due_date", "due_time"),
        **_write_estimate(usage.estimates),
        **layout.constants,
    }
    of_loops = {loop.estimates for loop in usage.loops}
    if of_loops - {()} and (usage.estimates or len(of_loops) == 1):
        raise cannot_write("pipe", "the reason of an estimate both for all and for each loop")
    for name, found in (("retailer", usage.retailer), ("tdsp", usage.tdsp), ("ercot", usage.ercot)):
        if found is not None:
            head |= {f"{name}_name": found.name, f"{name}_duns": found.duns}
    rows = [{**head, **row} for loop in usage.loops for row in _write_loop(loop, layout)]
    if not rows:
        raise cannot_write("pipe", "usage without a loop")
    return rows


def _write_estimate(estimates: Sequence[Estimate]) -> dict[str, str]:
    if len(estimates) > 1:
        raise cannot_write("pipe", "more than one reason for an estimate")
    texts: dict[str, str] = {}
    for found in estimates:
        refuse_fields(found, ("remainder",), "pipe")
        texts = {
            "estimate_reason": found.reason,
            "estimate_text": found.text,
            "estimate_clarification": found.clarification,
            "door_hanger": found.door_hanger_left,
            "denials": "" if found.denials is None else str(found.denials),
            "estimates": "" if found.estimates is None else str(found.estimates),
        }
    return texts


def _moments(name: str, value: Moment | None, date: str, time: str) -> dict[str, str]:
    return {date: slashed_date(value.date), time: clock_text(value.time)} if value else {}


def _write_loop(loop: UsageLoop, layout: PipeLayout) -> Iterator[dict[str, str]]:
    refuse_fields(loop, _LOOP_UNWRITTEN, "pipe")
    frame = {
        "loop": loop.kind,
        "loop_text": layout.text_of("loop_text", loop.kind),
        **_moments("start", loop.start, "start", "start_time"),
        **_moments("end", loop.end, "end_date", "end_time"),
        **_moments("exchanged", loop.exchanged, "exchanged", "exchanged_time"),
        "meter": loop.meter,
        "meter_type": loop.meter_type,
        "role": loop.role,
        "role_text": layout.text_of("role_text", loop.role),
        "channel": loop.channel,
        "unmetered_type": loop.unmetered_type,
        "unmetered_text": loop.unmetered_text,
        "movement": loop.movement,
        **_write_estimate(loop.estimates),
    }
    if len(loop.readings) > 1 or (loop.readings and loop.intervals):
        raise cannot_write("pipe", "a loop of more than one quantity")
    if loop.intervals is not None:
        for date, time, qualifier, quantity in write_series(
            loop.meter_type, loop.intervals, "pipe"
        ):
            interval = {"interval_date": slashed_date(date), "interval_time": time}
            yield {**frame, **interval, "qualifier": qualifier, "quantity": quantity}
        return
    reading = loop.readings[0] if loop.readings else Reading()
    yield {**frame, **_write_reading(reading, loop, layout)}


def _write_reading(reading: Reading, loop: UsageLoop, layout: PipeLayout) -> dict[str, str]:
    unit = loop.meter_type[:2]
    if len(reading.measurements) > 1:
        raise cannot_write("pipe", "a quantity with several measurements")
    if reading.unit != (unit if reading.quantity is not None else ""):
        raise cannot_write("pipe", f"the unit {reading.unit!r} at meter type {loop.meter_type!r}")
    texts = {
        "qualifier": reading.qualifier,
        "qualifier_text": layout.text_of("qualifier_text", reading.qualifier),
        "quantity": decimal_text(reading.quantity),
        "multiplier": decimal_text(reading.multiplier),
        "power_factor": decimal_text(reading.power_factor),
        "loss_factor": decimal_text(reading.loss_factor),
        "devices": decimal_text(reading.devices),
        "quantity_per_device": decimal_text(reading.quantity_per_device),
    }
    for measurement in reading.measurements:
        texts |= _write_measurement(measurement, unit, layout)
    return texts


def _write_measurement(found: Measurement, unit: str, layout: PipeLayout) -> dict[str, str]:
    if found.measures not in usage_codes()["measures"] or found.unit != unit:
        raise cannot_write("pipe", f"a measurement of {found.measures} in {found.unit}")
    begin, end = _quality_words(found)
    texts = {
        "time_of_use": found.time_of_use,
        "time_of_use_text": layout.text_of("time_of_use_text", found.time_of_use),
        "measured": decimal_text(found.quantity),
        "begin": decimal_text(found.begin),
        "begin_type": begin,
        "end": decimal_text(found.end),
        "end_type": end,
    }
    if not any(texts.values()):
        raise cannot_write("pipe", "an empty measurement")
    return texts


def _quality_words(found: Measurement) -> tuple[str, str]:
    if not found.quality:
        return "", ""
    words = usage_codes()["qualities"].get(found.quality)
    if words is None:
        begin, slash, end = found.quality.partition("/")
        if not slash:
            raise cannot_write("pipe", f"the quality {found.quality}")
        return begin, end
    alone = usage_codes()["qualities_without_begin"].get(words["end"], {}).get("code")
    if found.begin is None and alone == found.quality:
        return "", words["end"]
    return words["begin"], words["end"]
