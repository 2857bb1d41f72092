"""The plans on sale in the demo, read from their files: who may have which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ossrep.demo.places import Wires
from ossrep.demo.shapes import Kind
from ossrep.infra.yaml_files import read_yaml

DATA_DIR = Path(__file__).parent
PLANS_DIR = DATA_DIR / "plans"
LEGAL_DIR = DATA_DIR / "legal"
BRANDS_FILE = DATA_DIR / "brands.yaml"
CALENDARS_FILE = DATA_DIR / "calendars.yaml"
TARIFFS_FILE = DATA_DIR / "tariffs.yaml"
ERCOT_PREFIX = "ERCOT:"


@dataclass(frozen=True, slots=True)
class PlanOnSale:
    """What choosing a plan needs to know of it."""

    code: str
    brand: str
    customer_class: str
    term_months: int
    is_buyback: bool
    points: frozenset[str]

    def suits(self, *, kind: Kind, wires: Wires) -> bool:
        """True for the right sort of customer where the plan's market prices are the local ones."""
        if self.points - {wires.load_zone}:
            return False
        if kind in ("shop", "plant"):
            return self.customer_class == "small_commercial"
        return self.customer_class == "residential" and self.is_buyback == (kind == "solar_home")


class Catalog:
    """All plans on sale, by code."""

    def __init__(self, *, plans: Iterable[PlanOnSale]) -> None:
        self.plans: Sequence[PlanOnSale] = sorted(plans, key=lambda plan: plan.code)

    @property
    def points(self) -> Sequence[str]:
        """Settlement points whose prices some plan needs, sorted."""
        return sorted({point for plan in self.plans for point in plan.points})

    def of(self, *, kind: Kind, wires: Wires) -> Sequence[PlanOnSale]:
        """The plans that a customer of a kind may have with a wires company."""
        return [plan for plan in self.plans if plan.suits(kind=kind, wires=wires)]


def read_catalog(*, folder: Path = PLANS_DIR) -> Catalog:
    """The plan files of a folder (``docs/formats/plan.md``)."""
    return Catalog(
        plans=[_plan(read_yaml(path=path).data) for path in sorted(folder.glob("*.yaml"))]
    )


def _plan(document: Mapping[str, Any]) -> PlanOnSale:
    components = document["components"]
    series = {part["series"] for part in components if "series" in part}
    return PlanOnSale(
        code=document["plan"],
        brand=document["brand"],
        customer_class=document["customer_class"],
        term_months=document["term_months"],
        is_buyback=any(part["kind"] == "solar_buyback" for part in components),
        points=frozenset(name.removeprefix(ERCOT_PREFIX) for name in series),
    )
