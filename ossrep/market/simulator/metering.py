"""Reads and their documents: service begins and ends, months are read, corrected, invoiced."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from ossrep.market.simulator import hours, tables
from ossrep.market.simulator.faults import ON_MONTH, Rule
from ossrep.market.simulator.invoices import charge_lines, write_810_02
from ossrep.market.simulator.loads import day_load
from ossrep.market.simulator.market import Market
from ossrep.market.simulator.tables import ERCOT
from ossrep.market.simulator.usage_sets import (
    CANCEL,
    DIALS_KWH,
    ORIGINAL,
    REPLACE,
    Sending,
    write_867_02,
    write_867_03,
    write_867_04,
)
from ossrep.market.simulator.world import Document, Order, Premises
from ossrep.market.simulator.writing import asi, bgn, dtm, esi, joined, lin, meter_loop, parties

INVOICE_AFTER = dt.timedelta(hours=3)
CORRECTED_AFTER_DAYS = 4
_ESTIMATED_PERCENT = 93
_WRONG_KWH = 17
_HISTORY_MONTHS = 12
_FIRST_REGISTER_KWH = 90_000
_NOTICE_BUSINESS_DAYS = 2


def begin_service(market: Market, *, order: Order) -> None:
    """The retailer becomes REP of record; the 867_04 tells the first read."""
    premises = market.world.premises[order.esi_id]
    start = dt.date.fromisoformat(order.date)
    if market.is_ours(premises) and premises.read_on < order.date:
        _send_period(market, premises, end=start, is_final=True, original=order.reference)
    start_serving(market, premises, start=start, original=order.reference)


def start_serving(market: Market, premises: Premises, *, start: dt.date, original: str) -> None:
    """From a day on the premises is ours."""
    premises.retailer = market.settings.retailer_duns
    premises.energized = True
    premises.served_from = premises.read_on = premises.sent_until = start.isoformat()
    premises.estimate_kwh = 0
    if not premises.import_kwh:
        digits = int(premises.esi_id[-9:]) * 7_919
        premises.import_kwh = digits % _FIRST_REGISTER_KWH
        premises.export_kwh = digits % 1_000
    wires = market.wires_of(premises.esi_id)
    own = market.new_reference(wires)
    segments = write_867_04(
        sending=Sending(purpose="SU", reference=own, date=market.today),
        premises=premises,
        original=original,
        read_on=start,
        wires=wires,
        retailer=market.retailer,
    )
    market.post(
        sender=ERCOT, kind="867_04", segments=segments, esi_id=premises.esi_id, reference=own
    )


def end_service(market: Market, *, esi_id: str, date: str, original: str, successor: str) -> None:
    """Final usage and invoice; a CSA of ours takes the premises over."""
    premises = market.world.premises[esi_id]
    if not market.is_ours(premises):
        return
    end = dt.date.fromisoformat(date)
    if premises.read_on < date:
        _send_period(market, premises, end=end, is_final=True, original=original)
    premises.switch_hold = premises.switch_hold and bool(successor)
    premises.retailer = successor
    if not successor and premises.csa_holder == market.settings.retailer_duns:
        start_serving(market, premises, start=end, original=original)


def read_month(market: Market, *, esi_id: str) -> None:
    """The scheduled read of a cycle."""
    premises = market.world.premises[esi_id]
    if market.is_ours(premises) and premises.read_on < market.today.isoformat():
        _send_period(market, premises, end=market.today, is_final=False, original="")


def _send_period(
    market: Market, premises: Premises, *, end: dt.date, is_final: bool, original: str
) -> None:
    key = f"{premises.esi_id}|{end}"
    rule = market.faults.find(
        world=market.world,
        today=market.today,
        on="month",
        key=key,
        esi_id=premises.esi_id,
        among=ON_MONTH,
    )
    document = _measured(market, premises, end, is_final, original)
    if rule is not None:
        market.tell("fault", fault=rule.do, kind="month", esi_id=premises.esi_id, end=str(end))
    if rule is not None and rule.do == "estimate":
        estimated = document.import_kwh * _ESTIMATED_PERCENT // 100
        premises.estimate_kwh = document.import_kwh - estimated
        document.import_kwh, document.is_estimated = estimated, True
    premises.read_on = end.isoformat()
    premises.import_kwh = (document.begin_kwh + document.import_kwh) % DIALS_KWH
    premises.export_kwh = (document.begin_export_kwh + document.export_kwh) % DIALS_KWH
    if rule is not None and rule.do in ("cancel_replace", "wrong_amount"):
        _spoil(market, premises, document, rule)
    else:
        _price(market, premises, document)
    market.world.documents[document.usage] = document
    _send_usage(market, document, ORIGINAL)
    market.world.plan(
        market.now + INVOICE_AFTER, "send_invoice", usage=document.usage, purpose=ORIGINAL
    )
    if rule is not None and rule.do in ("cancel_replace", "cancel"):
        _plan_correction(market, document, rule)


def _measured(
    market: Market, premises: Premises, end: dt.date, is_final: bool, original: str
) -> Document:
    wires = market.wires_of(premises.esi_id)
    start = dt.date.fromisoformat(premises.read_on)
    loads = [
        day_load(
            esi_id=premises.esi_id,
            kind=premises.kind,
            date=start + dt.timedelta(days=offset),
            seed=market.world.seed,
        )
        for offset in range((end - start).days)
    ]
    carried, premises.estimate_kwh = premises.estimate_kwh, 0
    peak_w = max((load.peak_w for load in loads), default=0)
    has_demand = premises.rate_class != "residential"
    return Document(
        usage=market.new_reference(wires),
        invoice=market.new_reference(wires),
        esi_id=premises.esi_id,
        start=premises.read_on,
        end=end.isoformat(),
        import_kwh=sum(load.import_kwh for load in loads) + carried,
        export_kwh=sum(load.export_kwh for load in loads),
        peak_kw=f"{peak_w / 1000:.3f}" if has_demand else "",
        begin_kwh=premises.import_kwh,
        begin_export_kwh=premises.export_kwh,
        is_estimated=False,
        is_final=is_final,
        original=original,
    )


def daily_kwh(market: Market, document: Document, premises: Premises) -> Mapping[dt.date, int]:
    """What the meter measured on each day of a document's period."""
    start, end = dt.date.fromisoformat(document.start), dt.date.fromisoformat(document.end)
    dates = [start + dt.timedelta(days=offset) for offset in range((end - start).days)]
    return {
        date: day_load(
            esi_id=premises.esi_id, kind=premises.kind, date=date, seed=market.world.seed
        ).import_kwh
        for date in dates
    }


