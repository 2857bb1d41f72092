"""Other registration requests: move-outs, cancels, date changes, CSA, history, customer data."""

from __future__ import annotations

import datetime as dt

from ossrep.market.simulator import hours, tables
from ossrep.market.simulator.enrolling import close_order
from ossrep.market.simulator.market import Market
from ossrep.market.simulator.receiving import rule_for
from ossrep.market.simulator.requests import Request
from ossrep.market.simulator.tables import ERCOT, Code
from ossrep.market.simulator.world import Order
from ossrep.market.simulator.writing import (
    asi,
    bgn,
    dtm,
    esi,
    joined,
    lin,
    n1,
    parties,
    reasons,
    ref,
)
from ossrep.market.simulator.x12 import Segment

_OPEN = ("pending", "permit", "scheduled")


def take_move_out(market: Market, *, request: Request, player: str) -> None:
    """An 814_24, answered by an 814_25; at its day final usage and invoice follow."""
    wanted = request.date("move_out") or request.any_date() or market.today
    refused = _refused_on_purpose(market, request) or _move_out_refused(market, request)
    if refused is None:
        market.world.used_references[request.reference] = request.esi_id
        market.world.orders[request.reference] = Order(
            reference=request.reference,
            kind="move_out",
            esi_id=request.esi_id,
            requested=wanted.isoformat(),
        )
    _plan_answer(market, request, "814_25", "25", "move_out", "delete", refused)


def _move_out_refused(market: Market, request: Request) -> Code | None:
    premises = market.world.premises.get(request.esi_id)
    if premises is None:
        return tables.code("rejects", "invalid_esi_id")
    if request.reference in market.world.used_references:
        return tables.code("rejects", "reference_used")
    if not market.is_ours(premises):
        return tables.code("rejects", "not_ours")
    if market.world.open_order(esi_id=request.esi_id, kinds=("move_out",)) is not None:
        return tables.code("rejects", "not_first")
    return None


def take_cancel(market: Market, *, request: Request, player: str) -> None:
    """An 814_08: an order ends before its day."""
    order = market.world.orders.get(request.original)
    refused = _refused_on_purpose(market, request)
    if refused is None and (order is None or order.state not in _OPEN):
        refused = tables.code("rejects", "nothing_to_cancel")
    elif refused is None and order is not None and order.date and order.date <= str(market.today):
        refused = tables.code("rejects", "too_late")
    elif refused is None and order is not None:
        close_order(market, order, "cancelled")
    kind = order.kind if order is not None else "switch"
    echo = [Code(code, text) for code, text in request.refs(tables.value("qualifiers", "cancel"))]
    _plan_answer(market, request, "814_09", "9", kind, "cancel", refused, echo=echo)


def take_date_change(market: Market, *, request: Request, player: str) -> None:
    """An 814_12: a move gets another day."""
    order = market.world.orders.get(request.original)
    name = "move_out" if order is not None and order.kind == "move_out" else "move_in"
    wanted = request.date(name) or request.any_date()
    refused = _refused_on_purpose(market, request) or _change_refused(market, request, order)
    if refused is None and order is not None and wanted is not None:
        order.counter = request.counter()
        order.requested = wanted.isoformat()
        if order.state == "scheduled":
            market.world.drop_plans(what="effectuate", reference=order.reference)
            order.date = wanted.isoformat()
            market.world.plan(
                hours.local(wanted, 6), "effectuate", reference=order.reference, date=order.date
            )
    kind = order.kind if order is not None else "move_in"
    counter = request.counter()
    extra: list[Segment] = []
    if wanted is not None:
        qualifier = tables.value("dates", name)
        extra = [ref("changed", f"DTM{qualifier}"), ["DTM", qualifier, f"{wanted:%Y%m%d}"]]
    if counter:
        extra.append(["DTM", tables.value("dates", "counter"), counter[:8], counter[8:]])
    _plan_answer(market, request, "814_13", "13", kind, "change", refused, extra=extra)


def _change_refused(market: Market, request: Request, order: Order | None) -> Code | None:
    if order is None or order.state not in _OPEN or order.kind == "switch":
        return tables.code("rejects", "nothing_to_cancel")
    if order.date and order.date <= market.today.isoformat():
        return tables.code("rejects", "too_late")
    if order.counter and request.counter() <= order.counter:
        return tables.code("rejects", "counter")
    return None


