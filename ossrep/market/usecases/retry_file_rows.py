"""Refused rows of the market's files, of every kind that can be read again."""

from __future__ import annotations

import datetime as dt

from ossrep.market.usecases.extracts.retrying import retry_extract_rows
from ossrep.market.usecases.import_switch_holds import retry_hold_rows


def retry_file_rows(*, as_of: dt.datetime) -> tuple[int, int]:
    """Reads open refused rows of hold lists and extracts again; (taken now, still refused)."""
    outcomes = [retry(as_of=as_of) for retry in (retry_hold_rows, retry_extract_rows)]
    return sum(taken for taken, _ in outcomes), sum(left for _, left in outcomes)
