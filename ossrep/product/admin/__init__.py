"""The records of ``product`` in the admin."""

from ossrep.product.admin import plans, prices, tariffs

__all__ = ["plans", "prices", "tariffs"]