def take_csa(market: Market, *, request: Request, player: str) -> None:
    """An 814_18: a continuous service agreement begins or ends."""
    premises = market.world.premises.get(request.esi_id)
    refused = _refused_on_purpose(market, request)
    if refused is None and premises is None:
        refused = tables.code("rejects", "invalid_esi_id")
    elif refused is None and premises is not None:
        is_end = request.maintenance == tables.value("maintenance", "delete")
        premises.csa_holder = "" if is_end else market.settings.retailer_duns
    named = ("add", "change", "delete")
    asked = {tables.value("maintenance", name): name for name in named}
    _plan_answer(
        market, request, "814_19", "19", "csa", asked.get(request.maintenance, "add"), refused
    )


def take_history_request(market: Market, *, request: Request, player: str) -> None:
    """An 814_26, answered by an 814_27 and an 867_02."""
    refused = _refused_on_purpose(market, request)
    if refused is None and request.esi_id not in market.world.premises:
        refused = tables.code("rejects", "invalid_esi_id")
    _plan_answer(market, request, "814_27", "27", "usage", "inquiry", refused)
    if refused is None:
        market.world.plan(
            market.delay("867_02"),
            "send_history",
            reference=request.reference,
            esi_id=request.esi_id,
        )


def take_customer_data(market: Market, *, request: Request, player: str) -> None:
    """An 814_PC to a TDSP, answered by its 814_PD."""
    refused = _refused_on_purpose(market, request)
    if refused is None and request.esi_id not in market.world.premises:
        refused = tables.code("rejects", "invalid_esi_id")
    _plan_answer(market, request, "814_PD", "PD", "maintain_customer", "change", refused, by=player)


def take_notice_answer(market: Market, *, request: Request, player: str) -> None:
    """An 814_29 or a 650_05: only kept in the journal."""


def _refused_on_purpose(market: Market, request: Request) -> Code | None:
    rule = rule_for(market, request, "reject")
    return None if rule is None else Code(rule.code or "A13", rule.text or "REJECTED ON PURPOSE")


def _plan_answer(
    market: Market,
    request: Request,
    kind: str,
    number: str,
    service: str,
    maintenance: str,
    refused: Code | None,
    *,
    echo: list[Code] | None = None,
    extra: list[Segment] | None = None,
    by: str = ERCOT,
) -> None:
    market.world.plan(
        market.delay(kind),
        "answer",
        kind=kind,
        number=number,
        service=service,
        maintenance=maintenance,
        reference=request.reference,
        esi_id=request.esi_id,
        refused=[refused.value, refused.text] if refused else [],
        echo=[[code.value, code.text] for code in echo or []],
        extra=extra or [],
        by=by,
    )


def answer(
    market: Market,
    *,
    kind: str,
    number: str,
    service: str,
    maintenance: str,
    reference: str,
    esi_id: str,
    refused: list[str],
    echo: list[list[str]],
    extra: list[Segment],
    by: str,
) -> None:
    """Accepts or rejects a request; an accepted move-out gets its day."""
    player = tables.players()[by]
    own = market.new_reference(player)
    order = market.world.orders.get(reference)
    dates: list[Segment] = []
    if kind == "814_25" and not refused and order is not None and order.state == "pending":
        dates = [_schedule_move_out(market, order)]
    segments = joined(
        bgn(purpose="11", reference=own, date=market.today, original=reference, last=number),
        _head(market, esi_id, by),
        lin(service),
        asi("reject" if refused else "accept", maintenance),
        reasons("cancel", [Code(*row) for row in echo]),
        reasons("reject", [Code(*refused)] if refused else []),
        esi(esi_id),
        extra,
        dates,
    )
    market.post(sender=by, kind=kind, segments=segments, esi_id=esi_id, reference=own)


def _head(market: Market, esi_id: str, by: str) -> list[Segment]:
    if esi_id in market.world.premises:
        through_ercot = by == ERCOT
        wires = market.wires_of(esi_id)
        return list(parties(wires=wires, retailer=market.retailer, through_ercot=through_ercot))
    name, duns = market.retailer
    return [n1("AY", "ERCOT", tables.ercot().duns, "41"), n1("SJ", name, duns, "40")]


def _schedule_move_out(market: Market, order: Order) -> Segment:
    date = max(dt.date.fromisoformat(order.requested), market.today)
    order.state, order.date = "scheduled", date.isoformat()
    market.world.plan(
        max(hours.local(date, 6), market.now),
        "effectuate",
        reference=order.reference,
        date=order.date,
    )
    premises = market.world.premises[order.esi_id]
    if premises.csa_holder == market.settings.retailer_duns:
        market.world.plan(
            market.now, "send_csa_notice", esi_id=order.esi_id, date=order.date,
            original=order.reference,
        )  # fmt: skip
    return dtm("end", date)
