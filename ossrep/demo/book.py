"""Invents a retailer's book: customers, accounts, premises and which load shape each has."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

import numpy as np

from ossrep.demo import places
from ossrep.demo.catalog import Catalog, PlanOnSale
from ossrep.demo.schedule import CYCLES, Schedule
from ossrep.demo.shapes import Kind

T = TypeVar("T")

FIRST_ACCOUNT = 2_000_000
_PLAIN_ACCOUNTS = 8
_SOLAR_SHARE = 0.10
_SHOP_SHARE = 0.14
_SCHOOL_SHARE = 0.005
_CHAIN_SHARE = 0.12
_NEWCOMER_SHARE = 0.02
_MOVE_OUT_SHARE = 0.01
_RENEWAL_SHARE = 0.02
_CHURCH_SHARE = 0.05
_SPANISH_SHARE = 0.12


class Oddity(StrEnum):
    """Why an account of the demo cannot be billed at once; for every reason a handful."""

    GAP = "gap"
    """Days in the first period that never arrive."""
    LATE = "late"
    """Days in the first period that arrive after its run."""
    SILENT = "silent"
    """A meter that is not heard of any more before the last read."""
    JUMP = "jump"
    """Nine times the usual use in the last period."""
    VANISHED = "vanished"
    """No use at all in the last period."""
    NOWHERE = "nowhere"
    """A premises whose tax place nobody knows."""


_FIRST_ODDITY = 10
_ACCOUNTS_BETWEEN_ODDITIES = 2
_ACCOUNTS_BETWEEN_HANDFULS = 400


@dataclass(frozen=True, slots=True)
class Site:
    """A premises of the book; ``number`` counts from 0 and is its row in the load shapes."""

    number: int
    esi_id: str
    meter_number: str
    kind: Kind
    town: places.Town
    wires: places.Wires
    cycle: str
    street: str
    first_day: dt.date
    oddity: Oddity | None

    @property
    def premises_number(self) -> str:
        """As the old system numbers premises."""
        return f"P{self.number + 1:07d}"

    @property
    def tax_place(self) -> str:
        """Code of the place whose taxes apply."""
        return "atlantis" if self.oddity is Oddity.NOWHERE else self.town.code


@dataclass(frozen=True, slots=True)
class Contract:
    """A plan at a premises over ``[start, end)``; open without an end."""

    site: Site
    plan: PlanOnSale
    start: dt.date
    end: dt.date | None = None
    end_reason: str = ""

    @property
    def term_end(self) -> dt.date | None:
        """The first day after the agreed term; none from month to month."""
        if self.plan.term_months == 0:
            return None
        months = self.start.year * 12 + self.start.month - 1 + self.plan.term_months
        return dt.date(months // 12, months % 12 + 1, min(self.start.day, 28))


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the book and who pays it; a parent is the account of the head office."""

    number: str
    customer: Customer
    contracts: tuple[Contract, ...]
    parent_number: str = ""
    nickname: str = ""
    email: str = ""
    language: str = "en"
    exemption: str = ""

    @property
    def sites(self) -> tuple[Site, ...]:
        """Its premises, each once."""
        return tuple({contract.site.number: contract.site for contract in self.contracts}.values())


@dataclass(frozen=True, slots=True)
class Customer:
    """A person, or a business with a name of its own."""

    number: str
    first_name: str
    last_name: str
    business_name: str = ""


