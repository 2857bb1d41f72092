"""Writes Green Button files: usage as an Atom feed of ESPI resources (NAESB REQ.21, version 4.0).

Each ESI ID is a usage point, each direction of it a meter reading with its reading type, each
local day an interval block. A quarter hour without a value is left out of its block.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from ossrep.kernel.market_time import local_midnight
from ossrep.meter.domain.interval_days import (
    ACTUAL,
    ESTIMATED,
    INTERPOLATED,
    LIKE_DAY,
    PROFILED,
)
from ossrep.meter.domain.usage_series import ONE_DAY, Channel, PointUsage, day_slices
from ossrep.published.meter import MISSING_WH

ATOM = "http://www.w3.org/2005/Atom"
ESPI = "http://naesb.org/espi"
SECONDS_PER_INTERVAL = 900
_NAMES = uuid.UUID("6d1ff4c0-6e1a-5c53-9f2b-4d2c6c2b8f57")
_RESOURCES = "espi/1_1/resource"

# QualityOfReading: 17 validated, 8 by a reference day, 9 interpolated, 11 derived, 16 other.
_VALIDATED = 17
_QUALITIES = {ACTUAL: _VALIDATED, LIKE_DAY: 8, INTERPOLATED: 9, PROFILED: 11, ESTIMATED: 16}
_OTHER = 16
_FORWARD, _REVERSE = 1, 19
_DIRECTIONS = ((_FORWARD, "Electricity delivered"), (_REVERSE, "Electricity received"))


@dataclass(frozen=True, slots=True)
class _DstRule:
    """A rule of ``DstRuleType``: the n-th Sunday of a month at an hour."""

    month: int
    sunday: int
    hour: int

    def code(self) -> str:
        """The bit map: month, operator (2 is the first such weekday), weekday 7, hour."""
        bits = (self.month << 28) | ((self.sunday + 1) << 25) | (7 << 17) | (self.hour << 12)
        return f"{bits:08X}"


# United States since 2007 (15 U.S.C. 260a): second Sunday of March, first Sunday of November.
_DST_START = _DstRule(month=3, sunday=2, hour=2)
_DST_END = _DstRule(month=11, sunday=1, hour=2)
_TIME_PARAMETERS = (
    ("dstEndRule", _DST_END.code()),
    ("dstOffset", "3600"),
    ("dstStartRule", _DST_START.code()),
    ("tzOffset", "-21600"),
)
# Electricity, energy in Wh as differences of 15 minutes; the order is the schema's.
_READING_TYPE = (
    ("accumulationBehaviour", 4),
    ("commodity", 1),
    ("dataQualifier", 12),
    ("defaultQuality", _VALIDATED),
    ("flowDirection", None),
    ("intervalLength", SECONDS_PER_INTERVAL),
    ("kind", 12),
    ("powerOfTenMultiplier", 0),
    ("timeAttribute", 0),
    ("uom", 72),
)


def green_button_xml(
    *, title: str, account_id: int, points: Sequence[PointUsage], updated_at: dt.datetime
) -> bytes:
    """The feed of some ESI IDs of an account; ids are the same whenever it is written.

    Written as text: a year has a quarter of a million elements, and only ``title`` and ESI IDs
    are anybody's words.
    """
    writer = _FeedWriter(updated_at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    writer.head(title=title, account_id=account_id)
    writer.time_parameters()
    for point in points:
        writer.usage_point(point)
    return writer.text().encode()


class _FeedWriter:
    """Adds entries to one feed; links name resources as ESPI's addresses do."""

    def __init__(self, stamp: str) -> None:
        self._stamp = stamp
        self._times = f"{_RESOURCES}/LocalTimeParameters/texas"
        self._parts: list[str] = []

    def text(self) -> str:
        """The whole document."""
        return "".join((*self._parts, "</feed>"))

    def head(self, *, title: str, account_id: int) -> None:
        """What the feed says of itself."""
        self._parts += (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="{ATOM}" xmlns:espi="{ESPI}">',
            _element("id", _urn(f"account/{account_id}")),
            _element("title", title),
            _element("updated", self._stamp),
        )

    def _entry(
        self, *, path: str, up: str, title: str, content: str, related: Sequence[str] = ()
    ) -> None:
        """``content`` is XML, everything else plain words."""
        links = (("self", path), ("up", up), *(("related", target) for target in related))
        self._parts += (
            "<entry>",
            _element("id", _urn(path)),
            *(f'<link rel="{name}" href={quoteattr(target)}/>' for name, target in links),
            _element("title", title),
            f'<content type="application/xml">{content}</content>',
            _element("published", self._stamp),
            _element("updated", self._stamp),
            "</entry>",
        )

    def time_parameters(self) -> None:
        """When the market's clock changes."""
        self._entry(
            path=self._times,
            up=f"{_RESOURCES}/LocalTimeParameters",
            title="Central time, with daylight saving",
            content=_resource("LocalTimeParameters", _TIME_PARAMETERS),
        )

    def usage_point(self, point: PointUsage) -> None:
        """An ESI ID with its readings."""
        esi_id = point.occupancy.esi_id
        path = f"{_RESOURCES}/UsagePoint/{esi_id}"
        category = "<espi:ServiceCategory><espi:kind>0</espi:kind></espi:ServiceCategory>"
        self._entry(
            path=path,
            up=f"{_RESOURCES}/UsagePoint",
            title=f"ESI ID {esi_id}",
            related=(f"{path}/MeterReading", self._times),
            content=f"<espi:UsagePoint>{category}</espi:UsagePoint>",
        )
        for channel in point.channels:
            self._meter_reading(path, channel)

    def _meter_reading(self, usage_point: str, channel: Channel) -> None:
        flow, title = _DIRECTIONS[channel.direction]
        path = f"{usage_point}/MeterReading/{flow}"
        kind = f"{_RESOURCES}/ReadingType/{flow}-of-{usage_point.rsplit('/', 1)[-1]}"
        self._entry(
            path=path,
            up=f"{usage_point}/MeterReading",
            title=title,
            related=(f"{path}/IntervalBlock", kind),
            content="<espi:MeterReading/>",
        )
        fields = [(name, flow if value is None else value) for name, value in _READING_TYPE]
        self._entry(
            path=kind,
            up=f"{_RESOURCES}/ReadingType",
            title=f"{title}, Wh",
            content=_resource("ReadingType", fields),
        )
        for date, block in _interval_blocks(channel):
            self._entry(
                path=f"{path}/IntervalBlock/{date}",
                up=f"{path}/IntervalBlock",
                title=str(date),
                content=block,
            )


