"""Shared, pure Python: money, market time, periods, identifiers, errors, the event envelope."""
