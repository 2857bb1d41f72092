"""Premises that come and go without an order of ours: mass transitions, acquisitions, returns."""

from __future__ import annotations

import datetime as dt

from ossrep.market.simulator import hours, tables
from ossrep.market.simulator.market import Market
from ossrep.market.simulator.metering import start_serving
from ossrep.market.simulator.tables import ERCOT
from ossrep.market.simulator.writing import asi, bgn, dtm, esi, joined, lin, meter_loop, parties

_ANOTHER_RETAILER = "888888888"


def drop_premises(market: Market, *, esi_id: str, code: str, days: int) -> None:
    """An 814_11: a premises of ours goes to another; ``code`` is BGN07, else a mass transition."""
    date = market.today + dt.timedelta(days=days)
    own, event = _references(market)
    segments = joined(
        bgn(
            purpose="11",
            reference=own,
            date=market.today,
            original=event,
            extra=code or tables.value("transitions", "mass"),
            last="11",
        ),
        list(parties(wires=market.wires_of(esi_id), retailer=market.retailer, through_ercot=True)),
        lin("switch"),
        asi("accept", "delete"),
        esi(esi_id),
        dtm("end", date),
    )
    market.post(sender=ERCOT, kind="814_11", segments=segments, esi_id=esi_id, reference=own)
    market.world.plan(
        hours.local(date, 6),
        "end_service",
        esi_id=esi_id,
        date=date.isoformat(),
        original=event,
        successor=_ANOTHER_RETAILER,
    )


def give_premises(market: Market, *, esi_id: str, code: str, days: int) -> None:
    """An 814_14: another retailer's premises comes to us; at its day the 867_04 follows."""
    date = market.today + dt.timedelta(days=days)
    premises = market.world.premises[esi_id]
    own, event = _references(market)
    segments = joined(
        bgn(
            purpose="13",
            reference=own,
            date=market.today,
            original=event,
            extra=code or tables.value("transitions", "mass"),
            last="14",
        ),
        list(parties(wires=market.wires_of(esi_id), retailer=market.retailer, through_ercot=True)),
        lin("switch"),
        asi("request", "add"),
        esi(esi_id),
        dtm("start", date),
        meter_loop(premises),
    )
    market.post(sender=ERCOT, kind="814_14", segments=segments, esi_id=esi_id, reference=own)
    market.world.plan(
        hours.local(date, 6), "begin_given", esi_id=esi_id, date=date.isoformat(), original=event
    )


def begin_given(market: Market, *, esi_id: str, date: str, original: str) -> None:
    """The day of a transition to us has come."""
    premises = market.world.premises[esi_id]
    if not market.is_ours(premises):
        start_serving(market, premises, start=dt.date.fromisoformat(date), original=original)


def take_back(market: Market, *, esi_id: str, days: int) -> None:
    """The retailer from whom we gained it in error has it again since some days: the final read.

    The other's backdated move-in is not ours to see; what comes to us is the end of service.
    """
    premises = market.world.premises[esi_id]
    date = max(market.today - dt.timedelta(days=days), dt.date.fromisoformat(premises.served_from))
    market.world.plan(
        hours.local(market.today, 9),
        "end_service",
        esi_id=esi_id,
        date=date.isoformat(),
        original=f"OTHERIA{market.world.next_number('return')}",
        successor=_ANOTHER_RETAILER,
    )


def _references(market: Market) -> tuple[str, str]:
    """Our own number of the message, and that of the event that it is about."""
    own = market.new_reference(tables.ercot())
    return own, f"EVENT{own[-20:]}"
