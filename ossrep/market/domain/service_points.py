"""How words of several sources about one service point make one picture."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

EXTRACT = "extract"
"""The source that ERCOT's ESI ID extract is; it tells whole rows."""

EXTRACT_FIELDS = (
    "tdsp_code",
    "status",
    "street",
    "street_line2",
    "city",
    "state",
    "zip_code",
    "county",
    "premise_type",
    "power_region",
    "read_cycle",
    "station",
    "station_name",
    "is_metered",
    "ams_indicator",
    "has_settlement_ams",
    "has_switch_hold",
    "open_service_orders",
    "polr_customer_class",
    "metered_service_type",
    "metered_service_type_text",
)
"""What the extract tells of a service point."""

FIELDS = (
    *EXTRACT_FIELDS,
    "load_profile",
    "rate_class",
    "rate_subclass",
    "loss_factor",
    "meter_numbers",
    "has_special_needs",
    "special_needs_status",
)
"""What can be told of a service point."""

STATUSES = ("Active", "Inactive", "De-Energized")
PREMISE_TYPES = ("Residential", "Small Non-Residential", "Large Non-Residential")
_STATUS_OF = {status.lower(): status for status in STATUSES}

Told = Mapping[str, str]
"""Which change a field comes from: ``at`` (UTC, ISO), ``source``, ``reference``."""


def told_by(*, effective_at: dt.datetime, source: str, reference: str) -> Told:
    """The mark that a change leaves on the fields it sets."""
    return {"at": told_at(effective_at), "source": source, "reference": reference}


def told_at(effective_at: dt.datetime) -> str:
    """An instant as marks have it: UTC, so that texts sort as instants do."""
    return effective_at.astimezone(dt.UTC).isoformat(timespec="microseconds")


def canonical_status(text: str) -> str:
    """``Active``, ``Inactive`` or ``De-Energized`` in that spelling; other texts as they are."""
    return _STATUS_OF.get(text.strip().lower(), text)


def newer_values(
    *,
    told: Mapping[str, Told],
    change: Told,
    values: Mapping[str, Any],
    extract: Told | None = None,
) -> dict[str, Any]:
    """The values of a change that hold: those whose field no newer change has told.

    ``extract`` is the mark of the extract, from which its fields come where ``told`` has no
    other. Newer is the later effective instant; of two with the same instant the one whose
    source, then reference, sorts later. So the order in which changes arrive never matters.
    """
    found = {}
    for name, value in values.items():
        before = told.get(name) or (extract if name in EXTRACT_FIELDS else None)
        if before is None or _rank(before) <= _rank(change):
            found[name] = value
    return found


def _rank(told: Told) -> tuple[str, str, str]:
    return told["at"], told["source"], told["reference"]
