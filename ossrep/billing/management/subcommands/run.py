"""``bill run``: bills what is due."""

from __future__ import annotations

import csv
import datetime as dt
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from django.conf import settings

from ossrep.billing.management.preview import show_preview
from ossrep.billing.queries.run_status import RunStatus, get_run_status
from ossrep.billing.usecases.plan_run import ACCOUNTS_NAMED_MAX, RunOrder, plan_run
from ossrep.billing.usecases.run_bills import (
    InThisProcess,
    LocalProcesses,
    WokenWorkers,
    Workers,
    run_bills,
)
from ossrep.infra.commands import OssrepCommand
from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError

HELP = "Bills every account whose period has ended: plan, rate, tax, check, post."


class InvalidAccountsFile(DomainError):
    """A file of account numbers that cannot be used."""

    code = "invalid_accounts_file"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--cycle", help="meter-read cycle (default: all)")
    parser.add_argument("--as-of", type=dt.date.fromisoformat, help="YYYY-MM-DD (default: today)")
    parser.add_argument("--issue-date", type=dt.date.fromisoformat, help="default: --as-of")
    parser.add_argument("--accounts", type=Path, help="file with one account number a line")
    parser.add_argument("--workers", type=int, default=1, help="worker processes, or Celery tasks")
    parser.add_argument("--local", action="store_true", help="no Celery even with a broker")
    parser.add_argument("--dry-run", action="store_true", help="compute all, write nothing")
    parser.add_argument("--json", action="store_true", help="the totals as one JSON line")


def handle(options: Namespace, out: OssrepCommand) -> None:
    order = RunOrder(
        as_of=options.as_of or clock.market_today(),
        read_cycle=options.cycle,
        account_numbers=options.accounts and read_account_numbers(options.accounts),
        issue_date=options.issue_date,
        reason=options.reason or "",
    )
    if options.dry_run:
        show_preview(order=order, workers=options.workers, as_json=options.json, out=out)
        return
    workers = _choose_workers(options)
    planned = get_run_status(run_id=plan_run(order=order)).planned
    with out.progress("accounts", total=planned) as advance:
        seen = 0

        def report(status: RunStatus) -> None:
            nonlocal seen
            done = status.billed + status.held + status.skipped
            advance(done - seen)
            seen = done

        status = run_bills(order=order, workers=workers, report=report)
    if options.json:
        out.json_line(**asdict(status))
        return
    out.stdout.write(
        f"Run {status.run_id}: {status.planned:,} due, {status.billed:,} billed, "
        f"{status.held:,} held, {status.skipped:,} skipped; {status.import_wh / 1000:,.0f} kWh, "
        f"${status.charges_usd:,} + ${status.tax_usd:,} taxes."
    )


def _choose_workers(options: Namespace) -> Workers:
    if settings.CELERY_BROKER_URL and not options.local:
        # Only here, since Celery takes long to import.
        from ossrep.billing.tasks import send_wake_up

        return WokenWorkers(count=options.workers, wake=send_wake_up)
    return InThisProcess() if options.workers == 1 else LocalProcesses(options.workers)


def read_account_numbers(path: Path) -> Sequence[str]:
    """The first column of a CSV or text file; a header ``account`` is passed over."""
    if not path.is_file():
        raise InvalidAccountsFile("no such file", where=str(path))
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row[0].strip() for row in csv.reader(file) if row and row[0].strip()]
    numbers = rows[1:] if rows and rows[0].lower() in ("account", "account_number") else rows
    if not 0 < len(numbers) <= ACCOUNTS_NAMED_MAX:
        raise InvalidAccountsFile(
            f"from 1 to {ACCOUNTS_NAMED_MAX:,} account numbers are wanted, not {len(numbers)}",
            where=str(path),
        )
    return numbers
