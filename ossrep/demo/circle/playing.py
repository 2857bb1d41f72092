"""Newcomers enroll, and the market is played on files between our own commands."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from ossrep.demo.catalog import read_catalog
from ossrep.demo.circle.files import BOOK, FAULTS, WISHES, circle_folder, write_circle
from ossrep.demo.circle.newcomers import enroll_day, make_neighbors, make_newcomers
from ossrep.demo.deliveries import Delivery
from ossrep.demo.folder import DemoFolder
from ossrep.demo.parameters import DemoParameters
from ossrep.demo.runner import StepRunner, run_command
from ossrep.demo.schedule import Month
from ossrep.demo.steps import intervals_step
from ossrep.demo.told import Told

_WEEK = range(1, 8)
_DUE_DAYS = 45
"""Invoices are due 35 days after they are sent, or the next business day."""
_PREPARER, _APPROVER = "operations", "controller"
_WAITS = "must approve"


class Circle:
    """The newcomers' part of the demo: each step of it runs once, as all the others."""

    def __init__(
        self, *, folder: DemoFolder, parameters: DemoParameters, runner: StepRunner
    ) -> None:
        self.path = circle_folder(folder=folder)
        self._calendar = folder.path / "read-calendar.csv"
        self._parameters = parameters
        self._runner = runner
        self._day = enroll_day(parameters=parameters)

    def enroll(self) -> None:
        """Newcomers wish, our side asks, the market answers, service begins."""
        self._do("circle-files", "A market of ERCOT and five TDSPs, simulated", self._write)
        self._do("circle-book", "Newcomers in the book", self._import)
        self._do("circle-enroll", "Newcomers enroll", self._play_first_week)

    def play_month(self, *, delivery: Delivery, workers: int) -> None:
        """The market goes on to the month's last run: usage, invoices, corrections, intervals."""
        month = delivery.month
        self._do(f"circle-{month}", f"The market, {month.first:%B}", lambda: self._play(month))
        self._runner.run(
            intervals_step(
                key=f"circle-intervals-{month}",
                title=f"Newcomers' intervals, {month.first:%B}",
                path=self._intervals_of(month),
                received=delivery.caught_up,
                workers=workers,
            )
        )

    def pay(self, *, date: dt.date) -> None:
        """What is due to the TDSPs within their 35 days is paid, with a second person's leave."""
        self._do("circle-pay", "The TDSPs' invoices paid", lambda: self._pay(date))

    def _do(self, key: str, title: str, work: Callable[[], Told]) -> None:
        self._runner.do(key=key, title=title, work=work, note=_note)

    def _write(self) -> Told:
        catalog = read_catalog()
        wishes = write_circle(
            folder=self.path,
            calendar=self._calendar,
            accounts=make_newcomers(parameters=self._parameters, catalog=catalog),
            neighbors=make_neighbors(parameters=self._parameters, catalog=catalog),
            schedule=self._parameters.schedule,
            day=self._day,
        )
        self._simulate(self._day, 8)
        return Told(lines=[f"{wishes} wishes"])

    def _import(self) -> Told:
        run_command("market", "partners", "import", str(self.path / "partners.yaml"))
        run_command("customer", "import", str(self.path / BOOK), "--json")
        at = f"{self._day}T08:30"
        told = run_command(
            "customer", "enroll", "--file", str(self.path / WISHES), "--as-of", at, "--json"
        )
        return Told(lines=[f"{len(told.rows)} wishes on {self._day}"])

    def _play_first_week(self) -> Told:
        for hour in (9, 13, 16):
            self._go_round(self._day, hour)
        for days in _WEEK:
            self._go_round(self._day + dt.timedelta(days=days), 9)
        return self._enrolled()

    def _enrolled(self) -> Told:
        states = Counter(
            row["state"] for row in run_command("customer", "enrollments", "--json").rows
        )
        return Told(lines=[", ".join(f"{count} {state}" for state, count in states.items())])

    def _play(self, month: Month) -> Told:
        before = _files_of(self.path)
        for date in self._days_of(month):
            self._go_round(date, 9)
        self._take_intervals(month)
        return Told(lines=[f"{_files_of(self.path) - before} files"])

    def _pay(self, date: dt.date) -> Told:
        due_by = str(date + dt.timedelta(days=_DUE_DAYS))
        owed = run_command("market", "payables", "--due-by", due_by, "--json").rows
        payments = 0
        for tdsp in sorted({row["tdsp_code"] for row in owed}):
            told = run_command(
                "market", "pay", tdsp, "--due-by", due_by, "--date", str(date),
                "--by", _PREPARER, "--as-of", f"{date}T08:00",
            )  # fmt: skip
            for line in told.lines:
                payments += 1
                if _WAITS in line:
                    number = line.partition(":")[0]
                    at = f"{date}T08:30"
                    run_command("market", "approve", number, "--by", _APPROVER, "--as-of", at)
        # After the day's round at nine, so that the TDSPs' 997s come back in this one.
        self._go_round(date, 10)
        return Told(lines=[f"{len(owed)} invoices by {payments} payments"])

    def _days_of(self, month: Month) -> Iterator[dt.date]:
        first = self._day + dt.timedelta(days=len(_WEEK))
        for run in self._parameters.schedule.runs():
            if run.month == month and run.date > first:
                yield run.date

    def _intervals_of(self, month: Month) -> Path:
        return self.path / f"intervals-{month}"

    def _take_intervals(self, month: Month) -> None:
        """What has come since the month before goes into a folder of its own."""
        taken = self._intervals_of(month)
        taken.mkdir(exist_ok=True)
        for path in sorted(self.path.glob("intervals/*/*")):
            path.replace(taken / path.name)

    def _go_round(self, date: dt.date, hour: int) -> None:
        """Our events go round, our files go out, the market answers, its files come in."""
        at, later = f"{date}T{hour:02d}:00", f"{date}T{hour + 1:02d}:00"
        self._relay(at)
        run_command("market", "send", "--as-of", at, "--json")
        self._simulate(date, hour + 1)
        run_command("market", "receive", "--as-of", later, "--json")
        self._relay(later)

    def _relay(self, at: str) -> None:
        contexts = ("--context", "customer", "--context", "market")
        run_command("relay", "--once", *contexts, "--as-of", at)

    def _simulate(self, date: dt.date, hour: int) -> None:
        run_command(
            "market", "simulate", "--until", f"{date}T{hour:02d}:00", "--folder", str(self.path),
            "--faults", str(self.path / FAULTS), "--seed", str(self._parameters.seed), "--json",
        )  # fmt: skip


def _files_of(path: Path) -> int:
    return sum(1 for _ in path.glob("*/from_market/**/*.edi"))


def _note(told: Told) -> str:
    return next(iter(told.lines), "")
