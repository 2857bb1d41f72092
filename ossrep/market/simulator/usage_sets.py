"""The 867 family as the simulated market writes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ossrep.market.simulator.tables import Player
from ossrep.market.simulator.world import Document, Premises
from ossrep.market.simulator.writing import day, dtm, esi, joined, n1, ref
from ossrep.market.simulator.x12 import Segment

ORIGINAL, CANCEL, REPLACE = "00", "01", "05"
DIALS_KWH = 100_000
_ESTIMATE_REASON = "O1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """How a document goes out: purpose, its new number, the number of what it corrects."""

    purpose: str
    reference: str
    date: dt.date
    corrects: str = ""


def write_867_03(
    *,
    sending: Sending,
    document: Document,
    premises: Premises,
    wires: Player,
    retailer: tuple[str, str],
) -> list[Segment]:
    """Monthly usage of a non-interval bill: SU and PL loops of energy, demand and out-flow."""
    head = ["BPT", sending.purpose, sending.reference, day(sending.date), "DD", "", ""]
    head += ["F" if document.is_final else "", "", sending.corrects]
    loops = [segment for loop in _loops(document, premises) for segment in loop]
    return joined(
        head,
        _parties(wires, retailer),
        esi(document.esi_id),
        [ref("original", document.original)] if document.original else [],
        [ref("estimate_reason", _ESTIMATE_REASON, "TDSP REASON")] if document.is_estimated else [],
        loops,
    )


def _parties(wires: Player, retailer: tuple[str, str]) -> list[Segment]:
    name, duns = retailer
    return [
        n1("8S", wires.name, wires.duns),
        n1("AY", "ERCOT", "183529049", "41"),
        n1("SJ", name, duns, "40"),
    ]


def _loops(document: Document, premises: Premises) -> Iterator[list[Segment]]:
    kind = "KA" if document.is_estimated else "QD"
    kwh = str(document.import_kwh)
    yield [
        *_period("SU", document),
        ref("meter_type", "KHMON"),
        ["QTY", kind, kwh, "KH"],
        ["MEA", "", "PRQ", kwh, "KH", "", "", "51"],
    ]
    if document.peak_kw:
        yield [
            *_period("SU", document),
            ref("meter_type", "K1MON"),
            ["QTY", kind, document.peak_kw, "K1"],
            ["MEA", "", "PRQ", document.peak_kw, "K1", "", "", "51"],
        ]
    end = (document.begin_kwh + document.import_kwh) % DIALS_KWH
    quality = "AE" if document.is_estimated else "AA"
    yield [
        *_meter(document, premises, "A", "KHMON"),
        ["QTY", kind, kwh, "KH"],
        ["MEA", quality, "PRQ", kwh, "KH", str(document.begin_kwh), str(end), "51"],
        ["MEA", "", "MU", "1"],
    ]
    if document.peak_kw:
        yield [
            *_meter(document, premises, "A", "K1MON"),
            ["QTY", kind, document.peak_kw, "K1"],
            ["MEA", quality, "PRQ", document.peak_kw, "K1", "", document.peak_kw, "51"],
            ["MEA", "", "MU", "1"],
        ]
    if premises.kind == "solar_home":
        yield [*_meter(document, premises, "I", "KHMON"), *_outflow(document, kind, quality)]


def _outflow(document: Document, kind: str, quality: str) -> Sequence[Segment]:
    kwh, begin = str(document.export_kwh), document.begin_export_kwh
    end = (begin + document.export_kwh) % DIALS_KWH
    return (
        ["QTY", kind, kwh, "KH"],
        ["MEA", quality, "PRQ", kwh, "KH", str(begin), str(end), "51"],
        ["MEA", "", "MU", "1"],
    )


def _period(loop: str, document: Document) -> list[Segment]:
    start, end = dt.date.fromisoformat(document.start), dt.date.fromisoformat(document.end)
    return [["PTD", loop], dtm("start", start), dtm("end", end)]


def _meter(document: Document, premises: Premises, role: str, kind: str) -> list[Segment]:
    return [
        *_period("PL", document),
        ref("meter_number", premises.meter),
        ref("meter_role", role),
        ref("meter_type", kind),
    ]


def write_867_04(
    *,
    sending: Sending,
    premises: Premises,
    original: str,
    read_on: dt.date,
    wires: Player,
    retailer: tuple[str, str],
) -> list[Segment]:
    """The initial meter read that completes an order."""
    return joined(
        ["BPT", "SU", sending.reference, day(sending.date)],
        esi(premises.esi_id),
        ref("original", original),
        _parties(wires, retailer),
        ["PTD", "BJ", "", "", "MG", premises.meter],
        ["DTM", "140", day(read_on)],
        ["QTY", "QD", "", "", "NV"],
        ["MEA", "", "", "", "KH", "", str(premises.import_kwh), "51"],
    )


def write_867_02(
    *,
    sending: Sending,
    premises: Premises,
    months: Sequence[tuple[dt.date, dt.date, int]],
    original: str,
    wires: Player,
    retailer: tuple[str, str],
) -> list[Segment]:
    """History: one PL loop for each month (start, end, kWh)."""
    loops: list[Segment] = []
    for start, end, kwh in months:
        loops += [
            ["PTD", "PL"],
            dtm("start", start),
            dtm("end", end),
            ref("meter_number", premises.meter),
            ref("meter_role", "A"),
            ref("meter_type", "KHMON"),
            ["QTY", "QD", str(kwh), "KH"],
            ["MEA", "", "PRQ", str(kwh), "KH", "", "", "51"],
        ]
    return joined(
        ["BPT", "52", sending.reference, day(sending.date), "DD"],
        esi(premises.esi_id),
        ref("original", original),
        _parties(wires, retailer),
        ref("load_profile", premises.load_profile),
        ref("rate_class", premises.rate_class.upper()),
        loops,
    )
