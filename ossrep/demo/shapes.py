"""Load shapes of Texas homes, shops and solar roofs: whole Wh for each quarter hour.

Synthetic, yet with the features that billing meets: heat that drives cooling, mornings and
evenings, weekends, people away, clouds, business hours. Deterministic by seed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ossrep.kernel.market_time import interval_start_minutes

Kind = Literal["home", "solar_home", "shop", "plant"]
QUARTERS = 96

# Mean daily high and the night's drop, °C, by month: a rough north-central Texas climate.
_HIGH_C = (14, 16, 21, 25, 29, 33, 36, 36, 32, 27, 20, 15)
_NIGHT_DROP_C = (11, 11, 12, 12, 11, 11, 11, 12, 12, 12, 11, 11)
_COMFORT_C = 23.0
_HEATING_C = 16.0


@dataclass(frozen=True, slots=True)
class DayValues:
    """One local date of many meter points: Wh, shape ``(points, 92|96|100)``."""

    date: dt.date
    import_wh: NDArray[np.int32]
    export_wh: NDArray[np.int32]


class LoadShapes:
    """Draws the same values for the same seed, day after day, for a list of meter points."""

    def __init__(self, *, kinds: Sequence[Kind], seed: int) -> None:
        self._kinds = np.array(kinds)
        self._seed = seed
        rng = np.random.default_rng([seed, 1])
        count = len(kinds)
        self._size = np.clip(rng.lognormal(0.05, 0.45, count), 0.35, 4.0)
        self._evening = rng.normal(19.0, 0.8, count)
        self._cooling_w = rng.uniform(110, 240, count)
        self._electric_heat = rng.random(count) < 0.55
        self._heating_w = np.where(self._electric_heat, rng.uniform(70, 160, count), 8.0)
        self._base_w = rng.uniform(220, 560, count)
        self._panel_w = rng.uniform(4_000, 9_500, count)
        self._opens = rng.uniform(6.5, 10.0, count)
        self._closes = rng.uniform(17.0, 22.0, count)
        self._shop_w = rng.uniform(3_000, 14_000, count)
        self._closed_sunday = rng.random(count) < 0.5

    def day(self, *, date: dt.date) -> DayValues:
        """The values of one local date, clock changes included."""
        rng = np.random.default_rng([self._seed, 2, date.toordinal()])
        quarter = interval_start_minutes(date).astype(np.int64) // 15
        hour = quarter / 4.0
        warmth = np.random.default_rng([self._seed, 3, date.toordinal() // 4]).normal(0, 3.0)
        temperature = _temperature(date=date, hour=hour, warmth=warmth)
        watts = np.where(
            np.isin(self._kinds, ("shop", "plant"))[:, None],
            self._business_w(date=date, hour=hour, temperature=temperature),
            self._home_w(date=date, hour=hour, temperature=temperature, rng=rng),
        )
        watts *= rng.lognormal(0.0, 0.12, watts.shape)
        sun = self._sun_w(date=date, hour=hour, rng=rng)
        net = watts - sun
        import_wh = np.rint(np.maximum(net, 0) / 4.0).astype(np.int32)
        export_wh = np.rint(np.maximum(-net, 0) / 4.0).astype(np.int32)
        return DayValues(date=date, import_wh=import_wh, export_wh=export_wh)

    def _home_w(
        self,
        *,
        date: dt.date,
        hour: NDArray[np.float64],
        temperature: NDArray[np.float64],
        rng: np.random.Generator,
    ) -> NDArray[np.float64]:
        weekend = date.weekday() >= 5
        size = self._size[:, None]
        morning = np.exp(-(((hour - 7.0) / 1.2) ** 2)) * (0.4 if weekend else 0.8)
        evening = np.exp(-(((hour[None, :] - self._evening[:, None]) / 2.2) ** 2))
        midday = np.exp(-(((hour - 13.0) / 3.5) ** 2)) * (0.7 if weekend else 0.25)
        living = 1_000 * (morning[None, :] + midday[None, :]) + 1_500 * evening
        away = rng.random(len(self._kinds)) < 0.02
        living[away] *= 0.1
        cooling = np.maximum(temperature - _COMFORT_C, 0)[None, :] * self._cooling_w[:, None]
        heating = np.maximum(_HEATING_C - temperature, 0)[None, :] * self._heating_w[:, None]
        # A compressor and an oven switch on and off: without it every home would look alike.
        spikes = (rng.random((len(self._kinds), hour.size)) < 0.04) * rng.uniform(
            500, 3_500, (len(self._kinds), hour.size)
        )
        total: NDArray[np.float64] = (
            self._base_w[:, None] + size * (0.7 * living + cooling + heating) + spikes
        )
        return total

    def _business_w(
        self, *, date: dt.date, hour: NDArray[np.float64], temperature: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        opened = (hour[None, :] >= self._opens[:, None]) & (hour[None, :] < self._closes[:, None])
        if date.weekday() == 6:
            opened &= ~self._closed_sunday[:, None]
        scale = np.where(self._kinds == "plant", 9.0, 1.0)[:, None]
        cooling = np.maximum(temperature - 20.0, 0)[None, :] * self._cooling_w[:, None] * 2.0
        working = self._shop_w[:, None] + cooling
        resting = 0.18 * self._shop_w[:, None] + 0.3 * cooling
        return scale * np.where(opened, working, resting)

    def _sun_w(
        self, *, date: dt.date, hour: NDArray[np.float64], rng: np.random.Generator
    ) -> NDArray[np.float64]:
        count = len(self._kinds)
        roof = np.where(self._kinds == "solar_home", self._panel_w, 0.0)
        noon = 13.5
        half_day = 5.2 + 1.6 * np.cos(2 * np.pi * (date.timetuple().tm_yday - 172) / 365)
        height = np.cos(np.clip((hour - noon) / half_day, -1, 1) * np.pi / 2)
        clear = np.clip(rng.beta(5, 1.6, count), 0.05, 1)[:, None]
        flicker = rng.uniform(0.85, 1.0, (count, hour.size))
        sun: NDArray[np.float64] = roof[:, None] * 0.82 * height[None, :] * clear * flicker
        return sun


def _temperature(*, date: dt.date, hour: NDArray[np.float64], warmth: float) -> NDArray[np.float64]:
    month = date.month - 1
    toward = (date.day - 15) / 30.0
    other = (month + (1 if toward > 0 else -1)) % 12
    high = _HIGH_C[month] * (1 - abs(toward)) + _HIGH_C[other] * abs(toward) + warmth
    mean = high - _NIGHT_DROP_C[month] / 2
    swing: NDArray[np.float64] = np.cos((hour - 16.0) / 24.0 * 2 * np.pi)
    return mean + _NIGHT_DROP_C[month] / 2 * swing
