"""From a customer's wish through files on disk to service and back: our market and a played one."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from ossrep.customer.models import Contract, Enrollment
from ossrep.infra.services import standing_in
from ossrep.market.simulator.settings import MarketSettings, write_settings
from ossrep.published.product import ProductService
from tests.factories.customer import a_premises, an_account
from tests.factories.customer_book import a_catalogue

FIRST_DAY = dt.date(2026, 9, 1)
MOVE_IN_DAY = dt.date(2026, 9, 4)


class Circle:
    """Lets both sides act hour by hour through their commands."""

    def __init__(self, folder: Path, *, faults: str = "") -> None:
        self.folder = folder
        self._faults = folder / "faults.yaml"
        settings = MarketSettings(premises=10, starts_on=FIRST_DAY)
        write_settings(folder=folder, settings=settings)
        if faults:
            self._faults.write_text(faults, encoding="utf-8")
        self.simulate(FIRST_DAY, 8)
        self.command("market", "partners", "import", str(folder / "partners.yaml"))

    def command(self, *words: str) -> list[Any]:
        """Runs a command; its JSON lines."""
        out = StringIO()
        call_command(*words, stdout=out)
        return [json.loads(line) for line in out.getvalue().splitlines() if line[:1] == "{"]

    def simulate(self, date: dt.date, hour: int) -> None:
        faults = ["--faults", str(self._faults)] if self._faults.exists() else []
        until = f"{date}T{hour:02d}:00"
        self.command("market", "simulate", "--until", until, "--folder", str(self.folder), *faults)

    def pass_hours(self, date: dt.date, hours: Sequence[int]) -> None:
        """At each hour: events go round, files go out, the market answers, files come in."""
        for hour in hours:
            at = f"{date}T{hour:02d}:00"
            self.command("relay", "--once", "--as-of", at)
            self.command("market", "send", "--as-of", at)
            self.simulate(date, hour + 1)
            self.command("market", "receive", "--as-of", f"{date}T{hour + 1:02d}:00", "--json")
            self.command("relay", "--once", "--as-of", f"{date}T{hour + 1:02d}:00")

    def enroll(self, *, tdsp: str, kind: str = "move_in") -> str:
        """A customer of ours at a premises of the market; the enrollment's number."""
        with (self.folder / "premises.csv").open(encoding="utf-8", newline="") as file:
            row = next(row for row in csv.DictReader(file) if row["tdsp"] == tdsp)
        account = an_account()
        premises = a_premises(
            esi_id=row["esi_id"],
            tdsp_code=tdsp,
            service_line1=row["street"],
            service_city=row["city"],
            service_zip=row["zip_code"],
            read_cycle=row["cycle"],
        )
        number = f"WEB-{premises.pk}"
        date = ["--date", str(MOVE_IN_DAY)] if kind == "move_in" else []
        self.command(
            "customer", "enroll", account.number, premises.number, "--kind", kind,
            "--plan", "LS-FIX-12", "--number", number, "--as-of", f"{FIRST_DAY}T09:00", *date,
        )  # fmt: skip
        return number

    def journal(self, what: str) -> list[dict[str, Any]]:
        """Lines of the played market's journal."""
        lines = (self.folder / "journal.jsonl").read_text(encoding="utf-8").splitlines()
        return [line for line in map(json.loads, lines) if line["what"] == what]


@pytest.fixture(autouse=True)
def product() -> Iterator[None]:
    """A catalogue in memory: prices do not matter here."""
    with standing_in(ProductService, a_catalogue()):
        yield


@pytest.mark.usefixtures("fresh_database")
class TestCircle:
    def test_leads_a_move_in_to_an_active_contract(self, tmp_path: Path) -> None:
        circle = Circle(tmp_path)
        number = circle.enroll(tdsp="ONCOR_ELEC")

        circle.pass_hours(FIRST_DAY, [9, 12, 15])
        accepted = Enrollment.objects.get(number=number).state
        circle.pass_hours(MOVE_IN_DAY, [9, 11])

        contract = Contract.objects.get(enrollment__number=number)
        assert accepted == "accepted"
        assert (contract.status, contract.start_date) == ("active", MOVE_IN_DAY)
        assert [line["kind"] for line in circle.journal("received")] == ["814_16"]
        groups = circle.journal("acknowledged")
        assert [(line["status"], line["known"]) for line in groups] == [("A", True)] * 2

    def test_leads_a_switch_to_an_active_contract(self, tmp_path: Path) -> None:
        circle = Circle(tmp_path)
        number = circle.enroll(tdsp="CENTERPOINT", kind="switch")

        circle.pass_hours(FIRST_DAY, [9, 15])
        circle.pass_hours(dt.date(2026, 9, 2), [9])

        contract = Contract.objects.get(enrollment__number=number)
        assert (contract.status, contract.start_date) == ("active", dt.date(2026, 9, 2))

    @pytest.mark.parametrize("tdsp", ["AEP_CENTRAL", "AEP_NORTH", "TNMP"])
    def test_tells_a_refusal_to_the_customer_s_side(self, tmp_path: Path, tdsp: str) -> None:
        circle = Circle(tmp_path, faults="faults: [{on: 814_16, do: reject, code: A76}]")
        number = circle.enroll(tdsp=tdsp)

        circle.pass_hours(FIRST_DAY, [9, 12])

        enrollment = Enrollment.objects.get(number=number)
        assert (enrollment.state, enrollment.reason_codes) == ("rejected", "A76")
        assert enrollment.contract.status == "cancelled"
