"""Step 6 of a chunk: lines, taxes, charges, invoices, transfers and events, by COPY."""

from ossrep.billing.usecases.writing.batch import write_batch
from ossrep.billing.usecases.writing.billed import BilledBatch

__all__ = ["BilledBatch", "write_batch"]
