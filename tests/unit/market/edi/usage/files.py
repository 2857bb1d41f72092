"""Fixtures of usage and invoices as transactions, and a reader for the segments of one set."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from ossrep.market.edi.errors import Fault
from ossrep.market.edi.flat.reading import read_flat
from ossrep.market.edi.texas_set.invoice import DeliveryInvoice
from ossrep.market.edi.texas_set.invoice_checks import check_against_usage
from ossrep.market.edi.texas_set.model import Moment, Transaction
from ossrep.market.edi.texas_set.reading import read_transaction
from ossrep.market.edi.texas_set.usage import Usage
from ossrep.market.edi.texas_set.usage_totals import total_usage
from ossrep.market.edi.x12.model import Segment, TransactionSet
from ossrep.market.edi.x12.reading import read_interchanges

FOLDER = Path(__file__).parents[4] / "fixtures" / "market" / "usage"
AS_OF = dt.date(2026, 3, 5)


def sets_of(name: str, folder: Path = FOLDER) -> list[TransactionSet]:
    """Every set of a file."""
    found = read_interchanges((folder / name).read_bytes())
    return [each for one in found for group in one.groups for each in group.sets]


def transactions_of(name: str, folder: Path = FOLDER) -> list[Transaction]:
    """Every transaction of a file, X12 or flattened."""
    if name.endswith(".edi"):
        return [read_transaction(each) for each in sets_of(name, folder)]
    file = read_flat((folder / name).read_bytes())
    return [each.transaction for each in file.documents if each.transaction is not None]


def usage_of(name: str, number: int = 0) -> Usage:
    """One usage of a file."""
    found = transactions_of(name)[number]
    assert isinstance(found, Usage)
    return found


def invoice_of(name: str) -> DeliveryInvoice:
    """The invoice of a file."""
    found = transactions_of(name)[0]
    assert isinstance(found, DeliveryInvoice)
    return found


def read_text(text: str, code: str = "867") -> Transaction:
    """The transaction of segments written with ``*`` and ``~``, without ST and SE."""
    body = [part.strip().split("*") for part in text.split("~") if part.strip()]
    return read_set(body, code)


def read_set(body: Sequence[Segment], code: str = "867") -> Transaction:
    """The transaction of these segments between ST and SE."""
    segments = [["ST", code, "0001"], *body, ["SE", str(len(body) + 2), "0001"]]
    return read_transaction(
        TransactionSet(code=code, control_number="0001", segments=segments, offset=0)
    )


def day(year: int, month: int, day_of_month: int) -> Moment:
    """A date without a time."""
    return Moment(dt.date(year, month, day_of_month))


def against(invoice: DeliveryInvoice, usage: Usage) -> tuple[Fault, ...]:
    """What an invoice says otherwise than its usage."""
    totals = total_usage(usage)
    return check_against_usage(
        billed=[charge for _, _, charge in invoice.lines()],
        periods=[(i.start.date, i.end.date) for i in invoice.items if i.start and i.end],
        usage_period=(totals.start, totals.end) if totals.start and totals.end else None,
        import_kwh=totals.import_kwh,
    )
