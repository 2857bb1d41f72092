"""A service point's periods after a document more: changed where they differ, to be told later.

Nothing here asks the database: what changed is noted, and written and told for the whole batch
(``keeping``).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from ossrep.market.domain.matching import (
    EMPTY,
    Document,
    PeriodContent,
    PeriodState,
    match_periods,
)
from ossrep.market.models import MatchedPeriod
from ossrep.market.usecases.matching.known import Point


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What counted of a period at one moment, by the ids of the documents."""

    state: str
    usage_id: int | None
    invoice_id: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Change:
    """A period that went from one content to another."""

    row: MatchedPeriod
    before: Content
    after: Content
    at: dt.datetime


def settle_point(*, point: Point, now: dt.datetime) -> list[Change]:
    """Derives the periods of a point anew and gives those that changed, in their order."""
    contents = match_periods(usages=point.usage_documents, invoices=point.invoice_documents)
    changes = []
    for period in sorted(point.periods.keys() | contents.keys()):
        row = point.periods.get(period)
        if row is None:
            row = point.periods[period] = MatchedPeriod(
                tdsp_code=point.tdsp_code,
                esi_id=point.esi_id,
                start_date=period[0],
                end_date=period[1],
                state=PeriodState.EMPTY,
            )
        before = content_of(row)
        after = _wanted(contents.get(period, EMPTY))
        if after != before:
            row.state, row.reason, row.changed_at = after.state, after.reason, now
            row.usage_id, row.invoice_id = after.usage_id, after.invoice_id
            changes.append(Change(row, before, after, now))
    return changes


def period_of(*, point: Point, document: Document, is_usage: bool) -> MatchedPeriod | None:
    """The period in which a document counts."""
    for row in point.periods.values():
        if (row.usage_id if is_usage else row.invoice_id) == document.document_id:
            return row
    return None


def content_of(row: MatchedPeriod) -> Content:
    """What counts of a period now."""
    return Content(
        state=row.state, usage_id=row.usage_id, invoice_id=row.invoice_id, reason=row.reason
    )


def _wanted(content: PeriodContent) -> Content:
    return Content(
        state=content.state,
        usage_id=content.usage.document_id if content.usage else None,
        invoice_id=content.invoice.document_id if content.invoice else None,
        reason=content.reason,
    )
