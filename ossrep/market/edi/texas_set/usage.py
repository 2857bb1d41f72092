"""Usage of the wires company: 867_02 (history), 867_03 (a month, or the last), 867_04 (first read).

Codes are kept as sent; what they mean stands in ``guides/867.yaml`` and is asked of
``texas_set.usage_codes``. Quantities are ``Decimal``; the quarter hours of an interval meter are
columns of whole numbers (``intervals.IntervalSeries``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from ossrep.market.edi.texas_set.intervals import IntervalSeries
from ossrep.market.edi.texas_set.model import Moment, Party, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """An MEA segment: a quantity of one time of use with the two reads that gave it.

    ``quality`` says for both reads whether they are actual or estimated (``AE``: begin actual,
    end estimated); ``time_of_use`` 51 is the total, or the highest demand.
    """

    measures: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    quality: str = ""
    begin: Decimal | None = None
    end: Decimal | None = None
    time_of_use: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A QTY segment with its measurements and factors.

    ``qualifier`` tells metered from estimated (QD, KA). ``devices`` and ``quantity_per_device``
    are those of unmetered service; their product is the quantity.
    """

    qualifier: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    measurements: tuple[Measurement, ...] = ()
    multiplier: Decimal | None = None
    power_factor: Decimal | None = None
    loss_factor: Decimal | None = None
    devices: Decimal | None = None
    quantity_per_device: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Why usage is estimated (REF 5I).

    ``estimates`` counts the estimates in a row, ``denials`` those for want of access; the
    flattened formats say them. Where the segment does is not sourced: ``remainder`` is REF04.
    """

    reason: str
    text: str = ""
    clarification: str = ""
    door_hanger_left: str = ""
    denials: int | None = None
    estimates: int | None = None
    remainder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageLoop:
    """A PTD loop: ``kind`` SU, PL, BC, BD, IA, PP, BO, PM (or BJ in the 867_04).

    ``start`` and ``end`` are the local dates of the reads (DTM 150, 151), both of which bound the
    period; a meter changed inside the month has ``exchanged`` (DTM 514) for one of them.
    ``read_on`` is the date of an initial read (DTM 140).
    ``meter_type`` is the unit and the interval: ``KHMON``, ``K1MON``, ``KH015``. ``role``: A
    additive, S subtractive, I out-flow, M mobile generation; never add up without it.
    """

    kind: str
    start: Moment | None = None
    end: Moment | None = None
    exchanged: Moment | None = None
    read_on: Moment | None = None
    meter: str = ""
    item_qualifier: str = ""
    item: str = ""
    meter_type: str = ""
    role: str = ""
    channel: str = ""
    unmetered_type: str = ""
    unmetered_text: str = ""
    movement: str = ""
    rate_class: str = ""
    bill_cycle: str = ""
    load_profile: str = ""
    estimates: tuple[Estimate, ...] = ()
    readings: tuple[Reading, ...] = ()
    intervals: IntervalSeries | None = None

    @property
    def meter_number(self) -> str:
        """The meter: of REF MG, else of PTD05, where some senders put it."""
        return self.meter or self.item

    @property
    def begins_on(self) -> dt.date | None:
        """The first day of the loop's own period: an exchanged meter begins with its exchange."""
        found = self.start or self.exchanged
        return found.date if found else None

    @property
    def ends_on(self) -> dt.date | None:
        """The first day after the loop's own period."""
        found = self.end or self.exchanged
        return found.date if found else None

    @property
    def unit(self) -> str:
        """The unit of its quantities: of the meter type, else of the first quantity."""
        if self.meter_type:
            return self.meter_type[:2]
        if self.readings:
            return self.readings[0].unit
        return self.intervals.unit if self.intervals else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage(Transaction):
    """What the 867s share. ``loops`` stand as sent; their order means nothing.

    ``purpose`` is BPT01: 00 original, 01 cancel, 05 replace. ``original_reference`` is
    the document that an 867_03 cancels or replaces (BPT09), and the order that an 867_04 or the
    request that an 867_02 answers (REF TN); ``order_reference`` the order that an 867_03 completes.
    """

    kind: ClassVar[str] = "867"

    purpose: str
    report_type: str = ""
    action: str = ""
    charges_due: Moment | None = None
    ercot: Party | None = None
    customer_name: str = ""
    previous_esi_id: str = ""
    order_reference: str = ""
    power_region: str = ""
    rate_class: str = ""
    rate_subclass: str = ""
    bill_cycle: str = ""
    load_profile: str = ""
    estimates: tuple[Estimate, ...] = ()
    loops: tuple[UsageLoop, ...] = ()

    def loops_of(self, *kinds: str) -> Iterator[UsageLoop]:
        """The loops of these kinds, as they stand."""
        return (loop for loop in self.loops if loop.kind in kinds)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyUsage(Usage):
    """867_03: usage of one ESI ID and one service period, the basis of the customer's bill."""

    kind: ClassVar[str] = "867_03"


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoricalUsage(Usage):
    """867_02: up to twelve months of usage, a PL loop for each month and register.

    For prices and plausibility; nobody is billed from it.
    """

    kind: ClassVar[str] = "867_02"


@dataclass(frozen=True, slots=True, kw_only=True)
class InitialRead(Usage):
    """867_04: the read with which service begins; ``original_reference`` is the order's.

    Each loop is a meter with its ``read_on``; the reads are ``end`` of the measurements.
    """

    kind: ClassVar[str] = "867_04"

    @property
    def read_date(self) -> dt.date | None:
        """The day from which service is ours: the latest read date of the meters."""
        return max((loop.read_on.date for loop in self.loops if loop.read_on), default=None)
