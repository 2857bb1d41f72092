"""The records of ``product`` in the admin."""

from ossrep.product.admin import legal_documents, plans, prices, tariffs

__all__ = ["legal_documents", "plans", "prices", "tariffs"]
