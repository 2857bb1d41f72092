"""``bill explain``: how each line of an invoice came about."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ossrep.billing.domain.explanations import (
    DayUsage,
    ExplainedLine,
    ExplainedSite,
    Explanation,
    QuarterHour,
)
from ossrep.billing.domain.recipes import recipe_text
from ossrep.billing.queries.invoices import find_invoice_ids
from ossrep.billing.usecases.explain_invoice import explain_invoice
from ossrep.infra.commands import OssrepCommand
from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.kernel.money import dollars

HELP = "Shows how each line of an invoice came about, down to the quarter hours it used."
LINE_COLUMNS = ("section", "line", "how", "stored", "today", "")
_ALL = "all"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("invoice", help="invoice number")
    parser.add_argument(
        "--intervals",
        nargs="?",
        const=_ALL,
        metavar="DATE",
        help="show the quarter hours of a local date, or of the whole period",
    )
    parser.add_argument("--json", action="store_true", help="everything as one JSON object")


def handle(options: Namespace, out: OssrepCommand) -> None:
    (invoice_id,) = find_invoice_ids(numbers=[options.invoice])
    found = explain_invoice(invoice_id=invoice_id, dates=_dates(options.intervals))
    if options.json:
        out.json_line(**asdict(found), agrees=found.agrees)
        return
    out.stdout.write(
        f"Invoice {found.number} of account {found.account_number}, issued {found.issue_date}: "
        f"{dollars(found.total_cents)} of charges and taxes"
    )
    if found.reversed_reason is not None:
        out.stdout.write(f"Reversed: {found.reversed_reason}")
    for site in found.sites:
        _print_site(site, out)
    _print_taxes(found, out)
    out.stdout.write(
        "Every line comes out the same today."
        if found.agrees
        else "Not everything comes out the same today: see the marks above."
    )


def _dates(text: str | None) -> frozenset[dt.date] | None:
    if text is None:
        return frozenset()
    return None if text == _ALL else frozenset({dt.date.fromisoformat(text)})


def _print_site(site: ExplainedSite, out: OssrepCommand) -> None:
    out.stdout.write("")
    out.stdout.write(
        f"Site {site.site_no}: ESI ID {site.esi_id}, {site.period_start} to {site.period_end} "
        f"(that day not included), plan {site.plan}"
    )
    out.stdout.write(
        f"Usage from {site.usage_source}{_change(site)}; delivery from {site.delivery_source}"
    )
    if site.refusal is not None:
        out.stdout.write(f"Cannot be rated again: {site.refusal}")
    out.table(columns=LINE_COLUMNS, rows=[_line_row(line, site) for line in site.lines])
    if site.days:
        _print_days(site.days, out)
    if site.quarter_hours:
        _print_quarter_hours(site.quarter_hours, out)


def _change(site: ExplainedSite) -> str:
    if site.usage_changed is None:
        return ""
    return ", changed since the bill" if site.usage_changed else ", the same as when it was billed"


def _line_row(line: ExplainedLine, site: ExplainedSite) -> list[Any]:
    mark = "" if line.agrees or site.refusal else "differs"
    return [
        line.section,
        line.label,
        recipe_text(line.recipe) if line.recipe else "",
        _usd(line.stored_cents),
        _usd(line.computed_cents),
        mark,
    ]


def _usd(cents: int | None) -> Any:
    return None if cents is None else dollars(cents)


def _kwh(wh: int) -> str:
    return f"{wh / 1000:.3f}"


def _print_days(days: Sequence[DayUsage], out: OssrepCommand) -> None:
    """Exports and buckets only where there are any."""
    buckets = list(dict.fromkeys(name for day in days for name in day.buckets))
    exports = any(day.export_wh or day.billed_export_wh for day in days)
    columns = ["day", "kWh", *buckets, *(["exported"] if exports else []), ""]
    rows = [
        [
            day.date,
            _kwh(day.import_wh),
            *(_kwh(day.buckets.get(name, 0)) for name in buckets),
            *([_kwh(day.export_wh)] if exports else []),
            f"billed as {_kwh(day.billed_import_wh)}" if day.changed else "",
        ]
        for day in days
    ]
    out.table(columns=columns, rows=rows)


def _print_quarter_hours(quarters: Sequence[QuarterHour], out: OssrepCommand) -> None:
    first = quarters[0]
    exports = any(quarter.export_wh for quarter in quarters)
    columns = [
        "from",
        "kWh",
        *(["exported"] if exports else []),
        *(f"bucket of {code}" for code in first.buckets),
        *(f"{name} $/MWh" for name in first.prices),
    ]
    rows = [
        [
            quarter.start.astimezone(MARKET_ZONE).strftime("%Y-%m-%d %H:%M %Z"),
            _kwh(quarter.import_wh),
            *([_kwh(quarter.export_wh)] if exports else []),
            *_in_order(quarter.buckets, first.buckets),
            *_in_order(quarter.prices, first.prices),
        ]
        for quarter in quarters
    ]
    out.table(columns=columns, rows=rows)


def _in_order(values: Mapping[str, str], names: Mapping[str, str]) -> list[str]:
    return [values.get(name, "") for name in names]


def _print_taxes(found: Explanation, out: OssrepCommand) -> None:
    if not found.taxes:
        return
    out.stdout.write("")
    rows = [
        [
            tax.label,
            tax.rate,
            _usd(tax.base_cents),
            _usd(tax.stored_cents),
            _usd(tax.computed_cents),
            "" if tax.agrees else "differs",
        ]
        for tax in found.taxes
    ]
    out.table(columns=["tax", "rate", "base", "stored", "today", ""], rows=rows)
