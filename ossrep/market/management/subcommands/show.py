"""``manage.py market show``."""

from __future__ import annotations

import dataclasses
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator

from ossrep.infra.commands import OssrepCommand
from ossrep.market.domain.deadlines import local_text
from ossrep.market.queries.interchange.showing import show
from ossrep.market.queries.interchange.shown import Shown
from ossrep.market.usecases.interchange.raw import raw_of

HELP = (
    "Shows what happened to an ESI ID or a reference, in order of time: orders, messages with "
    "their files, periods, payments; or one of file:N, set:N, message:N, group:N."
)


_ARROWS = {"in": "<", "out": ">", "": ""}
_INDENT = " " * 23


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("wanted", metavar="WHAT", help="reference, ESI ID, file:N, set:N, ...")
    parser.add_argument("--raw", action="store_true", help="the bytes of file:N, set:N or group:N")
    parser.add_argument("--json", action="store_true", help="one JSON line for each thing")


def handle(options: Namespace, out: OssrepCommand) -> None:
    if options.raw:
        sys.stdout.buffer.write(raw_of(wanted=options.wanted))
        sys.stdout.buffer.flush()
        return
    rows = show(wanted=options.wanted)
    if options.json:
        for row in rows:
            out.json_line(**dataclasses.asdict(row))
        return
    for row in rows:
        for line in _lines(row, wanted=options.wanted):
            out.stdout.write(line)


def _lines(row: Shown, *, wanted: str) -> Iterator[str]:
    """What happened, what that did, and where it stands: each on a line of its own."""
    about = f"ESI ID {row.esi_id}" if row.esi_id not in ("", wanted) else ""
    words = [_ARROWS[row.way], row.what, row.partner, row.reference, about]
    yield f"{local_text(row.at)}  {'  '.join(word for word in words if word)}: {row.state}"
    for line in (row.told, "  ".join(word for word in (row.name, row.file) if word)):
        if line:
            yield f"{_INDENT}{line}"
