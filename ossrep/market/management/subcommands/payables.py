"""``manage.py market payables``."""

from __future__ import annotations

import dataclasses
from argparse import ArgumentParser, Namespace
from decimal import Decimal

from ossrep.infra.commands import OssrepCommand
from ossrep.market.management.arguments import date_from
from ossrep.market.queries.payables import list_payables

HELP = "What we owe the TDSPs: open invoices by due date, cancels as negative amounts."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--tdsp", default="", help="only of this TDSP")
    parser.add_argument("--due-by", default="", metavar="DATE", help="only what is due by then")
    parser.add_argument("--disputed", action="store_true", help="the rest of short payments, too")
    parser.add_argument("--json", action="store_true", help="one JSON line for each invoice")


def handle(options: Namespace, out: OssrepCommand) -> None:
    found = list_payables(
        tdsp_code=options.tdsp,
        due_by=date_from(options.due_by, where="--due-by") if options.due_by else None,
        with_disputed=options.disputed,
    )
    if options.json:
        for payable in found:
            out.json_line(
                **dataclasses.asdict(payable)
                | {"due_date": str(payable.due_date), "open_usd": str(payable.open_usd)}
            )
        return
    out.table(
        columns=["due", "TDSP", "invoice", "ESI ID", "purpose", "open (USD)", "disputed"],
        rows=[
            (
                str(each.due_date),
                each.tdsp_code,
                each.reference,
                each.esi_id,
                each.purpose,
                f"{each.open_usd:,.2f}",
                "yes" if each.is_disputed else "",
            )
            for each in found
        ],
    )
    total = sum((each.open_usd for each in found), Decimal())
    out.stdout.write(f"{len(found)} invoices, {total:,.2f} USD")
