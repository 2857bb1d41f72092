"""A dry run: steps 1 to 5 for every bill due, and nothing written."""

from __future__ import annotations

import datetime as dt
import multiprocessing
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import connections
from django.db import transaction as django_transaction

from ossrep.billing.db import ALIAS, transaction
from ossrep.billing.queries.due_bills import DueBill, Unplanned, find_due
from ossrep.billing.usecases.batch import DueContract, DueItem, Problem, RunFacts, Site
from ossrep.billing.usecases.bill_items import Desk, prepare_bills
from ossrep.billing.usecases.plan_run import RunOrder, resolve_accounts
from ossrep.billing.usecases.writing import BilledBatch
from ossrep.kernel.identifiers import BillRunId
from ossrep.kernel.money import dollars

NO_NUMBER = ""
OUTLIERS_MAX = 20


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """One bill as it would be; ``reasons`` says why it would be held or skipped (code, words).

    ``before_cents`` and ``before_wh`` are the earlier bill's charges and usage over as many days,
    None where no earlier bill is known.
    """

    account_number: str
    name: str
    period_start: dt.date
    period_end: dt.date
    retailer_cents: int
    delivery_cents: int
    tax_cents: int
    import_wh: int
    lines: int
    before_cents: int | None
    before_wh: int | None
    is_first: bool
    is_final: bool
    reasons: tuple[tuple[str, str], ...]

    @property
    def charges_cents(self) -> int:
        """Without taxes, as ``before_cents``."""
        return self.retailer_cents + self.delivery_cents

    @property
    def change_cents(self) -> int | None:
        """Against the bill before, days evened out."""
        return None if self.before_cents is None else self.charges_cents - self.before_cents


@dataclass(slots=True)
class RunPreview:
    """All that a run would do now: one period of each account."""

    lines: list[PreviewLine] = field(default_factory=list)
    unplanned: list[Unplanned] = field(default_factory=list)
    with_more: int = 0

    @property
    def billed(self) -> list[PreviewLine]:
        """Bills that would go out."""
        return [line for line in self.lines if not line.reasons]

    @property
    def stopped(self) -> list[PreviewLine]:
        """Bills that would be held or skipped."""
        return [line for line in self.lines if line.reasons]

    @property
    def reasons(self) -> Counter[str]:
        """How many bills would be stopped, by the first reason."""
        found = Counter(line.reasons[0][0] for line in self.stopped)
        found.update(contract.reason for contract in self.unplanned)
        return found

    @property
    def outliers(self) -> list[PreviewLine]:
        """The bills that differ most from the ones before, in dollars."""
        known = [line for line in self.billed if line.change_cents is not None]
        return sorted(known, key=lambda line: -abs(line.change_cents or 0))[:OUTLIERS_MAX]

    def total_usd(self, name: str) -> Decimal:
        """Sum of a cents column over the bills that would go out."""
        return dollars(sum(getattr(line, name) for line in self.billed))


def preview_run(*, order: RunOrder, workers: int = 1) -> Iterator[RunPreview]:
    """Gives the preview again and again as it grows, chunk by chunk; the last one is whole.

    Raises UnknownAccounts.
    """
    due = find_due(
        read_cycle=order.read_cycle,
        as_of=order.as_of,
        account_ids=resolve_accounts(order.account_numbers),
    )
    preview = RunPreview(unplanned=list(due.unplanned))
    preview.with_more = sum(bill.has_more for bill in due.bills)
    bills = sorted(due.bills, key=lambda b: (b.period_start, b.period_end, b.account_id))
    size = order.chunk_accounts
    chunks = [(order, bills[first : first + size]) for first in range(0, len(bills), size)]
    yield preview
    if workers == 1:
        for chunk in chunks:
            preview.lines += _preview_chunk(chunk)
            yield preview
        return
    connections.close_all()
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        for lines in pool.imap(_preview_chunk, chunks):
            preview.lines += lines
            yield preview


def _preview_chunk(chunk: tuple[RunOrder, Sequence[DueBill]]) -> list[PreviewLine]:
    order, bills = chunk
    run = RunFacts(
        run_id=BillRunId(0), as_of=order.as_of, issue_date=order.issue_date or order.as_of
    )
    with transaction():
        # What loading opens is undone with the rest; accounts are locked for this chunk only.
        items = [_item(number, bill) for number, bill in enumerate(bills, start=1)]
        billed = prepare_bills(run=run, items=items, desk=Desk())
        django_transaction.set_rollback(True, using=ALIAS)
    return _lines(billed)


def _item(item_id: int, bill: DueBill) -> DueItem:
    return DueItem(
        item_id=item_id,
        account_id=bill.account_id,
        kind=0,
        period_start=bill.period_start,
        period_end=bill.period_end,
        number=NO_NUMBER,
        contracts=tuple(DueContract(c.contract_id, c.start, c.end) for c in bill.contracts),
    )


def _lines(billed: BilledBatch) -> list[PreviewLine]:
    batch, totals = billed.batch, billed.totals
    counts = Counter(billed.lines.item.tolist())
    sites: dict[int, list[Site]] = defaultdict(list)
    for site in batch.sites:
        sites[site.item].append(site)
    found = []
    for n, item in enumerate(batch.items):
        account = batch.accounts[n]
        before = _before(sites[n])
        found.append(
            PreviewLine(
                account_number=account.account_number if account else str(item.account_id),
                name=account.bill_to_name if account else "",
                period_start=item.period_start,
                period_end=item.period_end,
                retailer_cents=int(totals.retailer_cents[n]),
                delivery_cents=int(totals.delivery_cents[n]),
                tax_cents=int(totals.tax_cents[n]),
                import_wh=int(totals.import_wh[n]),
                lines=counts[n],
                before_cents=before and before[0],
                before_wh=before and before[1],
                is_first=any(site.is_first for site in sites[n]),
                is_final=any(site.is_final for site in sites[n]),
                reasons=_reasons(batch.problems.get(n, [])),
            )
        )
    return found


def _reasons(problems: Sequence[Problem]) -> tuple[tuple[str, str], ...]:
    return tuple((problem.code, problem.message) for problem in problems)


def _before(sites: Sequence[Site]) -> tuple[int, int] | None:
    """Charges and Wh of the earlier bills, stretched to the days of this one."""
    if not sites:
        return None
    cents = wh = 0
    for site in sites:
        ours = [p for p in site.history.periods if p.amount_cents is not None]
        if not ours:
            return None
        last = ours[-1]
        days, before = (site.due.end - site.due.start).days, (last.end - last.start).days
        cents += (last.amount_cents or 0) * days // before
        wh += last.import_wh * days // before
    return cents, wh
