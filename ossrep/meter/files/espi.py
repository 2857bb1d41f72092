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

import numpy as np
from lxml import etree

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
_FEED_NAMES: dict[str | None, str] = {None: ATOM, "espi": ESPI}
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
    """The feed of some ESI IDs of an account; ids are the same whenever it is written."""
    feed = etree.Element(_atom("feed"), nsmap=_FEED_NAMES)  # type: ignore[arg-type]
    stamp = updated_at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    _text(feed, _atom("id"), _urn(f"account/{account_id}"))
    _text(feed, _atom("title"), title)
    _text(feed, _atom("updated"), stamp)
    writer = _FeedWriter(feed, stamp)
    writer.time_parameters()
    for point in points:
        writer.usage_point(point)
    found: bytes = etree.tostring(feed, xml_declaration=True, encoding="UTF-8")
    return found


class _FeedWriter:
    """Adds entries to one feed; links name resources as ESPI's addresses do."""

    def __init__(self, feed: etree._Element, stamp: str) -> None:
        self._feed = feed
        self._stamp = stamp
        self._times = f"{_RESOURCES}/LocalTimeParameters/texas"

    def _entry(
        self, *, path: str, up: str, title: str, related: Sequence[str], content: etree._Element
    ) -> None:
        entry = etree.SubElement(self._feed, _atom("entry"))
        _text(entry, _atom("id"), _urn(path))
        for relation, target in (("self", path), ("up", up), *(("related", r) for r in related)):
            etree.SubElement(entry, _atom("link"), rel=relation, href=target)
        _text(entry, _atom("title"), title)
        etree.SubElement(entry, _atom("content"), type="application/xml").append(content)
        _text(entry, _atom("published"), self._stamp)
        _text(entry, _atom("updated"), self._stamp)

    def time_parameters(self) -> None:
        """When the market's clock changes."""
        content = _element("LocalTimeParameters")
        for name, value in _TIME_PARAMETERS:
            _text(content, _espi(name), value)
        up = f"{_RESOURCES}/LocalTimeParameters"
        title = "Central time, with daylight saving"
        self._entry(path=self._times, up=up, title=title, related=(), content=content)

    def usage_point(self, point: PointUsage) -> None:
        """An ESI ID with its readings."""
        esi_id = point.occupancy.esi_id
        path = f"{_RESOURCES}/UsagePoint/{esi_id}"
        content = _element("UsagePoint")
        _text(etree.SubElement(content, _espi("ServiceCategory")), _espi("kind"), "0")
        self._entry(
            path=path,
            up=f"{_RESOURCES}/UsagePoint",
            title=f"ESI ID {esi_id}",
            related=(f"{path}/MeterReading", self._times),
            content=content,
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
            content=_element("MeterReading"),
        )
        content = _element("ReadingType")
        for name, value in _READING_TYPE:
            _text(content, _espi(name), str(flow if value is None else value))
        up = f"{_RESOURCES}/ReadingType"
        self._entry(path=kind, up=up, title=f"{title}, Wh", related=(), content=content)
        for date, block in _interval_blocks(channel):
            self._entry(
                path=f"{path}/IntervalBlock/{date}",
                up=f"{path}/IntervalBlock",
                title=str(date),
                related=(),
                content=block,
            )


def _interval_blocks(channel: Channel) -> Iterator[tuple[dt.date, etree._Element]]:
    """A block for each local day of which anything is known.

    A day is read from text made of whole numbers only: many times faster than an element each.
    """
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
            _READING.format(quality=_quality(letter), start=start, wh=wh)
            for start, wh, letter in zip(starts, values, letters, strict=True)
        ]
        text = _BLOCK.format(duration=end - begin, start=begin, readings="".join(readings))
        yield date, etree.fromstring(text)


_BLOCK = (
    f'<espi:IntervalBlock xmlns:espi="{ESPI}"><espi:interval><espi:duration>{{duration}}'
    "</espi:duration><espi:start>{start}</espi:start></espi:interval>{readings}"
    "</espi:IntervalBlock>"
)
_READING = (
    "<espi:IntervalReading>{quality}<espi:timePeriod><espi:duration>"
    f"{SECONDS_PER_INTERVAL}</espi:duration><espi:start>{{start}}</espi:start></espi:timePeriod>"
    "<espi:value>{wh}</espi:value></espi:IntervalReading>"
)


@lru_cache(maxsize=256)
def _quality(letter: int) -> str:
    """Nothing for a measured value: the reading type says what counts then."""
    if letter == ACTUAL:
        return ""
    code = _QUALITIES.get(letter, _OTHER)
    return f"<espi:ReadingQuality><espi:quality>{code}</espi:quality></espi:ReadingQuality>"


def _atom(name: str) -> str:
    return f"{{{ATOM}}}{name}"


def _espi(name: str) -> str:
    return f"{{{ESPI}}}{name}"


def _element(name: str) -> etree._Element:
    return etree.Element(_espi(name), nsmap={"espi": ESPI})


def _text(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = text


def _urn(path: str) -> str:
    return f"urn:uuid:{uuid.uuid5(_NAMES, path)}"
