"""What happens every day: intervals leave, meters are read, things befall premises."""

from __future__ import annotations

import datetime as dt

from ossrep.market.simulator import hours
from ossrep.market.simulator.faults import ON_OTHERS, ON_PREMISES, Rule
from ossrep.market.simulator.intervals import send_intervals
from ossrep.market.simulator.market import Market
from ossrep.market.simulator.metering import lose_premises
from ossrep.market.simulator.transitions import drop_premises, give_premises, take_back

DAY_BEGINS = dt.time(5, 30)
_LOST_AFTER_DAYS = 7
_GIVEN_AFTER = 3
_TAKEN_BACK_DAYS = 3


def next_day_at(date: dt.date) -> dt.datetime:
    """When a market day's work begins."""
    return hours.local(date, DAY_BEGINS.hour, DAY_BEGINS.minute)


def live_day(market: Market) -> None:
    """One day's work; the next one goes on the agenda."""
    send_intervals(market)
    for premises in market.world.premises.values():
        is_ours = market.is_ours(premises)
        cycle = {"tdsp": premises.tdsp, "cycle": premises.cycle}
        if is_ours and market.calendar.is_read(**cycle, date=market.today):
            market.world.plan(hours.local(market.today, 7), "read_month", esi_id=premises.esi_id)
        rule = market.faults.find(
            world=market.world,
            today=market.today,
            on="premises",
            key=f"{premises.esi_id}|{market.today}",
            esi_id=premises.esi_id,
            among=ON_PREMISES if is_ours else ON_OTHERS,
        )
        if rule is not None:
            _befall(market, premises.esi_id, rule)
    market.world.plan(next_day_at(market.today + dt.timedelta(days=1)), "live_day")


def _befall(market: Market, esi_id: str, rule: Rule) -> None:
    market.tell("fault", fault=rule.do, kind="premises", esi_id=esi_id)
    match rule.do:
        case "loss":
            kind = rule.code or "switch"
            days = rule.days or _LOST_AFTER_DAYS
            lose_premises(market, esi_id=esi_id, kind=kind, days=days)
        case "drop":
            drop_premises(market, esi_id=esi_id, code=rule.code, days=rule.days or _LOST_AFTER_DAYS)
        case "take_back":
            take_back(market, esi_id=esi_id, days=rule.days or _TAKEN_BACK_DAYS)
        case "give":
            give_premises(market, esi_id=esi_id, code=rule.code, days=rule.days or _GIVEN_AFTER)
        case "maintain":
            market.world.plan(market.now, "send_maintenance", esi_id=esi_id, changed="meter")
        case "switch_hold":
            market.world.premises[esi_id].switch_hold = True
            market.world.plan(market.now, "send_maintenance", esi_id=esi_id, changed="switch_hold")
        case "outage":
            market.world.plan(market.now, "send_outage", esi_id=esi_id)
