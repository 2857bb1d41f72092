"""``bill quote``: the whole bill of any usage on any plan file, without a database."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ossrep.billing.domain.assembly import Bill
from ossrep.billing.domain.quote_cases import parse_case
from ossrep.billing.domain.quotes import QuoteRefused, bill_document, quote_bill, tenths_text
from ossrep.billing.domain.recipes import recipe_text
from ossrep.billing.files.file_case import FileCase, InvalidQuoteFiles, QuoteInputRefused
from ossrep.billing.files.quote_batch import answer_batch
from ossrep.billing.files.quote_inputs import QuoteFiles, read_case
from ossrep.infra.commands import OssrepCommand
from ossrep.kernel.money import dollars
from ossrep.kernel.periods import DatePeriod
from ossrep.rating import InvalidDocument
from ossrep.rating.exact import exact_text

HELP = "Computes the whole bill of any usage on a plan file; needs no database."
LINE_COLUMNS = ("section", "line", "quantity", "unit", "price", "amount", "how")
_FILES = {
    "usage": "quarter hours or registers (JSON or YAML), or an interval file (CSV, LSE)",
    "calendars": "calendars and holiday lists that the plan names (docs/formats/calendars.md)",
    "tariff": "delivery tariff (YAML or JSON)",
    "tax": "place and taxes (YAML or JSON)",
    "prices": "market prices (YAML or JSON)",
}
_OF_ONE_CASE = (
    "period",
    "esi_id",
    "tdsp",
    "rate_class",
    "bank_in",
    "prior_peak_kw",
    "not_first_bill",
    "final_bill",
)
TAX_COLUMNS = ("tax", "place", "rate", "base", "amount")


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("plan", nargs="?", type=Path, metavar="PLAN.yaml")
    for name, text in _FILES.items():
        parser.add_argument(f"--{name}", type=Path, metavar="FILE", help=text)
    parser.add_argument("--batch", metavar="CASES.jsonl", help="cases as JSON lines, - for stdin")
    parser.add_argument("--period", nargs=2, type=dt.date.fromisoformat, metavar=("START", "END"))
    parser.add_argument("--esi-id", help="which ESI ID of the usage file")
    parser.add_argument("--tdsp", metavar="CODE", help="take the shipped tariff of this TDSP")
    parser.add_argument("--rate-class", help="of the tariff; as the plan's label by default")
    parser.add_argument("--bank-in", metavar="USD", help="credit bank that comes in")
    parser.add_argument("--prior-peak-kw", metavar="KW", help="highest kW of 11 months before")
    parser.add_argument("--not-first-bill", action="store_true", help="no first-bill one-offs")
    parser.add_argument("--final-bill", action="store_true", help="final-bill one-offs")
    parser.add_argument("--json", action="store_true", help="the bill as one JSON object")


def handle(options: Namespace, out: OssrepCommand) -> None:
    if options.batch is not None:
        _refuse_beside_batch(options)
        _batch(options.batch, out)
        return
    files = _files(options)
    case = read_case(files)
    for note in case.notes:
        out.stderr.write(note)
    try:
        bill = quote_bill(parse_case(case.document))
    except InvalidDocument as invalid:
        raise InvalidQuoteFiles(case, invalid) from invalid
    except QuoteRefused as refused:
        where = case.where(refused.where) if refused.where else None
        raise QuoteRefused(refused.code, refused.message, where=where) from refused
    if options.json:
        out.json_line(id=case.document["id"], **bill_document(bill, files.period))
    else:
        _print(bill, case, files, out)


def _files(options: Namespace) -> QuoteFiles:
    for name in ("plan", "usage", "period"):
        if getattr(options, name) is None:
            raise QuoteInputRefused("give PLAN.yaml, --usage and --period, or --batch", where=name)
    return QuoteFiles(
        plan=options.plan,
        usage=options.usage,
        period=DatePeriod(*options.period),
        esi_id=options.esi_id,
        calendars=options.calendars,
        tariff=options.tariff,
        tdsp=options.tdsp,
        rate_class=options.rate_class,
        tax=options.tax,
        prices=options.prices,
        bank_in_usd=options.bank_in,
        prior_peak_kw=options.prior_peak_kw,
        first_bill=not options.not_first_bill,
        final_bill=options.final_bill,
    )


def _refuse_beside_batch(options: Namespace) -> None:
    """A case of a batch says everything itself; what stands beside it would count for nothing."""
    for name in ("plan", *_FILES, *_OF_ONE_CASE):
        if getattr(options, name):
            option = name if name == "plan" else f"--{name.replace('_', '-')}"
            raise QuoteInputRefused("leave it out: the cases of --batch say it", where=option)


def _batch(name: str, out: OssrepCommand) -> None:
    with _opened(name) as stream:
        for bill in answer_batch(stream=stream, name=name):
            out.stdout.write(json.dumps(bill, ensure_ascii=False))


@contextlib.contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = Path(name).open("rb")  # noqa: SIM115
    except OSError as error:
        raise QuoteInputRefused(f"cannot be read: {error.strerror}", where=name) from error
    with stream:
        yield stream


def _print(bill: Bill, case: FileCase, files: QuoteFiles, out: OssrepCommand) -> None:
    out.table(
        title=f"{case.document['id']}, {files.period.start} to {files.period.end}, "
        f"{files.period.days} days",
        columns=LINE_COLUMNS,
        rows=[
            [
                line.section,
                line.label,
                exact_text(line.quantity),
                line.unit,
                "" if line.unit_price_usd is None else f"{line.unit_price_usd.normalize():f}",
                dollars(line.amount_cents),
                recipe_text(line.recipe),
            ]
            for line in bill.lines
        ],
    )
    if bill.taxes:
        out.table(
            title="Taxes and assessments",
            columns=TAX_COLUMNS,
            rows=[
                [
                    tax.template.label,
                    tax.template.place or "",
                    exact_text(tax.template.rate),
                    dollars(tax.base_cents),
                    dollars(tax.amount_cents),
                ]
                for tax in bill.taxes
            ],
        )
    out.table(title="Bill", columns=("", "value"), rows=_summary(bill))


def _summary(bill: Bill) -> list[list[object]]:
    average = bill.average_price_tenth_cents
    rows: list[list[object]] = [
        ["charges", dollars(bill.subtotal_cents)],
        ["taxes", dollars(bill.tax_cents)],
        ["total", dollars(bill.total_cents)],
        ["imported kWh", f"{bill.import_wh / 1000:,.3f}"],
        ["exported kWh", f"{bill.export_wh / 1000:,.3f}"],
        ["average price, cents per kWh", "none" if average is None else tenths_text(average)],
    ]
    bank = bill.banks[0]
    if any((bank.in_cents, bank.earned_cents, bank.out_cents, bank.lost_cents)):
        rows += [
            ["credit bank in", dollars(bank.in_cents)],
            ["earned", dollars(bank.earned_cents)],
            ["applied", dollars(bank.applied_cents)],
            ["used from the bank", dollars(bank.used_cents)],
            ["credit bank out", dollars(bank.out_cents)],
            ["lost", dollars(bank.lost_cents)],
        ]
    return rows
