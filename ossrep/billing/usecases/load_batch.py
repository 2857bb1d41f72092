"""Step 3 of a chunk: everything its bills need, one call for each kind of fact."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from ossrep.billing.queries import account_history
from ossrep.billing.usecases.batch import (
    NO_HISTORY,
    AccountMoney,
    BilledPeriod,
    DueItem,
    LoadedBatch,
    Movement,
    Problem,
    RunFacts,
    Site,
    SiteHistory,
)
from ossrep.billing.usecases.catalog import Catalog
from ossrep.billing.usecases.customer_money import open_receivables
from ossrep.infra.services import resolve
from ossrep.kernel.identifiers import AccountId
from ossrep.published.customer import BillingAccount, BillingContract, CustomerService
from ossrep.published.market import DeliveryChargeRequest, MarketService
from ossrep.published.meter import IntervalUsage, MeterService, UsageRequest
from ossrep.rating import SiteFacts

RATCHET_MONTHS = 11


def load_batch(*, run: RunFacts, items: Sequence[DueItem], catalog: Catalog) -> LoadedBatch:
    """Opens and locks the accounts, then asks customer, market and meter once each.

    Items that cannot be billed as planned get a problem and no site. Sites come in rating order:
    those of one plan version, tariff and period stand together.
    """
    account_ids = [item.account_id for item in items]
    money = _load_money(account_ids)
    accounts = _load_accounts(items)
    histories = _load_histories(account_ids, before=max(i.period_end for i in items))
    problems: dict[int, list[Problem]] = defaultdict(list)
    sites = _sites(items, accounts, histories, problems)
    _stop_held_accounts(items, problems)
    sites = _with_received_charges([site for site in sites if site.item not in problems])
    sites.sort(key=_rating_order)
    catalog.preload(
        plan_version_ids={site.contract.plan_version_id for site in sites},
        brand_ids={site.account.brand_id for site in sites},
    )
    return LoadedBatch(
        run=run,
        items=tuple(items),
        accounts=tuple(accounts.get(item.account_id) for item in items),
        money=money,
        sites=tuple(sites),
        usage=_load_usage(sites),
        facts=_facts(sites),
        problems=dict(problems),
    )


def _load_money(account_ids: Sequence[AccountId]) -> dict[AccountId, AccountMoney]:
    open_receivables(account_ids=account_ids)
    locked = account_history.lock_receivables(account_ids=account_ids)
    marks, rows = account_history.get_movements(account_ids=account_ids)
    moved: dict[int, list[Movement]] = defaultdict(list)
    for row in rows:
        moved[row.account_id].append(Movement(row.kind, row.effective_date, row.amount_cents))
    return {
        AccountId(row.account_id): AccountMoney(
            ledger_account_id=row.ledger_account_id,
            balance_cents=row.balance_cents,
            ledger_mark=marks[row.account_id],
            movements=tuple(moved.get(row.account_id, ())),
        )
        for row in locked
    }


def _load_accounts(items: Sequence[DueItem]) -> dict[AccountId, BillingAccount]:
    """One call for each period end, since an exemption is that of the period's last day."""
    customers = resolve(CustomerService)
    by_end: dict[dt.date, list[AccountId]] = defaultdict(list)
    for item in items:
        by_end[item.period_end].append(item.account_id)
    return {
        account.account_id: account
        for end, ids in by_end.items()
        for account in customers.get_billing_accounts(account_ids=ids, period_end=end)
    }


def _load_histories(
    account_ids: Sequence[AccountId], *, before: dt.date
) -> dict[tuple[int, str], SiteHistory]:
    rows = account_history.list_site_histories(account_ids=account_ids, before=before)
    return {
        (row.account_id, row.esi_id): SiteHistory(
            billed_through=row.billed_through,
            bank_cents=row.bank_cents,
            periods=tuple(
                BilledPeriod(*period)
                for period in zip(
                    row.starts,
                    row.ends,
                    row.import_wh,
                    row.export_wh,
                    row.peak_w,
                    row.amounts_cents,
                    strict=True,
                )
            ),
        )
        for row in rows
    }


