"""Long lists as parameters: PostgreSQL's own array text is far quicker to make than a list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable


def id_array(ids: Iterable[int]) -> str:
    """For a parameter cast to ``bigint[]``."""
    return f"{{{','.join(map(str, ids))}}}"


def date_array(dates: Iterable[dt.date]) -> str:
    """For a parameter cast to ``date[]``."""
    return f"{{{','.join(date.isoformat() for date in dates)}}}"
