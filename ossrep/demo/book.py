"""Invents a retailer's book: customers, accounts, premises and which load shape each has."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from ossrep.demo import places
from ossrep.demo.shapes import Kind

CYCLES = ("04", "09", "14", "19")
_SOLAR_SHARE = 0.10
_SHOP_SHARE = 0.14
_PLANT_SHARE = 0.01
_CHAIN_SHARE = 0.12


@dataclass(frozen=True, slots=True)
class Site:
    """A premises of the book with the plan its contract names."""

    number: str
    esi_id: str
    meter_number: str
    kind: Kind
    town: places.Town
    wires: places.Wires
    cycle: str
    street: str
    plan: str
    start_date: dt.date
    term_end_date: dt.date | None


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the book and who pays it."""

    number: str
    customer_number: str
    is_business: bool
    first_name: str
    last_name: str
    business_name: str
    customer_class: str
    email: str
    sites: tuple[Site, ...]
    is_school: bool


@dataclass(frozen=True, slots=True)
class PlanChoice:
    """Codes of the plans on sale, by whom they suit."""

    homes: tuple[str, ...]
    solar_homes: tuple[str, ...]
    shops: tuple[str, ...]
    plants: tuple[str, ...]

    def of(self, kind: Kind) -> tuple[str, ...]:
        """The plans that a customer of a kind may have."""
        by_kind = {
            "home": self.homes,
            "solar_home": self.solar_homes,
            "shop": self.shops,
            "plant": self.plants,
        }
        return by_kind[kind]


class BookMaker:
    """Makes accounts in a fixed order for a seed; some businesses have several premises."""

    def __init__(self, *, seed: int, plans: PlanChoice, first_period_start: dt.date) -> None:
        self._rng = np.random.default_rng([seed, 10])
        self._plans = plans
        self._start = first_period_start
        self._sites = 0

    def accounts(self, *, count: int) -> list[Account]:
        """``count`` accounts."""
        return [self._account(index) for index in range(count)]

    def _account(self, index: int) -> Account:
        kind = self._kind(index)
        town = self._town()
        is_business = kind in ("shop", "plant")
        sites = 1
        if kind == "shop" and self._rng.random() < _CHAIN_SHARE:
            sites = int(self._rng.integers(2, 4))
        # One bill, one read date: the sites of a chain lie in one town and cycle.
        cycle = CYCLES[int(self._rng.integers(len(CYCLES)))]
        number = f"{2_000_000 + index}"
        first = self._one(places.FIRST_NAMES)
        last = self._one(places.LAST_NAMES)
        business = f"{last} {self._one(places.BUSINESSES)}" if is_business else ""
        is_school = kind == "plant" and index % 3 == 0
        return Account(
            number=number,
            customer_number=f"C{number}",
            is_business=is_business,
            first_name=first,
            last_name=last,
            business_name=f"{town.name} Independent School District" if is_school else business,
            customer_class={"plant": "large_commercial", "shop": "small_commercial"}.get(
                kind, "residential"
            ),
            email=f"{first}.{last}.{number}@example.com".lower() if index % 3 else "",
            sites=tuple(self._site(kind, town, cycle) for _ in range(sites)),
            is_school=is_school,
        )

    def _kind(self, index: int) -> Kind:
        # Small books, too, should show every kind: the first accounts are one of each.
        kinds: tuple[Kind, ...] = ("home", "solar_home", "shop", "plant")
        if index < len(kinds):
            return kinds[index]
        draw = self._rng.random()
        if draw < _PLANT_SHARE:
            return "plant"
        if draw < _PLANT_SHARE + _SHOP_SHARE:
            return "shop"
        if draw < _PLANT_SHARE + _SHOP_SHARE + _SOLAR_SHARE:
            return "solar_home"
        return "home"

    def _town(self) -> places.Town:
        shares = np.array([wires.share for wires in places.WIRES])
        wires = places.WIRES[int(self._rng.choice(len(places.WIRES), p=shares / shares.sum()))]
        towns = [town for town in places.TOWNS if town.wires == wires.code]
        return towns[int(self._rng.integers(len(towns)))]

    def _site(self, kind: Kind, town: places.Town, cycle: str) -> Site:
        self._sites += 1
        wires = next(wires for wires in places.WIRES if wires.code == town.wires)
        tail = wires.esi_digits - len(wires.esi_prefix)
        plans = self._plans.of(kind)
        # A few moved in after the first read date: their first bill is a short one.
        moved_in = self._rng.random() < 0.03
        start = self._start + dt.timedelta(days=int(self._rng.integers(40, 55)))
        months = int(self._rng.integers(3, 20))
        if not moved_in:
            start = self._start - dt.timedelta(days=30 * months + int(self._rng.integers(0, 28)))
        return Site(
            number=f"P{self._sites:07d}",
            esi_id=f"{wires.esi_prefix}{self._sites:0{tail}d}",
            meter_number=f"M{80_000_000 + 7 * self._sites}",
            kind=kind,
            town=town,
            wires=wires,
            cycle=cycle,
            street=f"{int(self._rng.integers(100, 9900))} {self._one(places.STREETS)}",
            plan=plans[int(self._rng.integers(len(plans)))],
            start_date=start,
            term_end_date=start + dt.timedelta(days=730),
        )

    def _one(self, words: tuple[str, ...]) -> str:
        return words[int(self._rng.integers(len(words)))]