def _sites(
    items: Sequence[DueItem],
    accounts: Mapping[AccountId, BillingAccount],
    histories: Mapping[tuple[int, str], SiteHistory],
    problems: dict[int, list[Problem]],
) -> list[Site]:
    sites: list[Site] = []
    for index, item in enumerate(items):
        account = accounts.get(item.account_id)
        if account is None:
            problems[index].append(Problem("account_unknown", "customer no longer knows it", True))
            continue
        due = {d.contract_id: d for d in item.contracts}
        chosen = [contract for contract in account.contracts if contract.contract_id in due]
        if len(chosen) < len(due):
            problems[index].append(Problem("plan_changed", "a contract is gone since", True))
        for site_no, contract in enumerate(chosen, start=1):
            history = histories.get((item.account_id, contract.esi_id), NO_HISTORY)
            site = Site(
                item=index,
                site_no=site_no,
                due=due[contract.contract_id],
                account=account,
                contract=contract,
                received=None,
                history=history,
            )
            problem = _stale(site)
            if problem is None:
                sites.append(site)
            else:
                problems[index].append(problem)
    return sites


def _stale(site: Site) -> Problem | None:
    """What has changed since the item was planned; the next run plans it anew."""
    contract: BillingContract = site.contract
    due = site.due
    through = site.history.billed_through
    if through is not None and through > due.start:
        return Problem("already_billed", f"{contract.esi_id} is billed to {through}", True)
    ends_before = contract.end_date is not None and contract.end_date < due.end
    if contract.start_date > due.start or ends_before:
        return Problem("plan_changed", f"contract {contract.contract_id} has other dates now", True)
    return None


def _stop_held_accounts(items: Sequence[DueItem], problems: dict[int, list[Problem]]) -> None:
    holds = account_history.get_holds(account_ids=[item.account_id for item in items])
    for index, item in enumerate(items):
        if item.account_id in holds:
            reason = f"a person holds the account: {holds[item.account_id]}"
            problems[index].append(Problem("account_on_hold", reason, True))


def _with_received_charges(sites: Sequence[Site]) -> list[Site]:
    requests = [DeliveryChargeRequest(s.contract.esi_id, s.due.start, s.due.end) for s in sites]
    answers = resolve(MarketService).get_delivery_charges(requests=requests) if requests else []
    return [
        site if charges is None else replace(site, received=charges)
        for site, charges in zip(sites, answers, strict=True)
    ]


def _rating_order(site: Site) -> tuple[object, ...]:
    contract, due = site.contract, site.due
    return (
        contract.plan_version_id,
        contract.tdsp_code,
        contract.rate_class,
        due.start,
        due.end,
        site.received is not None,
        site.item,
        site.site_no,
    )


def _load_usage(sites: Sequence[Site]) -> IntervalUsage:
    request = UsageRequest(
        esi_ids=[site.contract.esi_id for site in sites],
        starts=[site.due.start for site in sites],
        ends=[site.due.end for site in sites],
    )
    return resolve(MeterService).get_interval_usage(request=request)


def _facts(sites: Sequence[Site]) -> SiteFacts:
    return SiteFacts(
        prior_peak_w=np.array([_prior_peak(site) for site in sites], dtype=np.int64),
        bank_in_cents=np.array([site.history.bank_cents for site in sites], dtype=np.int64),
        first_bill=np.array([site.is_first for site in sites], dtype=np.bool_),
        final_bill=np.array([site.is_final for site in sites], dtype=np.bool_),
    )


def _prior_peak(site: Site) -> int:
    """Highest W of the periods that ended in the 11 months before; 0 where none was measured."""
    if not site.history.periods:
        return 0
    since = months_before(site.due.start, RATCHET_MONTHS)
    peaks = [p.peak_w for p in site.history.periods if since < p.end <= site.due.start]
    return max([0, *peaks])


def months_before(date: dt.date, months: int) -> dt.date:
    """The same day so many months earlier, or that month's last day."""
    index = date.year * 12 + date.month - 1 - months
    year, month = divmod(index, 12)
    following = dt.date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last_day = (following - dt.timedelta(days=1)).day
    return dt.date(year, month + 1, min(date.day, last_day))
