"""Thresholds of the validation rules, for people to look at."""

from __future__ import annotations

from dataclasses import dataclass

from ossrep.meter.models import VeeThreshold


@dataclass(frozen=True, slots=True)
class ThresholdRow:
    """``rule.name`` and its value; ``esi_id`` is empty for the value of all others."""

    name: str
    esi_id: str
    value: int


def list_thresholds() -> list[ThresholdRow]:
    """All thresholds, by name and ESI ID."""
    rows = VeeThreshold.objects.order_by("rule", "name", "meter_point__esi_id")
    return [
        ThresholdRow(f"{rule}.{name}", esi_id or "", value)
        for rule, name, esi_id, value in rows.values_list(
            "rule", "name", "meter_point__esi_id", "value"
        )
    ]
