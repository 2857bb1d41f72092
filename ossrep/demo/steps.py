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

    ``problem`` says what went wrong although the command went on to its end.
    ``is_every_time``: the program may be newer than when the step ran last.
    """

    key: str
    title: str
    command: tuple[str, ...]
    note: Note = lambda told: ""
    problem: Note = lambda told: ""
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
    calendars = path / "calendars.yaml"
    yield _import("calendars", "Shared holidays", "product import-calendars", calendars)
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
    yield from _legal_steps(path / "legal")
    calendar = path / "read-calendar.csv"
    yield _import("reads", "Read calendar", "market import-read-calendar", calendar)
    yield Step(
        key="esi-ids",
        title="ESI IDs of ERCOT's extract",
        command=("market", "import-esiids", str(path / "esi-ids"), "--json"),
        note=lambda told: f"{sum(row.get('added', 0) for row in told.rows):,} service points",
    )
    yield _import("taxes", "Tax places", "bill import-taxes", path / "taxes.yaml")
    yield _import("prices", "Market prices", "product import-prices", path / "prices.csv")
    yield Step(
        key="book",
        title="Customer book",
        command=("customer", "import", str(path / "book"), "--json"),
        note=_book_note,
    )
    yield Step(
        key="opening",
        title="Openings from the old system",
        command=("bill", "import-opening", str(path / "opening.jsonl"), "--json"),
        note=_posted_note,
        problem=_unread_files,
    )


def payments_step(*, folder: DemoFolder, month: Month) -> Step:
    """What came in for the bills of a month."""
    path = payments_file(folder=folder, month=month)
    return Step(
        key=f"payments-{month}",
        title=f"Payments of {_name(month)}'s bills",
        command=("bill", "import-payments", str(path), "--json"),
        note=_posted_note,
        problem=_unread_files,
    )


def payments_file(*, folder: DemoFolder, month: Month) -> Path:
    """The bank's file of a month."""
    return folder.path / "payments" / f"payments-{month}.csv"


def estimate_step(*, delivery: Delivery) -> Step:
    """Fills what never came for a month's bills, in all cycles."""
    return Step(
        key=f"estimate-{delivery.month}",
        title=f"Estimates, {_name(delivery.month)}",
        command=("meter", "estimate", "--as-of", delivery.last_run.isoformat()),
        note=lambda told: told.lines[0],
    )


def export_step(*, folder: DemoFolder, run_id: int, workers: int) -> Step:
    """The last cycle's invoices as PDFs, with lists and totals."""
    path = export_folder(folder=folder)
    return Step(
        key="export",
        title="Invoices as PDFs, with lists",
        command=(
            *("bill", "export", str(run_id), "--out", str(path)),
            *("--workers", str(workers), "--json"),
        ),
        note=lambda told: f"{told.rows[0]['invoices']:,} invoices",
    )


def export_folder(*, folder: DemoFolder) -> Path:
    """Where the PDFs and lists go."""
    return folder.path / "invoices"


def interval_step(*, folder: DemoFolder, delivery: Delivery, workers: int) -> Step:
    """A month's daily files."""
    name = f"Intervals for {_name(delivery.month)}'s bills"
    path = delivery.folder(folder.intervals)
    key = f"intervals-{delivery.month}"
    return intervals_step(
        key=key, title=name, path=path, received=delivery.last_run, workers=workers
    )


def late_interval_step(*, folder: DemoFolder, delivery: Delivery) -> Step:
    """What came after the month's runs."""
    name = f"Late and corrected days, {_name(delivery.month)}"
    path = delivery.late_folder(folder.intervals)
    key = f"late-{delivery.month}"
    return intervals_step(key=key, title=name, path=path, received=delivery.caught_up, workers=1)


def run_step(*, run: Run) -> Step:
    """One cycle's bill run."""
    title = f"Bills of cycle {run.cycle}, {_name(run.month)}"
    return _bill_run(f"run-{run.month}-{run.cycle}", title, run.date, "--cycle", run.cycle)


def catch_up_step(*, delivery: Delivery) -> Step:
    """Bills what was held and can be billed by now, in all cycles."""
    name = f"Catch-up run, {_name(delivery.month)}"
    return _bill_run(f"catch-up-{delivery.month}", name, delivery.caught_up)


def _bill_run(key: str, title: str, as_of: dt.date, *chosen: str) -> Step:
    return Step(
        key=key,
        title=title,
        command=("bill", "run", *chosen, "--as-of", as_of.isoformat(), "--json"),
        note=_run_note,
    )


def _legal_steps(folder: Path) -> Iterator[Step]:
    """Files are named by brand and kind."""
    for file in sorted(folder.glob("*.txt")):
        brand, _, kind = file.stem.partition("-")
        options = ("--brand", brand, "--kind", kind, "--document-version", "2026-1")
        yield Step(
            key=f"legal-{file.stem}",
            title={"tos": "Terms of service", "yrac": "Rights of customers"}[kind],
            command=("product", "import-document", str(file), *options),
        )


def _import(key: str, title: str, command: str, path: Path) -> Step:
    return Step(key=key, title=title, command=(*command.split(), str(path)))


def intervals_step(*, key: str, title: str, path: Path, received: dt.date, workers: int) -> Step:
    """Interval files of a folder."""
    options = ("--workers", str(workers), "--as-of", received.isoformat(), "--json")
    return Step(
        key=key,
        title=title,
        command=("meter", "import", str(path), *options),
        note=_intervals_note,
        problem=_unread_files,
    )


def _unread_files(told: Told) -> str:
    return "; ".join(f"{row['file']}: {row['error']}" for row in told.rows if row.get("error"))


def _book_note(told: Told) -> str:
    (outcome,) = told.rows
    created = sum(counts["created"] for counts in outcome["kinds"].values())
    return f"{created:,} records{_quarantined(outcome['refused'])}"


def _intervals_note(told: Told) -> str:
    (total,) = (row for row in told.rows if "total_files" in row)
    days = total["accepted"] + total["replaced"] + total["older"] + total["unchanged"]
    return f"{days:,} interval days{_quarantined(total['refused'])}"


def _posted_note(told: Told) -> str:
    posted = sum(row["posted"] for row in told.rows)
    return f"{posted:,} posted{_quarantined(sum(row['refused'] for row in told.rows))}"


def _run_note(told: Told) -> str:
    (run,) = told.rows
    return f"{run['billed']:,} billed, {run['held']:,} held"


def _quarantined(count: int) -> str:
    return f", {count} in quarantine" if count else ""


def _name(month: Month) -> str:
    return f"{month.first:%B}"
