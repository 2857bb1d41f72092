"""The 810_02: what a TDSP charges for a month, and how it writes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal

from ossrep.market.simulator import tables
from ossrep.market.simulator.tables import Player, RateRow
from ossrep.market.simulator.usage_sets import Sending
from ossrep.market.simulator.world import Document, Premises
from ossrep.market.simulator.writing import day, dtm, esi, joined, n1, ref
from ossrep.market.simulator.x12 import Segment

PAYMENT_DAYS = 35
_UNITS = {"month": "EA", "kwh": "KH", "kw": "K1"}
_SATURDAY = 5
_CENT = Decimal("0.01")


def charge_lines(
    *, premises: Premises, document: Document, daily_kwh: Mapping[dt.date, int]
) -> list[list[str]]:
    """SAC04, text, unit, rate, quantity, cents of each charge; kWh by the rate of their day."""
    lines: list[list[str]] = []
    for row in tables.rates(tdsp=premises.tdsp, rate_class=premises.rate_class):
        for rate, quantity in _quantities(row, document, daily_kwh):
            amount = (rate * quantity).quantize(_CENT, ROUND_HALF_UP)
            cents = str(int(amount * 100))
            lines.append([row.code, row.text, _UNITS[row.unit], str(rate), f"{quantity}", cents])
    return lines


def _quantities(
    row: RateRow, document: Document, daily_kwh: Mapping[dt.date, int]
) -> Iterator[tuple[Decimal, Decimal]]:
    last = dt.date.fromisoformat(document.end) - dt.timedelta(days=1)
    if row.unit == "kwh":
        yield from _kwh_by_rate(row, document, daily_kwh)
        return
    rate = row.on(last)
    quantity = Decimal(1) if row.unit == "month" else Decimal(document.peak_kw or 0)
    if rate:
        yield rate, quantity


def _kwh_by_rate(
    row: RateRow, document: Document, daily_kwh: Mapping[dt.date, int]
) -> Iterator[tuple[Decimal, Decimal]]:
    sums: dict[Decimal, int] = {}
    for date, kwh in daily_kwh.items():
        rate = row.on(date)
        if rate:
            sums[rate] = sums.get(rate, 0) + kwh
    # An estimate differs from what the meter measured: the last rate takes the difference.
    if sums:
        rest = document.import_kwh - sum(daily_kwh.values())
        last = next(reversed(sums))
        sums[last] += rest
    for rate, kwh in sums.items():
        yield rate, Decimal(kwh)


def write_810_02(
    *,
    sending: Sending,
    document: Document,
    premises: Premises,
    wires: Player,
    retailer: tuple[str, str],
    usage_reference: str,
) -> list[Segment]:
    """One invoice with all charges under one item; the ITD says when it is due."""
    name, duns = retailer
    start, end = dt.date.fromisoformat(document.start), dt.date.fromisoformat(document.end)
    kind = "FE" if document.is_final else "ME"
    big = ["BIG", day(sending.date), sending.reference, "", "", usage_reference, "", kind]
    return joined(
        [*big, sending.purpose],
        [ref("invoice", sending.corrects)] if sending.corrects else [],
        esi(document.esi_id),
        n1("8S", wires.name, wires.duns),
        n1("SJ", name, duns),
        ["ITD", "", "", "", "", "", day(due_date(sending.date))],
        ["IT1", "1", "", "", "", "", "SV", "ELECTRIC", "C3", "RATE"],
        ref("rate_class", premises.rate_class.upper()),
        dtm("start", start),
        dtm("end", end),
        ["SLN", "1", "", "A"],
        [_sac(line) for line in document.lines],
        ["TDS", str(document.total_cents)],
        ["CTT", "1"],
    )


def _sac(line: list[str]) -> Segment:
    code, text, unit, rate, quantity, cents = line
    return ["SAC", "C", "", "EU", code, cents, "", "", rate, unit, quantity, "", "", "", "", text]


def due_date(sent: dt.date) -> dt.date:
    """35 days after the invoice, on the next working day where that is a weekend."""
    due = sent + dt.timedelta(days=PAYMENT_DAYS)
    return due + dt.timedelta(days=max(0, 7 - due.weekday()) if due.weekday() >= _SATURDAY else 0)