def _interval_blocks(channel: Channel) -> Iterator[tuple[dt.date, str]]:
    """A block for each local day of which anything is known, whole numbers only."""
    is_known = channel.wh != MISSING_WH
    for date, span in day_slices(channel):
        index = np.flatnonzero(is_known[span])
        if not len(index):
            continue
        begin = int(local_midnight(date).timestamp())
        end = int(local_midnight(date + ONE_DAY).timestamp())
        starts = (begin + SECONDS_PER_INTERVAL * index).tolist()
        values, letters = channel.wh[span][index].tolist(), channel.quality[span][index].tolist()
        readings = [
            f"<espi:IntervalReading>{_quality(letter)}{_PERIOD}{start}</espi:start>"
            f"</espi:timePeriod><espi:value>{wh}</espi:value></espi:IntervalReading>"
            for start, wh, letter in zip(starts, values, letters, strict=True)
        ]
        yield date, _BLOCK.format(duration=end - begin, start=begin, readings="".join(readings))


_BLOCK = (
    "<espi:IntervalBlock><espi:interval><espi:duration>{duration}</espi:duration>"
    "<espi:start>{start}</espi:start></espi:interval>{readings}</espi:IntervalBlock>"
)
_PERIOD = f"<espi:timePeriod><espi:duration>{SECONDS_PER_INTERVAL}</espi:duration><espi:start>"


@lru_cache(maxsize=256)
def _quality(letter: int) -> str:
    """Nothing for a measured value: the reading type says what counts then."""
    if letter == ACTUAL:
        return ""
    code = _QUALITIES.get(letter, _OTHER)
    return f"<espi:ReadingQuality><espi:quality>{code}</espi:quality></espi:ReadingQuality>"


def _resource(name: str, fields: Sequence[tuple[str, object]]) -> str:
    inner = "".join(_element(f"espi:{field}", str(value)) for field, value in fields)
    return _tagged(f"espi:{name}", inner)


def _element(name: str, words: str) -> str:
    return _tagged(name, escape(words))


def _tagged(name: str, xml: str) -> str:
    return f"<{name}>{xml}</{name}>"


def _urn(path: str) -> str:
    return f"urn:uuid:{uuid.uuid5(_NAMES, path)}"
