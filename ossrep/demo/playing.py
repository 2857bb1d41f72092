"""The demo's story: files, imports, and month by month the bill runs with payments between."""

from __future__ import annotations

import os
from collections.abc import Sequence

from ossrep.demo import steps
from ossrep.demo.book import Account
from ossrep.demo.circle.playing import Circle
from ossrep.demo.deliveries import Delivery, deliveries
from ossrep.demo.folder import DemoFolder, Written
from ossrep.demo.parameters import DemoParameters
from ossrep.demo.payments import write_payments
from ossrep.demo.portal_user import KEY, billed_account, make_portal_user
from ossrep.demo.runner import Screen, StepRunner
from ossrep.demo.schedule import Month
from ossrep.demo.told import Told
from ossrep.demo.writing import make_book, write_demo
from ossrep.infra.services import resolve
from ossrep.published.customer import CustomerService

WORKERS_MAX = 4


class Demo:
    """A demo that goes on where it stopped: every step of it runs once."""

    def __init__(self, *, folder: DemoFolder, parameters: DemoParameters, screen: Screen) -> None:
        self._folder = folder
        self._parameters = parameters
        self._screen = screen
        folder.begin(parameters=parameters)
        self.runner = StepRunner(folder=folder, screen=screen)
        self._accounts: Sequence[Account] = ()
        self._workers = min(os.cpu_count() or 1, WORKERS_MAX)

    def migrate(self) -> None:
        """Brings the database up to date."""
        self.runner.run(steps.migrate_step())
        self.forget_another_database()

    def forget_another_database(self) -> None:
        """What was done in another database than the present one counts for nothing."""
        if "book" in self.runner.done and not self._knows_the_book():
            self.runner.forget_all()

    def load(self) -> Written:
        """Writes the files and imports all of them."""
        written = self._set_up()
        for delivery in self._deliveries():
            self._load_intervals(delivery)
            self._load_late_intervals(delivery)
        return written

    def run(self) -> Written:
        """Loads and bills, in the order in which it would have happened."""
        written = self._set_up()
        schedule = self._parameters.schedule
        circle = Circle(folder=self._folder, parameters=self._parameters, runner=self.runner)
        circle.enroll()
        for delivery in self._deliveries():
            self._load_intervals(delivery)
            circle.play_month(delivery=delivery, workers=self._workers)
            for run in schedule.runs():
                if run.month == delivery.month:
                    self.runner.run(steps.run_step(run=run))
            self._load_late_intervals(delivery)
            is_last = delivery.month == schedule.billing_months[-1]
            if not is_last:
                # The last month's gaps are left for a person to look at.
                self.runner.run(steps.estimate_step(delivery=delivery))
            self.runner.run(steps.catch_up_step(delivery=delivery))
            if not is_last:
                self._pay(delivery.month)
        circle.pay(date=schedule.as_of)
        self._export_last_run()
        self._let_somebody_in()
        return written

    def _set_up(self) -> Written:
        written = self._write()
        for step in steps.set_up_steps(folder=self._folder, written=written):
            self.runner.run(step)
        self._pay(self._parameters.schedule.first_month)
        return written

    def _write(self) -> Written:
        schedule = self._parameters.schedule
        total = (schedule.as_of - schedule.first_start).days
        done = 0

        def report(days: int) -> None:
            nonlocal done
            done += days
            self._screen.progress(done=done, total=total)

        def work() -> Told:
            write_demo(folder=self._folder, parameters=self._parameters, report=report)
            return Told()

        written = self._folder.written
        if written is None:
            self.runner.do(
                key="write", title="Files as a retailer gets them", work=work, note=self._files_note
            )
            written = self._folder.written
        assert written is not None
        return written

    def _files_note(self, told: Told) -> str:
        written = self._folder.written
        assert written is not None
        return f"{written.interval_files:,} interval files, {written.file_bytes / 1e6:,.0f} MB"

    def _deliveries(self) -> list[Delivery]:
        return list(deliveries(schedule=self._parameters.schedule))

    def _load_intervals(self, delivery: Delivery) -> None:
        self.runner.run(
            steps.interval_step(folder=self._folder, delivery=delivery, workers=self._workers)
        )

    def _load_late_intervals(self, delivery: Delivery) -> None:
        self.runner.run(steps.late_interval_step(folder=self._folder, delivery=delivery))

    def _export_last_run(self) -> None:
        last = list(self._parameters.schedule.runs())[-1]
        (told,) = self.runner.done[steps.run_step(run=last).key].told.rows
        self.runner.run(
            steps.export_step(folder=self._folder, run_id=told["run_id"], workers=self._workers)
        )

    def _let_somebody_in(self) -> None:
        """A user of the portal, whose account was billed."""
        number = billed_account(export=steps.export_folder(folder=self._folder))
        if number:
            self.runner.do(
                key=KEY,
                title="A user of the customer portal",
                work=lambda: make_portal_user(account_number=number),
                note=lambda told: str(told.rows[0]["email"]),
            )

    def _pay(self, month: Month) -> None:
        step = steps.payments_step(folder=self._folder, month=month)
        if step.key in self.runner.done:
            return
        path = steps.payments_file(folder=self._folder, month=month)
        seed = self._parameters.seed
        write_payments(path=path, accounts=self._book(), month=month, seed=seed)
        self.runner.run(step)

    def _book(self) -> Sequence[Account]:
        if not self._accounts:
            self._accounts = make_book(parameters=self._parameters).accounts
        return self._accounts

    def _knows_the_book(self) -> bool:
        number = self._book()[0].number
        found = resolve(CustomerService).find_account_ids(account_numbers=[number])
        return number in found
