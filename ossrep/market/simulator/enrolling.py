"""Switches and move-ins: 814_01 and 814_16, answered by 814_02, 814_05, 814_17 or 814_28."""

from __future__ import annotations

import datetime as dt

from ossrep.market.simulator import hours, tables
from ossrep.market.simulator.market import Market
from ossrep.market.simulator.metering import begin_service, end_service, plan_loss_notice
from ossrep.market.simulator.receiving import rule_for
from ossrep.market.simulator.requests import Request
from ossrep.market.simulator.tables import ERCOT, Code
from ossrep.market.simulator.world import Order, Premises
from ossrep.market.simulator.writing import (
    asi,
    bgn,
    dtm,
    esi,
    joined,
    lin,
    meter_loop,
    n1,
    parties,
    reasons,
    ref,
    service_address,
)

DAYS_AHEAD_MAX, DAYS_BACK_MAX = 90, 150
BACKDATED = frozenset({"IA", "CR"})
PERMIT, UNEXECUTABLE = "PT", "09"
PERMIT_BUSINESS_DAYS = 3
_REJECTED_BY_ERCOT = {"switch": ("814_02", "2"), "move_in": ("814_17", "17")}


def take_switch(market: Market, *, request: Request, player: str) -> None:
    """An 814_01."""
    _take(market, request, "switch", request.date("self_selected"))


def take_move_in(market: Market, *, request: Request, player: str) -> None:
    """An 814_16."""
    _take(market, request, "move_in", request.date("move_in") or request.any_date())


def _take(market: Market, request: Request, kind: str, wanted: dt.date | None) -> None:
    order = Order(
        reference=request.reference,
        kind=kind,
        esi_id=request.esi_id,
        requested=wanted.isoformat() if wanted else "",
        customer=request.party("8R")[0],
        wants_usage=tables.value("services", "usage") in request.services,
    )
    rule = rule_for(market, request, "reject")
    if rule is not None and rule.by != "tdsp":
        _plan_reject(market, order, Code(rule.code or "A13", rule.text or "REJECTED ON PURPOSE"))
        return
    refused = _ercot_refuses(market, request, kind, wanted)
    if refused is not None:
        _plan_reject(market, order, refused)
        return
    market.world.used_references[request.reference] = request.esi_id
    market.world.orders[order.reference] = order
    refused = _wires_refuse(market, request, wanted)
    if rule is not None:
        refused = Code(rule.code or "A13", rule.text or "REJECTED ON PURPOSE")
    if refused is not None:
        market.world.plan(
            market.delay("814_05"),
            "refuse_enrollment",
            reference=order.reference,
            code=refused.value,
            text=refused.text,
        )
        return
    _plan_acceptance(market, request, order)


def _plan_acceptance(market: Market, request: Request, order: Order) -> None:
    premises = market.world.premises[order.esi_id]
    permit = rule_for(market, request, "permit")
    if order.kind == "move_in" and (premises.needs_permit or permit is not None):
        days = permit.days if permit is not None and permit.days else PERMIT_BUSINESS_DAYS
        market.world.plan(
            market.delay("814_28"), "ask_permit", reference=order.reference, days=days
        )
        return
    for do in ("cancel", "unexecutable"):
        fault = rule_for(market, request, do)
        if fault is not None:
            market.world.plan(
                market.delay("814_05") + dt.timedelta(hours=fault.hours or 2),
                f"{do}_enrollment",
                reference=order.reference,
                code=fault.code or ("A95" if do == "cancel" else "T018"),
                text=fault.text or "ON PURPOSE",
            )
    market.world.plan(market.delay("814_05"), "accept_enrollment", reference=order.reference)


