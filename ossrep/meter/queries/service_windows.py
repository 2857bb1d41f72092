"""Which local days of which ESI IDs a bill run will need: contracts cut to the read dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from ossrep.infra import services
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import AccountId, EsiId, TdspCode
from ossrep.kernel.periods import DatePeriod
from ossrep.published.customer import ContractRef, CustomerService
from ossrep.published.market import MarketService

PAGE = 5_000
LOOK_BACK_DAYS = 75
"""Two read dates of a monthly cycle lie within it."""


class NoReadDates(DomainError):
    """The read calendar does not reach the date."""

    code = "no_read_dates"


class NoContracts(DomainError):
    """Nobody is served that fits the question."""

    code = "no_contracts"


@dataclass(frozen=True, slots=True)
class ServiceWindow:
    """Local dates ``[start, end)`` for which an ESI ID needs usage."""

    esi_id: EsiId
    tdsp_code: TdspCode
    read_cycle: str
    start: dt.date
    end: dt.date


def list_service_windows(
    *,
    read_cycle: str | None,
    as_of: dt.date,
    period: DatePeriod | None = None,
    esi_ids: Collection[str] = (),
) -> list[ServiceWindow]:
    """What the next bill needs on ``as_of``, by ESI ID and start.

    The period runs between the last two read dates of the ESI ID's cycle that are not after
    ``as_of``, unless given; service of a contract that began or ended inside is cut there.
    ``NoReadDates`` names the cycles whose calendar lacks them, ``NoContracts`` an empty answer.
    """
    refs = [
        ref
        for ref in _contracts(read_cycle, before=period.end if period else as_of)
        if not esi_ids or ref.esi_id in esi_ids
    ]
    if not refs:
        cycle = f"read cycle {read_cycle}" if read_cycle else "any read cycle"
        raise NoContracts(f"no contract of {cycle} was in service by {as_of}")
    periods = _periods(refs, as_of) if period is None else {}
    windows = []
    for ref in refs:
        whole = period or periods[ref.tdsp_code, ref.read_cycle]
        start = max(whole.start, ref.start_date)
        end = min(whole.end, ref.end_date or whole.end)
        if start < end:
            windows.append(ServiceWindow(ref.esi_id, ref.tdsp_code, ref.read_cycle, start, end))
    return sorted(windows, key=lambda window: (window.esi_id, window.start))


def _contracts(read_cycle: str | None, *, before: dt.date) -> Iterator[ContractRef]:
    customer = services.resolve(CustomerService)
    after = AccountId(0)
    while True:
        page = customer.list_contract_refs(
            read_cycle=read_cycle, started_before=before, after=after, limit=PAGE
        )
        if not page:
            return
        yield from page
        after = max(ref.account_id for ref in page)


def _periods(refs: Sequence[ContractRef], as_of: dt.date) -> dict[tuple[TdspCode, str], DatePeriod]:
    keys = {(ref.tdsp_code, ref.read_cycle) for ref in refs}
    found = services.resolve(MarketService).find_read_dates(
        keys=keys,
        start=as_of - dt.timedelta(days=LOOK_BACK_DAYS),
        end=as_of + dt.timedelta(days=1),
    )
    lacking = sorted(key for key in keys if len(found.get(key, ())) < 2)
    if lacking:
        named = ", ".join(f"{tdsp} cycle {cycle}" for tdsp, cycle in lacking[:5])
        raise NoReadDates(
            f"two read dates in the {LOOK_BACK_DAYS} days before {as_of} are needed, and the "
            f"calendar has fewer for {named}: import the read calendar, or give the period"
        )
    return {key: DatePeriod(found[key][-2], found[key][-1]) for key in keys}
