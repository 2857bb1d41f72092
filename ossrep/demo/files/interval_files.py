"""Interval data in the layouts a retailer receives: ERCOT .LSE, SMT's portal CSV, our wide CSV.

A book has millions of quarter hours, so texts of whole days are filled into one template.
"""

from __future__ import annotations

import datetime as dt
import gzip
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ossrep.kernel.market_time import (
    INTERVALS_PER_DAY_MAX,
    interval_start_minutes,
    intervals_in_day,
)

_LOAD_CHANNEL, _GENERATION_CHANNEL = 4, 1
_ERCOT_DUNS = "183529049"
_TABLE_WH = 40_000


@dataclass(frozen=True, slots=True)
class PointDay:
    """One meter point, direction and local date; arrays have 92, 96 or 100 values.

    ``read_at`` is an instant in the market's zone: files print its wall clock.
    """

    esi_id: str
    date: dt.date
    is_export: bool
    wh: NDArray[np.int32]
    estimated: NDArray[np.bool_]
    read_at: dt.datetime


class _Texts:
    """The text of every usual value, actual values first, estimated ones after them."""

    def __init__(self, *, actual: str, estimated: str) -> None:
        self._marks = (actual, estimated)
        self._texts = [_kwh(wh) + mark for mark in self._marks for wh in range(_TABLE_WH)]

    def of(self, day: PointDay) -> tuple[str, ...]:
        """As many texts as the day has values."""
        if int(day.wh.max()) >= _TABLE_WH:
            pairs = zip(day.wh.tolist(), day.estimated.tolist(), strict=True)
            return tuple(_kwh(wh) + self._marks[estimated] for wh, estimated in pairs)
        places = day.wh + day.estimated * np.int32(_TABLE_WH)
        return tuple(itemgetter(*places.tolist())(self._texts))


def _kwh(wh: int) -> str:
    return f"{wh // 1000}.{wh % 1000:03d}"


@lru_cache(maxsize=4)
def _texts(actual: str, estimated: str) -> _Texts:
    return _Texts(actual=actual, estimated=estimated)


def lse_name(*, duns: str, sent_at: dt.datetime, counter: int) -> str:
    """``<DUNS>IntervalData<CCYYMMDDHHMMSS><counter>.lse`` (RMG 7.15.2)."""
    return f"{duns}IntervalData{sent_at:%Y%m%d%H%M%S}{counter:03d}.lse"


def write_lse(*, path: Path, duns: str, days: Iterable[PointDay]) -> int:
    """Writes one .LSE file (RMG appendix G); returns the number of blocks."""
    texts = _texts(",A,", ",E,")
    blocks = [_lse_block(day, texts, duns, number) for number, day in enumerate(days)]
    path.write_text("".join(blocks), encoding="ascii", newline="\n")
    return len(blocks)


def _lse_block(day: PointDay, texts: _Texts, duns: str, number: int) -> str:
    channel = _GENERATION_CHANNEL if day.is_export else _LOAD_CHANNEL
    stamp = f"{day.date:%Y%m%d}"
    return (
        f"00000001,{day.esi_id},{channel},{stamp}000000,{stamp}235959,Y,N\n"
        "00000002,,,,,,,900,01,,,,,CST\n"
        f"00000003,{duns}{stamp}{number:09d}\n"
        f"00000004,{day.read_at:%Y%m%d%H%M%S},M\n"
        f"00000030,ATTRIBUTE_VALUE_PAIRS,MRE={duns},Sender={duns},Receiver={_ERCOT_DUNS},REP=\n"
    ) + _lse_rows(len(day.wh)) % texts.of(day)


@lru_cache(maxsize=4)
def _lse_rows(intervals: int) -> str:
    return "".join(f"{10_000_000 + hour},%s,%s,%s,%s\n" for hour in range(intervals // 4))


SMT_HEADER = (
    "ESIID,USAGE_DATE,REVISION_DATE,USAGE_START_TIME,USAGE_END_TIME,USAGE_KWH,"
    "ESTIMATED_ACTUAL,CONSUMPTION_SURPLUSGENERATION"
)


def write_smt_csv(*, path: Path, days: Iterable[PointDay]) -> int:
    """Writes the portal's IntervalMeterUsage CSV, gzipped; returns the number of days."""
    texts = _texts(",A", ",E")
    blocks = [_smt_rows(day, texts) for day in days]
    _write_gz(path, SMT_HEADER + "\r\n" + "".join(blocks))
    return len(blocks)


def _smt_rows(day: PointDay, texts: _Texts) -> str:
    head = f"'{day.esi_id},{day.date:%m/%d/%Y},{day.read_at:%m/%d/%Y %H:%M:%S},"
    kind = "Surplus Generation" if day.is_export else "Consumption"
    template = _smt_template(day.date).replace("HEAD", head).replace("KIND", kind)
    return template % texts.of(day)


@lru_cache(maxsize=64)
def _smt_template(date: dt.date) -> str:
    rows = []
    for minute in interval_start_minutes(date).tolist():
        end = (minute + 15) % 1440
        clock = f"{minute // 60:02d}:{minute % 60:02d},{end // 60:02d}:{end % 60:02d}"
        rows.append(f"HEAD{clock},%s,KIND\r\n")
    return "".join(rows)


def write_wide_csv(*, path: Path, days: Iterable[PointDay], more: Sequence[str] = ()) -> int:
    """Writes our own interval CSV, ``more`` lines at its end; returns the number of days.

    Gzipped where the path ends in ``.gz``.
    """
    texts = _texts("", "")
    columns = ",".join(f"kwh_{place + 1}" for place in range(INTERVALS_PER_DAY_MAX))
    lines = [f"esi_id,date,direction,as_of,quality,{columns}"]
    lines += [_wide_line(day, texts) for day in days]
    count = len(lines) - 1
    text = "\n".join([*lines, *more]) + "\n"
    if path.suffix == ".gz":
        _write_gz(path, text)
    else:
        path.write_text(text, encoding="ascii", newline="\n")
    return count


def _wide_line(day: PointDay, texts: _Texts) -> str:
    direction = "export" if day.is_export else "import"
    as_of = day.read_at.isoformat()
    values = ",".join(texts.of(day))
    empty = "," * (INTERVALS_PER_DAY_MAX - intervals_in_day(day.date))
    return f"{day.esi_id},{day.date},{direction},{as_of},{_quality(day)},{values}{empty}"


def _quality(day: PointDay) -> str:
    if not day.estimated.any():
        return "A"
    return "".join("E" if estimated else "A" for estimated in day.estimated.tolist())


def _write_gz(path: Path, text: str) -> None:
    # The header of a gzip file holds a time; without it equal content gives equal files.
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=1, mtime=0) as file:
        file.write(text.encode("ascii"))
    path.write_bytes(buffer.getvalue())
