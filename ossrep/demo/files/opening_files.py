"""What accounts bring from the old system, as JSON lines (``docs/formats/opening.md``)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from ossrep.kernel.periods import DatePeriod


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageBefore:
    """One billed period: imported Wh, and the highest quarter hour in W where it was measured."""

    period: DatePeriod
    import_wh: int
    peak_w: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteBefore:
    """One service point: billed up to when, with which credit bank, after which usage."""

    esi_id: str
    billed_through: dt.date
    bank_usd: Decimal
    usage: Sequence[UsageBefore]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountBefore:
    """One account: what it owes on a date, and its service points."""

    account_number: str
    as_of: dt.date
    balance_usd: Decimal
    sites: Sequence[SiteBefore]


def write_openings(*, path: Path, accounts: Iterable[AccountBefore]) -> int:
    """Writes a line for each account; returns their number."""
    lines = [json.dumps(_account(account)) for account in accounts]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(lines)


def _account(account: AccountBefore) -> dict[str, object]:
    return {
        "account": account.account_number,
        "as_of": account.as_of.isoformat(),
        "balance_usd": f"{account.balance_usd}",
        "sites": [_site(site) for site in account.sites],
    }


def _site(site: SiteBefore) -> dict[str, object]:
    return {
        "esi_id": site.esi_id,
        "billed_through": site.billed_through.isoformat(),
        "bank_usd": f"{site.bank_usd}",
        "usage": [_usage(usage) for usage in site.usage],
    }


def _usage(usage: UsageBefore) -> dict[str, str]:
    words = {
        "start": usage.period.start.isoformat(),
        "end": usage.period.end.isoformat(),
        "import_kwh": _thousandths(usage.import_wh),
    }
    if usage.peak_w is not None:
        words["peak_kw"] = _thousandths(usage.peak_w)
    return words


def _thousandths(value: int) -> str:
    return f"{value // 1000}.{value % 1000:03d}"
