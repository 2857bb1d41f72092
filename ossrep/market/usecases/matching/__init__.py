"""Usage and invoices of the wires companies: kept, matched, checked, paid."""
