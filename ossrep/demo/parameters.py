"""What a demo is made of: how many accounts and months, which seed, and as of when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from ossrep.demo.schedule import Schedule
from ossrep.kernel.errors import DomainError

ACCOUNTS_MAX = 1_000_000
MONTHS_MAX = 24
SEED_MAX = 2**31


class DemoRefused(DomainError):
    """Parameters that make no demo, or a data folder that holds another one."""

    code = "demo_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoParameters:
    """The default is the one of ``make demo``: its last month has the fall clock change."""

    accounts: int = 1_000
    months: int = 2
    seed: int = 20_261
    as_of: dt.date = dt.date(2026, 11, 22)

    def __post_init__(self) -> None:
        for name, value, least, most in (
            ("--accounts", self.accounts, 1, ACCOUNTS_MAX),
            ("--months", self.months, 1, MONTHS_MAX),
            ("--seed", self.seed, 0, SEED_MAX),
        ):
            if not least <= value <= most:
                raise DemoRefused(f"must be from {least:,} to {most:,}, not {value:,}", where=name)

    @property
    def schedule(self) -> Schedule:
        """Read dates, periods and run dates that follow from the date and the months."""
        return Schedule(as_of=self.as_of, months=self.months)
