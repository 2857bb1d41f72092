"""``manage.py market write-cbci``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ossrep.infra.commands import OssrepCommand
from ossrep.market.management.arguments import add_as_of, as_of_from, date_from
from ossrep.market.usecases.write_cbci import LAST_DAY, CbciWritten, write_cbci

HELP = "Writes the monthly customer billing contact file of each DUNS (docs/market/files.md)."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--month", required=True, metavar="YYYY-MM", help="the present month")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="where to")
    parser.add_argument("--json", action="store_true", help="one JSON line for each file")
    add_as_of(parser)


def handle(options: Namespace, out: OssrepCommand) -> None:
    month = date_from(f"{options.month}-01", where="--month")
    files = write_cbci(month=month, out=options.out, now=as_of_from(options))
    if options.json:
        for file in files:
            out.json_line(
                path=str(file.path),
                duns=file.duns,
                report_id=file.report_id,
                records=file.records,
                incomplete=file.incomplete,
                is_late=file.is_late,
            )
        return
    out.table(
        columns=["file", "DUNS", "report ID", "records", "incomplete", "remark"],
        rows=[
            (f.path.name, f.duns, f.report_id, f.records, f.incomplete, _remark(f)) for f in files
        ],
    )
    if not files:
        out.stdout.write("no ESI ID is served: no file is owed")


def _remark(file: CbciWritten) -> str:
    late = f"after the {LAST_DAY}th" if file.is_late else ""
    lacks = "see manage.py market work-items --kind cbci-incomplete" if file.incomplete else ""
    return "; ".join(filter(None, (late, lacks)))
