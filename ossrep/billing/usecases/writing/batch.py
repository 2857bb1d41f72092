"""The order in which a batch is written.

Lines and taxes go before the invoices that close them; transfers move the balances; events come
last, so that their streams are locked for the shortest time.
"""

from __future__ import annotations

from ossrep.billing.db import ALIAS
from ossrep.billing.usecases.catalog import Catalog
from ossrep.billing.usecases.registers import Registers
from ossrep.billing.usecases.writing.billed import BilledBatch
from ossrep.billing.usecases.writing.charges import write_charges
from ossrep.billing.usecases.writing.invoices import issued_events, write_invoices
from ossrep.billing.usecases.writing.lines import write_lines, write_taxes
from ossrep.billing.usecases.writing.transfers import write_transfers
from ossrep.infra import outbox


def write_batch(*, billed: BilledBatch, registers: Registers, catalog: Catalog) -> int:
    """Writes the invoices of every item without a problem; gives their number of lines.

    To be called in the transaction that holds the accounts' locks.
    """
    if not billed.is_chosen.any():
        return 0
    line_counts = write_lines(billed, registers)
    write_taxes(billed, registers)
    write_charges(billed, registers, catalog)
    write_invoices(billed, line_counts, registers, catalog)
    write_transfers(billed, registers)
    outbox.append_many(context=ALIAS, events=issued_events(billed))
    return int(line_counts[billed.is_chosen].sum())
