"""Shared calendars and holiday lists in force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import cast

from ossrep.product.domain.shared_names import Kind, SharedVersion
from ossrep.product.models import SharedDefinition


def get_shared_definitions(*, on: dt.date) -> Mapping[tuple[Kind, str], SharedVersion]:
    """For each name the version in force on a date; one query."""
    rows = SharedDefinition.objects.filter(effective_date__lte=on).order_by("version")
    return {
        (cast(Kind, row.kind), row.name): SharedVersion(
            cast(Kind, row.kind), row.name, row.version, row.definition
        )
        for row in rows
    }
