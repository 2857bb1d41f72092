"""``premises.csv`` and ``read-calendar.csv`` of a simulated market: read, or invented once."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ossrep.market.simulator import hours, tables
from ossrep.market.simulator.errors import SimulatorRefused
from ossrep.market.simulator.world import Premises

PREMISES_FILE, CALENDAR_FILE = "premises.csv", "read-calendar.csv"
COLUMNS = (
    "esi_id", "tdsp", "street", "city", "zip_code", "meter", "cycle", "kind", "rate_class",
    "load_profile", "retailer", "energized", "switch_hold", "needs_permit", "csa_holder",
)  # fmt: skip
KINDS = ("home", "solar_home", "shop", "plant")
CYCLES = ("04", "09", "14", "19")
_FLAGS = {"Y": True, "N": False, "": False}
_STREETS = ("MESQUITE BEND", "PECAN GROVE DR", "LIVE OAK ST", "WINDMILL WAY", "CALICHE RD")
_ANOTHER_RETAILER = "888888888"
_CALENDAR_MONTHS = range(-2, 27)


def read_premises(*, folder: Path, count: int, seed: int) -> dict[str, Premises]:
    """Premises by ESI ID; a folder without the file gets invented ones. Raises SimulatorRefused."""
    path = folder / PREMISES_FILE
    if not path.exists():
        _write_premises(path, _invented(count, seed))
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if tuple(rows.fieldnames or ()) != COLUMNS:
            raise SimulatorRefused(f"first line must be {','.join(COLUMNS)}", where=str(path))
        found = [_premises(row, f"{path.name}:{number}") for number, row in enumerate(rows, 2)]
    return {premises.esi_id: premises for premises in found}


def _premises(row: Mapping[str, str], where: str) -> Premises:
    if None in row or None in row.values():
        raise SimulatorRefused(f"must have {len(COLUMNS)} cells", where=where)
    if row["tdsp"] not in tables.wires():
        raise SimulatorRefused(f"there is no TDSP {row['tdsp']!r} here", where=where)
    if row["kind"] not in KINDS:
        raise SimulatorRefused(f"kind is one of {', '.join(KINDS)}", where=where)
    if not tables.rates(tdsp=row["tdsp"], rate_class=row["rate_class"]):
        raise SimulatorRefused(f"no rates for class {row['rate_class']!r}", where=where)
    flags = {}
    for name in ("energized", "switch_hold", "needs_permit"):
        if row[name] not in _FLAGS:
            raise SimulatorRefused(f"{name} is Y or N, not {row[name]!r}", where=where)
        flags[name] = _FLAGS[row[name]]
    texts = {name: text for name, text in row.items() if name not in flags}
    return Premises(**texts, **flags)  # type: ignore[arg-type]


def write_premises(*, folder: Path, premises: Sequence[Premises]) -> None:
    """Writes ``premises.csv``."""
    _write_premises(folder / PREMISES_FILE, premises)


def _write_premises(path: Path, premises: Sequence[Premises]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(COLUMNS)
        for one in premises:
            values = [getattr(one, name) for name in COLUMNS]
            rows.writerow([("N", "Y")[v] if isinstance(v, bool) else v for v in values])


def _invented(count: int, seed: int) -> list[Premises]:
    rng = np.random.default_rng([seed, 1])
    codes = sorted(tables.wires())
    made = []
    for number in range(count):
        wires = tables.wires()[codes[number % len(codes)]]
        town = sorted(wires.towns)[int(rng.integers(len(wires.towns)))]
        kind = KINDS[int(rng.choice(len(KINDS), p=[0.7, 0.15, 0.12, 0.03]))]
        is_home = kind in ("home", "solar_home")
        made.append(
            Premises(
                esi_id=f"{wires.esi_prefix}{number + 1:0{wires.esi_digits - 8}d}",
                tdsp=wires.code,
                street=f"{int(rng.integers(100, 9900))} {_STREETS[int(rng.integers(5))]}",
                city=town,
                zip_code=wires.towns[town],
                meter=f"{wires.reference}{70_000_000 + 7 * number}",
                cycle=CYCLES[int(rng.integers(len(CYCLES)))],
                kind=kind,
                rate_class="residential" if is_home else "secondary_above_10kw",
                load_profile=profile(kind=kind, weather=wires.weather),
                retailer=_ANOTHER_RETAILER if rng.random() < 0.7 else "",
                energized=bool(rng.random() < 0.9),
            )
        )
    return made


def profile(*, kind: str, weather: str) -> str:
    """A load profile ID (Load Profiling Guide section 9)."""
    names = {"home": "RESLOWR", "solar_home": "RESLOPV", "shop": "BUSMEDLF", "plant": "BUSHILF"}
    return f"{names[kind]}_{weather}_IDR_WS_NOTOU"


class ReadCalendar:
    """When a TDSP reads the meters of a cycle."""

    def __init__(self, *, dates: Mapping[tuple[str, str], Sequence[dt.date]]) -> None:
        self._dates = dates

    def is_read(self, *, tdsp: str, cycle: str, date: dt.date) -> bool:
        """True on a read date."""
        return date in self._dates.get((tdsp, cycle), ())


def read_calendar(*, folder: Path, starts_on: dt.date) -> ReadCalendar:
    """The calendar (docs/formats/read-calendar.md); a folder without one gets an invented one."""
    path = folder / CALENDAR_FILE
    if not path.exists():
        _write_calendar(path, starts_on)
    dates: dict[tuple[str, str], list[dt.date]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            try:
                key = row["tdsp"], row["read_cycle"]
                dates.setdefault(key, []).append(dt.date.fromisoformat(row["read_date"]))
            except (KeyError, TypeError, ValueError) as error:
                where = f"{path.name}:{number}"
                raise SimulatorRefused(
                    f"is no row of a read calendar: {error}", where=where
                ) from None
    return ReadCalendar(dates=dates)


def _write_calendar(path: Path, starts_on: dt.date) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("tdsp", "read_cycle", "month", "read_date"))
        first = starts_on.year * 12 + starts_on.month - 1
        for tdsp in sorted(tables.wires()):
            for cycle in CYCLES:
                for month in (first + offset for offset in _CALENDAR_MONTHS):
                    nominal = dt.date(month // 12, month % 12 + 1, int(cycle))
                    read = hours.next_business_day(nominal - dt.timedelta(days=1))
                    rows.writerow((tdsp, cycle, f"{nominal:%Y-%m}", read))
