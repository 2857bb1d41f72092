"""An interval file read without storing it: for quotes, which need no database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ossrep.infra.input_files import InputSource, find_inputs
from ossrep.kernel.identifiers import EsiId
from ossrep.meter.domain.formats.detection import HEAD_BYTES_MAX, UnknownFormat, detect
from ossrep.meter.domain.formats.lines import LineTooLong
from ossrep.meter.domain.interval_days import (
    ESTIMATED,
    EXPORT,
    DayBlock,
    Parsed,
    Refusal,
)
from ossrep.published.meter import MISSING_WH, IntervalFile

BYTES_MAX = 256 * 2**20
_PIECE_BYTES = 1 << 20
_SUFFIXES = (".csv", ".lse", ".txt")

_Key = tuple[str, dt.date, bool]
_Rank = tuple[int, int, int, int]


def read_interval_file(*, path: Path) -> IntervalFile:
    """The days of a file by (ESI ID, date, direction), and what of it was refused.

    Raises InputRefused with the file where it is none of ours or cannot be read.
    """
    best: dict[_Key, tuple[_Rank, DayBlock, int]] = {}
    refused: list[str] = []
    for source in find_inputs(paths=[path], suffixes=_SUFFIXES, bytes_max=BYTES_MAX):
        try:
            for parsed in _pieces(source):
                refused += [_sentence(source, refusal) for refusal in parsed.refusals]
                for block in parsed.blocks:
                    _keep_best(best, block)
        except (UnknownFormat, LineTooLong) as fault:
            raise source.refusal(str(fault)) from fault
    keys = sorted(best)
    return IntervalFile(
        esi_ids=[EsiId(key[0]) for key in keys],
        dates=[key[1] for key in keys],
        is_export=[key[2] for key in keys],
        wh=[best[key][1].wh[best[key][2]] for key in keys],
        refused=refused,
    )


def _pieces(source: InputSource) -> Iterator[Parsed]:
    with source.open() as stream:
        head = b""
        while len(head) < HEAD_BYTES_MAX and (piece := stream.read(_PIECE_BYTES)):
            head += piece
        detected = detect(head)
        yield detected.reader.feed(head[detected.skip :])
        while piece := stream.read(_PIECE_BYTES):
            yield detected.reader.feed(piece)
        yield detected.reader.finish()


def _sentence(source: InputSource, refusal: Refusal) -> str:
    message = refusal.message.removeprefix(f"line {refusal.first_line}: ")
    return f"{source.name}:{refusal.first_line}: {message}"


def _keep_best(best: dict[_Key, tuple[_Rank, DayBlock, int]], block: DayBlock) -> None:
    """The order of revisions: later source, then more complete, then more actual, then later."""
    missing = (block.wh == MISSING_WH).sum(axis=1)
    estimated = (block.quality == ESTIMATED).sum(axis=1)
    times = block.source_times.astype(np.int64)
    for n in range(len(block)):
        key = (
            block.esi_ids[n].decode("ascii"),
            block.dates[n].astype(object),
            bool(block.directions[n] == EXPORT),
        )
        rank = (int(times[n]), -int(missing[n]), -int(estimated[n]), int(block.lines[n]))
        if key not in best or rank >= best[key][0]:
            best[key] = (rank, block, n)
