"""What goes through the steps of a chunk: due items, what was loaded, rated, taxed, held."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ossrep.kernel.identifiers import AccountId, BillRunId, ContractId
from ossrep.published.customer import BillingAccount, BillingContract
from ossrep.published.market import DeliveryCharge
from ossrep.published.meter import IntervalUsage
from ossrep.rating import LineTemplate, SiteFacts

Int64 = NDArray[np.int64]
Bool = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What every bill of a run shares."""

    run_id: BillRunId
    as_of: dt.date
    issue_date: dt.date


@dataclass(frozen=True, slots=True)
class DueContract:
    """One contract of an item and the local dates ``[start, end)`` it is due for."""

    contract_id: ContractId
    start: dt.date
    end: dt.date


@dataclass(frozen=True, slots=True)
class DueItem:
    """One bill due, as planned."""

    item_id: int
    account_id: AccountId
    kind: int
    period_start: dt.date
    period_end: dt.date
    number: str
    contracts: tuple[DueContract, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an item is not billed. ``is_skip``: nothing for a person to do, the next run looks again.

    ``releasable``: a person may say "bill it as it is".
    """

    code: str
    message: str
    is_skip: bool = False
    releasable: bool = False
    contract_id: int | None = None
    esi_id: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Movement:
    """Money that moved on an account since its last invoice; negative is a credit."""

    kind: int
    effective_date: dt.date
    cents: int


@dataclass(frozen=True, slots=True)
class AccountMoney:
    """An account's receivable at the moment its row was locked, in cents.

    ``balance = previous + sum of movements``; ``ledger_mark`` is the last transfer seen.
    """

    ledger_account_id: int
    balance_cents: int
    ledger_mark: int
    movements: tuple[Movement, ...]

    @property
    def previous_cents(self) -> int:
        """The balance as the last invoice left it."""
        return self.balance_cents - sum(movement.cents for movement in self.movements)


@dataclass(frozen=True, slots=True)
class BilledPeriod:
    """One earlier period of a service point, from a charge or an opening."""

    start: dt.date
    end: dt.date
    import_wh: int
    export_wh: int
    peak_w: int
    amount_cents: int | None


@dataclass(frozen=True, slots=True)
class SiteHistory:
    """What earlier bills of a service point on the same account left; periods are rising."""

    billed_through: dt.date | None
    bank_cents: int
    periods: tuple[BilledPeriod, ...]


NO_HISTORY = SiteHistory(billed_through=None, bank_cents=0, periods=())


@dataclass(frozen=True, slots=True)
class Site:
    """One contract of one item, in rating order; ``item`` is the index of its item."""

    item: int
    site_no: int
    due: DueContract
    account: BillingAccount
    contract: BillingContract
    received: tuple[DeliveryCharge, ...] | None
    history: SiteHistory

    @property
    def is_first(self) -> bool:
        """True when the contract is billed from its start."""
        return self.due.start == self.contract.start_date

    @property
    def is_final(self) -> bool:
        """True when the contract is billed to its end."""
        return self.due.end == self.contract.end_date


@dataclass(slots=True)
class LoadedBatch:
    """Everything a batch of items needs; ``problems`` fills up on the way, by item index."""

    run: RunFacts
    items: tuple[DueItem, ...]
    accounts: tuple[BillingAccount | None, ...]
    money: Mapping[AccountId, AccountMoney]
    sites: tuple[Site, ...]
    usage: IntervalUsage
    facts: SiteFacts
    problems: dict[int, list[Problem]]

    def hold(self, item: int, problem: Problem) -> None:
        """Notes why an item cannot be billed."""
        self.problems.setdefault(item, []).append(problem)


@dataclass(slots=True)
class RatedLines:
    """All lines of a batch as columns, in printed order of each item; cents and exact quantities.

    ``template`` indexes ``templates``; ``recipes`` has, by position, what a line's explanation
    has beyond its template's.
    """

    templates: tuple[LineTemplate, ...]
    item: Int64
    site: Int64
    template: Int64
    quantity: Int64
    cents: Int64
    recipes: Mapping[int, Mapping[str, Any]]


@dataclass(slots=True)
class RatedSites:
    """What rating found for each site, arrays over ``LoadedBatch.sites``."""

    import_wh: Int64
    export_wh: Int64
    peak_w: Int64
    source: NDArray[np.int16]
    retailer_cents: Int64
    delivery_cents: Int64
    recurring_cents: Int64
    bank_in: Int64
    bank_earned: Int64
    bank_applied: Int64
    bank_used: Int64
    bank_out: Int64
    bank_lost: Int64
    tax_base_cents: Int64
    tax_base_present: Bool

    @classmethod
    def zeros(cls, size: int) -> RatedSites:
        """Nothing rated yet, for ``size`` sites."""
        return cls(
            import_wh=_zeros(size),
            export_wh=_zeros(size),
            peak_w=_zeros(size),
            source=np.zeros(size, dtype=np.int16),
            retailer_cents=_zeros(size),
            delivery_cents=_zeros(size),
            recurring_cents=_zeros(size),
            bank_in=_zeros(size),
            bank_earned=_zeros(size),
            bank_applied=_zeros(size),
            bank_used=_zeros(size),
            bank_out=_zeros(size),
            bank_lost=_zeros(size),
            tax_base_cents=np.zeros((3, 2, size), dtype=np.int64),
            tax_base_present=np.zeros((3, 2, size), dtype=np.bool_),
        )


def _zeros(size: int) -> Int64:
    return np.zeros(size, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class ChunkOutcome:
    """What became of the items of a batch, in numbers."""

    billed: int = 0
    held: int = 0
    skipped: int = 0
    lines: int = 0
    import_wh: int = 0
    charges_usd: Decimal = Decimal(0)
    tax_usd: Decimal = Decimal(0)

    def __add__(self, other: ChunkOutcome) -> ChunkOutcome:
        return ChunkOutcome(
            billed=self.billed + other.billed,
            held=self.held + other.held,
            skipped=self.skipped + other.skipped,
            lines=self.lines + other.lines,
            import_wh=self.import_wh + other.import_wh,
            charges_usd=self.charges_usd + other.charges_usd,
            tax_usd=self.tax_usd + other.tax_usd,
        )
