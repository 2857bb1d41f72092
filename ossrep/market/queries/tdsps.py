"""The wires companies."""

from __future__ import annotations

from collections.abc import Sequence

from ossrep.kernel.identifiers import TdspCode
from ossrep.market import models
from ossrep.published.market import Tdsp


def list_tdsps() -> Sequence[Tdsp]:
    """All TDSPs, by code."""
    return [
        Tdsp(code=TdspCode(row.code), name=row.name, duns=row.duns, outage_phone=row.outage_phone)
        for row in models.Tdsp.objects.order_by("code")
    ]
