"""Reading the energy components of a plan document, one function for each kind."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from ossrep.rating.calendar_documents import read_calendar, read_holidays, read_span
from ossrep.rating.calendars import MINUTES_PER_DAY, DayType, TouBucket, TouCalendar, Window
from ossrep.rating.component_reading import SERIES_PATTERN, Reading
from ossrep.rating.documents import FieldReader
from ossrep.rating.plan import (
    Component,
    EnergyFlat,
    EnergyIndexed,
    EnergyTiered,
    EnergyTimeOfUse,
    Proration,
    Tier,
)

FREE_BUCKET = "free"
OTHERWISE_BUCKET = "otherwise"
TIERS_MAX = 24


def energy_flat(r: Reading) -> Component:
    """``energy_flat``; problems are noted."""
    return EnergyFlat(price_usd_per_kwh=r.fields.decimal("price_usd_per_kwh"), **r.common)


def energy_tiered(r: Reading) -> Component:
    """``energy_tiered``; problems are noted."""
    r.fields.required("tiers")
    tiers: list[Tier] = []
    paths: list[str] = []
    for path, item in r.fields.items("tiers", most=TIERS_MAX):
        fields = FieldReader(item, path, r.fields.problems)
        up_to = fields.optional_kwh("up_to_kwh")
        tiers.append(Tier(up_to, fields.decimal("price_usd_per_kwh")))
        paths.append(path)
        fields.finish()
    if r.fields.take("tiers") == []:
        r.fields.note("tiers", "must hold at least one tier")
    _note_bounds(r.fields, tiers, paths)
    return EnergyTiered(
        tiers=tuple(tiers),
        prorate_bounds=r.fields.choice("prorate_bounds", Proration, Proration.NONE),
        **r.common,
    )


def _note_bounds(fields: FieldReader, tiers: list[Tier], paths: list[str]) -> None:
    before = Decimal(0)
    for number, (tier, path) in enumerate(zip(tiers, paths, strict=True), start=1):
        last = number == len(tiers)
        if last and tier.up_to_kwh is not None:
            fields.problems.add(
                f"{path}.up_to_kwh", "the last tier must be open: leave up_to_kwh out"
            )
        elif not last and tier.up_to_kwh is None:
            fields.problems.add(f"{path}.up_to_kwh", "is missing; only the last tier is open")
        elif tier.up_to_kwh is not None and tier.up_to_kwh <= before:
            fields.problems.add(
                f"{path}.up_to_kwh", f"must be above {before}, the bound before: {tier.up_to_kwh}"
            )
        before = before if tier.up_to_kwh is None else tier.up_to_kwh


def energy_time_of_use(r: Reading) -> Component:
    """``energy_time_of_use``; problems are noted."""
    if r.fields.has("calendar"):
        return _named_calendar(r)
    r.fields.take("calendar")
    read = read_calendar(r.fields, r.shared, line_label=r.label, priced=True)
    return EnergyTimeOfUse(calendar=read.calendar, prices_usd_per_kwh=read.prices, **r.common)


def _named_calendar(r: Reading) -> Component:
    name = r.fields.text("calendar")
    calendar = TouCalendar((), TouBucket(OTHERWISE_BUCKET, r.label))
    if name in r.shared.calendars:
        path, document = r.shared.calendars[name]
        reader = FieldReader(document, path, r.fields.problems)
        calendar = read_calendar(reader, r.shared, line_label=r.label, priced=False).calendar
        reader.finish()
    elif name:
        r.fields.note(
            "calendar", f"no calendar is named {name!r}, in the plan or shared and in force"
        )
    r.fields.required("prices")
    names = {bucket.name for bucket in calendar.all_buckets}
    prices_reader = r.fields.inside("prices") if r.fields.has("prices") else None
    prices: dict[str, Decimal] = dict.fromkeys(names, Decimal(0))
    if prices_reader is not None and name in r.shared.calendars:
        prices = {bucket: prices_reader.decimal(bucket) for bucket in sorted(names)}
        prices_reader.finish()
    return EnergyTimeOfUse(calendar=calendar, prices_usd_per_kwh=prices, **r.common)


def free_nights(r: Reading) -> Component:
    """``free_nights``; problems are noted."""
    first, last = read_span(r.fields)
    return _free_hours(r, "free nights", Window(first, last), frozenset())


def free_weekends(r: Reading) -> Component:
    """``free_weekends``; problems are noted."""
    # Saturday and Sunday are free whether holidays or not; the listed holidays are free too.
    window = Window(0, MINUTES_PER_DAY, frozenset({DayType.WEEKEND, DayType.HOLIDAY}))
    holidays = read_holidays(r.fields, "free_holidays", r.shared)
    return _free_hours(r, "free weekends", window, holidays)


def _free_hours(
    r: Reading, words: str, window: Window, holidays: frozenset[dt.date]
) -> EnergyTimeOfUse:
    free = TouBucket(FREE_BUCKET, f"{r.label}, {words}", (window,))
    rest = TouBucket(OTHERWISE_BUCKET, f"{r.label}, other hours")
    return EnergyTimeOfUse(
        calendar=TouCalendar((free,), rest, holidays),
        prices_usd_per_kwh={
            FREE_BUCKET: Decimal(0),
            OTHERWISE_BUCKET: r.fields.decimal("price_usd_per_kwh"),
        },
        source_kind=r.fields.take("kind"),
        **r.common,
    )


def energy_indexed(r: Reading) -> Component:
    """``energy_indexed``; problems are noted."""
    return EnergyIndexed(
        series=r.fields.text("series", pattern=SERIES_PATTERN),
        adder_usd_per_kwh=r.fields.decimal("adder_usd_per_kwh", default="0"),
        **r.common,
    )
