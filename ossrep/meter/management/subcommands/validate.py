"""``meter validate``: the rules over what is stored."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.kernel import clock
from ossrep.meter.management.arguments import add_window_arguments, windows_of
from ossrep.meter.usecases.validate_usage import validate_usage

HELP = "Judges stored days again, with today's thresholds, neighbouring days and registers."


def add_arguments(parser: ArgumentParser) -> None:
    add_window_arguments(parser)


def handle(options: Namespace, out: OssrepCommand) -> None:
    report = validate_usage(windows=windows_of(options), found_at=clock.now())
    out.table(
        columns=("rule", "failed"),
        rows=sorted(report.failed.items()) or [("(none)", 0)],
        title="What does not pass",
    )
    out.stdout.write(
        f"{report.days} days and {report.periods} register periods judged by ruleset "
        f"{report.ruleset_id}"
    )