def _price(market: Market, premises: Premises, document: Document) -> None:
    daily = daily_kwh(market, document, premises)
    document.lines = charge_lines(premises=premises, document=document, daily_kwh=daily)


def _spoil(market: Market, premises: Premises, document: Document, rule: Rule) -> None:
    """The first copy is wrong; the registers go on from the right one."""
    if rule.do == "cancel_replace":
        document.import_kwh += _WRONG_KWH
    _price(market, premises, document)
    if rule.do == "wrong_amount":
        line = document.lines[-1]
        line[5] = str(int(line[5]) + 100)


def _plan_correction(market: Market, document: Document, rule: Rule) -> None:
    days = rule.days or CORRECTED_AFTER_DAYS
    market.world.plan(
        market.now + dt.timedelta(days=days),
        "correct_month",
        usage=document.usage,
        replaces=rule.do == "cancel_replace",
        repeat=rule.repeat,
        days=days,
    )


def correct_month(
    market: Market, *, usage: str, replaces: bool, repeat: int = 1, days: int = 1
) -> None:
    """Usage and invoice are cancelled; right ones replace them, where they are to be replaced."""
    document = market.world.documents[usage]
    if not document.is_live:
        return
    document.is_live = False
    _send_usage(market, document, CANCEL)
    market.world.plan(
        market.now + dt.timedelta(minutes=15), "send_invoice", usage=usage, purpose=CANCEL
    )
    if not replaces:
        return
    premises = market.world.premises[document.esi_id]
    wires = market.wires_of(document.esi_id)
    right = replace(
        document,
        usage=market.new_reference(wires),
        invoice=market.new_reference(wires),
        import_kwh=sum(daily_kwh(market, document, premises).values()),
        is_estimated=False,
        is_live=True,
        paid_cents=None,
        cancel_invoice="",
    )
    _price(market, premises, right)
    market.world.documents[right.usage] = right
    market.world.plan(
        market.now + dt.timedelta(minutes=30), "send_replacement", usage=right.usage, corrects=usage
    )
    if repeat > 1:
        market.world.plan(
            market.now + dt.timedelta(days=days),
            "correct_month",
            usage=right.usage,
            replaces=True,
            repeat=repeat - 1,
            days=days,
        )


def send_replacement(market: Market, *, usage: str, corrects: str) -> None:
    """The replacing 867_03, and a quarter of an hour later its 810_02."""
    document = market.world.documents[usage]
    _send_usage(market, document, REPLACE, corrects=corrects)
    market.world.plan(
        market.now + dt.timedelta(minutes=15),
        "send_invoice",
        usage=usage,
        purpose=REPLACE,
        corrects=market.world.documents[corrects].invoice,
    )


