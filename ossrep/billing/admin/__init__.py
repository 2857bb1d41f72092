"""Bills, the ledger and what waits in the admin: read here, changed by use cases."""

from ossrep.billing.admin import charges, invoices, ledger, openings, payments, runs, taxes, work

__all__ = ["charges", "invoices", "ledger", "openings", "payments", "runs", "taxes", "work"]
