"""What a simulated market is told once: the retailer, its first day, which files it writes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ossrep.market.simulator import tables
from ossrep.market.simulator.errors import SimulatorRefused

SETTINGS_FILE = "market.yaml"
_TEXT = """\
# The retailer that plays in this market, as ERCOT and the TDSPs know it.
retailer_name: {retailer_name}
retailer_duns: "{retailer_duns}"
# The first day; nothing happens before it.
starts_on: {starts_on}
is_test: {is_test}
# Invented premises of a new market (premises.csv), over all TDSPs.
premises: {premises}
# TDSPs whose intervals come as Smart Meter Texas's portal CSV; the others send LSE files.
portal_tdsps: [{portal_tdsps}]
# After how many days a file of intervals is written: 1 is daily.
days_in_interval_file: {days_in_interval_file}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketSettings:
    """``market.yaml`` of the folder."""

    retailer_name: str = "EXAMPLE RETAIL ENERGY"
    retailer_duns: str = "999999999"
    starts_on: dt.date = dt.date(2026, 1, 1)
    is_test: bool = False
    premises: int = 100
    portal_tdsps: tuple[str, ...] = ("AEP_NORTH",)
    days_in_interval_file: int = 1


def read_settings(*, folder: Path, starts_on: dt.date) -> MarketSettings:
    """The settings of a folder; a new folder gets the usual ones. Raises SimulatorRefused."""
    path = folder / SETTINGS_FILE
    if not path.exists():
        settings = MarketSettings(starts_on=starts_on)
        write_settings(folder=folder, settings=settings)
        return settings
    try:
        words = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SimulatorRefused(f"is no YAML: {error}", where=str(path)) from error
    return _settings_of(words, str(path))


def write_settings(*, folder: Path, settings: MarketSettings) -> None:
    """Writes ``market.yaml``."""
    folder.mkdir(parents=True, exist_ok=True)
    words = {name: getattr(settings, name) for name in MarketSettings.__dataclass_fields__}
    words["is_test"] = str(settings.is_test).lower()
    words["portal_tdsps"] = ", ".join(settings.portal_tdsps)
    (folder / SETTINGS_FILE).write_text(_TEXT.format(**words), encoding="utf-8")


def _settings_of(words: Any, where: str) -> MarketSettings:
    if not isinstance(words, Mapping):
        raise SimulatorRefused("must hold names and values", where=where)
    kinds: dict[str, type] = {
        "retailer_name": str, "retailer_duns": str, "starts_on": dt.date, "is_test": bool,
        "premises": int, "portal_tdsps": list, "days_in_interval_file": int,
    }  # fmt: skip
    for name, given in words.items():
        if name not in kinds:
            raise SimulatorRefused(f"there is no setting {name}", where=where)
        if not isinstance(given, kinds[name]):
            raise SimulatorRefused(f"{name} cannot be {given!r}", where=where)
    strangers = set(words.get("portal_tdsps", [])) - set(tables.wires())
    if strangers:
        raise SimulatorRefused(f"portal_tdsps: no TDSP {sorted(strangers)}", where=where)
    known: dict[str, Any] = {
        name: tuple(given) if isinstance(given, list) else given for name, given in words.items()
    }
    return MarketSettings(**known)
