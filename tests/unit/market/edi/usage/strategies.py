"""Usage and invoices as X12 and the flattened formats can carry them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from ossrep.market.edi.texas_set.intervals import IntervalSeries, interval_minutes
from ossrep.market.edi.texas_set.invoice import (
    Charge,
    DeliveryInvoice,
    InvoiceItem,
    SubLine,
    Tax,
)
from ossrep.market.edi.texas_set.model import ERCOT, Moment, Party
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

LETTERS = "ABCXYZ0189 .,&'-/"
TEXTS = st.text(LETTERS, max_size=20).map(lambda text: " ".join(text.split()))
NAMES = TEXTS.filter(bool)
CODES = st.text("ABCXYZ0189", min_size=1, max_size=12)
NUMBERS = st.decimals(
    min_value=-(10**9), max_value=10**9, places=4, allow_nan=False, allow_infinity=False
)
CENTS = st.integers(-(10**9), 10**9).map(lambda cents: Decimal(cents).scaleb(-2))
DATES = st.dates(dt.date(2015, 1, 1), dt.date(2035, 12, 31))
DAYS = DATES.map(Moment)
MOMENTS = st.builds(
    Moment,
    DATES,
    st.none() | st.builds(dt.time, st.integers(0, 23), st.integers(0, 59)),
)
PARTIES = st.builds(Party, NAMES, st.from_regex(r"[0-9]{9}([0-9]{4})?", fullmatch=True))
ESI_IDS = st.from_regex(r"10[0-9]{15}", fullmatch=True)
UNITS = st.sampled_from(["KH", "K1", "K3", "K4"])
TIMES_OF_USE = st.sampled_from(["", "51", "41", "42", "43"])
QUALIFIERS = st.sampled_from(["QD", "KA", "20"])
QUALITIES = st.sampled_from(["", "AA", "AE", "EA", "EE"])


def series(unit: str, minutes: int) -> st.SearchStrategy[IntervalSeries]:
    """Intervals from some midnight on, a few of them left out."""

    def build(start: int, rows: list[tuple[int, int, str]]) -> IntervalSeries:
        ends, at = [], start * minutes
        for gap, _, _ in rows:
            at += minutes * (1 + gap)
            ends.append(at)
        return IntervalSeries(
            unit=unit,
            minutes=minutes,
            end_minutes=tuple(ends),
            millionths=tuple(value for _, value, _ in rows),
            qualifiers=tuple(qualifier for _, _, qualifier in rows),
        )

    # Far from a change of clocks: a gap inside a doubled hour cannot be told from its labels.
    start = st.integers(28_400_000 // minutes, 28_410_000 // minutes)
    row = st.tuples(st.integers(0, 3), st.integers(-(10**15), 10**15), QUALIFIERS)
    return st.builds(build, start, st.lists(row, min_size=1, max_size=12))


def measurements(unit: str) -> st.SearchStrategy[Measurement]:
    return st.builds(
        Measurement,
        measures=st.just("PRQ"),
        quantity=st.none() | NUMBERS,
        unit=st.just(unit),
        quality=QUALITIES,
        begin=st.none() | NUMBERS,
        end=st.none() | NUMBERS,
        time_of_use=TIMES_OF_USE,
    )


def readings(unit: str) -> st.SearchStrategy[Reading]:
    return st.builds(
        Reading,
        qualifier=QUALIFIERS,
        quantity=NUMBERS,
        unit=st.just(unit),
        measurements=st.lists(measurements(unit), max_size=3).map(tuple),
        multiplier=st.none() | NUMBERS,
        power_factor=st.none() | NUMBERS,
        loss_factor=st.none() | NUMBERS,
        devices=st.none() | NUMBERS,
        quantity_per_device=st.none() | NUMBERS,
    )


@st.composite
def loops(draw: st.DrawFn) -> UsageLoop:
    """A loop as X12 can carry it: any fields, any kind."""
    unit = draw(UNITS)
    meter_type = unit + draw(st.sampled_from(["MON", "015", "030", "060"]))
    return UsageLoop(
        kind=draw(st.sampled_from(["SU", "PL", "BC", "BD", "IA", "PP", "BO", "PM"])),
        start=draw(st.none() | MOMENTS),
        end=draw(st.none() | MOMENTS),
        exchanged=draw(st.none() | MOMENTS),
        meter=draw(TEXTS),
        item_qualifier=draw(st.sampled_from(["", "MG", "OZ"])),
        item=draw(TEXTS),
        meter_type=meter_type,
        role=draw(st.sampled_from(["", "A", "S", "I", "M"])),
        channel=draw(st.sampled_from(["", "1", "4"])),
        unmetered_type=draw(st.just("") | CODES),
        unmetered_text=draw(TEXTS),
        movement=draw(st.sampled_from(["", "LU"])),
        rate_class=draw(TEXTS),
        bill_cycle=draw(st.just("") | CODES),
        load_profile=draw(st.just("") | CODES),
        estimates=draw(
            st.lists(st.builds(Estimate, reason=CODES, text=TEXTS), max_size=2).map(tuple)
        ),
        readings=draw(st.lists(readings(unit), max_size=2).map(tuple)),
        intervals=draw(st.none() | series(unit, interval_minutes(meter_type))),
    )


def usages(loop: st.SearchStrategy[UsageLoop]) -> st.SearchStrategy[Usage]:
    """867_03 with everything that stands in its head."""
    return st.builds(
        MonthlyUsage,
        reference=CODES,
        date=DATES,
        original_reference=st.just("") | CODES,
        order_reference=st.just("") | CODES,
        esi_id=ESI_IDS,
        tdsp=st.none() | PARTIES,
        retailer=st.none() | PARTIES,
        ercot=st.just(ERCOT) | st.none(),
        purpose=st.sampled_from(["00", "01", "05"]),
        report_type=st.sampled_from(["", "DD", "C1"]),
        action=st.sampled_from(["", "F"]),
        charges_due=st.none() | MOMENTS,
        customer_name=TEXTS,
        previous_esi_id=st.just("") | ESI_IDS,
        power_region=TEXTS,
        rate_class=TEXTS,
        rate_subclass=TEXTS,
        bill_cycle=st.just("") | CODES,
        load_profile=st.just("") | CODES,
        estimates=st.lists(
            st.builds(Estimate, reason=CODES, text=TEXTS, remainder=TEXTS), max_size=2
        ).map(tuple),
        loops=st.lists(loop, max_size=4).map(tuple),
    )


INITIAL_READS = st.builds(
    InitialRead,
    reference=CODES,
    date=DATES,
    original_reference=st.just("") | CODES,
    esi_id=ESI_IDS,
    tdsp=st.none() | PARTIES,
    retailer=st.none() | PARTIES,
    purpose=st.just("SU"),
    loops=st.lists(
        st.builds(
            UsageLoop,
            kind=st.just("BJ"),
            read_on=st.none() | MOMENTS,
            meter=TEXTS,
            readings=st.lists(
                st.builds(
                    Reading,
                    qualifier=st.just("QD"),
                    measurements=st.builds(
                        Measurement, unit=UNITS, end=st.none() | NUMBERS, time_of_use=TIMES_OF_USE
                    ).map(lambda found: (found,)),
                ),
                max_size=3,
            ).map(tuple),
        ),
        min_size=1,
        max_size=3,
    ).map(tuple),
)


@st.composite
def flat_loops(draw: st.DrawFn, *, prism: bool) -> UsageLoop:
    """A loop as both flattened formats can carry it."""
    kind = draw(st.sampled_from(["SU", "PL", "BO", "IA", "PP", "PM"]))
    unit = draw(UNITS)
    is_stream = kind in ("BO", "IA", "PP", "PM")
    meter_type = unit + ("015" if is_stream else "MON")
    has_meter = kind in ("PL", "BO", "PM")
    loop: dict[str, Any] = {
        "kind": kind,
        "start": draw(DAYS),
        "end": draw(DAYS),
        "exchanged": draw(st.none() | DAYS) if has_meter else None,
        "meter": draw(TEXTS) if has_meter else "",
        "meter_type": meter_type,
        "role": draw(st.sampled_from(["", "A", "S", "I", "M"])) if has_meter else "",
        "channel": draw(st.sampled_from(["", "4"])) if kind == "PM" else "",
    }
    if kind in ("PP", "PM"):
        return UsageLoop(intervals=draw(series(unit, 15)), **loop)
    if not has_meter and prism:
        return UsageLoop(readings=(draw(_summaries(unit)),), **loop)
    return UsageLoop(readings=(draw(_metered(unit)),), **loop)


def _summaries(unit: str) -> st.SearchStrategy[Reading]:
    measurement = st.builds(
        Measurement,
        measures=st.just("PRQ"),
        quantity=NUMBERS,
        unit=st.just(unit),
        time_of_use=TIMES_OF_USE,
    )
    return st.builds(
        Reading,
        qualifier=QUALIFIERS,
        quantity=NUMBERS,
        unit=st.just(unit),
        measurements=st.lists(measurement, max_size=2).map(tuple),
    )


@st.composite
def _metered(draw: st.DrawFn, unit: str) -> Reading:
    quantity = draw(NUMBERS)
    begin = draw(st.none() | NUMBERS)
    measurement = Measurement(
        measures="PRQ",
        quantity=quantity,
        unit=unit,
        quality=draw(st.sampled_from(["AA", "AE", "EA", "EE"])),
        begin=begin,
        end=draw(NUMBERS),
        time_of_use=draw(TIMES_OF_USE),
    )
    return Reading(
        qualifier=draw(QUALIFIERS),
        quantity=quantity,
        unit=unit,
        measurements=(measurement,),
        multiplier=draw(st.none() | NUMBERS),
        power_factor=draw(st.none() | NUMBERS),
        loss_factor=draw(st.none() | NUMBERS),
    )


def flat_usages(*, prism: bool) -> st.SearchStrategy[Usage]:
    """867_03 and 867_02 as a flattened format can carry them."""
    head: dict[str, Any] = {
        "date": DATES,
        "original_reference": st.just("") | CODES,
        "esi_id": ESI_IDS,
        "tdsp": st.none() | PARTIES,
        "retailer": st.none() | PARTIES,
        "ercot": st.just(ERCOT) | st.none(),
        "report_type": st.sampled_from(["DD", "C1"]),
        "loops": st.lists(flat_loops(prism=prism), min_size=1, max_size=4, unique_by=repr).map(
            tuple
        ),
    }
    counts = st.none() | st.integers(0, 99)
    estimate = st.builds(
        Estimate, reason=CODES, text=TEXTS, door_hanger_left=CODES, denials=counts, estimates=counts
    )
    estimates = st.just(()) | estimate.map(lambda found: (found,))
    monthly = st.builds(
        MonthlyUsage,
        reference=CODES,
        purpose=st.sampled_from(["00", "01", "05"]),
        estimates=estimates,
        **head,
    )
    history = st.builds(HistoricalUsage, reference=CODES, purpose=st.just("52"), **head)
    return monthly | history


CHARGES = st.builds(
    Charge,
    indicator=st.sampled_from(["C", "A", "N"]),
    agency=st.just("EU"),
    code=st.from_regex(r"[A-Z]{3}[0-9]{3}", fullmatch=True),
    amount=CENTS,
    rate=st.none() | NUMBERS,
    unit=st.sampled_from(["", "KH", "K1", "RA", "EA"]),
    quantity=st.none() | NUMBERS,
    registered_quantity=st.none() | NUMBERS,
    text=TEXTS,
    taxes=st.lists(
        st.builds(Tax, type=st.sampled_from(["", "ST"]), amount=CENTS, relationship=st.just("A")),
        max_size=1,
    ).map(tuple),
)


@st.composite
def invoices(draw: st.DrawFn, *, flat: bool) -> DeliveryInvoice:
    """810_02; a flattened one has nothing outside sub-lines, which it numbers itself."""
    items = tuple(
        _item(draw, str(number), flat=flat) for number in range(1, draw(st.integers(1, 3)) + 1)
    )
    return DeliveryInvoice(
        reference=draw(CODES),
        date=draw(DATES),
        original_reference=draw(st.just("") | CODES),
        esi_id=draw(ESI_IDS),
        tdsp=draw(st.none() | PARTIES),
        retailer=draw(st.none() | PARTIES),
        type=draw(st.sampled_from(["ME", "FE", "26", "A5"])),
        purpose=draw(st.sampled_from(["00", "01", "05"])),
        usage_reference=draw(st.just("") | CODES),
        due_date=draw(st.none() | DATES),
        items=items,
        total=draw(CENTS),
        line_count=len(items),
    )


def _item(draw: st.DrawFn, line: str, *, flat: bool) -> InvoiceItem:
    heads = draw(
        st.lists(
            st.tuples(st.none() | DATES, TEXTS, TEXTS, TEXTS), min_size=1, max_size=3, unique=True
        )
    )
    sub_lines = tuple(
        SubLine(
            number=str(number),
            relationship="A",
            completed_on=completed_on,
            unmetered_range=unmetered_range,
            late_invoice=late_invoice,
            service_order=service_order,
            charges=tuple(draw(st.lists(CHARGES, min_size=1, max_size=3))),
        )
        for number, (completed_on, unmetered_range, late_invoice, service_order) in enumerate(
            heads, start=1
        )
    )
    return InvoiceItem(
        line=line,
        service_qualifier="SV",
        service="ELECTRIC",
        level_qualifier="C3",
        level=draw(st.sampled_from(["RATE", "B2B"])),
        rate_class=draw(TEXTS),
        rate_subclass=draw(TEXTS),
        start=draw(DAYS),
        end=draw(DAYS),
        charges=() if flat else tuple(draw(st.lists(CHARGES, max_size=2))),
        sub_lines=sub_lines,
    )
