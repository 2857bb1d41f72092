"""Which dataclass and which guide table belong to a kind."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from ossrep.market.edi.texas_set import enrollment
from ossrep.market.edi.texas_set.guide.compiling import compile_guide
from ossrep.market.edi.texas_set.guide.plan import Guide
from ossrep.market.edi.texas_set.guide.tables import load_table
from ossrep.market.edi.texas_set.model import Transaction

KINDS: Mapping[str, type[Transaction]] = {
    build.kind: build
    for build in (
        enrollment.SwitchRequest,
        enrollment.EnrollmentResponse,
        enrollment.MoveInRequest,
    )
}


@lru_cache(maxsize=64)
def guide_of(kind: str) -> Guide:
    """The compiled guide of a kind of ``KINDS``; compiled once. ``GuideError`` on a bad table."""
    return compile_guide(load_table(kind), KINDS[kind])
