"""Writing down which days did not pass which rule."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ossrep.meter.db import connection
from ossrep.meter.domain.vee.rules import RuleFailures
from ossrep.meter.usecases.interval_rows import Decided

_COLUMNS = (
    ("meter_point_id", "int"),
    ("date", "date"),
    ("end_date", "date"),
    ("direction", "smallint"),
    ("revision", "smallint"),
    ("ruleset_id", "int"),
    ("rule", "text"),
    ("rule_version", "smallint"),
    ("first_interval", "smallint"),
    ("measured", "bigint"),
    ("allowed", "bigint"),
    ("found_at", "timestamptz"),
)
_INSERT = (
    f"INSERT INTO vee_result ({', '.join(name for name, _ in _COLUMNS)}) "  # noqa: S608
    f"SELECT * FROM unnest({', '.join(f'%s::{kind}[]' for _, kind in _COLUMNS)}) "
    "ON CONFLICT ON CONSTRAINT meter_vee_result_once DO NOTHING"
)


def keep_results(
    *,
    failures: Sequence[RuleFailures],
    decided: Decided,
    dates: NDArray[np.datetime64],
    directions: NDArray[np.int8],
    ruleset_id: int,
    found_at: dt.datetime,
) -> Counter[str]:
    """Writes the failures of days that are stored, inside the caller's transaction.

    ``dates`` and ``directions`` are the block's. What is written down already stays as it is.
    Gives the number of failures by rule.
    """
    counts: Counter[str] = Counter()
    rows = []
    for found in failures:
        for day, measured, allowed, first in zip(
            found.failures.days.tolist(),
            found.failures.measured.tolist(),
            found.failures.allowed.tolist(),
            found.failures.first_interval.tolist(),
            strict=True,
        ):
            if not decided.stored[day]:
                continue
            date = dates[day].item()
            rows.append(
                (
                    int(decided.meter_point_ids[day]),
                    date,
                    date + dt.timedelta(days=1),
                    int(directions[day]),
                    int(decided.revisions[day]),
                    ruleset_id,
                    found.rule,
                    found.version,
                    first,
                    measured,
                    allowed,
                    found_at,
                )
            )
            counts[found.rule] += 1
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        with connection().cursor() as cursor:
            cursor.execute(_INSERT, columns)
    return counts
