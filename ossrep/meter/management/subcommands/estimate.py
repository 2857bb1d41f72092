"""``meter estimate``: values for what is absent."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.kernel import clock
from ossrep.meter.domain.interval_days import DIRECTION_NAMES
from ossrep.meter.management.arguments import add_window_arguments, as_of, windows_of
from ossrep.meter.usecases.estimate_usage import DEFAULT_PROFILE, estimate_usage

HELP = "Estimates absent days and quarter hours; actual values that come later replace them."
_SHOWN_MAX = 20


def add_arguments(parser: ArgumentParser) -> None:
    add_window_arguments(parser)
    parser.add_argument(
        "--profile", default=DEFAULT_PROFILE, help=f"Load profile ({DEFAULT_PROFILE})."
    )


def handle(options: Namespace, out: OssrepCommand) -> None:
    report = estimate_usage(
        windows=windows_of(options),
        as_of=as_of(options),
        received_at=clock.now(),
        profile=options.profile,
    )
    methods = ", ".join(f"{count} by {name}" for name, count in sorted(report.methods.items()))
    out.stdout.write(f"{report.days} days estimated; quarter hours: {methods or 'none'}")
    if report.unsupported:
        out.table(
            columns=("esi_id", "date", "direction", "missing"),
            rows=[
                (gap.esi_id, gap.date, DIRECTION_NAMES[gap.direction], gap.missing)
                for gap in report.unsupported[:_SHOWN_MAX]
            ],
            title=f"{len(report.unsupported)} days stay missing: nothing known supports a value",
        )
