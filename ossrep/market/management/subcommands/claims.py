"""``manage.py market claims``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.market.management.arguments import add_as_of, as_of_from
from ossrep.market.models import TdspClaim
from ossrep.market.usecases.matching.auditing import audit_invoices, settle_claim

HELP = "Recomputes matched invoices from the tariff and lists what differs; or settles a claim."
SHOWN_MAX = 200


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--settle", default="", metavar="INVOICE", help="the claim on this invoice")
    parser.add_argument("--granted", action="store_true", help="the TDSP has given way")
    parser.add_argument("--words", default="", help="what became of it")
    parser.add_argument("--by", default="", metavar="NAME", help="who settles it")
    parser.add_argument("--json", action="store_true", help="one JSON line for each open claim")
    add_as_of(parser)


def handle(options: Namespace, out: OssrepCommand) -> None:
    now = as_of_from(options)
    if options.settle:
        settle_claim(
            invoice_reference=options.settle,
            granted=options.granted,
            resolution=options.words,
            by=options.by,
            now=now,
        )
        out.stdout.write(f"the claim on {options.settle} is settled")
        return
    report = audit_invoices(as_of=now)
    claims = TdspClaim.objects.filter(state="open").select_related("invoice")[:SHOWN_MAX]
    if options.json:
        for claim in claims:
            out.json_line(
                invoice=claim.invoice.reference,
                esi_id=claim.esi_id,
                tdsp_code=claim.tdsp_code,
                difference_usd=str(claim.difference_usd),
                lines=claim.lines,
            )
        return
    out.table(
        columns=["invoice", "ESI ID", "TDSP", "difference (USD)", "codes"],
        rows=[
            (
                claim.invoice.reference,
                claim.esi_id,
                claim.tdsp_code,
                f"{claim.difference_usd:,.2f}",
                ", ".join(line["code"] for line in claim.lines),
            )
            for claim in claims
        ],
    )
    out.stdout.write(
        f"looked at now: {report.agree} agree, {report.differ} differ, "
        f"{report.not_comparable} cannot be compared"
    )
