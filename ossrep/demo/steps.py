"""The steps from files to posted invoices: each is one public command."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ossrep.demo.deliveries import Delivery
from ossrep.demo.folder import DemoFolder, Written
from ossrep.demo.schedule import Month, Run
from ossrep.demo.told import Told

Note = Callable[[Told], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command, and how to say in a few words what it did.

    ``expects_refusals``: its files hold rows that belong into quarantine, on purpose.
    ``is_every_time``: the program may be newer than when the step ran last.
    """

    key: str
    title: str
    command: tuple[str, ...]
    note: Note = lambda told: ""
    expects_refusals: bool = False
    is_every_time: bool = False


def migrate_step() -> Step:
    """The six schemas."""
    return Step(
        key="migrate", title="Database with six schemas", command=("migrate",), is_every_time=True
    )


def set_up_steps(*, folder: DemoFolder, written: Written) -> Iterator[Step]:
    """What is sold, what delivery costs, who buys, and what the old system leaves behind."""
    path = folder.path
    yield _import("brands", "Brand", "product import-brands", path / "brands.yaml")
    yield Step(key="tariffs", title="Tariffs of the TDSPs", command=("product", "import-tariffs"))
    yield _import(
        "demo-tariffs", "Invented tariffs", "product import-tariffs", path / "tariffs.yaml"
    )
    yield _import("plans", "Plans", "product import", path / "plans")
    yield Step(
        key="publish",
        title="Plans published",
        command=("product", "publish", *written.plan_codes),
        note=lambda told: f"{len(told.table())} plans with their labels",
    )
    calendar = path / "read-calendar.csv"
    yield _import("reads", "Read calendar", "market import-read-calendar", calendar)
    yield _import("prices", "Market prices", "product import-prices", path / "prices.csv")
    yield Step(
        key="book",
        title="Customer book",
        command=("customer", "import", str(path / "book")),
        note=_book_note,
        expects_refusals=True,
    )


def interval_step(*, folder: DemoFolder, delivery: Delivery, workers: int) -> Step:
    """A month's daily files."""
    name = f"Intervals for {_name(delivery.month)}'s bills"
    return _intervals(
        f"intervals-{delivery.month}", name, delivery.folder(folder.intervals), workers
    )


def late_interval_step(*, folder: DemoFolder, delivery: Delivery) -> Step:
    """What came after the month's runs."""
    name = f"Late and corrected days, {_name(delivery.month)}"
    return _intervals(f"late-{delivery.month}", name, delivery.late_folder(folder.intervals), 1)


def run_step(*, run: Run) -> Step:
    """One cycle's bill run."""
    title = f"Bills of cycle {run.cycle}, {_name(run.month)}"
    return _bill_run(f"run-{run.month}-{run.cycle}", title, run.date, "--cycle", run.cycle)


def catch_up_step(*, month: Month, as_of: dt.date) -> Step:
    """Bills what was held and can be billed by now, in all cycles."""
    return _bill_run(f"catch-up-{month}", f"Catch-up run, {_name(month)}", as_of)


def _bill_run(key: str, title: str, as_of: dt.date, *chosen: str) -> Step:
    return Step(
        key=key,
        title=title,
        command=("bill", "run", *chosen, "--as-of", as_of.isoformat(), "--json"),
        note=_run_note,
    )


def _import(key: str, title: str, command: str, path: Path) -> Step:
    return Step(key=key, title=title, command=(*command.split(), str(path)))


def _intervals(key: str, title: str, path: Path, workers: int) -> Step:
    return Step(
        key=key,
        title=title,
        command=("meter", "import", str(path), "--workers", str(workers), "--json"),
        note=_intervals_note,
        expects_refusals=True,
    )


def _book_note(told: Told) -> str:
    rows = told.table()
    created = sum(int(row["created"]) for row in rows)
    return f"{created:,} records{_quarantined(sum(int(row['refused']) for row in rows))}"


def _intervals_note(told: Told) -> str:
    (total,) = (row for row in told.rows if "total_files" in row)
    days = total["accepted"] + total["replaced"] + total["older"] + total["unchanged"]
    return f"{days:,} interval days{_quarantined(total['refused'])}"


def _run_note(told: Told) -> str:
    (run,) = told.rows
    return f"{run['billed']:,} billed, {run['held']:,} held"


def _quarantined(count: int) -> str:
    return f", {count} in quarantine" if count else ""


def _name(month: Month) -> str:
    return f"{month.first:%B}"
