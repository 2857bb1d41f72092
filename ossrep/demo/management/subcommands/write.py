"""``manage.py demo write``."""

from __future__ import annotations

import dataclasses
from argparse import ArgumentParser, Namespace

from ossrep.demo.management.subcommands import add_parameters, folder_of, parameters_of
from ossrep.demo.writing import write_demo
from ossrep.infra.commands import OssrepCommand

HELP = "Writes the files only; nothing is imported. For benches and for looking at the formats."


def add_arguments(parser: ArgumentParser) -> None:
    add_parameters(parser)
    parser.add_argument("--json", action="store_true", help="the counts as one JSON line")


def handle(options: Namespace, out: OssrepCommand) -> None:
    parameters = parameters_of(options)
    folder = folder_of(options)
    schedule = parameters.schedule
    with out.progress(
        "days of usage", total=(schedule.as_of - schedule.first_start).days
    ) as advance:
        written = write_demo(folder=folder, parameters=parameters, report=advance)
    if options.json:
        out.json_line(folder=str(folder.path), **dataclasses.asdict(written))
        return
    days = sum(count for way, count in written.interval_days.items() if way != "missing")
    out.stdout.write(
        f"{folder.path}: {written.accounts:,} accounts, {written.contracts:,} contracts, "
        f"{days:,} interval days in {written.interval_files:,} files "
        f"({written.file_bytes / 1e6:,.0f} MB) in {written.seconds:.1f} s."
    )
