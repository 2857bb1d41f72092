"""ERCOT's ESI ID extract of the demo's territories: where its ESI IDs come from.

Layout: ERCOT User Guide, TDSP ESI ID Report, version 5.0 (22 columns, no header).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path

from ossrep.demo import places
from ossrep.demo.book import Site
from ossrep.demo.schedule import Schedule

FOLDER = "esi-ids"
_MONDAY = 0
_NAME_WIDTH = 13
_CLASSES = {
    "home": "Residential",
    "solar_home": "Residential",
    "shop": "Small Non-Residential",
    "plant": "Large Non-Residential",
}


def write_extracts(*, folder: Path, sites: Sequence[Site], schedule: Schedule) -> int:
    """One full extract for each TDSP that has sites; the number of rows.

    They are of the Monday before the demo begins.
    """
    report_date = _monday_before(schedule.first_start)
    folder.mkdir(parents=True, exist_ok=True)
    for wires in places.WIRES:
        name = f"{wires.code:_<{_NAME_WIDTH}}FUL-REPORTS-{report_date:%d-%b-%y}.csv".upper()
        rows = [_row(site) for site in sites if site.wires == wires]
        if rows:
            path = folder / name.replace(".CSV", ".csv")
            path.write_text("".join(map(_line, rows)), encoding="utf-8")
    return len(sites)


def _monday_before(date: dt.date) -> dt.date:
    return date - dt.timedelta(days=(date.weekday() - _MONDAY) % 7 or 7)


def _line(row: Iterable[str]) -> str:
    return ",".join(f'"{cell}"' if cell else "" for cell in row) + "\n"


def _row(site: Site) -> Sequence[str]:
    kind = _CLASSES[site.kind]
    station = site.town.code.replace("-", "").upper()[:6]
    return (
        *(site.esi_id, site.street.upper(), "", site.town.city.upper(), "TX", site.town.zip_code),
        *(site.town.county.upper(), site.wires.duns, site.cycle, "Active", kind, "ERCOT"),
        *(station, f"{site.town.name.upper()} SUB", "Y", "", kind, "Y", "AMSR", "N", "", ""),
    )
