"""Daily interval files: ERCOT's LSE layout, or Smart Meter Texas's portal CSV."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from ossrep.kernel.market_time import MARKET_ZONE, interval_start_minutes
from ossrep.market.simulator import tables
from ossrep.market.simulator.faults import ON_MONTH
from ossrep.market.simulator.folders import INTERVALS
from ossrep.market.simulator.loads import Quarters, day_load
from ossrep.market.simulator.market import Market
from ossrep.market.simulator.world import Premises

_LOAD, _GENERATION = 4, 1
_DAYS_BACK_MAX = 200
_SMT_HEADER = (
    "ESIID,USAGE_DATE,REVISION_DATE,USAGE_START_TIME,USAGE_END_TIME,USAGE_KWH,"
    "ESTIMATED_ACTUAL,CONSUMPTION_SURPLUSGENERATION\r\n"
)


@dataclass(frozen=True, slots=True)
class PointDay:
    """A channel of a meter on a local date; ``marks`` has A or E."""

    esi_id: str
    date: dt.date
    is_export: bool
    wh: Quarters
    mark: str


def send_intervals(market: Market) -> None:
    """Each TDSP's file with all days up to yesterday that have not left yet."""
    if (market.today.toordinal() % market.settings.days_in_interval_file) != 0:
        return
    for tdsp in tables.wires():
        ours = [
            premises
            for premises in market.world.premises.values()
            if premises.tdsp == tdsp and market.is_ours(premises)
        ]
        days = [day for premises in ours for day in take_days(market, premises, market.today)]
        if days:
            write_file(market, tdsp, days)


def take_days(market: Market, premises: Premises, end: dt.date) -> list[PointDay]:
    """The days of a premises before ``end`` that no file had; they count as sent."""
    first = max(dt.date.fromisoformat(premises.sent_until), end - dt.timedelta(days=_DAYS_BACK_MAX))
    days = [
        point
        for offset in range((end - first).days)
        for point in _day(market, premises, first + dt.timedelta(days=offset))
    ]
    premises.sent_until = max(end, first).isoformat()
    return days


def _day(market: Market, premises: Premises, date: dt.date) -> list[PointDay]:
    rule = market.faults.find(
        world=market.world,
        today=market.today,
        on="intervals",
        key=f"{premises.esi_id}|{date}",
        esi_id=premises.esi_id,
        among=ON_MONTH & {"lose_day", "estimate"},
    )
    if rule is not None:
        market.tell(
            "fault", fault=rule.do, kind="intervals", esi_id=premises.esi_id, date=str(date)
        )
    if rule is not None and rule.do == "lose_day":
        return []
    load = day_load(esi_id=premises.esi_id, kind=premises.kind, date=date, seed=market.world.seed)
    mark = "A" if rule is None else "E"
    points = [PointDay(premises.esi_id, date, False, load.import_wh, mark)]
    if premises.kind == "solar_home":
        points.append(PointDay(premises.esi_id, date, True, load.export_wh, mark))
    return points


def write_file(market: Market, tdsp: str, days: Sequence[PointDay]) -> None:
    """One file of a TDSP."""
    number = market.world.next_number(f"intervals-{tdsp}")
    sent = market.now.astimezone(MARKET_ZONE)
    if tdsp in market.settings.portal_tdsps:
        name = f"IntervalMeterUsage-{tdsp}-{sent:%Y%m%d%H%M}-{number:05d}.csv"
        text = _SMT_HEADER + "".join(_smt_rows(day, sent) for day in days)
    else:
        duns = tables.wires()[tdsp].duns
        name = f"{duns}IntervalData{sent:%Y%m%d%H%M%S}{number % 1000:03d}.lse"
        text = "".join(
            _lse_block(day, sent, duns, market.settings.retailer_duns, f"{number:05d}{place:06d}")
            for place, day in enumerate(days)
        )
    market.add_file(path=f"{INTERVALS}/{tdsp}/{name}", data=text.encode("ascii"))
    market.tell("intervals", by=tdsp, days=len(days), file=f"{INTERVALS}/{tdsp}/{name}")


def _lse_block(day: PointDay, sent: dt.datetime, duns: str, retailer: str, serial: str) -> str:
    stamp = f"{day.date:%Y%m%d}"
    channel = _GENERATION if day.is_export else _LOAD
    values = [f"{wh // 1000}.{wh % 1000:03d},{day.mark}," for wh in day.wh.tolist()]
    rows = [
        f"{10_000_000 + hour},{','.join(values[4 * hour : 4 * hour + 4])}\n"
        for hour in range(len(values) // 4)
    ]
    return (
        f"00000001,{day.esi_id},{channel},{stamp}000000,{stamp}235959,Y,N\n"
        "00000002,,,,,,,900,01,,,,,CST\n"
        f"00000003,{duns}{stamp}{serial}\n"
        f"00000004,{sent:%Y%m%d%H%M%S},M\n"
        f"00000030,ATTRIBUTE_VALUE_PAIRS,MRE={duns},Sender={duns},Receiver=183529049,"
        f"REP={retailer}\n" + "".join(rows)
    )


def _smt_rows(day: PointDay, sent: dt.datetime) -> str:
    kind = "Surplus Generation" if day.is_export else "Consumption"
    head = f"'{day.esi_id},{day.date:%m/%d/%Y},{sent:%m/%d/%Y %H:%M:%S}"
    rows = []
    for minute, wh in zip(interval_start_minutes(day.date).tolist(), day.wh.tolist(), strict=True):
        end = (minute + 15) % 1440
        clock = f"{minute // 60:02d}:{minute % 60:02d},{end // 60:02d}:{end % 60:02d}"
        rows.append(f"{head},{clock},{wh // 1000}.{wh % 1000:03d},{day.mark},{kind}\r\n")
    return "".join(rows)
