"""Who is to be billed for which period: contracts, what was billed, read dates, usage periods."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ossrep.billing.db import connection
from ossrep.billing.domain.windows import BillingHorizon, NotDue, Window, next_window
from ossrep.infra.services import resolve
from ossrep.kernel.identifiers import AccountId, ContractId, EsiId, TdspCode
from ossrep.published.customer import ContractRef, CustomerService
from ossrep.published.market import MarketService
from ossrep.published.meter import MeterService

CONTRACTS_PER_PAGE = 5_000
ACCOUNTS_ASKED_ONE_BY_ONE_MAX = 200


@dataclass(frozen=True, slots=True)
class DueContractRef:
    """One contract of a bill due, for local dates ``[start, end)``."""

    contract_id: ContractId
    esi_id: EsiId
    start: dt.date
    end: dt.date


@dataclass(frozen=True, slots=True)
class DueBill:
    """One bill due; ``has_more`` when a further period of it has ended, too."""

    account_id: AccountId
    contracts: tuple[DueContractRef, ...]
    is_final: bool
    has_more: bool

    @property
    def period_start(self) -> dt.date:
        """The first day of all its contracts."""
        return min(contract.start for contract in self.contracts)

    @property
    def period_end(self) -> dt.date:
        """The day after the last day of all its contracts."""
        return max(contract.end for contract in self.contracts)


@dataclass(frozen=True, slots=True)
class Unplanned:
    """A contract that should have a bill and cannot be given a period."""

    account_id: AccountId
    contract_id: ContractId
    esi_id: EsiId
    start: dt.date
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Due:
    """What is due, and what ought to be."""

    bills: tuple[DueBill, ...]
    unplanned: tuple[Unplanned, ...]


def find_due(
    *, read_cycle: str | None, as_of: dt.date, account_ids: Collection[AccountId] | None = None
) -> Due:
    """One bill for each account with a period that has ended by ``as_of``: its earliest one.

    Accounts come in pages, each with one call to market and meter. ``account_ids`` None: all.
    """
    bills: list[DueBill] = []
    unplanned: list[Unplanned] = []
    for refs in _pages(read_cycle, as_of, account_ids):
        horizons = _horizons(refs, as_of)
        for account_id, own in _by_account(refs).items():
            bill = _bill(account_id, own, horizons, as_of, unplanned)
            if bill is not None:
                bills.append(bill)
    return Due(bills=tuple(bills), unplanned=tuple(unplanned))


def _pages(
    read_cycle: str | None, as_of: dt.date, account_ids: Collection[AccountId] | None
) -> Iterator[Sequence[ContractRef]]:
    customers = resolve(CustomerService)
    if account_ids is not None and len(account_ids) <= ACCOUNTS_ASKED_ONE_BY_ONE_MAX:
        for account_id in sorted(account_ids):
            found = customers.list_contract_refs(
                read_cycle=read_cycle,
                started_before=as_of,
                after=AccountId(account_id - 1),
                limit=1,
            )
            yield [ref for ref in found if ref.account_id == account_id]
        return
    wanted = None if account_ids is None else frozenset(account_ids)
    after = AccountId(0)
    while True:
        refs = customers.list_contract_refs(
            read_cycle=read_cycle, started_before=as_of, after=after, limit=CONTRACTS_PER_PAGE
        )
        if not refs:
            return
        after = refs[-1].account_id
        yield refs if wanted is None else [ref for ref in refs if ref.account_id in wanted]


def _by_account(refs: Sequence[ContractRef]) -> Mapping[AccountId, Sequence[ContractRef]]:
    grouped: dict[AccountId, list[ContractRef]] = defaultdict(list)
    for ref in refs:
        grouped[ref.account_id].append(ref)
    return grouped


def _bill(
    account_id: AccountId,
    refs: Sequence[ContractRef],
    horizons: Mapping[ContractId, BillingHorizon],
    as_of: dt.date,
    unplanned: list[Unplanned],
) -> DueBill | None:
    contracts: list[DueContractRef] = []
    is_final = has_more = False
    for ref in refs:
        horizon = horizons[ref.contract_id]
        window = next_window(horizon, as_of=as_of)
        if isinstance(window, Window):
            contracts.append(DueContractRef(ref.contract_id, ref.esi_id, window.start, window.end))
            is_final = is_final or window.is_final
            then = next_window(horizon, as_of=as_of, after=window.end)
            has_more = has_more or isinstance(then, Window)
        elif window is NotDue.NO_READ_CALENDAR:
            unplanned.append(_without_calendar(ref, horizon))
    if not contracts:
        return None
    return DueBill(account_id, tuple(contracts), is_final, has_more)


def _without_calendar(ref: ContractRef, horizon: BillingHorizon) -> Unplanned:
    start = max(horizon.contract_start, horizon.billed_through or horizon.contract_start)
    return Unplanned(
        account_id=ref.account_id,
        contract_id=ref.contract_id,
        esi_id=ref.esi_id,
        start=start,
        reason=NotDue.NO_READ_CALENDAR.value,
        message=f"no read date of {ref.tdsp_code} cycle {ref.read_cycle} after {start} is known: "
        "import the TDSP's read calendar",
    )


_BILLED = """
    SELECT contract_id, max(period_end) FROM charge
    WHERE account_id = ANY(%s) AND reversal_id IS NULL GROUP BY contract_id
