"""The market's records in the admin; one module for each kind of record."""

from __future__ import annotations

from ossrep.market.admin import (
    claims,
    extracts,
    inbound,
    marketrak,
    matching,
    orders,
    outbound,
    partners,
    payments,
    reference,
    retail_files,
    service_points,
    work,
)

__all__ = [
    "claims",
    "extracts",
    "inbound",
    "marketrak",
    "matching",
    "orders",
    "outbound",
    "partners",
    "payments",
    "reference",
    "retail_files",
    "service_points",
    "work",
]
