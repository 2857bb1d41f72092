"""``manage.py market send``."""

from __future__ import annotations

import dataclasses
from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.kernel.errors import DomainError
from ossrep.market.management.arguments import add_as_of, as_of_from
from ossrep.market.usecases.interchange.resending import ask_about_silence, resend_group
from ossrep.market.usecases.interchange.sending import send

HELP = "Writes what is queued into interchanges and hands them over; asks about missing 997s."


class NotAllSent(DomainError):
    """Something for some partners could not be handed over."""

    code = "not_all_sent"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--partner", help="only to this partner (its code)")
    parser.add_argument(
        "--resend",
        type=int,
        action="append",
        default=[],
        metavar="GROUP",
        help="let this group of ours go out again",
    )
    add_as_of(parser)
    parser.add_argument("--json", action="store_true", help="one JSON line for each partner")


def handle(options: Namespace, out: OssrepCommand) -> None:
    now = as_of_from(options)
    for group_id in options.resend:
        resend_group(group_id=group_id, now=now)
    results = list(send(now=now, partner=options.partner))
    silent = ask_about_silence(now=now)
    if options.json:
        for sent in results:
            out.json_line(**dataclasses.asdict(sent))
    else:
        out.table(
            columns=["partner", "written", "handed over", "problem"],
            rows=[(s.partner, s.written, s.handed_over, s.problem) for s in results],
        )
        if silent:
            out.stdout.write(f"{silent} groups have no 997 after 24 hours: see the work items")
    left = [sent.partner for sent in results if sent.problem]
    if left:
        raise NotAllSent(f"something is left for {', '.join(left)}")