"""
_OPENED = """
    SELECT account_id, esi_id, billed_through FROM opening_site
    WHERE account_id = ANY(%s) AND billed_through IS NOT NULL
"""


def _horizons(refs: Sequence[ContractRef], as_of: dt.date) -> dict[ContractId, BillingHorizon]:
    """What decides the periods of a page of contracts: two queries, one call to each service."""
    if not refs:
        return {}
    account_ids = sorted({ref.account_id for ref in refs})
    with connection().cursor() as cursor:
        cursor.execute(_BILLED, [account_ids])
        billed: dict[int, dt.date] = dict(cursor.fetchall())
        cursor.execute(_OPENED, [account_ids])
        opened = {(row[0], row[1]): row[2] for row in cursor.fetchall()}
    through: dict[ContractId, dt.date | None] = {}
    for ref in refs:
        known = [billed.get(ref.contract_id), opened.get((ref.account_id, ref.esi_id))]
        through[ref.contract_id] = max((date for date in known if date), default=None)
    open_refs = [ref for ref in refs if not _is_billed_out(ref, through[ref.contract_id])]
    starts = [max(ref.start_date, through[ref.contract_id] or ref.start_date) for ref in open_refs]
    read_dates = _read_dates(open_refs, starts, as_of)
    usage = _usage_periods(open_refs, starts)
    return {
        ref.contract_id: BillingHorizon(
            contract_start=ref.start_date,
            contract_end=ref.end_date,
            billed_through=through[ref.contract_id],
            read_dates=read_dates.get((ref.tdsp_code, ref.read_cycle), ()),
            usage_periods=usage.get(ref.contract_id, ()),
        )
        for ref in refs
    }


def _is_billed_out(ref: ContractRef, through: dt.date | None) -> bool:
    return ref.end_date is not None and through is not None and through >= ref.end_date


def _read_dates(
    refs: Sequence[ContractRef], starts: Sequence[dt.date], as_of: dt.date
) -> Mapping[tuple[TdspCode, str], tuple[dt.date, ...]]:
    if not refs:
        return {}
    return resolve(MarketService).find_read_dates(
        keys={(ref.tdsp_code, ref.read_cycle) for ref in refs},
        start=min(starts),
        end=as_of + dt.timedelta(days=1),
    )


def _usage_periods(
    refs: Sequence[ContractRef], starts: Sequence[dt.date]
) -> Mapping[ContractId, tuple[tuple[dt.date, dt.date], ...]]:
    if not refs:
        return {}
    found = resolve(MeterService).list_usage_periods(
        esi_ids=[ref.esi_id for ref in refs], since=min(starts)
    )
    return {ref.contract_id: periods for ref, periods in zip(refs, found, strict=True) if periods}