def _send_usage(market: Market, document: Document, purpose: str, corrects: str = "") -> None:
    wires = market.wires_of(document.esi_id)
    own = document.usage
    if purpose == CANCEL:
        own, corrects = market.new_reference(wires), document.usage
    segments = write_867_03(
        sending=Sending(purpose=purpose, reference=own, date=market.today, corrects=corrects),
        document=document,
        premises=market.world.premises[document.esi_id],
        wires=wires,
        retailer=market.retailer,
    )
    market.post(
        sender=ERCOT, kind="867_03", segments=segments, esi_id=document.esi_id, reference=own
    )


def send_invoice(market: Market, *, usage: str, purpose: str, corrects: str = "") -> None:
    """The 810_02 that goes with an 867_03."""
    document = market.world.documents[usage]
    wires = market.wires_of(document.esi_id)
    own = document.invoice
    if purpose == CANCEL:
        own, corrects = market.new_reference(wires), document.invoice
        document.cancel_invoice = own
    segments = write_810_02(
        sending=Sending(purpose=purpose, reference=own, date=market.today, corrects=corrects),
        document=document,
        premises=market.world.premises[document.esi_id],
        wires=wires,
        retailer=market.retailer,
        usage_reference=usage,
    )
    market.post(
        sender=wires.code, kind="810_02", segments=segments, esi_id=document.esi_id, reference=own
    )


def send_history(market: Market, *, reference: str, esi_id: str) -> None:
    """An 867_02 of the last twelve months."""
    premises = market.world.premises[esi_id]
    wires = market.wires_of(esi_id)
    months = []
    end = market.today.replace(day=1)
    for _ in range(_HISTORY_MONTHS):
        start = (end - dt.timedelta(days=1)).replace(day=1)
        days = [start + dt.timedelta(days=offset) for offset in range((end - start).days)]
        kwh = sum(
            day_load(
                esi_id=esi_id, kind=premises.kind, date=date, seed=market.world.seed
            ).import_kwh
            for date in days
        )
        months.append((start, end, kwh))
        end = start
    own = market.new_reference(wires)
    segments = write_867_02(
        sending=Sending(purpose="52", reference=own, date=market.today),
        premises=premises,
        months=months[::-1],
        original=reference,
        wires=wires,
        retailer=market.retailer,
    )
    market.post(sender=ERCOT, kind="867_02", segments=segments, esi_id=esi_id, reference=own)


def plan_loss_notice(market: Market, *, premises: Premises, order: Order) -> None:
    """Where we serve the premises already, our own 814_06 for our own gain is left out."""
    if market.is_ours(premises):
        market.tell("kept", esi_id=premises.esi_id, order=order.reference)


def lose_premises(market: Market, *, esi_id: str, kind: str, days: int) -> None:
    """Another retailer takes a premises of ours: 814_06, and at the day final usage."""
    premises = market.world.premises[esi_id]
    if not market.is_ours(premises):
        return
    date = market.today + dt.timedelta(days=days)
    notice = hours.local(hours.next_business_day(date, -_NOTICE_BUSINESS_DAYS), 8)
    market.world.plan(
        max(market.now, notice), "send_loss", esi_id=esi_id, kind=kind, date=date.isoformat()
    )


def send_loss(market: Market, *, esi_id: str, kind: str, date: str) -> None:
    """The 814_06."""
    own = market.new_reference(tables.ercot())
    gaining = f"OTHER{own[-20:]}"
    segments = joined(
        bgn(purpose="13", reference=own, date=market.today, original=gaining, last="6"),
        list(parties(wires=market.wires_of(esi_id), retailer=market.retailer, through_ercot=True)),
        lin(kind),
        asi("request", "delete"),
        esi(esi_id),
        dtm("end", dt.date.fromisoformat(date)),
    )
    market.post(sender=ERCOT, kind="814_06", segments=segments, esi_id=esi_id, reference=own)
    market.world.plan(
        hours.local(dt.date.fromisoformat(date), 6),
        "end_service",
        esi_id=esi_id,
        date=date,
        original=gaining,
        successor="888888888",
    )


def send_csa_notice(market: Market, *, esi_id: str, date: str, original: str) -> None:
    """The 814_22 to the CSA's holder, when that is us."""
    premises = market.world.premises[esi_id]
    own = market.new_reference(tables.ercot())
    segments = joined(
        bgn(purpose="13", reference=own, date=market.today, original=original, last="22"),
        list(parties(wires=market.wires_of(esi_id), retailer=market.retailer, through_ercot=True)),
        lin("move_in"),
        asi("request", "add"),
        esi(esi_id),
        dtm("start", dt.date.fromisoformat(date)),
        meter_loop(premises),
    )
    market.post(sender=ERCOT, kind="814_22", segments=segments, esi_id=esi_id, reference=own)
