"""One chunk of an extract: its rows, its quarantine, its events, and how far the file has come."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Sequence

from ossrep.infra.outbox import append, append_many
from ossrep.infra.services import resolve
from ossrep.market.db import connection, transaction
from ossrep.market.domain.service_points import EXTRACT, EXTRACT_FIELDS
from ossrep.market.files.extract_chunks import BadLine, ExtractChunk
from ossrep.market.models import (
    EsiIdExtract,
    RefusedFileRow,
    ServicePoint,
    ServicePointChange,
)
from ossrep.market.usecases.extracts.merging import MadeMeanwhile, merge
from ossrep.market.usecases.refused_rows import RAW_ROW_CHARS_MAX, keep_refused_rows
from ossrep.market.usecases.service_point_events import (
    ServicePointCreated,
    ServicePointUpdated,
    point_events,
)
from ossrep.published.customer import CustomerService
from ossrep.published.market import EsiIdExtractImported

KIND = "esi-id"
EVENTS_PER_APPEND = 5_000
TRIES = 5


def apply_chunk(
    *, extract: EsiIdExtract, chunk: ExtractChunk, file_name: str, now: dt.datetime
) -> None:
    """Takes the chunk in one transaction and moves ``extract`` behind it.

    Row events and the history by row are for ESI IDs that our customers have; the feed of
    service points has all.
    """
    ours = sorted(resolve(CustomerService).find_known_esi_ids(esi_ids=chunk.esi_ids))
    for tries_left in reversed(range(TRIES)):
        try:
            _apply(extract, chunk, file_name, ours, now)
        except MadeMeanwhile:
            if not tries_left:
                raise
        else:
            return


def _apply(
    extract: EsiIdExtract,
    chunk: ExtractChunk,
    file_name: str,
    ours: Sequence[str],
    now: dt.datetime,
) -> None:
    with transaction():
        with connection().cursor() as cursor:
            merged = merge(
                cursor,
                copy_text=chunk.copy_text,
                esi_ids=chunk.esi_ids,
                tdsp_code=extract.tdsp_code,
                effective_at=extract.effective_at,
                touches=extract.kind == "DAILY",
                ours=ours,
                now=now,
            )
        keep_refused_rows(rows=[_refused(line, file_name) for line in chunk.bad])
        extract.lines_done = chunk.last_line
        extract.added += merged.added
        extract.changed += merged.changed
        extract.same += len(chunk.esi_ids) - merged.added - merged.changed
        extract.repeated += chunk.repeated
        extract.refused += len(chunk.bad)
        extract.save()
        _tell(extract, merged.added_ours, merged.changed_ours, now)


def tell_finished(*, extract: EsiIdExtract) -> None:
    """The one event of a whole file, in the caller's transaction."""
    append(
        context="market",
        event=EsiIdExtractImported(
            extract_id=extract.pk,
            file_name=extract.file_name,
            tdsp_code=extract.tdsp_code,
            kind=extract.kind,
            effective_at=extract.effective_at,
            state=extract.state,
            rows=extract.lines_done,
            added=extract.added,
            changed=extract.changed,
            refused=extract.refused,
        ),
    )


def _refused(line: BadLine, file_name: str) -> RefusedFileRow:
    return RefusedFileRow(
        kind=KIND,
        file_name=file_name[:300],
        line=line.number,
        raw_row=line.text[:RAW_ROW_CHARS_MAX],
        raw_sha256=hashlib.sha256(line.text.encode()).hexdigest(),
        message=str(line.reason)[:300],
    )


def _tell(
    extract: EsiIdExtract, added: Sequence[str], changed: Sequence[str], now: dt.datetime
) -> None:
    told = sorted([*added, *changed])
    new = set(added)
    for start in range(0, len(told), EVENTS_PER_APPEND):
        esi_ids = told[start : start + EVENTS_PER_APPEND]
        points = list(ServicePoint.objects.filter(esi_id__in=esi_ids).order_by("esi_id"))
        _keep_history(extract, points, now)
        events = point_events(
            changes=[
                (ServicePointCreated if p.esi_id in new else ServicePointUpdated, p) for p in points
            ],
            now=now,
        )
        append_many(context="market", events=events)


def _keep_history(
    extract: EsiIdExtract, points: Collection[ServicePoint], now: dt.datetime
) -> None:
    ServicePointChange.objects.bulk_create(
        [
            ServicePointChange(
                service_point=point,
                source=EXTRACT,
                reference=f"{extract.file_name[:100]} {extract.sha256[:12]}",
                effective_at=extract.effective_at,
                values={
                    name: getattr(point, name)
                    for name in EXTRACT_FIELDS
                    if getattr(point, name) not in ("", None)
                },
                recorded_at=now,
            )
            for point in points
        ],
        ignore_conflicts=True,
        batch_size=1_000,
    )
