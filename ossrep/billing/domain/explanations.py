"""How the lines of an invoice came about, as values: stored against computed again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ossrep.kernel.market_time import interval_start, intervals_in_day
from ossrep.rating import CompiledPlan, EnergyTimeOfUse, PriceSeries


@dataclass(frozen=True, slots=True)
class ExplainedLine:
    """A stored line with its recipe, and what comes out today; None where it is not there."""

    section: str
    component: str
    bucket: str | None
    label: str
    recipe: Mapping[str, Any] | None
    stored_cents: int | None
    computed_cents: int | None

    @property
    def agrees(self) -> bool:
        """True when the cents are the same."""
        return self.stored_cents == self.computed_cents


@dataclass(frozen=True, slots=True)
class ExplainedTax:
    """A stored tax and what comes out today from the stored lines; None where it is not there."""

    label: str
    rate: str
    base_cents: int | None
    stored_cents: int | None
    computed_cents: int | None

    @property
    def agrees(self) -> bool:
        """True when the cents are the same."""
        return self.stored_cents == self.computed_cents


@dataclass(frozen=True, slots=True)
class DayUsage:
    """Wh of one local day now and as billed, and now by bucket of each time-of-use component."""

    date: dt.date
    import_wh: int
    export_wh: int
    billed_import_wh: int
    billed_export_wh: int
    buckets: Mapping[str, int]

    @property
    def changed(self) -> bool:
        """True when the day is not what it was when it was billed."""
        return (self.import_wh, self.export_wh) != (self.billed_import_wh, self.billed_export_wh)


@dataclass(frozen=True, slots=True)
class QuarterHour:
    """One interval: its start in local time, Wh, bucket by component, $/MWh by price series."""

    start: dt.datetime
    import_wh: int
    export_wh: int
    buckets: Mapping[str, str]
    prices: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedSite:
    """One site: what it was billed from, whether that changed since, lines, days.

    ``usage_changed`` is None where a register was billed. ``refusal`` says why the site cannot be
    computed again; its lines then stand alone.
    """

    site_no: int
    esi_id: str
    period_start: dt.date
    period_end: dt.date
    plan: str
    usage_source: str
    delivery_source: str
    usage_changed: bool | None
    refusal: str | None
    lines: tuple[ExplainedLine, ...]
    days: tuple[DayUsage, ...]
    quarter_hours: tuple[QuarterHour, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A whole invoice, explained."""

    number: str
    account_number: str
    issue_date: dt.date
    reversed_reason: str | None
    total_cents: int
    sites: tuple[ExplainedSite, ...]
    taxes: tuple[ExplainedTax, ...]

    @property
    def agrees(self) -> bool:
        """True when every line and tax comes out the same today."""
        lines = (line for site in self.sites for line in site.lines)
        return (
            all(site.refusal is None for site in self.sites)
            and all(line.agrees for line in lines)
            and all(tax.agrees for tax in self.taxes)
        )


@dataclass(frozen=True, slots=True)
class Channels:
    """The quarter hours of a period, days after each other."""

    import_wh: NDArray[np.int32]
    export_wh: NDArray[np.int32]


def bucket_names(compiled: CompiledPlan, date: dt.date) -> dict[str, list[str]]:
    """For each time-of-use component the bucket of each quarter hour of a day."""
    return {
        component.code: [
            component.calendar.all_buckets[index].name
            for index in component.calendar.bucket_index(date).tolist()
        ]
        for component in compiled.plan.components
        if isinstance(component, EnergyTimeOfUse)
    }


def day_slices(compiled: CompiledPlan) -> Iterable[tuple[dt.date, slice]]:
    """Where each day of the period stands among its quarter hours."""
    at = 0
    for date in compiled.period.dates():
        count = intervals_in_day(date)
        yield date, slice(at, at + count)
        at += count


def explain_days(
    *,
    compiled: CompiledPlan,
    channels: Channels,
    billed_import_wh: Sequence[int],
    billed_export_wh: Sequence[int],
) -> tuple[DayUsage, ...]:
    """Usage by day, as it is now and as it was billed."""
    days = []
    for number, (date, span) in enumerate(day_slices(compiled)):
        imports = channels.import_wh[span]
        buckets: dict[str, int] = {}
        for names in bucket_names(compiled, date).values():
            for name, wh in zip(names, imports.tolist(), strict=True):
                buckets[name] = buckets.get(name, 0) + wh
        days.append(
            DayUsage(
                date=date,
                import_wh=int(imports.sum(dtype=np.int64)),
                export_wh=int(channels.export_wh[span].sum(dtype=np.int64)),
                billed_import_wh=billed_import_wh[number],
                billed_export_wh=billed_export_wh[number],
                buckets=buckets,
            )
        )
    return tuple(days)


def explain_quarter_hours(
    *,
    compiled: CompiledPlan,
    channels: Channels,
    prices: Mapping[str, PriceSeries],
    dates: frozenset[dt.date] | None,
) -> tuple[QuarterHour, ...]:
    """Every quarter hour of some days (all where None), with bucket and price."""
    found = []
    for date, span in day_slices(compiled):
        if dates is not None and date not in dates:
            continue
        names = bucket_names(compiled, date)
        of_day = {name: series.days.get(date) for name, series in prices.items()}
        for index, (imported, exported) in enumerate(
            zip(channels.import_wh[span].tolist(), channels.export_wh[span].tolist(), strict=True)
        ):
            found.append(
                QuarterHour(
                    start=interval_start(date, index),
                    import_wh=imported,
                    export_wh=exported,
                    buckets={code: of_code[index] for code, of_code in names.items()},
                    prices={
                        name: _price_text(values, index)
                        for name, values in of_day.items()
                        if values is not None
                    },
                )
            )
    return tuple(found)


def _price_text(values: NDArray[np.int32], index: int) -> str:
    """$/MWh of one quarter hour; a daily index has one price for all."""
    units = int(values[index if len(values) > 1 else 0])
    return f"{'-' if units < 0 else ''}{abs(units) // 100}.{abs(units) % 100:02d}"


def pair_lines(
    stored: Sequence[ExplainedLine], computed: Sequence[ExplainedLine]
) -> tuple[ExplainedLine, ...]:
    """Stored lines in their order with what comes out today; what is new stands at the end."""
    left = list(computed)
    paired = []
    for line in stored:
        match = next((other for other in left if _key(other) == _key(line)), None)
        if match is not None:
            left.remove(match)
        paired.append(
            ExplainedLine(
                section=line.section,
                component=line.component,
                bucket=line.bucket,
                label=line.label,
                recipe=line.recipe,
                stored_cents=line.stored_cents,
                computed_cents=match.computed_cents if match else None,
            )
        )
    return (*paired, *left)


def _key(line: ExplainedLine) -> tuple[str, str, str | None, str]:
    return line.section, line.component, line.bucket, line.label
