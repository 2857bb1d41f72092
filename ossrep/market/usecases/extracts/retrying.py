"""Rows of extracts that were refused, tried again: after a mend of the registry's own rules."""

from __future__ import annotations

import datetime as dt

from ossrep.market.db import transaction
from ossrep.market.domain.esi_id_extract import ExtractRowRefused, values_of
from ossrep.market.domain.service_points import EXTRACT
from ossrep.market.files.extract_chunks import read_row
from ossrep.market.models import EsiIdExtract, RefusedFileRow
from ossrep.market.usecases.extracts.chunks import KIND
from ossrep.market.usecases.service_points import apply_service_point_change


def retry_extract_rows(*, as_of: dt.datetime) -> tuple[int, int]:
    """Reads every open refused row of extracts again; (taken now, still refused)."""
    with transaction():
        rows = list(
            RefusedFileRow.objects.select_for_update()
            .filter(kind=KIND, settled_at=None)
            .order_by("pk")
        )
        taken = [row.pk for row in rows if _retry(row, as_of)]
        RefusedFileRow.objects.filter(pk__in=taken).update(settled_at=as_of, settlement="taken")
    return len(taken), len(rows) - len(taken)


def _retry(row: RefusedFileRow, as_of: dt.datetime) -> bool:
    try:
        cells = read_row(row.raw_row.encode())
        extract = EsiIdExtract.objects.filter(file_name=row.file_name).first()
        if extract is None:
            raise ExtractRowRefused("its extract is not known any more")
    except ExtractRowRefused as refusal:
        row.message = str(refusal)[:300]
        row.save(update_fields=["message"])
        return False
    apply_service_point_change(
        source=EXTRACT,
        effective_at=extract.effective_at,
        esi_id=cells[0],
        reference=f"{row.file_name[:100]}:{row.line}",
        values={"tdsp_code": extract.tdsp_code, **values_of(cells)},
        now=as_of,
    )
    return True
