"""``manage.py market receive``."""

from __future__ import annotations

import dataclasses
from argparse import ArgumentParser, Namespace
from pathlib import Path

from ossrep.infra.commands import OssrepCommand
from ossrep.kernel.errors import DomainError
from ossrep.market.management.arguments import add_as_of, as_of_from
from ossrep.market.models import HAND
from ossrep.market.usecases.interchange.processing import process_files
from ossrep.market.usecases.interchange.receiving_files import fetch, take_in
from ossrep.market.usecases.interchange.storing import Stored
from ossrep.market.usecases.interchange.taken import Taken
from ossrep.market.usecases.matching.unmapped import count_unmapped

HELP = (
    "Keeps files as they came, then applies and answers what stands in them: PATHS handed in, "
    "else what waits on the partners' channels. Several may run at once."
)


class NotAllTaken(DomainError):
    """Some files could not be fetched, or were refused or quarantined."""

    code = "not_all_taken"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files or folders")
    parser.add_argument("--partner", help="fetch from this partner only; or: PATHs are its files")
    parser.add_argument("--channel", default=HAND, help="as if PATHs had come over this channel")
    add_as_of(parser)
    parser.add_argument("--json", action="store_true", help="one JSON line for each file")


def handle(options: Namespace, out: OssrepCommand) -> None:
    problems = _keep(options, out)
    rows = []
    for taken in process_files(now=as_of_from(options)):
        problems += taken.state != "done"
        if options.json:
            out.json_line(**dataclasses.asdict(taken))
        else:
            rows.append(_row(taken))
    count_unmapped(now=as_of_from(options))
    if not options.json:
        columns = ["file", "name", "state", "applied", "parked", "rejected", "notes"]
        out.table(columns=columns, rows=rows)
    if problems:
        raise NotAllTaken(f"{problems} files are not done; see what is said of them above")


def _keep(options: Namespace, out: OssrepCommand) -> int:
    now = as_of_from(options)
    repeats = problems = 0
    if options.paths:
        kept = take_in(
            paths=options.paths, now=now, partner=options.partner, channel=options.channel
        )
        repeats = sum(stored.is_repeat for stored in kept)
    else:
        for name, found in fetch(now=now, partner=options.partner):
            if isinstance(found, Stored):
                repeats += found.is_repeat
            else:
                problems += 1
                out.stderr.write(f"{name}: {found}")
    if repeats and not options.json:
        out.stdout.write(f"{repeats} came before: answered again or taken up again")
    return problems


def _row(taken: Taken) -> tuple[object, ...]:
    counts = (taken.applied, taken.parked, taken.rejected)
    return (taken.file_id, taken.name, taken.state, *counts, "; ".join(taken.notes))
