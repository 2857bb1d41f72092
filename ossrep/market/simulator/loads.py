"""What the meters of the simulated market measure: the same for a seed, ESI ID and date, always.

Each day's import and export are whole kWh, so that registers, monthly usage and the sum of the
quarter hours agree exactly, whatever period is read.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ossrep.kernel.market_time import interval_start_minutes

WH_PER_KWH = 1000
_MIDSUMMER = 200
_WEEKEND = 5

Quarters = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class DayLoad:
    """Wh of each quarter hour of a local date: shape ``(92|96|100,)``."""

    import_wh: Quarters
    export_wh: Quarters

    @property
    def import_kwh(self) -> int:
        """Whole kWh drawn from the grid."""
        return int(self.import_wh.sum()) // WH_PER_KWH

    @property
    def export_kwh(self) -> int:
        """Whole kWh fed into the grid."""
        return int(self.export_wh.sum()) // WH_PER_KWH

    @property
    def peak_w(self) -> int:
        """The highest quarter hour's mean power."""
        return int(self.import_wh.max()) * 4


@lru_cache(maxsize=65_536)
def day_load(*, esi_id: str, kind: str, date: dt.date, seed: int) -> DayLoad:
    """One local date of a meter. ``kind``: home, solar_home, shop or plant."""
    own = np.random.default_rng(_seed(seed, esi_id))
    size = float(own.uniform(0.6, 1.7)) * {"shop": 4.0, "plant": 30.0}.get(kind, 1.0)
    rng = np.random.default_rng([*_seed(seed, esi_id), date.toordinal()])
    hour = interval_start_minutes(date).astype(np.float64) / 60.0
    watts = _working_w(hour, date) if kind in ("shop", "plant") else _living_w(hour, date)
    watts = watts * size * rng.lognormal(0.0, 0.25, hour.size)
    sun = _sun_w(hour, date, rng) if kind == "solar_home" else np.zeros(hour.size)
    net = (watts - sun) / 4.0
    return DayLoad(_whole(np.maximum(net, 0)), _whole(np.maximum(-net, 0)))


def _seed(seed: int, esi_id: str) -> list[int]:
    return [seed, int.from_bytes(hashlib.sha256(esi_id.encode()).digest()[:6], "big")]


def _heat(date: dt.date) -> float:
    return float(np.cos((date.timetuple().tm_yday - _MIDSUMMER) / 365 * 2 * np.pi))


def _living_w(hour: NDArray[np.float64], date: dt.date) -> NDArray[np.float64]:
    evening = np.exp(-(((hour - 19.0) / 2.5) ** 2))
    morning = np.exp(-(((hour - 7.0) / 1.3) ** 2))
    noon = np.exp(-(((hour - 16.0) / 4.0) ** 2))
    cooling = max(_heat(date), 0.0) * 1_900 * noon
    heating = max(-_heat(date), 0.0) * 900 * (morning + evening)
    total: NDArray[np.float64] = 350 + 900 * evening + 450 * morning + cooling + heating
    return total


def _working_w(hour: NDArray[np.float64], date: dt.date) -> NDArray[np.float64]:
    is_open = (hour >= 8) & (hour < 19) & (date.weekday() <= _WEEKEND)
    total: NDArray[np.float64] = np.where(is_open, 2_600 + 900 * max(_heat(date), 0.0), 600.0)
    return total


def _sun_w(
    hour: NDArray[np.float64], date: dt.date, rng: np.random.Generator
) -> NDArray[np.float64]:
    height = np.clip(np.cos((hour - 13.5) / 6.5 * np.pi / 2), 0, None)
    height[np.abs(hour - 13.5) > 6.5] = 0.0
    total: NDArray[np.float64] = (4_800 + 900 * _heat(date)) * height * rng.beta(5, 1.6)
    return total


def _whole(wh: NDArray[np.float64]) -> Quarters:
    """Rounded to Wh; what lacks to whole kWh is spread over the quarter hours with load."""
    rounded = np.rint(wh).astype(np.int64)
    rest = -int(rounded.sum()) % WH_PER_KWH
    loaded = np.flatnonzero(rounded)
    if loaded.size:
        rounded[loaded] += rest // loaded.size
        rounded[loaded[: rest % loaded.size]] += 1
    return rounded
