"""Reading openings: what accounts bring from the system they were billed in before."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ossrep.billing.domain.quote_usage import optional_kw
from ossrep.kernel.identifiers import is_valid_esi_id
from ossrep.rating.documents import FieldReader, InvalidDocument, Problems

SITES_MAX = 500
PERIODS_MAX = 24
BALANCE_MAX = Decimal(10**9)
_EPOCH = dt.date(1970, 1, 1)


class InvalidOpening(InvalidDocument):
    """A line that cannot be used; ``problems`` has every ``(path, message)`` found."""

    code = "invalid_opening"


@dataclass(frozen=True, slots=True, order=True)
class OpenedPeriod:
    """One period that the old system billed, local dates ``[start, end)``; Wh and W."""

    start: dt.date
    end: dt.date
    import_wh: int
    peak_w: int | None


@dataclass(frozen=True, slots=True)
class OpenedSite:
    """A service point: the first day not billed yet, its credit bank, earlier usage."""

    esi_id: str
    billed_through: dt.date | None
    bank_usd: Decimal
    usage: tuple[OpenedPeriod, ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """An account's opening; a negative balance is a credit. Sites by ESI ID, periods by start."""

    account_number: str
    as_of: dt.date
    balance_usd: Decimal
    sites: tuple[OpenedSite, ...]


def parse_opening(document: Any) -> Opening:
    """The opening that a JSON object says. Raises InvalidOpening with every problem."""
    problems = Problems()
    fields = FieldReader(document, "", problems)
    fields.required("as_of")
    opening = Opening(
        account_number=fields.text("account"),
        as_of=fields.date("as_of") or _EPOCH,
        balance_usd=fields.decimal(
            "balance_usd", default="0", decimals=2, low=-BALANCE_MAX, high=BALANCE_MAX
        ).quantize(Decimal("0.01")),
        sites=tuple(
            sorted(
                (
                    _site(FieldReader(item, path, problems))
                    for path, item in fields.items("sites", most=SITES_MAX)
                ),
                key=lambda site: site.esi_id,
            )
        ),
    )
    fields.finish()
    _note_repeated_sites(opening, problems)
    if len(problems):
        raise InvalidOpening(problems.found)
    return opening


def _site(fields: FieldReader) -> OpenedSite:
    esi_id = fields.text("esi_id")
    if esi_id and not is_valid_esi_id(esi_id):
        fields.note("esi_id", f"an ESI ID has 17 or 22 digits: {esi_id!r}")
    site = OpenedSite(
        esi_id=esi_id,
        billed_through=fields.date("billed_through"),
        bank_usd=fields.decimal(
            "bank_usd", default="0", decimals=2, low=Decimal(0), high=BALANCE_MAX
        ).quantize(Decimal("0.01")),
        usage=tuple(
            sorted(
                _period(FieldReader(item, path, fields.problems))
                for path, item in fields.items("usage", most=PERIODS_MAX)
            )
        ),
    )
    fields.finish()
    _note_overlaps(site, fields)
    return site


def _period(fields: FieldReader) -> OpenedPeriod:
    fields.required("start")
    fields.required("end")
    start, end = fields.date("start") or _EPOCH, fields.date("end") or _EPOCH
    if start != _EPOCH and end != _EPOCH and end <= start:
        fields.note("end", f"must come after {start}: {end}")
    peak_kw = optional_kw(fields, "peak_kw")
    period = OpenedPeriod(
        start=start,
        end=end,
        import_wh=int(fields.kwh("import_kwh") * 1000),
        peak_w=None if peak_kw is None else int(peak_kw * 1000),
    )
    fields.finish()
    return period


def _note_overlaps(site: OpenedSite, fields: FieldReader) -> None:
    for earlier, later in zip(site.usage, site.usage[1:], strict=False):
        if later.start < earlier.end:
            fields.note("usage", f"the periods from {earlier.start} and {later.start} overlap")
    if site.usage and site.billed_through and site.usage[-1].end > site.billed_through:
        fields.note("usage", f"ends after billed_through {site.billed_through}")


def _note_repeated_sites(opening: Opening, problems: Problems) -> None:
    for one, other in zip(opening.sites, opening.sites[1:], strict=False):
        if one.esi_id == other.esi_id:
            problems.add("sites", f"{one.esi_id} stands twice")
