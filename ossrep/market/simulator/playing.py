"""One step of the simulated market: from a folder's state to an instant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ossrep.market.simulator import (
    days,
    enrolling,
    hours,
    metering,
    ordering,
    paying,
    receiving,
    service_orders,
    transitions,
)
from ossrep.market.simulator.errors import SimulatorRefused, UnreadableFile
from ossrep.market.simulator.faults import Faults, read_faults
from ossrep.market.simulator.folders import MarketFolder
from ossrep.market.simulator.market import Handler, Market, play
from ossrep.market.simulator.partners_file import write_partners
from ossrep.market.simulator.premises_file import read_calendar, read_premises
from ossrep.market.simulator.settings import MarketSettings, read_settings
from ossrep.market.simulator.world import World, load_world
from ossrep.market.simulator.x12 import read_interchange

REQUESTS: Mapping[str, Handler] = {
    "814_01": enrolling.take_switch,
    "814_16": enrolling.take_move_in,
    "814_24": ordering.take_move_out,
    "814_08": ordering.take_cancel,
    "814_12": ordering.take_date_change,
    "814_18": ordering.take_csa,
    "814_26": ordering.take_history_request,
    "814_29": ordering.take_notice_answer,
    "814_PC": ordering.take_customer_data,
    "650_01": service_orders.take_service_order,
    "650_05": ordering.take_notice_answer,
    "820_02": paying.take_remittance,
    "824": paying.take_refusal,
}

AGENDA: Mapping[str, Handler] = {
    "receive_file": partial(receiving.receive_file, handlers=REQUESTS),
    "acknowledge": receiving.acknowledge,
    "post_late": Market.post_late,
    "live_day": days.live_day,
    "accept_enrollment": enrolling.accept_enrollment,
    "refuse_enrollment": enrolling.refuse_enrollment,
    "reject_enrollment": enrolling.reject_enrollment,
    "ask_permit": enrolling.ask_permit,
    "cancel_enrollment": enrolling.cancel_enrollment,
    "unexecutable_enrollment": enrolling.unexecutable_enrollment,
    "effectuate": enrolling.effectuate,
    "answer": ordering.answer,
    "finish_service_order": service_orders.finish_service_order,
    "send_maintenance": service_orders.send_maintenance,
    "send_outage": service_orders.send_outage,
    "read_month": metering.read_month,
    "send_invoice": metering.send_invoice,
    "correct_month": metering.correct_month,
    "send_replacement": metering.send_replacement,
    "send_history": metering.send_history,
    "send_loss": metering.send_loss,
    "send_csa_notice": metering.send_csa_notice,
    "end_service": metering.end_service,
    "begin_given": transitions.begin_given,
    "refuse_remittance": paying.refuse_remittance,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What a step did: lines of the journal by their first word, and where the market stands."""

    now: dt.datetime
    files_read: int
    files_written: int
    premises: int
    served: int


def simulate(
    *, folder: Path, until: dt.datetime, seed: int, faults_file: Path | None = None
) -> Played:
    """Plays the market of a folder up to an instant (aware).

    The first call makes the market: it begins on ``starts_on`` of ``market.yaml``, or on the day
    of ``until`` where there is no such file. Raises SimulatorRefused for what cannot be played.
    """
    place = MarketFolder(path=folder)
    settings = read_settings(folder=folder, starts_on=hours.local_date(until))
    world = load_world(folder=folder) or _new_world(folder, settings, seed)
    if until < world.instant:
        raise SimulatorRefused(
            f"the market stands at {world.instant:%Y-%m-%d %H:%M} UTC already", where="--until"
        )
    place.prepare()
    write_partners(folder=folder, settings=settings)
    market = Market(
        world=world,
        folder=place,
        settings=settings,
        calendar=read_calendar(folder=folder, starts_on=settings.starts_on),
        faults=read_faults(path=faults_file, seed=seed) if faults_file else Faults(),
    )
    files = list(place.incoming())
    for player, name in files:
        due = _received_at(market, player, name, until)
        world.plan(due, "receive_file", player=player, name=name)
    written = sum(world.numbers.get(f"control-{player}", 0) for player in _players(world))
    play(market=market, until=until, handlers=AGENDA)
    ours = [premises for premises in world.premises.values() if market.is_ours(premises)]
    return Played(
        now=world.instant,
        files_read=len(files),
        files_written=sum(world.numbers.get(f"control-{p}", 0) for p in _players(world)) - written,
        premises=len(world.premises),
        served=len(ours),
    )


def _players(world: World) -> list[str]:
    return [name.removeprefix("control-") for name in world.numbers if name.startswith("control-")]


def _new_world(folder: Path, settings: MarketSettings, seed: int) -> World:
    begins = hours.local(settings.starts_on, 0)
    world = World(now=begins.isoformat(timespec="seconds"), seed=seed)
    world.premises = read_premises(folder=folder, count=settings.premises, seed=seed)
    world.plan(days.next_day_at(settings.starts_on), "live_day")
    for premises in world.premises.values():
        if premises.retailer == settings.retailer_duns:
            start = settings.starts_on.isoformat()
            premises.served_from = premises.read_on = premises.sent_until = start
    return world


def _received_at(market: Market, player: str, name: str, until: dt.datetime) -> dt.datetime:
    """The moment that the file itself names, as far as it lies in this step."""
    earliest = market.world.instant
    try:
        groups = read_interchange(data=market.folder.read(player=player, name=name)).groups
    except UnreadableFile:
        return earliest
    sent = next((group.sent_at for group in groups if group.sent_at is not None), earliest)
    return min(max(sent, earliest), until)
