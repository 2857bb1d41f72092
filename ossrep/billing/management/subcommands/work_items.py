"""``bill work-items``: bills that wait for a person."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.billing.queries.work_items import list_work_items
from ossrep.infra.commands import OssrepCommand

HELP = "Lists the bills that were stopped, why, and the money that waits."
COLUMNS = ("item", "account", "period", "reason", "at risk", "releasable", "message")


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--code", help="reason code")
    parser.add_argument("--run", type=int, help="number of a run")
    parser.add_argument("--limit", type=int, default=200)


def handle(options: Namespace, out: OssrepCommand) -> None:
    rows = [
        [
            item.item_id,
            item.account_number,
            f"{item.period_start}..{item.period_end}",
            item.reason_code,
            item.money_at_risk_usd,
            "yes" if item.is_releasable else "no",
            item.message,
        ]
        for item in list_work_items(
            reason_code=options.code, run_id=options.run, limit=options.limit
        )
    ]
    out.table(title="Stopped bills", columns=COLUMNS, rows=rows)
