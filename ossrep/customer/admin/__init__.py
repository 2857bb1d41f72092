"""Customers, accounts, premises and contracts in the admin: found here, changed by use cases."""

from ossrep.customer.admin import (
    accounts,
    books,
    contracts,
    customers,
    enrollments,
    logins,
    online_enrollments,
    places,
)

__all__ = [
    "accounts",
    "books",
    "contracts",
    "customers",
    "enrollments",
    "logins",
    "online_enrollments",
    "places",
]
