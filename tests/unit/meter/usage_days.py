"""Channels with values for tests of what customers are given."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np

from ossrep.kernel.periods import DatePeriod
from ossrep.meter.domain.interval_days import IMPORT
from ossrep.meter.domain.usage_series import Channel, Occupancy, PointUsage, empty_channel

ESI_ID = "10443720000000001"


def a_channel(start: dt.date, end: dt.date, *, wh: int = 250, direction: int = IMPORT) -> Channel:
    """Every quarter hour actual, all of the same Wh."""
    empty = empty_channel(direction=direction, dates=tuple(DatePeriod(start, end).dates()))
    return dataclasses.replace(
        empty,
        wh=np.full_like(empty.wh, wh),
        quality=np.full_like(empty.quality, ord("A")),
    )


def a_point(channel: Channel, *more: Channel) -> PointUsage:
    """One ESI ID served on all days of its first channel."""
    period = DatePeriod(channel.dates[0], channel.dates[-1] + dt.timedelta(days=1))
    return PointUsage(Occupancy(ESI_ID, (period,)), (channel, *more))
