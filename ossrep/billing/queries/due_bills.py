"""Who is to be billed for which period: contracts, what was billed, read dates, usage periods."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ossrep.billing.db import connection
from ossrep.billing.domain.windows import BillingHorizon, NotDue, Window, next_window
from ossrep.billing.queries.arrays import id_array
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
        return min([contract.start for contract in self.contracts])

    @property
    def period_end(self) -> dt.date:
        """The day after the last day of all its contracts."""
        return max([contract.end for contract in self.contracts])


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
        page = _Page(refs, as_of)
        for account_id, own in _by_account(refs).items():
            bill = _bill(account_id, own, page, unplanned)
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
    account_id: AccountId, refs: Sequence[ContractRef], page: _Page, unplanned: list[Unplanned]
) -> DueBill | None:
    contracts: list[DueContractRef] = []
    is_final = has_more = False
    for ref in refs:
        found = page.windows(ref)
        window = found.next
        if isinstance(window, Window):
            contracts.append(DueContractRef(ref.contract_id, ref.esi_id, window.start, window.end))
            is_final = is_final or window.is_final
            has_more = has_more or found.has_more
        elif window is NotDue.NO_READ_CALENDAR:
            unplanned.append(_without_calendar(ref, found.start))
    if not contracts:
        return None
    return DueBill(account_id, tuple(contracts), is_final, has_more)


def _without_calendar(ref: ContractRef, start: dt.date) -> Unplanned:
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
    WHERE account_id = ANY(%s::bigint[]) AND reversal_id IS NULL GROUP BY contract_id
"""
_OPENED = """
    SELECT account_id, esi_id, billed_through FROM opening_site
    WHERE account_id = ANY(%s::bigint[]) AND billed_through IS NOT NULL
"""


_Periods = tuple[tuple[dt.date, dt.date], ...]


@dataclass(frozen=True, slots=True)
class _Windows:
    """A contract's next window, or why it has none; ``start`` is the first day not billed."""

    start: dt.date
    next: Window | NotDue
    has_more: bool


class _Page:
    """What decides the windows of a page of contracts: two queries, one call to each service.

    Most contracts of a page are alike in all of it, and alike ones have the same windows.
    """

    def __init__(self, refs: Sequence[ContractRef], as_of: dt.date) -> None:
        self._as_of = as_of
        self._through = _billed_through(refs)
        open_refs = [ref for ref in refs if not _is_billed_out(ref, self._through)]
        since = min([self._start(ref) for ref in open_refs], default=as_of)
        self._read_dates = _read_dates(open_refs, since, as_of)
        self._usage = _usage_periods(open_refs, since)
        self._known: dict[tuple[object, ...], _Windows] = {}

    def windows(self, ref: ContractRef) -> _Windows:
        """The windows of one of the page's contracts."""
        through = self._through.get(ref.contract_id)
        usage = self._usage.get(ref.contract_id, ())
        key = (ref.start_date, ref.end_date, ref.tdsp_code, ref.read_cycle, through, usage)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._find(ref, through, usage)
        return found

    def _find(self, ref: ContractRef, through: dt.date | None, usage: _Periods) -> _Windows:
        horizon = BillingHorizon(
            contract_start=ref.start_date,
            contract_end=ref.end_date,
            billed_through=through,
            read_dates=self._read_dates.get((ref.tdsp_code, ref.read_cycle), ()),
            usage_periods=usage,
        )
        window = next_window(horizon, as_of=self._as_of)
        if not isinstance(window, Window):
            return _Windows(self._start(ref), window, has_more=False)
        then = next_window(horizon, as_of=self._as_of, after=window.end)
        return _Windows(self._start(ref), window, has_more=isinstance(then, Window))

    def _start(self, ref: ContractRef) -> dt.date:
        through = self._through.get(ref.contract_id)
        return ref.start_date if through is None else max(ref.start_date, through)


def _billed_through(refs: Sequence[ContractRef]) -> Mapping[ContractId, dt.date]:
    """The day after the last that was billed here or before; contracts without one are absent."""
    account_ids = id_array({ref.account_id for ref in refs})
    with connection().cursor() as cursor:
        cursor.execute(_BILLED, [account_ids])
        through: dict[ContractId, dt.date] = dict(cursor.fetchall())
        cursor.execute(_OPENED, [account_ids])
        opened = {(row[0], row[1]): row[2] for row in cursor.fetchall()}
    for ref in refs if opened else ():
        date = opened.get((ref.account_id, ref.esi_id))
        if date is not None:
            through[ref.contract_id] = max(date, through.get(ref.contract_id, date))
    return through


def _is_billed_out(ref: ContractRef, through: Mapping[ContractId, dt.date]) -> bool:
    if ref.end_date is None:
        return False
    date = through.get(ref.contract_id)
    return date is not None and date >= ref.end_date


def _read_dates(
    refs: Sequence[ContractRef], since: dt.date, as_of: dt.date
) -> Mapping[tuple[TdspCode, str], tuple[dt.date, ...]]:
    if not refs:
        return {}
    return resolve(MarketService).find_read_dates(
        keys={(ref.tdsp_code, ref.read_cycle) for ref in refs},
        start=since,
        end=as_of + dt.timedelta(days=1),
    )


def _usage_periods(refs: Sequence[ContractRef], since: dt.date) -> Mapping[ContractId, _Periods]:
    if not refs:
        return {}
    found = resolve(MeterService).list_usage_periods(
        esi_ids=[ref.esi_id for ref in refs], since=since
    )
    return {ref.contract_id: periods for ref, periods in zip(refs, found, strict=True) if periods}