def _ercot_refuses(
    market: Market, request: Request, kind: str, wanted: dt.date | None
) -> Code | None:
    premises = market.world.premises.get(request.esi_id)
    if premises is None:
        return tables.code("rejects", "invalid_esi_id")
    if request.reference in market.world.used_references:
        return tables.code("rejects", "reference_used")
    if request.zip_code and request.zip_code != premises.zip_code:
        return tables.code("rejects", "zip")
    if wanted is not None and (wanted - market.today).days > DAYS_AHEAD_MAX:
        return tables.code("rejects", "out_of_window")
    if kind == "switch":
        if wanted is not None and wanted < market.today:
            return tables.code("rejects", "out_of_window")
        if market.is_ours(premises):
            return tables.code("rejects", "not_first")
    if market.world.open_order(esi_id=request.esi_id, kinds=("switch", "move_in")) is not None:
        return tables.code("rejects", "not_first")
    return None


def _wires_refuse(market: Market, request: Request, wanted: dt.date | None) -> Code | None:
    if market.world.premises[request.esi_id].switch_hold:
        return tables.code("rejects", "switch_hold")
    if wanted is None or wanted >= market.today:
        return None
    if request.purpose not in BACKDATED:
        return tables.code("rejects", "in_the_past")
    if (market.today - wanted).days > DAYS_BACK_MAX:
        return tables.code("rejects", "too_far_back")
    return None


def _plan_reject(market: Market, order: Order, reason: Code) -> None:
    kind, _ = _REJECTED_BY_ERCOT[order.kind]
    market.world.plan(
        market.delay(kind),
        "reject_enrollment",
        reference=order.reference,
        kind=order.kind,
        esi_id=order.esi_id,
        code=reason.value,
        text=reason.text,
    )


def reject_enrollment(
    market: Market, *, reference: str, kind: str, esi_id: str, code: str, text: str
) -> None:
    """ERCOT's own refusal: 814_02 or 814_17."""
    transaction, number = _REJECTED_BY_ERCOT[kind]
    own = market.new_reference(tables.ercot())
    known = market.world.premises.get(esi_id)
    wires = tables.wires()[known.tdsp] if known else None
    head = (
        parties(wires=wires, retailer=market.retailer, through_ercot=True)
        if wires is not None
        else _without_wires(market)
    )
    segments = joined(
        bgn(purpose="11", reference=own, date=market.today, original=reference, last=number),
        list(head),
        lin(kind),
        asi("reject", "add"),
        reasons("reject", [Code(code, text)]),
        esi(esi_id),
    )
    market.post(sender=ERCOT, kind=transaction, segments=segments, esi_id=esi_id, reference=own)


def _without_wires(market: Market) -> tuple[list[str], ...]:
    name, duns = market.retailer
    return (n1("AY", "ERCOT", tables.ercot().duns, "41"), n1("SJ", name, duns, "40"))


def accept_enrollment(market: Market, *, reference: str) -> None:
    """The 814_05 with the scheduled date and the meter; the day itself goes on the agenda."""
    order = market.world.orders[reference]
    if order.state not in ("pending", "permit"):
        return
    date = _scheduled_date(market, order)
    order.state, order.date = "scheduled", date.isoformat()
    premises = market.world.premises[order.esi_id]
    segments = joined(
        *_answer_head(market, order, premises, "accept"),
        service_address(premises, customer=order.customer),
        lin(order.kind, *(["usage"] if order.wants_usage else [])),
        asi("accept", "add"),
        esi(order.esi_id),
        ref("station", "SIMSTA"),
        ref("loss_factor", "A"),
        ref("premise_type", "01" if premises.rate_class == "residential" else "02"),
        ref("special_needs", "N"),
        dtm("start", date),
        meter_loop(premises),
    )
    _post_answer(market, order, segments)
    market.world.plan(hours.local(date, 6), "effectuate", reference=reference, date=order.date)
    plan_loss_notice(market, premises=premises, order=order)
    if order.wants_usage:
        market.world.plan(
            market.delay("867_02"), "send_history", reference=reference, esi_id=order.esi_id
        )


def _answer_head(
    market: Market, order: Order, premises: Premises, action: str
) -> tuple[list[str] | list[list[str]], ...]:
    own = market.new_reference(tables.ercot())
    wires = tables.wires()[premises.tdsp]
    return (
        bgn(purpose="11", reference=own, date=market.today, original=order.reference, last="5"),
        list(parties(wires=wires, retailer=market.retailer, through_ercot=True)),
    )


