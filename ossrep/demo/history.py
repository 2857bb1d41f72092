"""What the old system billed before the demo begins: usage, peaks, banks and balances."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from ossrep.demo.book import Account, Site
from ossrep.demo.files.opening_files import AccountBefore, SiteBefore, UsageBefore
from ossrep.demo.schedule import CYCLES, Schedule, read_date
from ossrep.demo.shapes import LoadShapes
from ossrep.kernel.periods import DatePeriod

HISTORY_MONTHS = 13
PEAK_MONTHS = 11
_DAYS_BETWEEN_SAMPLES = 9
_CENT = Decimal("0.01")
_USUAL_USD_PER_KWH = Decimal("0.165")
_BANKS_USD_MAX = 60.0
_UNPAID, _CREDIT = 0.22, 0.27
_STRANGER = "2999998"


class History:
    """Scales up the usage of every ninth day: near enough for bills that are long paid."""

    def __init__(self, *, shapes: LoadShapes, schedule: Schedule, seed: int) -> None:
        self._seed = seed
        self._periods = {cycle: _periods(cycle, schedule) for cycle in CYCLES}
        first = min(periods[0].start for periods in self._periods.values())
        days = range(0, (schedule.first_start - first).days, _DAYS_BETWEEN_SAMPLES)
        self._dates = [first + dt.timedelta(days=day) for day in days]
        values = [shapes.day(date=date).import_wh for date in self._dates]
        self._samples = {
            cycle: [[n for n, date in enumerate(self._dates) if date in p] for p in periods]
            for cycle, periods in self._periods.items()
        }
        # Shape (samples, sites): Wh of the day, and four times its highest quarter hour.
        self._day_wh = np.stack([wh.sum(axis=1, dtype=np.int64) for wh in values])
        self._peak_w = np.stack([wh.max(axis=1).astype(np.int64) * 4 for wh in values])

    def openings(self, *, accounts: Sequence[Account]) -> Iterator[AccountBefore]:
        """What every account brings that was billed before; and one that nobody knows."""
        rng = np.random.default_rng([self._seed, 40])
        moods = rng.random(len(accounts)).tolist()
        banks = rng.uniform(0.0, _BANKS_USD_MAX, len(accounts)).tolist()
        last: AccountBefore | None = None
        for account, mood, bank in zip(accounts, moods, banks, strict=True):
            sites = [self._site(account, site, bank) for site in account.sites]
            if not all(site.usage for site in sites):
                continue
            last = AccountBefore(
                account_number=account.number,
                as_of=sites[0].billed_through,
                balance_usd=_balance_usd(sites, mood),
                sites=sites,
            )
            yield last
        if last is not None:
            yield dataclasses.replace(last, account_number=_STRANGER)

    def _site(self, account: Account, site: Site, bank: float) -> SiteBefore:
        start = min(c.start for c in account.contracts if c.site is site)
        return SiteBefore(
            esi_id=site.esi_id,
            billed_through=self._periods[site.cycle][-1].end,
            bank_usd=_cents(Decimal(bank)) if site.kind == "solar_home" else Decimal("0.00"),
            usage=list(self._usage(site, start)),
        )

    def _usage(self, site: Site, start: dt.date) -> Iterator[UsageBefore]:
        """Periods from a contract's start on; none for a newcomer."""
        periods = self._periods[site.cycle]
        has_demand = site.kind in ("shop", "plant")
        for place, period in enumerate(periods):
            if period.end <= start:
                continue
            served = DatePeriod(max(period.start, start), period.end)
            samples = self._samples[site.cycle][place]
            mean_wh = int(self._day_wh[samples, site.number].mean())
            peak_w = int(self._peak_w[samples, site.number].max())
            counts = has_demand and place >= len(periods) - PEAK_MONTHS
            yield UsageBefore(
                period=served,
                import_wh=mean_wh * served.days,
                peak_w=peak_w if counts else None,
            )


def _periods(cycle: str, schedule: Schedule) -> Sequence[DatePeriod]:
    last = schedule.first_month
    months = [last.plus(-back) for back in reversed(range(HISTORY_MONTHS))]
    return [
        DatePeriod(
            read_date(cycle=cycle, month=month.plus(-1)), read_date(cycle=cycle, month=month)
        )
        for month in months
    ]


def _balance_usd(sites: Sequence[SiteBefore], mood: float) -> Decimal:
    """Most have paid; some still owe the last bill, a few have paid too much."""
    last_wh = sum(site.usage[-1].import_wh for site in sites)
    bill = _cents(Decimal(last_wh) / 1000 * _USUAL_USD_PER_KWH)
    if mood < _UNPAID:
        return bill
    return _cents(-bill / 5) if mood < _CREDIT else Decimal("0.00")


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)
