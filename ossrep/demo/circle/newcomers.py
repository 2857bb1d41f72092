"""Customers who are not in the old system's book: they enroll while the demo runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from ossrep.demo.book import FIRST_ACCOUNT, Account, BookMaker, Site
from ossrep.demo.catalog import Catalog
from ossrep.demo.parameters import DemoParameters
from ossrep.demo.schedule import CYCLES

NEWCOMERS_MAX = 60
NEIGHBORS = 8
_ACCOUNTS_PER_NEWCOMER = 10
_SEED_APART = 7
_NUMBERS_APART = 1_000_000
_SITES_APART = 700_000
_NEIGHBORS_SEED_APART = 11
_NEIGHBORS_APART = 800_000
_TRIED_PER_NEWCOMER = 4
_SWITCHES_EVERY = 3


def make_newcomers(*, parameters: DemoParameters, catalog: Catalog) -> Sequence[Account]:
    """Homes, roofs and shops with one premises each; numbers and ESI IDs apart from the book's."""
    count = min(NEWCOMERS_MAX, max(1, parameters.accounts // _ACCOUNTS_PER_NEWCOMER))
    return _make(parameters=parameters, catalog=catalog, seed_apart=_SEED_APART, count=count)


def make_neighbors(*, parameters: DemoParameters, catalog: Catalog) -> Sequence[Site]:
    """Homes that the market knows and that buy elsewhere: whoever tries to enroll takes one."""
    made = _make(
        parameters=parameters, catalog=catalog, seed_apart=_NEIGHBORS_SEED_APART, count=NEIGHBORS,
        sites_apart=_NEIGHBORS_APART,
    )  # fmt: skip
    return [site for account in made for site in account.sites]


def _make(
    *,
    parameters: DemoParameters,
    catalog: Catalog,
    seed_apart: int,
    count: int,
    sites_apart: int = _SITES_APART,
) -> list[Account]:
    seed = parameters.seed + seed_apart
    maker = BookMaker(seed=seed, catalog=catalog, schedule=parameters.schedule)
    made = maker.accounts(count=count * _TRIED_PER_NEWCOMER + len(CYCLES))
    return [_apart(account, sites_apart) for account in made if _is_plain(account)][:count]


def _is_plain(account: Account) -> bool:
    if len(account.contracts) != 1 or account.parent_number or account.exemption:
        return False
    (contract,) = account.contracts
    is_known = contract.site.kind in ("home", "solar_home", "shop")
    return is_known and contract.end is None and contract.site.oddity is None


def _apart(account: Account, sites_apart: int) -> Account:
    (contract,) = account.contracts
    site = contract.site
    number = site.number + sites_apart
    tail = site.wires.esi_digits - len(site.wires.esi_prefix)
    own = replace(
        site,
        number=number,
        esi_id=f"{site.wires.esi_prefix}{number + 1:0{tail}d}",
        meter_number=f"M{80_000_000 + 7 * number}",
    )
    account_number = f"{int(account.number) + _NUMBERS_APART}"
    return replace(
        account,
        number=account_number,
        customer=replace(account.customer, number=f"C{account_number}"),
        contracts=(replace(contract, site=own),),
        email=f"customer.{account_number}@example.com" if account.email else "",
    )


def enroll_day(*, parameters: DemoParameters) -> dt.date:
    """The day of the last read before the demo's bills: from then on newcomers come."""
    schedule = parameters.schedule
    return max(schedule.start(cycle=cycle) for cycle in CYCLES)


def wish_of(account: Account, *, day: dt.date) -> tuple[str, dt.date | None]:
    """Kind and first day wanted: every third switches as soon as possible, the others move in."""
    place = int(account.number) - FIRST_ACCOUNT - _NUMBERS_APART
    if place % _SWITCHES_EVERY == 0:
        return "switch", None
    return "move_in", day + dt.timedelta(days=2 + place % 2)
