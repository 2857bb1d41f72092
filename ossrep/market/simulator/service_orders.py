"""The 650 family: disconnects, reconnects, switch holds, and notices of the TDSP's own."""

from __future__ import annotations

import datetime as dt

from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.market.simulator import hours, tables
from ossrep.market.simulator.market import Market
from ossrep.market.simulator.receiving import rule_for
from ossrep.market.simulator.requests import Request
from ossrep.market.simulator.tables import ERCOT, Code
from ossrep.market.simulator.writing import asi, bgn, dtm, esi, joined, lin, parties, reasons, ref
from ossrep.market.simulator.x12 import Segment

COMPLETE, REJECT, CANCEL, SUSPEND = "51", "U", "C", "S2"
_RECONNECT_HOURS = 2


def take_service_order(market: Market, *, request: Request, player: str) -> None:
    """A 650_01, answered by a 650_02 when the work is done, refused or impossible."""
    purpose = request.ref(tables.value("qualifiers", "purpose"))
    rule = rule_for(market, request, "reject", "unexecutable")
    if rule is not None:
        kind = "reject" if rule.do == "reject" else "unexecutable"
        default = "A13" if kind == "reject" else "T018"
        code = Code(rule.code or default, rule.text or "ON PURPOSE")
        _plan(market, request, purpose, market.delay("650_02"), refused=code, why=kind)
        return
    refused = _refused(market, request, purpose, player)
    if refused is not None:
        _plan(market, request, purpose, market.delay("650_02"), refused=refused, why="reject")
        return
    if request.action == CANCEL:
        market.world.drop_plans(what="finish_service_order", reference=request.original)
    market.world.disconnects[request.reference] = purpose
    if _stops_disconnect(market, request, purpose):
        return
    _plan(market, request, purpose, _done_at(market, request, purpose))


def _stops_disconnect(market: Market, request: Request, purpose: str) -> bool:
    """A reconnect that overtakes the disconnect that it cites: both are void (RMG 7.6.3.4)."""
    if not purpose.startswith("RC"):
        return False
    planned = market.world.planned(what="finish_service_order", reference=request.original)
    if planned is None or not planned["purpose"].startswith("DC") or planned["refused"]:
        return False
    market.world.drop_plans(what="finish_service_order", reference=request.original)
    void, due = tables.code("rejects", "both_void"), market.delay("650_02")
    words = {**planned, "refused": [void.value, void.text], "why": "unexecutable"}
    market.world.plan(due, "finish_service_order", **words)
    _plan(market, request, purpose, due, refused=void, why="unexecutable")
    return True


def _refused(market: Market, request: Request, purpose: str, player: str) -> Code | None:
    premises = market.world.premises.get(request.esi_id)
    if premises is None or premises.tdsp != player:
        return tables.code("rejects", "invalid_esi_id")
    if not market.is_ours(premises):
        return tables.code("rejects", "not_ours")
    if request.reference in market.world.disconnects:
        return tables.code("rejects", "reference_used")
    if purpose[:2] not in ("DC", "RC", "SH", "MM"):
        return tables.code("rejects", "unknown_purpose")
    is_reconnect = purpose.startswith("RC") and purpose != "RC003"
    if is_reconnect and premises.energized and request.original not in market.world.disconnects:
        return tables.code("rejects", "no_disconnect")
    return None


def _done_at(market: Market, request: Request, purpose: str) -> dt.datetime:
    if purpose.startswith("DC"):
        wanted = request.date("requested") or request.any_date() or market.today
        day = max(wanted, hours.next_business_day(market.today))
        while not hours.is_business_day(day):
            day += dt.timedelta(days=1)
        return hours.local(day, 9, 19)
    if purpose.startswith("RC"):
        return market.now + dt.timedelta(hours=_RECONNECT_HOURS)
    return market.delay("650_02")


