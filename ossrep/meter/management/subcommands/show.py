"""``meter show``: one local day of an ESI ID, with all its revisions."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.kernel.errors import DomainError
from ossrep.kernel.market_time import MARKET_ZONE, interval_start_minutes
from ossrep.meter.domain.interval_days import DIRECTION_NAMES
from ossrep.meter.domain.vee.rules import failed_names
from ossrep.meter.management.arguments import date
from ossrep.meter.models.interval_day import SOURCES
from ossrep.meter.queries.current_days import RevisionRow, list_revisions
from ossrep.published.meter import MISSING_WH

HELP = "A local day of an ESI ID: its quarter hours, and where each revision came from."


class NoSuchDay(DomainError):
    """Nothing is stored for the day."""

    code = "no_such_day"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("esi_id", metavar="ESI")
    parser.add_argument("date", type=date, metavar="DATE")


def handle(options: Namespace, out: OssrepCommand) -> None:
    revisions = list_revisions(esi_id=options.esi_id, date=options.date)
    if not revisions:
        raise NoSuchDay(f"no values of {options.date} are stored", where=f"ESI ID {options.esi_id}")
    minutes = [int(minute) for minute in interval_start_minutes(options.date)]
    for revision in revisions:
        if revision.is_current:
            _print_hours(revision, minutes, out)
    out.table(
        columns=(
            "direction",
            "revision",
            "counts",
            "source",
            "known at",
            "received",
            "kWh",
            "missing",
            "estimated",
            "fails",
            "file",
        ),
        rows=[_row(revision) for revision in revisions],
        title="Revisions",
    )


def _print_hours(revision: RevisionRow, minutes: list[int], out: OssrepCommand) -> None:
    rows = []
    for begin in range(0, len(minutes), 4):
        cells = [
            "missing" if wh == MISSING_WH else f"{wh / 1000:.3f}{'' if letter == 'A' else letter}"
            for wh, letter in zip(
                revision.wh[begin : begin + 4], revision.quality[begin : begin + 4], strict=True
            )
        ]
        rows.append((f"{minutes[begin] // 60:02d}:00", *cells))
    out.table(
        columns=("from", ":00", ":15", ":30", ":45"),
        rows=rows,
        title=f"{DIRECTION_NAMES[revision.direction]}, kWh (letters: E sent as estimated, "
        "L like days, I interpolated, P profile)",
    )


def _row(revision: RevisionRow) -> tuple[object, ...]:
    return (
        DIRECTION_NAMES[revision.direction],
        revision.revision,
        "yes" if revision.is_current else "",
        dict(SOURCES)[revision.source],
        f"{revision.source_time.astimezone(MARKET_ZONE):%Y-%m-%d %H:%M:%S}",
        f"{revision.received_at.astimezone(MARKET_ZONE):%Y-%m-%d %H:%M}",
        f"{revision.total_wh / 1000:.3f}",
        revision.missing,
        revision.estimated,
        ", ".join(failed_names(revision.vee_failed)),
        f"{revision.file}:{revision.line}",
    )
