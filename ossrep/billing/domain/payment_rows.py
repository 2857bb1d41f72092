"""Reading rows of a payment file (``docs/formats/payments.md``)."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ossrep.billing.domain.refused import RowRefused

COLUMNS = ("account", "date", "amount", "reference")
ALIASES = {"account_number": "account", "received_date": "date", "amount_usd": "amount"}
AMOUNT_MAX = Decimal(10**9)
TEXT_LENGTH_MAX = 80
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """One payment as a file gives it."""

    line: int
    account_number: str
    received_date: dt.date
    amount_usd: Decimal
    reference: str

    @property
    def content(self) -> Mapping[str, str]:
        """The row as text by column."""
        return {
            "account": self.account_number,
            "date": self.received_date.isoformat(),
            "amount": str(self.amount_usd),
            "reference": self.reference,
        }


def read_header(text: str) -> tuple[str, ...] | None:
    """The columns in the file's order, by their own names; None where it is no payment file."""
    names = [name.strip().lower() for name in split(text)]
    columns = tuple(ALIASES.get(name, name) for name in names)
    return columns if sorted(columns) == sorted(COLUMNS) else None


def split(text: str) -> list[str]:
    """The cells of one line."""
    return next(csv.reader([text], strict=False), [])


def cells_of(columns: Sequence[str], text: str) -> Mapping[str, str]:
    """A line by column. Raises RowRefused where the number of cells differs."""
    cells = split(text)
    if len(cells) != len(columns):
        raise RowRefused("wrong_cell_count", f"has {len(cells)} cells, the header {len(columns)}")
    return dict(zip(columns, (cell.strip() for cell in cells), strict=True))


def read_row(cells: Mapping[str, str], line: int) -> PaymentRow:
    """The payment that a row says. Raises RowRefused."""
    for name in ("account", "reference"):
        if not cells.get(name):
            raise RowRefused(f"no_{name}", f"{name} is empty")
        if len(cells[name]) > TEXT_LENGTH_MAX:
            raise RowRefused(f"long_{name}", f"{name} has more than {TEXT_LENGTH_MAX} characters")
    return PaymentRow(
        line=line,
        account_number=cells["account"],
        received_date=_date(cells.get("date", "")),
        amount_usd=_amount(cells.get("amount", "")),
        reference=cells["reference"],
    )


def _date(text: str) -> dt.date:
    try:
        if _DATE.fullmatch(text):
            return dt.date.fromisoformat(text)
    except ValueError:
        pass
    raise RowRefused("bad_date", f"{text!r} is no date such as 2026-11-04")


def _amount(text: str) -> Decimal:
    if not _AMOUNT.fullmatch(text):
        raise RowRefused(
            "bad_amount", f"{text!r} is no amount such as 120.50: digits, two decimals at most"
        )
    amount = Decimal(text)
    if not 0 < amount <= AMOUNT_MAX:
        raise RowRefused("bad_amount", f"{text} is not above 0 and at most {AMOUNT_MAX}")
    return amount.quantize(Decimal("0.01"))
