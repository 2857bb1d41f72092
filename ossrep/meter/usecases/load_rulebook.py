"""The validation rules in force, under one number that stands on everything they judge."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass
from typing import Any

from ossrep.meter.db import transaction
from ossrep.meter.domain.vee.rules import (
    PERIOD_SUM_CHECK,
    PERIOD_SUM_CHECK_VERSION,
    RULES,
)
from ossrep.meter.domain.vee.thresholds import Thresholds, thresholds_of
from ossrep.meter.models import VeeRuleset, VeeThreshold


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Thresholds, and the id of the ruleset row that says the same."""

    ruleset_id: int
    thresholds: Thresholds


def load_rulebook() -> Rulebook:
    """Reads the thresholds and finds (or writes) the ruleset that they and the rules make."""
    rows = VeeThreshold.objects.order_by("rule", "name", "meter_point_id")
    thresholds = thresholds_of(rows.values_list("rule", "name", "meter_point_id", "value"))
    content = _content(thresholds)
    text = json.dumps(content, sort_keys=True)
    digest = uuid.UUID(bytes=hashlib.blake2b(text.encode(), digest_size=16).digest())
    with transaction():
        ruleset, _ = VeeRuleset.objects.get_or_create(digest=digest, defaults={"rules": content})
    return Rulebook(ruleset.pk, thresholds)


def _content(thresholds: Thresholds) -> dict[str, Any]:
    versions = {name: rule.version for name, rule in RULES.items()}
    versions[PERIOD_SUM_CHECK] = PERIOD_SUM_CHECK_VERSION
    return {
        "versions": versions,
        "thresholds": {f"{r}.{n}": value for (r, n), value in thresholds.values.items()},
        "own": {
            f"{r}.{n}": {str(point): value for point, value in sorted(points.items())}
            for (r, n), points in thresholds.own.items()
        },
    }
