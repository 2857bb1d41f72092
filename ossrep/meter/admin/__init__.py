"""Usage in the admin: to be read; what changes anything calls a use case."""

from ossrep.meter.admin import days, intakes, points, rules

__all__ = ["days", "intakes", "points", "rules"]
