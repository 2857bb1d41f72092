"""``manage.py market send-824``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.market.management.arguments import add_as_of, as_of_from
from ossrep.market.usecases.matching.refusing import send_advice

HELP = "Refuses an 867_03 or 810_02 that was taken, by an 824 to its sender."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("reference", metavar="NUMBER", help="of the usage or invoice")
    parser.add_argument("--code", required=True, help="reason code (RMG 9 D2), such as CAO or A13")
    parser.add_argument("--text", required=True, help="what is wrong with it")
    parser.add_argument("--late", action="store_true", help="even after five Retail Business Days")
    add_as_of(parser)


def handle(options: Namespace, out: OssrepCommand) -> None:
    message_id = send_advice(
        reference=options.reference,
        code=options.code,
        text=options.text,
        even_if_late=options.late,
        now=as_of_from(options),
    )
    out.stdout.write(f"824 about {options.reference} queued (message:{message_id})")
