"""What was taken of ERCOT's ESI ID extracts, and when it holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

from django.db.models import Max

from ossrep.market.models import EsiIdExtract, ExtractState


def full_extract_instants(*, tdsp_codes: Collection[str]) -> Mapping[str, dt.datetime]:
    """Since when the newest full extract of each TDSP holds; TDSPs without one are left out.

    Where a TDSP has several territories, the one whose extract is the oldest.
    """
    if not tdsp_codes:
        return {}
    rows = (
        EsiIdExtract.objects.filter(tdsp_code__in=tdsp_codes, kind="FUL", state=ExtractState.DONE)
        .order_by()
        .values_list("tdsp_code", "territory")
        .annotate(newest=Max("effective_at"))
    )
    found: dict[str, dt.datetime] = {}
    for code, _, newest in rows:
        found[code] = min(found.get(code, newest), newest)
    return found
