"""Places with their local taxes as YAML (``docs/formats/taxes.md``)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ossrep.demo.places import Town

_SINCE = "2015-01-01"


def write_taxes(*, path: Path, towns: Sequence[Town]) -> None:
    """One place for each town, in the order given."""
    lines = ["# Invented rates of the usual kinds.", "places:"]
    lines += [line for town in towns for line in _place(town)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _place(town: Town) -> Iterator[str]:
    yield f"  - code: {town.code}"
    yield f"    name: {town.name}"
    if town.population:
        yield f"    population: {town.population}"
    taxes = list(_taxes(town))
    if taxes:
        yield "    local_taxes:"
        yield from taxes


def _taxes(town: Town) -> Iterator[str]:
    reaches_homes = "residential: true, " if town.taxes_homes else ""
    for code, label, rate in (
        ("city", "City sales tax", town.city_tax),
        ("transit", "Transit sales tax", town.transit_tax),
    ):
        if rate:
            yield (
                f'      - {{code: {code}, label: "{label}", rate: "{rate}", '
                f"{reaches_homes}from: {_SINCE}}}"
            )
