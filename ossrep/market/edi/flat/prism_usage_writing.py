"""Usage to Prism records; what the layout has no place for is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ossrep.market.edi.flat.columns import write_series
from ossrep.market.edi.flat.layouts import PrismLayout
from ossrep.market.edi.flat.model import (
    cannot_write,
    compact_date,
    compact_moment,
    decimal_text,
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
from ossrep.market.edi.flat.shared import refuse_fields
from ossrep.market.edi.texas_set.usage import (
    Measurement,
    MonthlyUsage,
    Reading,
    Usage,
    UsageLoop,
)

_LAYOUT: Final = "prism"
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
    if record == SUMMARY and any(each.measurements for each in loop.readings):
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
    if record in STREAMS:
        return list(_write_stream(partner, loop, STREAMS[record], layout))
    if loop.intervals is not None:
        raise cannot_write(_LAYOUT, f"intervals in a {loop.kind} loop")
    write = {
        SUMMARY: _write_summary,
        METER: _write_metered,
        INITIAL: _write_initial,
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
        SUMMARY_QUANTITY,
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
            SUMMARY_MEASURE,
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
    yield layout.record(METER_QUANTITY, partner=partner, **texts)


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
        INITIAL_READ,
        partner=partner,
        qualifier=reading.qualifier,
        unit=found.unit,
        read=decimal_text(found.end),
        time_of_use=found.time_of_use,
    )
