"""Trading partners and who we are to them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from ossrep.market.models import MarketIdentity, TradingPartner


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerRow:
    """One partner; ``lacks`` is what is missing before anything can be exchanged."""

    code: str
    name: str
    duns: str
    channel: str
    isa: str
    gs_id: str
    confidence: str
    source: str
    lacks: tuple[str, ...]

    def fields(self) -> dict[str, Any]:
        """As JSON has it."""
        return dataclasses.asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One of us: the DUNS for N1 loops and the ids of the envelope."""

    duns: str
    name: str
    isa_id: str
    gs_id: str
    brand_id: int | None


def list_partners() -> list[PartnerRow]:
    """All partners, by code."""
    return [
        PartnerRow(
            code=partner.code,
            name=partner.name,
            duns=partner.duns,
            channel=partner.channel.code if partner.channel else "",
            isa=f"{partner.isa_qualifier}/{partner.isa_id}" if partner.isa_id else "",
            gs_id=partner.gs_id,
            confidence=partner.confidence,
            source=partner.source,
            lacks=tuple(partner.lacks),
        )
        for partner in TradingPartner.objects.select_related("channel").order_by("code")
    ]


def find_identity(*, brand_id: int | None = None) -> Identity | None:
    """Who of us acts for a brand: its own identity, else the default or only one; else None."""
    rows = list(MarketIdentity.objects.order_by("pk"))
    of_brand = [row for row in rows if brand_id is not None and row.brand_id == brand_id]
    chosen = of_brand or [row for row in rows if row.is_default] or (rows if len(rows) == 1 else [])
    if not chosen:
        return None
    row = chosen[0]
    return Identity(
        duns=row.duns, name=row.name, isa_id=row.isa_id, gs_id=row.gs_id, brand_id=row.brand_id
    )
