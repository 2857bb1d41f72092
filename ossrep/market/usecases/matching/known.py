"""What is known of the service points of a batch of documents, loaded in a few queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ossrep.market.db import ALIAS, connection
from ossrep.market.domain.matching import Document, Period
from ossrep.market.edi.texas_set.model import Transaction
from ossrep.market.models import InvoiceDocument, MatchedPeriod, UsageDocument
from ossrep.market.queries.tdsps import tdsp_codes_by_duns
from ossrep.market.usecases.service_point_locks import lock_service_points

_DOCUMENTS = """
    SELECT true, id, esi_id, tdsp_code, inbound_set_id, reference, purpose, original_reference,
           document_date, start_date, end_date, '' AS usage_reference, false, refusal
    FROM usage_document WHERE esi_id = ANY(%(esi_ids)s)
    UNION ALL
    SELECT false, id, esi_id, tdsp_code, inbound_set_id, reference, purpose, original_reference,
           document_date, start_date, end_date, usage_reference, is_standalone, refusal
    FROM invoice_document WHERE esi_id = ANY(%(esi_ids)s)
"""
_PERIODS = """
    SELECT id, tdsp_code, esi_id, start_date, end_date, state, reason, usage_id, invoice_id,
           changed_at
    FROM matched_period WHERE esi_id = ANY(%(esi_ids)s)
"""
_PERIOD_FIELDS = (
    *("id", "tdsp_code", "esi_id", "start_date", "end_date", "state", "reason"),
    *("usage_id", "invoice_id", "changed_at"),
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored document with the set that it came in."""

    inbound_set_id: int
    document: Document


@dataclass(slots=True, kw_only=True)
class Point:
    """The documents of one service point and TDSP, and the periods as derived from them so far.

    A batch adds its documents and changes the periods here; ``keeping`` writes them.
    """

    tdsp_code: str
    esi_id: str
    usages: list[Kept] = field(default_factory=list)
    invoices: list[Kept] = field(default_factory=list)
    periods: dict[Period, MatchedPeriod] = field(default_factory=dict)

    @property
    def usage_documents(self) -> list[Document]:
        """The 867_03s, without their sets."""
        return [kept.document for kept in self.usages]

    @property
    def invoice_documents(self) -> list[Document]:
        """The 810_02s, without their sets."""
        return [kept.document for kept in self.invoices]


class Points:
    """The service points of a batch; each stays locked until the commit."""

    def __init__(self, codes: Mapping[str, str]) -> None:
        self._codes = codes
        self._points: dict[tuple[str, str], Point] = {}

    def of(self, transaction: Transaction) -> Point:
        """The transaction's point; its TDSP's code is the DUNS where no TDSP of ours has that."""
        duns = _duns(transaction)
        return self.get(self._codes.get(duns, duns), transaction.esi_id)

    def get(self, tdsp_code: str, esi_id: str) -> Point:
        """The point of a TDSP and an ESI ID, empty where nothing is known of it."""
        found = self._points.get((tdsp_code, esi_id))
        if found is None:
            found = self._points[tdsp_code, esi_id] = Point(tdsp_code=tdsp_code, esi_id=esi_id)
        return found


def load_points(*, transactions: Sequence[Transaction]) -> Points:
    """Locks the transactions' service points and loads what is known of them.

    Each statement is sent by itself: what stands in front of one (the history of who did what,
    say) would shift the results of several in one.
    """
    esi_ids = sorted({each.esi_id for each in transactions})
    lock_service_points(esi_ids=esi_ids)
    values = {"esi_ids": esi_ids}
    points = Points(tdsp_codes_by_duns(duns={_duns(each) for each in transactions}))
    with connection().cursor() as cursor:
        cursor.execute(_DOCUMENTS, values)
        _add_documents(points, cursor.fetchall())
        cursor.execute(_PERIODS, values)
        for row in cursor.fetchall():
            period = MatchedPeriod.from_db(ALIAS, _PERIOD_FIELDS, row)
            point = points.get(period.tdsp_code, period.esi_id)
            point.periods[period.start_date, period.end_date] = period
    return points


def _duns(transaction: Transaction) -> str:
    return transaction.tdsp.duns if transaction.tdsp else ""


def _add_documents(points: Points, rows: Iterable[tuple[Any, ...]]) -> None:
    for is_usage, document_id, esi_id, tdsp_code, set_id, *rest in rows:
        point = points.get(tdsp_code, esi_id)
        kept = Kept(set_id, _document(document_id, rest))
        (point.usages if is_usage else point.invoices).append(kept)


def _document(document_id: int, values: Sequence[Any]) -> Document:
    reference, purpose, original, date, start, end, usage_reference, standalone, refusal = values
    return Document(
        document_id=document_id,
        reference=reference,
        purpose=purpose,
        original_reference=original,
        date=date,
        period=_period(start, end),
        usage_reference=usage_reference,
        is_standalone=standalone,
        is_refused=bool(refusal),
    )


def _period(start: dt.date | None, end: dt.date | None) -> Period | None:
    return (start, end) if start and end and start <= end else None


def document_of(row: UsageDocument | InvoiceDocument) -> Document:
    """A row with its id as matching sees it."""
    invoice = row if isinstance(row, InvoiceDocument) else None
    return Document(
        document_id=row.pk,
        reference=row.reference,
        purpose=row.purpose,
        original_reference=row.original_reference,
        date=row.document_date,
        period=_period(row.start_date, row.end_date),
        usage_reference=invoice.usage_reference if invoice else "",
        is_standalone=invoice.is_standalone if invoice else False,
        is_refused=bool(row.refusal),
    )
