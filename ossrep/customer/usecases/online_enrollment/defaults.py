"""What ``data/online_enrollment.yaml`` says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).parents[2] / "data/online_enrollment.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """By the premise types of the market's registry; ``days_kept`` of an open enrollment."""

    days_kept: int
    rate_classes: Mapping[str, str]
    customer_classes: Mapping[str, str]


@cache
def read_defaults() -> Defaults:
    """Read once."""
    found = yaml.safe_load(_FILE.read_text())
    return Defaults(
        days_kept=found["days_kept"],
        rate_classes={name: row["rate_class"] for name, row in found["rate_classes"].items()},
        customer_classes=found["customer_classes"],
    )
