"""Who operates the market and who owns the wires, as the service-point contract shows them."""

from __future__ import annotations

from collections.abc import Sequence

from ossrep.market.models import Iso, Tdsp


def list_isos() -> Sequence[Iso]:
    """All independent system operators, by id."""
    return list(Iso.objects.order_by("pk"))


def find_iso(*, iso_id: int) -> Iso | None:
    """One of them, or None."""
    return Iso.objects.filter(pk=iso_id).first()


def list_tdsp_records(*, code: str = "") -> Sequence[Tdsp]:
    """The TDSPs by id; with a code only that one."""
    found = Tdsp.objects.order_by("pk")
    return list(found.filter(code=code) if code else found)


def find_tdsp(*, tdsp_id: int) -> Tdsp | None:
    """One of them, or None."""
    return Tdsp.objects.filter(pk=tdsp_id).first()
