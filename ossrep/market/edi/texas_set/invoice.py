"""810_02: the wires company's invoice to the retailer.

Amounts are dollars as ``Decimal``. Codes are kept as sent; what they mean stands in
``guides/810_02.yaml`` and, for charges, in ``guides/charge_codes.csv``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from ossrep.market.edi.texas_set.model import Moment, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    """A TXI segment of a charge."""

    type: str
    amount: Decimal
    relationship: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """A SAC segment, with the taxes under it.

    ``indicator`` C is a charge, A an allowance. ``amount`` is as sent, without the sign that an
    allowance gives it. ``quantity`` is what was billed; ``registered_quantity`` what was metered
    where the two differ (a ratchet). ``text`` (SAC15) is what a customer is shown when present.
    """

    indicator: str
    agency: str = ""
    code: str
    amount: Decimal
    rate: Decimal | None = None
    unit: str = ""
    quantity: Decimal | None = None
    registered_quantity: Decimal | None = None
    text: str = ""
    taxes: tuple[Tax, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubLine:
    """An SLN loop: what its charges are for.

    ``relationship`` A adds. ``late_invoice`` is the invoice to which a late-payment charge refers.
    """

    number: str = ""
    relationship: str = ""
    completed_on: dt.date | None = None
    unmetered_range: str = ""
    late_invoice: str = ""
    service_order: str = ""
    charges: tuple[Charge, ...] = ()


NO_SUB_LINE = SubLine()


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceItem:
    """An IT1 loop: charges of one level (RATE, or B2B: between wires company and retailer).

    ``charges`` are those that stand in no sub-line.
    """

    line: str = ""
    service_qualifier: str = ""
    service: str = ""
    level_qualifier: str = ""
    level: str = ""
    rate_class: str = ""
    rate_subclass: str = ""
    start: Moment | None = None
    end: Moment | None = None
    charges: tuple[Charge, ...] = ()
    sub_lines: tuple[SubLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryInvoice(Transaction):
    """810_02. ``reference`` is the invoice number; ``usage_reference`` (BIG05) the 867_03's.

    ``type`` is BIG07 (ME monthly, FE final, 26 and A5 by themselves); ``purpose`` BIG08: 00
    original, 01 cancel, 05 replace. ``original_reference`` is the invoice that is cancelled or
    replaced.
    """

    kind: ClassVar[str] = "810_02"

    type: str = ""
    purpose: str = ""
    usage_reference: str = ""
    due_date: dt.date | None = None
    items: tuple[InvoiceItem, ...] = ()
    total: Decimal
    line_count: int | None = None

    def lines(self) -> Iterator[tuple[InvoiceItem, SubLine, Charge]]:
        """Every charge with the item and sub-line it stands in, as they stand."""
        for item in self.items:
            for charge in item.charges:
                yield item, NO_SUB_LINE, charge
            for sub_line in item.sub_lines:
                for charge in sub_line.charges:
                    yield item, sub_line, charge