def _plan(
    market: Market,
    request: Request,
    purpose: str,
    due: dt.datetime,
    *,
    refused: Code | None = None,
    why: str = "",
) -> None:
    market.world.plan(
        due,
        "finish_service_order",
        reference=request.reference,
        esi_id=request.esi_id,
        purpose=purpose,
        kind=request.purpose,
        action=request.action,
        refused=[refused.value, refused.text] if refused else [],
        why=why,
    )


def finish_service_order(
    market: Market,
    *,
    reference: str,
    esi_id: str,
    purpose: str,
    kind: str,
    action: str,
    refused: list[str],
    why: str,
) -> None:
    """The 650_02, and what the work changed."""
    premises = market.world.premises.get(esi_id)
    player = premises.tdsp if premises is not None else next(iter(tables.wires()))
    wires = tables.wires()[player]
    own = market.new_reference(wires)
    if not refused and action != CANCEL:
        _apply(market, esi_id, purpose)
    local = market.now.astimezone(MARKET_ZONE)
    extra: list[Segment] = []
    if refused:
        extra = reasons("reject" if why == "reject" else "unexecutable", [Code(*refused)])
    elif purpose == "SH002":
        extra = [["REF", tables.value("qualifiers", "switch_hold"), "RPS", "HOLD REMOVED"]]
    segments = joined(
        bgn(
            purpose="11",
            reference=own,
            date=market.today,
            original=reference,
            extra=kind,
            last=REJECT if refused else COMPLETE,
        ),
        list(parties(wires=wires, retailer=market.retailer, through_ercot=False)),
        ref("purpose", purpose),
        extra,
        esi(esi_id),
        [] if refused else dtm("completion", market.today, f"{local:%H%M}"),
    )
    market.post(sender=player, kind="650_02", segments=segments, esi_id=esi_id, reference=own)


def _apply(market: Market, esi_id: str, purpose: str) -> None:
    premises = market.world.premises[esi_id]
    if purpose.startswith("DC"):
        premises.energized = False
    elif purpose.startswith("RC"):
        premises.energized = True
    elif purpose.startswith("SH"):
        premises.switch_hold = purpose == "SH001"
        market.world.plan(
            market.delay("814_20"), "send_maintenance", esi_id=esi_id, changed="switch_hold"
        )


def send_maintenance(market: Market, *, esi_id: str, changed: str) -> None:
    """An 814_20: a switch hold came or went, or the meter changed."""
    premises = market.world.premises[esi_id]
    own = market.new_reference(tables.ercot())
    hold: list[Segment] = []
    meter: list[Segment] = []
    if changed == "switch_hold":
        hold = [ref("switch_hold", "Y" if premises.switch_hold else "N")]
    else:
        meter = [["NM1", "MQ", "3", "", "", "", "", "", "32", premises.meter], ref("ams", "AMSM")]
    segments = joined(
        bgn(purpose="13", reference=own, date=market.today, last="20"),
        list(parties(wires=market.wires_of(esi_id), retailer=market.retailer, through_ercot=True)),
        lin("maintain_esi"),
        asi("request", "change"),
        ref("changed", tables.value("changes", changed)),
        hold,
        esi(esi_id),
        dtm("effective", market.today),
        meter,
    )
    market.post(sender=ERCOT, kind="814_20", segments=segments, esi_id=esi_id, reference=own)


def send_outage(market: Market, *, esi_id: str) -> None:
    """A 650_04: delivery is suspended for some hours."""
    wires = market.wires_of(esi_id)
    own = market.new_reference(wires)
    tomorrow = market.today + dt.timedelta(days=1)
    segments = joined(
        bgn(purpose="13", reference=own, date=market.today, last=SUSPEND),
        list(parties(wires=wires, retailer=market.retailer, through_ercot=False)),
        ref("suspension", "IN001"),
        esi(esi_id),
        dtm("interruption", tomorrow, "0900"),
        dtm("restore", tomorrow, "1400"),
    )
    market.post(sender=wires.code, kind="650_04", segments=segments, esi_id=esi_id, reference=own)
