"""Usage as JSON and CSV text, built at once: a year has 35,040 quarter hours for each channel."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ossrep.kernel.periods import DatePeriod
from ossrep.meter.domain.interval_days import DIRECTION_NAMES
from ossrep.meter.domain.usage_series import (
    QUALITIES,
    Granularity,
    PointUsage,
    Readings,
    RegisterReading,
    readings_of,
)

CSV_COLUMNS = ("esi_id", "direction", "start", "end", "kwh", "quality", "missing_intervals")
TIME_ZONE = "America/Chicago"
_MISSING = QUALITIES.index("missing")


def kwh_text(wh: int) -> str:
    """Wh as kWh with three decimals."""
    return f"{'-' if wh < 0 else ''}{abs(wh) // 1000}.{abs(wh) % 1000:03d}"


def usage_json(
    *,
    account_id: int,
    period: DatePeriod,
    granularity: Granularity,
    points: Sequence[PointUsage],
) -> bytes:
    """The answer of the usage call (docs/api/usage.md)."""
    head = {
        "accountId": account_id,
        "from": period.start.isoformat(),
        "to": period.end.isoformat(),
        "granularity": granularity,
        "timeZone": TIME_ZONE,
        "unit": "kWh",
    }
    parts = [json.dumps(head)[:-1], ', "servicePoints": [']
    for number, point in enumerate(points):
        parts.append(",\n" if number else "\n")
        parts += _point_json(point, granularity)
    parts.append("]}\n")
    return "".join(parts).encode()


def _point_json(point: PointUsage, granularity: Granularity) -> Iterator[str]:
    head = {
        "esiId": point.occupancy.esi_id,
        "periods": [_period(period) for period in point.occupancy.periods],
    }
    if granularity == Granularity.MONTH:
        head["meterReads"] = [_register(register) for register in point.registers]
    yield json.dumps(head)[:-1]
    yield ', "channels": ['
    for number, channel in enumerate(point.channels):
        yield ",\n" if number else "\n"
        yield from _channel_json(readings_of(channel=channel, granularity=granularity))
    yield "]}"


def _period(period: DatePeriod) -> dict[str, str]:
    return {"from": period.start.isoformat(), "to": period.end.isoformat()}


def _register(register: RegisterReading) -> dict[str, str]:
    return {
        **_period(register.period),
        "importKwh": kwh_text(register.import_wh),
        "exportKwh": kwh_text(register.export_wh),
    }


def _channel_json(readings: Readings) -> Iterator[str]:
    head = {
        "direction": DIRECTION_NAMES[readings.direction],
        "totalKwh": kwh_text(int(readings.wh.sum())),
        "missingIntervals": int(readings.missing.sum()),
        "estimatedIntervals": int(readings.estimated.sum()),
    }
    yield json.dumps(head)[:-1]
    yield ', "readings": ['
    values = _kwh_column(readings, known='"%s"', missing="null")
    tails = _tail_column(readings, '"quality": "%s"%s}', ', "missingIntervals": %d')
    columns = zip(readings.starts, readings.ends, values, tails, strict=True)
    yield ",\n".join(
        [f'{{"start": "{s}", "end": "{e}", "kwh": {kwh}, {tail}' for s, e, kwh, tail in columns]
    )
    yield "]}"


def usage_csv(*, granularity: Granularity, points: Sequence[PointUsage]) -> bytes:
    """One line for each reading of each ESI ID and direction; no value where there is none."""
    parts = [",".join(CSV_COLUMNS), "\r\n"]
    for point in points:
        for channel in point.channels:
            readings = readings_of(channel=channel, granularity=granularity)
            head = f"{point.occupancy.esi_id},{DIRECTION_NAMES[readings.direction]}"
            values = _kwh_column(readings, known="%s", missing="")
            tails = _tail_column(readings, "%s,%s\r\n", "%d")
            columns = zip(readings.starts, readings.ends, values, tails, strict=True)
            parts += [f"{head},{s},{e},{kwh},{tail}" for s, e, kwh, tail in columns]
    return "".join(parts).encode()


def _kwh_column(readings: Readings, *, known: str, missing: str) -> list[str]:
    """One text for each reading; equal values are written once."""
    values, places = np.unique(readings.wh, return_inverse=True)
    texts = np.array([known % kwh_text(wh) for wh in values.tolist()], dtype=object)
    column = texts[places]
    column[readings.quality == _MISSING] = missing
    found: list[str] = column.tolist()
    return found


def _tail_column(readings: Readings, form: str, missing_form: str) -> list[str]:
    """Quality and, where some quarter hours of a reading are missing, how many."""
    keys: NDArray[np.int64] = readings.missing * len(QUALITIES) + readings.quality
    found, places = np.unique(keys, return_inverse=True)
    texts = []
    for key in found.tolist():
        missing, quality = divmod(key, len(QUALITIES))
        texts.append(form % (QUALITIES[quality], missing_form % missing if missing else ""))
    column: list[str] = np.array(texts, dtype=object)[places].tolist()
    return column
