"""What is owed, in the admin: to be read; what changes anything calls a use case."""

from ossrep.billing.admin import payments, taxes

__all__ = ["payments", "taxes"]
