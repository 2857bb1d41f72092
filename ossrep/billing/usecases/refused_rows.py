"""The quarantine of files: refused rows are kept, settled when they load, or put away."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db.models.functions import Now

from ossrep.billing.db import transaction
from ossrep.billing.domain.refused import Refused
from ossrep.billing.models import RefusedKind, RefusedRow
from ossrep.kernel.errors import DomainError


class UnknownRefusedRow(DomainError):
    """A number that no open row of the quarantine has."""

    code = "unknown_refused_row"


class DiscardNeedsReason(DomainError):
    """A row is to be put away and nobody says why."""

    code = "discard_needs_reason"


def keep_refused(*, kind: RefusedKind, file_name: str, refused: Sequence[Refused]) -> None:
    """Keeps refused rows; the same row of the same file once, opened again where it was settled."""
    if not refused:
        return
    rows = [
        RefusedRow(
            kind=kind,
            file_name=file_name,
            line=row.line,
            content=row.content,
            content_sha256=digest(row.content),
            reason_code=row.code,
            message=row.message,
        )
        for row in refused
    ]
    with transaction():
        RefusedRow.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["kind", "file_name", "line", "content_sha256"],
            update_fields=["reason_code", "message", "settled_at", "settlement"],
        )


def settle_loaded(
    *, kind: RefusedKind, file_name: str, contents: Iterable[Mapping[str, Any]]
) -> None:
    """Rows of the quarantine that another import of their file has taken by now."""
    digests = [digest(content) for content in contents]
    with transaction():
        RefusedRow.objects.filter(
            kind=kind, file_name=file_name, content_sha256__in=digests, settled_at=None
        ).update(settled_at=Now(), settlement="loaded")


def open_rows(*, kind: RefusedKind, row_ids: Collection[int] | None) -> list[RefusedRow]:
    """Open rows of a kind, all or those named. Raises UnknownRefusedRow."""
    rows = RefusedRow.objects.filter(kind=kind, settled_at=None).order_by("pk")
    if row_ids is None:
        return list(rows)
    found = list(rows.filter(pk__in=row_ids))
    _check_all_found(found, row_ids)
    return found


def discard_refused(*, row_ids: Collection[int], reason: str) -> int:
    """Puts open rows away for good; they stay on record. Raises UnknownRefusedRow."""
    if not reason.strip():
        raise DiscardNeedsReason("say why: the reason is kept with the row")
    with transaction():
        rows = RefusedRow.objects.select_for_update().filter(pk__in=row_ids, settled_at=None)
        _check_all_found(list(rows), row_ids)
        return rows.update(settled_at=Now(), settlement=f"discarded: {reason}")


def _check_all_found(found: Sequence[RefusedRow], row_ids: Collection[int]) -> None:
    missing = sorted(set(row_ids) - {row.pk for row in found})
    if missing:
        raise UnknownRefusedRow(f"no open row has the number {', '.join(map(str, missing))}")


def digest(content: Mapping[str, Any]) -> str:
    """What tells two rows apart."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
