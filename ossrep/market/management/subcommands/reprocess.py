"""``manage.py market reprocess``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.kernel import clock
from ossrep.market.usecases.interchange.processing import process_files
from ossrep.market.usecases.interchange.reopening import reopen_file
from ossrep.market.usecases.interchange.waiting import lay_aside, reprocess_sets

HELP = "Processes parked sets, or refused and quarantined files, once more."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--set", type=int, action="append", default=[], metavar="SET")
    parser.add_argument("--file", type=int, action="append", default=[], metavar="FILE")
    parser.add_argument("--partner", help="whose the files are (files without envelope)")
    parser.add_argument(
        "--lay-aside", action="store_true", help="reject the sets by hand; give --reason"
    )


def handle(options: Namespace, out: OssrepCommand) -> None:
    now = clock.now()
    if options.lay_aside:
        for set_id in options.set:
            lay_aside(set_id=set_id, reason=options.reason or "laid aside by hand", now=now)
        out.stdout.write(f"{len(options.set)} sets laid aside")
    elif options.set:
        moved = reprocess_sets(set_ids=options.set, now=now)
        out.stdout.write(f"{moved} of {len(options.set)} sets no longer wait")
    for file_id in options.file:
        reopen_file(file_id=file_id, partner=options.partner)
        for taken in process_files(now=now, file_id=file_id):
            out.stdout.write(
                f"file {taken.file_id}: {taken.state}, {taken.applied} applied, "
                f"{taken.parked} parked, {taken.rejected} rejected {'; '.join(taken.notes)}"
            )
