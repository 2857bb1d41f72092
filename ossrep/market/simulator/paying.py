"""Remittances (820_02) and refusals (824) of the retailer's."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation

from ossrep.market.simulator import tables
from ossrep.market.simulator.market import Market
from ossrep.market.simulator.requests import Request
from ossrep.market.simulator.world import Document
from ossrep.market.simulator.writing import bgn, joined, parties, reasons
from ossrep.market.simulator.x12 import at

_CENTS = Decimal(100)


def take_remittance(market: Market, *, request: Request, player: str) -> None:
    """An 820_02: its invoices are paid; one that is unknown draws an 824."""
    invoices = {document.invoice: document for document in market.world.documents.values()}
    total = Decimal(0)
    for segment in request.segments:
        if segment[0] != "RMR":
            continue
        amount = _amount(at(segment, 4))
        total += amount
        document = invoices.get(at(segment, 2))
        if document is None:
            _plan_refusal(market, player, request, at(segment, 2))
            continue
        document.paid_cents = (document.paid_cents or 0) + int(amount * _CENTS)
        market.tell(
            "paid", esi_id=document.esi_id, invoice=document.invoice, usd=str(amount),
            is_whole=document.paid_cents == document.total_cents,
        )  # fmt: skip
    stated = next((_amount(at(s, 2)) for s in request.segments if s[0] == "BPR"), Decimal(0))
    market.tell(
        "remitted", by=player, reference=request.reference, usd=str(stated),
        balances=abs(total) == abs(stated),
    )  # fmt: skip


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal(0)


def _plan_refusal(market: Market, player: str, request: Request, invoice: str) -> None:
    market.world.plan(
        market.now + dt.timedelta(hours=1),
        "refuse_remittance",
        player=player,
        trace=request.reference,
        invoice=invoice,
    )


def refuse_remittance(market: Market, *, player: str, trace: str, invoice: str) -> None:
    """An 824 of the TDSP: it knows no such invoice."""
    wires = tables.wires().get(player)
    if wires is None:
        return
    own = market.new_reference(wires)
    segments = joined(
        bgn(purpose="11", reference=own, date=market.today, original=trace, last=""),
        list(parties(wires=wires, retailer=market.retailer, through_ercot=False)),
        ["OTI", "TR", "TN", trace, "", "", "", "", "", "", "820"],
        reasons("reject", [tables.Code("CRI", f"NO INVOICE {invoice}")]),
    )
    market.post(sender=player, kind="824", segments=segments, esi_id="", reference=own)


def take_refusal(market: Market, *, request: Request, player: str) -> None:
    """An 824: the month is corrected by cancel and replace a day later."""
    document = _refused_document(market, request)
    if document is None:
        market.tell("not understood", kind="824", reference=request.reference)
        return
    market.world.plan(
        market.delay("824"), "correct_month", usage=document.usage, replaces=True, repeat=1, days=1
    )


def _refused_document(market: Market, request: Request) -> Document | None:
    named = {request.original}
    named |= {at(segment, 3) for segment in request.segments if segment[0] == "OTI"}
    for document in market.world.documents.values():
        if document.is_live and named & {document.usage, document.invoice}:
            return document
    return None
