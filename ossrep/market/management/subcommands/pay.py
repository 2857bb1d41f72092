"""``manage.py market pay``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from ossrep.infra.commands import OssrepCommand
from ossrep.market.management.arguments import add_as_of, as_of_from, date_from
from ossrep.market.models import TdspPayment
from ossrep.market.usecases.matching.paying import (
    METHODS,
    InvalidShortPayment,
    ShortPayment,
    prepare_payment,
)

HELP = "Pays what is due to a TDSP and queues the 820_02; above a limit it waits for approval."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("tdsp", metavar="TDSP")
    parser.add_argument("--due-by", required=True, metavar="DATE", help="what is due by then")
    parser.add_argument("--date", required=True, metavar="DATE", help="when the bank pays")
    parser.add_argument("--by", required=True, metavar="NAME", help="who prepares it")
    parser.add_argument("--method", choices=METHODS, default="ACH")
    parser.add_argument("--invoice", action="append", default=[], help="only this one (repeat)")
    parser.add_argument(
        "--short",
        action="append",
        default=[],
        metavar="INVOICE=AMOUNT:REASON",
        help="less of an invoice, and why (repeat)",
    )
    add_as_of(parser)


def handle(options: Namespace, out: OssrepCommand) -> None:
    payment_id = prepare_payment(
        tdsp_code=options.tdsp,
        due_by=date_from(options.due_by, where="--due-by"),
        payment_date=date_from(options.date, where="--date"),
        prepared_by=options.by,
        method=options.method,
        references=options.invoice,
        short=_short_from(options.short),
        now=as_of_from(options),
    )
    payment = TdspPayment.objects.get(pk=payment_id)
    waits = "" if payment.state == "sent" else "; a second person must approve it"
    out.stdout.write(f"{payment.reference}: {payment.total_usd:,.2f} USD {payment.state}{waits}")


def _short_from(texts: Sequence[str]) -> Mapping[str, ShortPayment]:
    found = {}
    for text in texts:
        reference, _, rest = text.partition("=")
        amount, _, reason = rest.partition(":")
        try:
            value = Decimal(amount)
        except InvalidOperation:
            value = Decimal("NaN")
        if not reference or not value.is_finite():
            raise InvalidShortPayment("is no INVOICE=AMOUNT:REASON", where=f"--short {text}")
        found[reference] = ShortPayment(amount_usd=value, reason=reason)
    return found
