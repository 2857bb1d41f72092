"""Identifiers that cross borders, as distinct types so that two cannot be swapped."""

from __future__ import annotations

from typing import NewType

CustomerId = NewType("CustomerId", int)
AccountId = NewType("AccountId", int)
PremisesId = NewType("PremisesId", int)
ContractId = NewType("ContractId", int)
BrandId = NewType("BrandId", int)
PlanVersionId = NewType("PlanVersionId", int)
BillRunId = NewType("BillRunId", int)
InvoiceId = NewType("InvoiceId", int)
LoginId = NewType("LoginId", int)
EsiId = NewType("EsiId", str)
TdspCode = NewType("TdspCode", str)
"""The short name in ERCOT's ESI ID extract: ``ONCOR_ELEC``, ``CENTERPOINT``, ``AEP_NORTH``."""


def is_valid_esi_id(text: str) -> bool:
    """True for 17 or 22 decimal digits, the two lengths in use (RMG appendix G)."""
    return len(text) in (17, 22) and text.isascii() and text.isdigit()
