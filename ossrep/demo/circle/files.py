"""What the newcomers' market is told: its settings, premises, faults; and the newcomers' wishes."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Sequence
from pathlib import Path

from ossrep.demo.book import Account, Site
from ossrep.demo.circle.newcomers import wish_of
from ossrep.demo.files.book_files import (
    RATE_CLASS_BUSINESSES,
    RATE_CLASS_HOMES,
    write_newcomers,
)
from ossrep.demo.files.csv_files import write_csv
from ossrep.demo.folder import DemoFolder
from ossrep.demo.schedule import Schedule

BOOK, WISHES, FAULTS = "book", "enrollments.csv", "faults.yaml"

_SETTINGS = """\
# What ERCOT and the TDSPs of this simulated market know of the retailer (docs/market/simulator.md).
retailer_name: PRAIRIE LANTERN ENERGY
retailer_duns: "000000000"
starts_on: {starts_on}
is_test: false
premises: 0
portal_tdsps: [AEP_NORTH]
days_in_interval_file: 1
"""
_FAULTS = """\
# What goes wrong on purpose, so that there is something to see.
faults:
  - {on: 814_16, do: reject, code: NFI, text: NOT FIRST IN, times: 1, share: 0.1}
  - {on: 814_16, do: permit, days: 1, times: 1, share: 0.1}
  - {on: 814_05, do: late, hours: 20, times: 1, share: 0.1}
  - {on: month, do: cancel_replace, days: 2, times: 1, share: 0.05}
"""
_PREMISES = (
    "esi_id", "tdsp", "street", "city", "zip_code", "meter", "cycle", "kind", "rate_class",
    "load_profile", "retailer", "energized", "switch_hold", "needs_permit", "csa_holder",
)  # fmt: skip
_WISHES = (
    "enrollment", "kind", "account", "premises", "plan", "wanted_date", "priority",
    "special_needs", "usage_history", "consented_date", "consent_channel",
)  # fmt: skip
_ANOTHER_RETAILER = "888888888"
_WEATHER = {
    "ONCOR_ELEC": "NCENT", "CENTERPOINT": "COAST", "AEP_CENTRAL": "SOUTH", "TNMP": "NORTH",
    "AEP_NORTH": "WEST",
}  # fmt: skip
_PROFILES = {"home": "RESLOWR", "solar_home": "RESLOPV", "shop": "BUSMEDLF", "plant": "BUSHILF"}


def circle_folder(*, folder: DemoFolder) -> Path:
    """Where the simulated market of a demo lies."""
    return folder.path / "market"


def write_circle(
    *,
    folder: Path,
    calendar: Path,
    accounts: Sequence[Account],
    neighbors: Sequence[Site],
    schedule: Schedule,
    day: dt.date,
) -> int:
    """Writes all of it; returns the number of wishes. The market alone knows ``neighbors``."""
    folder.mkdir(parents=True, exist_ok=True)
    write_newcomers(folder=folder / BOOK, accounts=accounts, schedule=schedule)
    (folder / "market.yaml").write_text(_SETTINGS.format(starts_on=day), encoding="utf-8")
    (folder / FAULTS).write_text(_FAULTS, encoding="utf-8")
    shutil.copyfile(calendar, folder / "read-calendar.csv")
    sites = [*(site for account in accounts for site in account.sites), *neighbors]
    write_csv(path=folder / "premises.csv", columns=_PREMISES, rows=map(_premises, sites))
    rows = (_wish(account, day) for account in accounts)
    return write_csv(path=folder / WISHES, columns=_WISHES, rows=rows)


def _premises(site: Site) -> Sequence[object]:
    is_home = site.kind in ("home", "solar_home")
    return (
        site.esi_id,
        site.wires.code,
        site.street,
        site.town.city,
        site.town.zip_code,
        site.meter_number,
        site.cycle,
        site.kind,
        RATE_CLASS_HOMES if is_home else RATE_CLASS_BUSINESSES,
        f"{_PROFILES[site.kind]}_{_WEATHER[site.wires.code]}_IDR_WS_NOTOU",
        _ANOTHER_RETAILER,
        "Y",
        "N",
        "N",
        "",
    )


def _wish(account: Account, day: dt.date) -> Sequence[object]:
    (contract,) = account.contracts
    kind, wanted = wish_of(account, day=day)
    return (
        f"WEB-{account.number}",
        kind,
        account.number,
        contract.site.premises_number,
        contract.plan.code,
        wanted or "",
        "N",
        "N",
        "N",
        day,
        "web",
    )
