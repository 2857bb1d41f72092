"""Reading bytes as a file would be read: in pieces, by the fast or the careful way."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ossrep.meter.domain.formats.detection import detect
from ossrep.meter.domain.interval_days import Parsed


@dataclass(frozen=True, order=True)
class Day:
    """A day that was read, comparable."""

    esi_id: str
    date: dt.date
    direction: int
    source_time: dt.datetime
    line: int
    wh: tuple[int, ...]
    quality: str
    register_wh: int


def read(data: bytes, *, careful: bool = False, cuts: Sequence[int] = ()) -> Parsed:
    """What a file gives; ``cuts`` are the places where it is cut into pieces."""
    detected = detect(data, is_careful=careful)
    body = data[detected.skip :]
    edges = [0, *sorted(min(cut, len(body)) for cut in cuts), len(body)]
    parsed = Parsed()
    for begin, end in itertools.pairwise(edges):
        parsed.extend(detected.reader.feed(body[begin:end]))
    parsed.extend(detected.reader.finish())
    return parsed


def days_of(parsed: Parsed) -> list[Day]:
    """The days in a comparable form, sorted."""
    return sorted(_days(parsed))


def _days(parsed: Parsed) -> Iterable[Day]:
    for block in parsed.blocks:
        for i in range(len(block)):
            yield Day(
                esi_id=block.esi_ids[i].decode(),
                date=block.dates[i].item(),
                direction=int(block.directions[i]),
                source_time=block.source_times[i].item().replace(tzinfo=dt.UTC),
                line=int(block.lines[i]),
                wh=tuple(block.wh[i].tolist()),
                quality=block.quality[i].tobytes().decode(),
                register_wh=int(block.register_wh[i]),
            )


def refusals_of(parsed: Parsed) -> list[tuple[str, int, int, str]]:
    """Refusals as (reason, first line, last line, message), sorted."""
    return sorted((r.reason, r.first_line, r.last_line, r.message) for r in parsed.refusals)