def _post_answer(market: Market, order: Order, segments: list[list[str]]) -> None:
    market.post(
        sender=ERCOT,
        kind="814_05",
        segments=segments,
        esi_id=order.esi_id,
        reference=segments[0][2],
    )


def _scheduled_date(market: Market, order: Order) -> dt.date:
    if order.kind == "switch" and not order.requested:
        return hours.next_business_day(market.today, tables.first_available_switch_days())
    return dt.date.fromisoformat(order.requested) if order.requested else market.today


def refuse_enrollment(market: Market, *, reference: str, code: str, text: str) -> None:
    """The TDSP's refusal: an 814_05 with ASI U."""
    order = market.world.orders[reference]
    order.state = "rejected"
    premises = market.world.premises[order.esi_id]
    segments = joined(
        *_answer_head(market, order, premises, "reject"),
        lin(order.kind),
        asi("reject", "add"),
        reasons("reject", [Code(code, text)]),
        esi(order.esi_id),
    )
    _post_answer(market, order, segments)


def ask_permit(market: Market, *, reference: str, days: int) -> None:
    """An 814_28 with PT; after some business days the permit is there."""
    order = market.world.orders[reference]
    if order.state != "pending":
        return
    order.state = "permit"
    _post_28(market, order, purpose=PERMIT, code=Code(PERMIT, "PERMIT REQUIRED"))
    got = hours.next_business_day(market.today, days)
    market.world.plan(hours.local(got, 10), "accept_enrollment", reference=reference)


def unexecutable_enrollment(market: Market, *, reference: str, code: str, text: str) -> None:
    """An 814_28 with 09: the order is closed."""
    order = market.world.orders[reference]
    if order.state != "scheduled":
        return
    close_order(market, order, "cancelled")
    _post_28(market, order, purpose=UNEXECUTABLE, code=Code(code, text))


def _post_28(market: Market, order: Order, *, purpose: str, code: Code) -> None:
    wires = market.wires_of(order.esi_id)
    own = market.new_reference(wires)
    segments = joined(
        bgn(
            purpose="13",
            reference=own,
            date=market.today,
            original=order.reference,
            extra=purpose,
            last="28",
        ),
        list(parties(wires=wires, retailer=market.retailer, through_ercot=True)),
        lin(order.kind),
        asi("request", "change"),
        reasons("unexecutable", [code]),
        esi(order.esi_id),
        dtm("attempt", market.today),
    )
    market.post(sender=ERCOT, kind="814_28", segments=segments, esi_id=order.esi_id, reference=own)


def cancel_enrollment(market: Market, *, reference: str, code: str, text: str) -> None:
    """ERCOT cancels an order of its own accord: an 814_08 to us."""
    order = market.world.orders[reference]
    if order.state not in ("pending", "permit", "scheduled"):
        return
    close_order(market, order, "cancelled")
    own = market.new_reference(tables.ercot())
    segments = joined(
        bgn(purpose="13", reference=own, date=market.today, original=reference, last="8"),
        list(
            parties(
                wires=market.wires_of(order.esi_id), retailer=market.retailer, through_ercot=True
            )
        ),
        lin(order.kind),
        asi("request", "cancel"),
        reasons("cancel", [Code(code, text)]),
        esi(order.esi_id),
    )
    market.post(sender=ERCOT, kind="814_08", segments=segments, esi_id=order.esi_id, reference=own)


def close_order(market: Market, order: Order, state: str) -> None:
    """Ends an order and takes its day off the agenda."""
    order.state = state
    market.world.drop_plans(what="effectuate", reference=order.reference)
    market.world.drop_plans(what="accept_enrollment", reference=order.reference)


def effectuate(market: Market, *, reference: str, date: str) -> None:
    """The scheduled day has come: service begins, or ends."""
    order = market.world.orders[reference]
    if order.state != "scheduled" or order.date != date:
        return
    order.state = "completed"
    if order.kind == "move_out":
        end_service(market, esi_id=order.esi_id, date=date, original=order.reference, successor="")
    else:
        begin_service(market, order=order)
