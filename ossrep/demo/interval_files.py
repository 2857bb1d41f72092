"""Writes interval data in the layouts a retailer receives: ERCOT .LSE and the SMT portal's CSV."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ossrep.kernel.market_time import interval_start_minutes

_LOAD_CHANNEL = 4
_GENERATION_CHANNEL = 1
_ERCOT_DUNS = "183529049"
_KWH = [f"{wh // 1000}.{wh % 1000:03d}" for wh in range(60_000)]


@dataclass(frozen=True, slots=True)
class PointDay:
    """One meter point, direction and local date as a file carries it."""

    esi_id: str
    date: dt.date
    is_export: bool
    wh: NDArray[np.int32]
    estimated: NDArray[np.bool_]
    read_at: dt.datetime


def lse_name(*, duns: str, sent_at: dt.datetime, counter: int) -> str:
    """``<DUNS>IntervalData<CCYYMMDDHHMMSS><counter>.lse`` (RMG 7.15.2)."""
    return f"{duns}IntervalData{sent_at:%Y%m%d%H%M%S}{counter:03d}.lse"


def write_lse(*, path: Path, duns: str, days: Iterable[PointDay]) -> int:
    """Writes one .LSE file (RMG appendix G); returns the number of blocks."""
    blocks = 0
    with path.open("w", encoding="ascii", newline="\n") as file:
        for day in days:
            file.write("\n".join(_lse_block(day, duns=duns, number=blocks)))
            file.write("\n")
            blocks += 1
    return blocks


def _lse_block(day: PointDay, *, duns: str, number: int) -> Iterator[str]:
    channel = _GENERATION_CHANNEL if day.is_export else _LOAD_CHANNEL
    stamp = f"{day.date:%Y%m%d}"
    yield f"00000001,{day.esi_id},{channel},{stamp}000000,{stamp}235959,Y,N"
    yield "00000002,,,,,,,900,01,,,,,CST"
    yield f"00000003,{duns}{stamp}{number:09d}"
    yield f"00000004,{day.read_at:%Y%m%d%H%M%S},M"
    yield (f"00000030,ATTRIBUTE_VALUE_PAIRS,MRE={duns},Sender={duns},Receiver={_ERCOT_DUNS},REP=")
    values = [
        f"{kwh},{'E' if estimated else 'A'},"
        for kwh, estimated in zip(_kwh_texts(day.wh), day.estimated.tolist(), strict=True)
    ]
    for hour in range(len(values) // 4):
        yield f"{10_000_000 + hour}," + ",".join(values[4 * hour : 4 * hour + 4])


def _kwh_texts(wh: NDArray[np.int32]) -> list[str]:
    table = _KWH
    top = len(table)
    return [table[w] if w < top else f"{w // 1000}.{w % 1000:03d}" for w in wh.tolist()]


SMT_HEADER = (
    "ESIID,USAGE_DATE,REVISION_DATE,USAGE_START_TIME,USAGE_END_TIME,USAGE_KWH,"
    "ESTIMATED_ACTUAL,CONSUMPTION_SURPLUSGENERATION"
)


def write_smt_csv(*, path: Path, days: Iterable[PointDay]) -> int:
    """Writes the portal's IntervalMeterUsage CSV, gzipped; returns the number of days."""
    count = 0
    with gzip.open(path, "wt", compresslevel=1, encoding="ascii", newline="") as file:
        file.write(SMT_HEADER + "\r\n")
        for day in days:
            file.write("\r\n".join(_smt_rows(day)))
            file.write("\r\n")
            count += 1
    return count


def _smt_rows(day: PointDay) -> Iterator[str]:
    kind = "Surplus Generation" if day.is_export else "Consumption"
    head = f"'{day.esi_id},{day.date:%m/%d/%Y},{day.read_at:%m/%d/%Y %H:%M:%S}"
    clock = _clock_texts(day.date)
    for times, kwh, estimated in zip(
        clock, _kwh_texts(day.wh), day.estimated.tolist(), strict=True
    ):
        yield f"{head},{times},{kwh},{'E' if estimated else 'A'},{kind}"


def _clock_texts(date: dt.date) -> Sequence[str]:
    starts = interval_start_minutes(date).tolist()
    texts = []
    for minute in starts:
        end = (minute + 15) % 1440
        texts.append(f"{minute // 60:02d}:{minute % 60:02d},{end // 60:02d}:{end % 60:02d}")
    return texts
