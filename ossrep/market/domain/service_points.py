"""How words of several sources about one service point make one picture."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

FIELDS = (
    "tdsp_code",
    "status",
    "premise_type",
    "read_cycle",
    "load_profile",
    "rate_class",
    "rate_subclass",
    "station",
    "loss_factor",
    "ams_indicator",
    "meter_numbers",
    "county",
    "has_switch_hold",
    "has_special_needs",
    "special_needs_status",
)
"""What can be told of a service point."""

Told = Mapping[str, str]
"""Which change a field comes from: ``at`` (UTC, ISO), ``source``, ``reference``."""


def told_by(*, effective_at: dt.datetime, source: str, reference: str) -> Told:
    """The mark that a change leaves on the fields it sets."""
    at = effective_at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    return {"at": at, "source": source, "reference": reference}


def newer_values(
    *, told: Mapping[str, Told], change: Told, values: Mapping[str, Any]
) -> dict[str, Any]:
    """The values of a change that hold: those whose field no newer change has told.

    Newer is the later effective instant; of two with the same instant the one whose source, then
    reference, sorts later. So the order in which changes arrive never matters.
    """
    return {
        name: value
        for name, value in values.items()
        if name not in told or _rank(told[name]) <= _rank(change)
    }


def _rank(told: Told) -> tuple[str, str, str]:
    return told["at"], told["source"], told["reference"]
