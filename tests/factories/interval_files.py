"""Interval files as bytes: the three formats the importers read, and days to put in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ossrep.kernel.market_time import MARKET_ZONE, interval_start_minutes, intervals_in_day

SMT_HEADER = (
    "ESIID,USAGE_DATE,REVISION_DATE,USAGE_START_TIME,USAGE_END_TIME,USAGE_KWH,"
    "ESTIMATED_ACTUAL,CONSUMPTION_SURPLUSGENERATION"
)
ESI_ID = "10443720000000001"
NORMAL_DAY = dt.date(2026, 2, 18)
SPRING_DAY = dt.date(2026, 3, 8)
FALL_DAY = dt.date(2025, 11, 2)


def esi_id(number: int) -> str:
    """An invented Oncor ESI ID."""
    return f"1044372{number:010d}"


@dataclass(frozen=True)
class ADay:
    """One day as a sender knows it: Wh and quality letter for each quarter hour."""

    esi_id: str = ESI_ID
    date: dt.date = NORMAL_DAY
    direction: str = "import"
    known_at: dt.datetime | None = None
    wh: Sequence[int] = ()
    quality: str = "A"
    readings: tuple[str, str] | None = None

    def values(self) -> list[int]:
        """The given Wh, or 100, 101, 102 ... for each quarter hour."""
        return list(self.wh) or [100 + i for i in range(intervals_in_day(self.date))]

    def letters(self) -> str:
        """A quality letter for each value."""
        return self.quality * len(self.values()) if len(self.quality) == 1 else self.quality

    def local_time(self) -> dt.datetime:
        """When the values were known, on the local clock; the next evening unless given."""
        evening = dt.datetime.combine(self.date + dt.timedelta(days=1), dt.time(21, 30, 15))
        found = self.known_at or evening.replace(tzinfo=MARKET_ZONE)
        return found.astimezone(MARKET_ZONE)


@dataclass(frozen=True)
class SmtStyle:
    """How a portal file writes its rows."""

    newline: str = "\n"
    quote: str = "'"
    padded: bool = True
    trim_zeros: bool = False
    surplus_text: str = "Surplus Generation"
    bom: bool = False
    header: str = field(default=SMT_HEADER)


AS_SENT = SmtStyle()


def smt_csv(days: Iterable[ADay], style: SmtStyle = AS_SENT) -> bytes:
    """A portal CSV with a row for each quarter hour."""
    rows = [style.header]
    for day in days:
        rows += smt_rows(day, style)
    text = style.newline.join([*rows, ""])
    return (b"\xef\xbb\xbf" if style.bom else b"") + text.encode()


def smt_rows(day: ADay, style: SmtStyle = AS_SENT) -> list[str]:
    """The rows of one day, in elapsed order."""
    stamp = day.local_time()
    pattern = "{:02d}:{:02d}" if style.padded else "{}:{:02d}"
    date = f"{day.date:%m/%d/%Y}" if style.padded else f"{day.date:%-m/%-d/%Y}"
    time = f"{stamp:%m/%d/%Y %H:%M:%S}" if style.padded else f"{stamp:%-m/%-d/%Y %-H:%M}"
    direction = "Consumption" if day.direction == "import" else style.surplus_text
    rows = []
    starts = [int(minute) for minute in interval_start_minutes(day.date)]
    for minute, wh, letter in zip(starts, day.values(), day.letters(), strict=False):
        end = (minute + 15) % 1440
        kwh = f"{wh / 1000:.3f}"
        if style.trim_zeros:
            kwh = kwh.rstrip("0").rstrip(".")
        labels = f"{pattern.format(*divmod(minute, 60))},{pattern.format(*divmod(end, 60))}"
        rows.append(f"{style.quote}{day.esi_id},{date},{time},{labels},{kwh},{letter},{direction}")
    return rows


def lse(
    days: Iterable[ADay], *, newline: str = "\n", last_comma: bool = True, first_id: int = 1
) -> bytes:
    """An LSE file with a block for each day."""
    rows: list[str] = []
    for number, day in enumerate(days, first_id):
        rows += lse_rows(day, number=number, last_comma=last_comma)
    return newline.join([*rows, ""]).encode()


def lse_rows(day: ADay, *, number: int = 1, last_comma: bool = True) -> list[str]:
    """The rows of one block."""
    channel = 4 if day.direction == "import" else 1
    date = f"{day.date:%Y%m%d}"
    start, stop = day.readings or ("", "")
    multiplier = "1" if day.readings else ""
    rows = [
        f"00000001,{day.esi_id},{channel},{date}000000,{date}235959,Y,N",
        f"00000002,{start},{stop},{multiplier},,,,900,01,,,,,CST",
        f"00000003,ONC{date}{number:010d}",
        f"00000004,{day.local_time():%Y%m%d%H%M%S},M",
        "00000030,ATTRIBUTE_VALUE_PAIRS,MRE=1039940674000,Sender=1039940674000,"
        "Receiver=183529049,REP=999999999",
    ]
    cells = [
        f"{wh / 1000:.3f},{letter}," for wh, letter in zip(day.values(), day.letters(), strict=True)
    ]
    for row in range(0, len(cells), 4):
        text = f"{10_000_000 + row // 4}," + ",".join(cells[row : row + 4])
        rows.append(text if last_comma else text[:-1])
    return rows


def interval_csv(
    days: Iterable[ADay], *, newline: str = "\n", columns: int = 100, pad: bool = False
) -> bytes:
    """Our own CSV; a negative Wh stands for an empty cell."""
    names = ",".join(f"kwh_{i + 1}" for i in range(columns))
    rows = [f"esi_id,date,direction,as_of,quality,{names}"]
    for day in days:
        cells = ["" if wh < 0 else f"{wh / 1000:.3f}" for wh in day.values()]
        if pad:
            cells += [""] * (columns - len(cells))
        head = f"{day.esi_id},{day.date},{day.direction},{day.local_time().isoformat()}"
        rows.append(f"{head},{day.quality},{','.join(cells)}")
    return newline.join([*rows, ""]).encode()
