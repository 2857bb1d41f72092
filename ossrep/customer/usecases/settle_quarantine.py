"""An operator decides on refused rows of a book: try again, correct, or put away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

from django.db.models import QuerySet
from django.db.models.functions import Now

from ossrep.customer.db import transaction
from ossrep.customer.models import QuarantinedRow
from ossrep.customer.usecases.import_book import ImportResult, retry_rows
from ossrep.customer.usecases.import_book.tables import TABLES
from ossrep.kernel.errors import DomainError


class QuarantineRefused(DomainError):
    """The decision does not fit the rows named."""

    code = "quarantine_refused"


def retry_quarantined(
    *,
    ids: Collection[int] | None,
    kind: str | None = None,
    corrections: Mapping[str, str] | None = None,
    as_of: dt.date,
) -> ImportResult:
    """Imports open rows again (None: all of them), with some cells corrected.

    Corrections are for rows named by id. Rows refused again stay, with the new reason. Raises
    QuarantineRefused and ImportRunning.
    """
    waiting = _waiting(ids)
    if kind is not None:
        waiting = waiting.filter(kind=kind)
    if corrections:
        if ids is None:
            raise QuarantineRefused("name the rows to correct by their ids")
        with transaction():
            for row in waiting.select_for_update():
                _correct(row, corrections)
    return retry_rows(quarantined=waiting, as_of=as_of)


def _correct(row: QuarantinedRow, corrections: Mapping[str, str]) -> None:
    where = f"quarantined row {row.pk}"
    if row.record is None:
        raise QuarantineRefused("could not be read at all; correct the file", where=where)
    for column in corrections:
        if column not in TABLES[row.kind].kind.columns:
            raise QuarantineRefused(f"a {row.kind} has no column {column}", where=where)
    row.record = {**row.record, **corrections}
    row.number = TABLES[row.kind].kind.number_of(row.record)[:100]
    row.save(update_fields=["record", "number"])


def discard_quarantined(*, ids: Collection[int], reason: str) -> int:
    """Puts open rows away for good; gives how many. Raises QuarantineRefused without a reason."""
    if not reason.strip():
        raise QuarantineRefused("say why the rows are put away")
    with transaction():
        return _waiting(ids).update(
            state="discarded", decision=reason.strip()[:200], decided_at=Now()
        )


def _waiting(ids: Collection[int] | None) -> QuerySet[QuarantinedRow]:
    waiting = QuarantinedRow.objects.filter(state="open")
    if ids is None:
        return waiting
    unknown = set(ids) - set(waiting.filter(pk__in=ids).values_list("pk", flat=True))
    if unknown:
        shown = ", ".join(map(str, sorted(unknown)[:10]))
        raise QuarantineRefused(f"no open row has the id {shown}")
    return waiting.filter(pk__in=ids)
