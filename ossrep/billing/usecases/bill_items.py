"""One batch of due items from loading to committed invoices; what fails is parted from the rest."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import psycopg

from ossrep.billing.db import transaction
from ossrep.billing.domain.guards import Thresholds
from ossrep.billing.usecases.batch import (
    ChunkOutcome,
    DueItem,
    Problem,
    RunFacts,
)
from ossrep.billing.usecases.catalog import Catalog
from ossrep.billing.usecases.check_batch import check_batch, load_thresholds, sum_items
from ossrep.billing.usecases.known_taxes import KnownTaxes
from ossrep.billing.usecases.load_batch import load_batch
from ossrep.billing.usecases.rate_batch import rate_batch
from ossrep.billing.usecases.record_outcomes import record_outcomes
from ossrep.billing.usecases.registers import Registers
from ossrep.billing.usecases.tax_batch import tax_batch
from ossrep.billing.usecases.writing import BilledBatch, write_batch
from ossrep.infra.remote.errors import ServiceUnavailable
from ossrep.kernel.money import dollars

log = logging.getLogger(__name__)

TRANSIENT_SQLSTATES = frozenset({"25P03", "40001", "40P01", "55P03"})
UNEXPECTED = "unexpected_error"
MESSAGE_LENGTH_MAX = 2_000


@dataclass(slots=True)
class Desk:
    """What a worker keeps between chunks."""

    catalog: Catalog = field(default_factory=Catalog)
    registers: Registers = field(default_factory=Registers)
    taxes: KnownTaxes = field(default_factory=KnownTaxes)
    thresholds: Thresholds = field(default_factory=load_thresholds)


def prepare_bills(*, run: RunFacts, items: Sequence[DueItem], desk: Desk) -> BilledBatch:
    """Steps 3 to 5: load, rate, tax, check. Writes nothing; locks the accounts."""
    batch = load_batch(run=run, items=items, catalog=desk.catalog)
    lines, rated = rate_batch(batch=batch, catalog=desk.catalog)
    places = desk.taxes.places(codes={site.contract.tax_place for site in batch.sites})
    rates = desk.taxes.rates(on=run.issue_date)
    taxes = tax_batch(batch=batch, rated=rated, places=places, rates=rates)
    totals = sum_items(batch=batch, rated=rated, taxes=taxes)
    check_batch(
        batch=batch,
        rated=rated,
        totals=totals,
        thresholds=desk.thresholds,
        catalog=desk.catalog,
    )
    chosen = [n not in batch.problems for n in range(len(batch.items))]
    return BilledBatch(
        batch=batch,
        lines=lines,
        rated=rated,
        taxes=taxes,
        totals=totals,
        is_chosen=np.array(chosen, dtype=np.bool_),
        ids=np.array([item.item_id for item in batch.items], dtype=np.int64),
    )


def bill_items(*, run: RunFacts, items: Sequence[DueItem], desk: Desk) -> ChunkOutcome:
    """Bills what can be billed; every item gets an outcome. In the caller's transaction.

    An error that nobody foresaw is narrowed down by halves to the items that cause it; those
    become work items and stop no other. Errors that heal by themselves (deadlock, serialization,
    a lost connection) are raised: the caller's transaction is to be tried again.
    """
    try:
        with transaction():
            return _bill(run, items, desk)
    except Exception as error:
        desk.registers.forget()
        if is_transient(error):
            raise
        if len(items) == 1:
            log.exception("item %s of run %s cannot be billed", items[0].item_id, run.run_id)
            return _hold_unexpected(run, items[0], error)
    half = len(items) // 2
    first = bill_items(run=run, items=items[:half], desk=desk)
    return first + bill_items(run=run, items=items[half:], desk=desk)


def is_transient(error: Exception) -> bool:
    """True for an error of the database, a connection or another process that can heal."""
    if isinstance(error, ServiceUnavailable):
        return True
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    if not isinstance(cause, psycopg.Error):
        return False
    if cause.sqlstate is None:
        # The server never answered: the connection is gone.
        return isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError)
    return cause.sqlstate in TRANSIENT_SQLSTATES or cause.sqlstate[:2] in ("08", "57")


def _bill(run: RunFacts, items: Sequence[DueItem], desk: Desk) -> ChunkOutcome:
    billed = prepare_bills(run=run, items=items, desk=desk)
    lines = write_batch(billed=billed, registers=desk.registers, catalog=desk.catalog)
    held, skipped = record_outcomes(
        run=run,
        items=billed.batch.items,
        accounts=billed.batch.accounts,
        problems=billed.batch.problems,
        at_risk_cents=money_at_risk(billed),
    )
    chosen, totals = billed.is_chosen, billed.totals
    charges = totals.retailer_cents[chosen].sum() + totals.delivery_cents[chosen].sum()
    return ChunkOutcome(
        billed=int(chosen.sum()),
        held=held,
        skipped=skipped,
        lines=lines,
        import_wh=int(totals.import_wh[chosen].sum()),
        charges_usd=dollars(int(charges)),
        tax_usd=dollars(int(totals.tax_cents[chosen].sum())),
    )


def money_at_risk(billed: BilledBatch) -> dict[int, int]:
    """By held item, in cents: the bill as it would be, else the last one; absent if unknown."""
    batch = billed.batch
    current = billed.totals.current_cents
    found: dict[int, int] = {}
    for n, problems in batch.problems.items():
        if all(problem.releasable for problem in problems):
            found[n] = int(current[n])
    for site in batch.sites:
        earlier = [p.amount_cents for p in site.history.periods if p.amount_cents is not None]
        if site.item in batch.problems and site.item not in found and earlier:
            found[site.item] = earlier[-1]
    return found


def _hold_unexpected(run: RunFacts, item: DueItem, error: Exception) -> ChunkOutcome:
    message = f"{type(error).__name__}: {error}"[:MESSAGE_LENGTH_MAX]
    held, skipped = record_outcomes(
        run=run,
        items=[item],
        accounts=[None],
        problems={0: [Problem(UNEXPECTED, message)]},
        at_risk_cents={},
    )
    return ChunkOutcome(held=held, skipped=skipped)
