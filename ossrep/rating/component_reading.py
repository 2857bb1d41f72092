"""What the readers of all component kinds share."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ossrep.rating.calendar_documents import SharedDocuments
from ossrep.rating.documents import FieldReader
from ossrep.rating.plan import DemandRule, Tax

RATCHET_DECIMALS = 4
SERIES_PATTERN = r"[A-Za-z0-9_.:-]{1,64}"


@dataclass(frozen=True, slots=True)
class Reading:
    """One component's fields, what all kinds have in common, and what plans share."""

    fields: FieldReader
    common: dict[str, Any]
    shared: SharedDocuments

    @property
    def label(self) -> str:
        """The text of the bill's line."""
        return str(self.common["label"])


def read_taxes(fields: FieldReader, default: frozenset[Tax]) -> frozenset[Tax]:
    """The taxes that reach a line; an empty list is none of them."""
    if not fields.has("taxes"):
        fields.take("taxes")
        return default
    taxes: set[Tax] = set()
    for path, item in fields.items("taxes"):
        if item not in list(Tax):
            fields.problems.add(path, f"must be one of {', '.join(Tax)}: {item!r}")
        elif item in taxes:
            fields.problems.add(path, f"{item} stands twice")
        else:
            taxes.add(Tax(str(item)))
    return frozenset(taxes)


def read_demand_rule(fields: FieldReader) -> DemandRule:
    """``ratchet_percent`` and ``round_kw_decimals``."""
    return DemandRule(
        ratchet_percent=fields.optional_decimal(
            "ratchet_percent", decimals=RATCHET_DECIMALS, low=Decimal(0), high=Decimal(100)
        ),
        round_kw_decimals=fields.whole("round_kw_decimals", 0, 8),
    )
