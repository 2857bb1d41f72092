"""Remittances (820_02) and refusals (824) of the retailer's."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation

from ossrep.market.simulator import tables
from ossrep.market.simulator.market import Market
from ossrep.market.simulator.receiving import rule_for
from ossrep.market.simulator.requests import Request
from ossrep.market.simulator.world import Document
from ossrep.market.simulator.writing import bgn, joined, parties, reasons
from ossrep.market.simulator.x12 import at

_CENTS = Decimal(100)


def take_remittance(market: Market, *, request: Request, player: str) -> None:
    """An 820_02: its invoices are paid; one that is unknown draws an 824, on purpose all of it."""
    rule = rule_for(market, request, "reject")
    if rule is not None:
        _plan_refusal(
            market,
            player,
            request,
            code=rule.code or "A13",
            text=rule.text or "REJECTED ON PURPOSE",
        )
        return
    known = market.world.documents.values()
    invoices = {each.cancel_invoice: each for each in known if each.cancel_invoice}
    invoices |= {document.invoice: document for document in known}
    total = Decimal(0)
    for segment in request.segments:
        if segment[0] != "RMR":
            continue
        amount = _amount(at(segment, 4))
        total += amount
        number = at(segment, 2)
        document = invoices.get(number)
        if document is None:
            _plan_refusal(market, player, request, code="CRI", text=f"NO INVOICE {number}")
            continue
        document.paid_cents = (document.paid_cents or 0) + int(amount * _CENTS)
        market.tell(
            "paid", esi_id=document.esi_id, invoice=number, usd=str(amount),
            is_whole=document.paid_cents == _asked_cents(document, number),
        )  # fmt: skip
    stated = next((_amount(at(s, 2)) for s in request.segments if s[0] == "BPR"), Decimal(0))
    market.tell(
        "remitted", by=player, reference=request.reference, usd=str(stated),
        balances=abs(total) == abs(stated),
    )  # fmt: skip


def _asked_cents(document: Document, number: str) -> int:
    """What is to be left paid: nothing of what the invoice of that number cancels."""
    return 0 if number == document.cancel_invoice else document.total_cents


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal(0)


def _plan_refusal(market: Market, player: str, request: Request, *, code: str, text: str) -> None:
    market.world.plan(
        market.now + dt.timedelta(hours=1),
        "refuse_remittance",
        player=player,
        trace=request.reference,
        code=code,
        text=text,
    )


def refuse_remittance(market: Market, *, player: str, trace: str, code: str, text: str) -> None:
    """An 824 of the TDSP about a remittance."""
    wires = tables.wires().get(player)
    if wires is None:
        return
    own = market.new_reference(wires)
    segments = joined(
        bgn(purpose="11", reference=own, date=market.today, original=trace, last=""),
        list(parties(wires=wires, retailer=market.retailer, through_ercot=False)),
        ["OTI", "TR", "TN", trace, "", "", "", "", "", "", "820"],
        reasons("reject", [tables.Code(code, text)]),
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
