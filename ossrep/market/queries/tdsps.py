"""The wires companies."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ossrep.kernel.identifiers import TdspCode
from ossrep.market import models
from ossrep.market.db import connection
from ossrep.published.market import Tdsp

# The numbers in use stand last: they win over those that a TDSP had.
_CODES = """
    SELECT d.duns, t.code, false AS is_in_use
    FROM tdsp_duns d JOIN tdsp t ON t.id = d.tdsp_id WHERE d.duns = ANY(%(duns)s)
    UNION ALL
    SELECT duns, code, true FROM tdsp WHERE duns = ANY(%(duns)s) AND duns <> ''
    ORDER BY is_in_use
"""


def list_tdsps() -> Sequence[Tdsp]:
    """All TDSPs, by code."""
    return [
        Tdsp(code=TdspCode(row.code), name=row.name, duns=row.duns, outage_phone=row.outage_phone)
        for row in models.Tdsp.objects.order_by("code")
    ]


def tdsp_codes_by_duns(*, duns: Collection[str]) -> Mapping[str, TdspCode]:
    """The TDSP of each DUNS number that one has or had; unknown numbers are left out.

    Files of other years, and other sources, name a TDSP by a number that it no longer uses.
    """
    with connection().cursor() as cursor:
        cursor.execute(_CODES, {"duns": sorted(duns)})
        return {number: TdspCode(code) for number, code, _ in cursor.fetchall()}