class BookMaker:
    """Makes accounts in a fixed order for a seed; a longer book begins like a shorter one."""

    def __init__(self, *, seed: int, catalog: Catalog, schedule: Schedule) -> None:
        self._rng = np.random.default_rng([seed, 10])
        self._catalog = catalog
        self._schedule = schedule
        self._site_count = 0
        self._account_count = 0
        self._oddities = 0

    def accounts(self, *, count: int) -> list[Account]:
        """``count`` accounts."""
        made: list[Account] = []
        while len(made) < count:
            made += self._household_or_business()
        return made[:count]

    def _household_or_business(self) -> Iterator[Account]:
        kind = self._kind()
        if kind == "plant":
            return self._school_district()
        if kind == "shop":
            return self._business()
        return self._household(kind)

    def _kind(self) -> Kind:
        # Small books, too, should show every kind: the first accounts are one of each.
        kinds: tuple[Kind, ...] = ("home", "solar_home", "shop", "plant")
        if self._account_count < len(kinds):
            return kinds[self._account_count]
        if self._is_oddity_due():
            return "home"
        draw = self._rng.random()
        for share, kind in zip(
            (_SCHOOL_SHARE, _SHOP_SHARE, _SOLAR_SHARE), kinds[:0:-1], strict=True
        ):
            if draw < share:
                return kind
            draw -= share
        return "home"

    def _is_oddity_due(self) -> bool:
        handful, place = divmod(self._oddities, len(Oddity))
        due = handful * _ACCOUNTS_BETWEEN_HANDFULS + place * _ACCOUNTS_BETWEEN_ODDITIES
        return self._account_count >= _FIRST_ODDITY + due

    def _take_oddity(self) -> Oddity | None:
        if not self._is_oddity_due():
            return None
        self._oddities += 1
        return list(Oddity)[(self._oddities - 1) % len(Oddity)]

    def _household(self, kind: Kind) -> Iterator[Account]:
        oddity = self._take_oddity() if kind == "home" else None
        number = self._account_number()
        site = self._site(kind, self._town(), self._cycle(), oddity)
        plan = self._plan(site)
        start = self._start(site)
        account = Account(
            number=number,
            customer=self._person(number),
            contracts=(Contract(site, plan, start),),
            email=self._email(number),
            language="es" if self._chance(_SPANISH_SHARE) else "en",
        )
        if oddity is not None or self._account_count <= _PLAIN_ACCOUNTS:
            yield account
        elif self._chance(_MOVE_OUT_SHARE):
            yield from self._move_out(account)
        elif self._chance(_NEWCOMER_SHARE):
            yield self._newcomer(account)
        elif self._chance(_RENEWAL_SHARE):
            yield self._renewal(account)
        else:
            yield account

    def _move_out(self, account: Account) -> Iterator[Account]:
        """Somebody moves out in the last period, and the next tenant moves in that day."""
        (contract,) = account.contracts
        moving_day = self._day_in_last_period(contract.site.cycle)
        yield replace(
            account, contracts=(replace(contract, end=moving_day, end_reason="move_out"),)
        )
        number = self._account_number()
        yield Account(
            number=number,
            customer=self._person(number),
            contracts=(Contract(contract.site, self._plan(contract.site), moving_day),),
            email=self._email(number),
        )

    def _newcomer(self, account: Account) -> Account:
        """Service begins in the last period: the first bill is a short one."""
        (contract,) = account.contracts
        start = self._day_in_last_period(contract.site.cycle)
        return replace(
            account,
            contracts=(
                replace(contract, site=replace(contract.site, first_day=start), start=start),
            ),
        )

    def _renewal(self, account: Account) -> Account:
        """The old contract ends with the read before the last period, the new one begins there."""
        (contract,) = account.contracts
        day = self._last_period_start(contract.site.cycle)
        return replace(
            account,
            contracts=(
                replace(contract, end=day, end_reason="renewal"),
                Contract(contract.site, self._plan(contract.site), day),
            ),
        )

    def _business(self) -> Iterator[Account]:
        number = self._account_number()
        town, cycle = self._town(), self._cycle()
        # One bill, one read date: the sites of a chain lie in one town and cycle.
        sites = int(self._rng.integers(2, 4)) if self._chance(_CHAIN_SHARE) else 1
        is_church = self._chance(_CHURCH_SHARE)
        what = "Community Church" if is_church else self._one(places.BUSINESSES)
        person = self._person(number)
        yield Account(
            number=number,
            customer=replace(person, business_name=f"{person.last_name} {what}"),
            contracts=tuple(self._contract("shop", town, cycle) for _ in range(sites)),
            email=self._email(number),
            exemption="sales_tax" if is_church else "",
        )

    def _school_district(self) -> Iterator[Account]:
        """A head office and two or three campuses, each with an account of its own."""
        town, cycle = self._town(), self._cycle()
        head = ""
        person = self._person(f"{FIRST_ACCOUNT + self._account_count}")
        customer = replace(person, business_name=f"{town.name} Independent School District")
        for place in ("Administration", *places.CAMPUSES[: int(self._rng.integers(2, 4))]):
            number = self._account_number()
            yield Account(
                number=number,
                customer=customer,
                contracts=(self._contract("plant", town, cycle),),
                parent_number=head,
                nickname=place,
                email=f"energy.{number}@example.com",
                exemption="public_school_district",
            )
            head = head or number

    def _contract(self, kind: Kind, town: places.Town, cycle: str) -> Contract:
        site = self._site(kind, town, cycle, None)
        return Contract(site, self._plan(site), self._start(site))

    def _site(self, kind: Kind, town: places.Town, cycle: str, oddity: Oddity | None) -> Site:
        wires = next(wires for wires in places.WIRES if wires.code == town.wires)
        tail = wires.esi_digits - len(wires.esi_prefix)
        number = self._site_count
        self._site_count += 1
        return Site(
            number=number,
            esi_id=f"{wires.esi_prefix}{number + 1:0{tail}d}",
            meter_number=f"M{80_000_000 + 7 * number}",
            kind=kind,
            town=town,
            wires=wires,
            cycle=cycle,
            street=f"{int(self._rng.integers(100, 9900))} {self._one(places.STREETS)}",
            first_day=self._schedule.start(cycle=cycle),
            oddity=oddity,
        )

    def _town(self) -> places.Town:
        shares = np.array([wires.share for wires in places.WIRES])
        wires = places.WIRES[int(self._rng.choice(len(places.WIRES), p=shares / shares.sum()))]
        towns = [town for town in places.TOWNS if town.wires == wires.code]
        return towns[int(self._rng.integers(len(towns)))]

    def _plan(self, site: Site) -> PlanOnSale:
        return self._one(self._catalog.of(kind=site.kind, wires=site.wires))

    def _person(self, number: str) -> Customer:
        return Customer(
            number=f"C{number}",
            first_name=self._one(places.FIRST_NAMES),
            last_name=self._one(places.LAST_NAMES),
        )

    def _start(self, site: Site) -> dt.date:
        return site.first_day - dt.timedelta(days=int(self._rng.integers(90, 640)))

    def _day_in_last_period(self, cycle: str) -> dt.date:
        return self._last_period_start(cycle) + dt.timedelta(days=int(self._rng.integers(8, 20)))

    def _last_period_start(self, cycle: str) -> dt.date:
        return self._schedule.last_period(cycle=cycle).start

    def _account_number(self) -> str:
        self._account_count += 1
        return f"{FIRST_ACCOUNT + self._account_count - 1}"

    def _email(self, number: str) -> str:
        return f"customer.{number}@example.com" if self._chance(0.65) else ""

    def _cycle(self) -> str:
        return self._one(CYCLES)

    def _chance(self, share: float) -> bool:
        return bool(self._rng.random() < share)

    def _one(self, words: Sequence[T]) -> T:
        return words[int(self._rng.integers(len(words)))]
