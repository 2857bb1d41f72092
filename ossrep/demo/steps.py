"""The steps from files to posted invoices, in the order of their dates: public commands only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ossrep.demo.deliveries import Delivery, deliveries
from ossrep.demo.folder import DemoFolder, Written
from ossrep.demo.schedule import Month, Run, Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command. ``expects_refusals``: its files hold rows that belong into quarantine."""

    key: str
    title: str
    command: tuple[str, ...]
    expects_refusals: bool = False


def migrate_step() -> Step:
    """The six schemas."""
    return Step(key="migrate", title="Database, six schemas", command=("migrate",))


def set_up_steps(*, folder: DemoFolder, written: Written) -> Iterator[Step]:
    """What is sold, what delivery costs, who buys, and what the old system leaves behind."""
    path = folder.path
    yield _import("brands", "Brand", "product", "import-brands", path / "brands.yaml")
    yield Step(
        key="tariffs",
        title="Delivery tariffs of six TDSPs",
        command=("product", "import-tariffs"),
    )
    yield _import(
        "demo-tariffs", "Invented tariffs", "product", "import-tariffs", path / "tariffs.yaml"
    )
    yield _import("plans", "Plans", "product", "import", path / "plans")
    yield Step(
        key="publish",
        title="Plans published with their labels",
        command=("product", "publish", *written.plan_codes),
    )
    yield _import(
        "reads", "Read calendar", "market", "import-read-calendar", path / "read-calendar.csv"
    )
    yield _import("prices", "Market prices", "product", "import-prices", path / "prices.csv")
    yield _import("book", "Customer book", "customer", "import", path / "book", refusals=True)


def interval_steps(*, folder: DemoFolder, delivery: Delivery, workers: int) -> Iterator[Step]:
    """A month's daily files."""
    yield _intervals(
        f"intervals-{delivery.month}",
        f"Intervals for {_month_name(delivery.month)}",
        delivery.folder(folder.intervals),
        workers,
    )


def late_interval_steps(*, folder: DemoFolder, delivery: Delivery, workers: int) -> Iterator[Step]:
    """What came after the month's runs."""
    yield _intervals(
        f"late-{delivery.month}",
        f"Late and corrected days, {_month_name(delivery.month)}",
        delivery.late_folder(folder.intervals),
        workers,
    )


def run_step(*, run: Run) -> Step:
    """One cycle's bill run."""
    return _bill_run(
        key=f"run-{run.month}-{run.cycle}",
        title=f"Bill run, cycle {run.cycle}, {_month_name(run.month)}",
        as_of=run.date,
        cycle=run.cycle,
    )


def catch_up_step(*, month: Month, as_of: dt.date) -> Step:
    """Bills what was held and can be billed by now, all cycles."""
    return _bill_run(
        key=f"catch-up-{month}",
        title=f"Catch-up run, {_month_name(month)}",
        as_of=as_of,
        cycle=None,
    )


def delivery_of(*, schedule: Schedule, month: Month) -> Delivery:
    """The interval files of a billing month."""
    return next(d for d in deliveries(schedule=schedule) if d.month == month)


def _bill_run(*, key: str, title: str, as_of: dt.date, cycle: str | None) -> Step:
    chosen = ("--cycle", cycle) if cycle else ()
    return Step(
        key=key,
        title=title,
        command=("bill", "run", *chosen, "--as-of", as_of.isoformat(), "--json"),
    )


def _import(
    key: str, title: str, context: str, command: str, path: Path, *, refusals: bool = False
) -> Step:
    return Step(
        key=key, title=title, command=(context, command, str(path)), expects_refusals=refusals
    )


def _intervals(key: str, title: str, path: Path, workers: int) -> Step:
    return Step(
        key=key,
        title=title,
        command=("meter", "import", str(path), "--workers", str(workers)),
        expects_refusals=True,
    )


def _month_name(month: Month) -> str:
    return f"{month.first:%B}"
