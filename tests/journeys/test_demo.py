"""The demo from an empty database to posted invoices, with a small book."""

from __future__ import annotations

from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from ossrep.demo.folder import DemoFolder
from ossrep.demo.parameters import DemoParameters
from ossrep.demo.payments import find_balances
from ossrep.demo.summary import Summary, collect_summary
from ossrep.demo.writing import make_book
from ossrep.infra.services import resolve
from ossrep.published.customer import CustomerService

SMALL = DemoParameters(accounts=40, months=2)

# Cycle, bills due, billed, held; "all" is the catch-up run when late files are there.
RUNS = [
    *(("04", 15, 13, 2), ("09", 11, 11, 0), ("14", 7, 5, 2), ("19", 8, 6, 2), ("all", 7, 5, 2)),
    *(("04", 16, 15, 1), ("09", 11, 10, 1), ("14", 7, 6, 1), ("19", 9, 6, 3), ("all", 6, 2, 4)),
]
HELD = {"intervals_missing": 1, "unknown_tax_place": 1, "usage_jump": 1, "usage_vanished": 1}


def play(subcommand: str, folder: Path) -> list[str]:
    out = StringIO()
    options = ("--accounts", "40", "--months", "2", "--to", str(folder))
    call_command("demo", subcommand, *options, stdout=out)
    return out.getvalue().splitlines()


def summary_of(path: Path) -> Summary:
    folder = DemoFolder(path=path)
    return collect_summary(folder=folder, parameters=SMALL, done=folder.done_steps())


@pytest.mark.usefixtures("fresh_database")
class TestDemo:
    def test_loads_and_bills_a_small_book_once_and_says_what_is_held(self, tmp_path: Path) -> None:
        told = play("run", tmp_path)

        summary = summary_of(tmp_path)
        assert told[0].startswith("Database with six schemas: done")
        assert told[1].startswith("Files as a retailer gets them: 69 interval files, 4 MB")
        assert [(run.cycle, run.due, run.billed, run.held) for run in summary.runs] == RUNS
        assert {reason.code: reason.bills for reason in summary.held} == HELD
        assert summary.quarantined == {"customer": 2, "bill": 3, "meter": 5}
        market = summary.market
        assert market is not None
        assert market.enrollments == {"completed": 3, "rejected": 1}
        # Four wishes, and a remittance to each wires company with invoices.
        assert {k: n for k, n in market.ours.items() if k != "820_02"} == {"814_01": 1, "814_16": 3}
        assert market.ours["820_02"] == 3
        assert (market.theirs["814_05"], market.theirs["867_04"]) == (3, 3)
        assert market.theirs["814_17"] == 1
        assert "824" not in market.theirs
        assert market.theirs["867_03"] == market.theirs["810_02"] == 6
        assert [step.kind for step in market.trail[-3:]] == ["867_03", "810_02", "820_02"]
        assert all(step.path.is_file() for step in market.trail)
        assert summary.ledger_difference_usd == Decimal("0.00")
        assert summary.broken_rules == []

        user = summary.portal_user
        assert user is not None
        page = {"username": user.email, "password": user.password}
        assert Client().post("/oidc/login", page).status_code == 302
        login = resolve(CustomerService).find_login(
            issuer=settings.OSSREP_OIDC_ISSUER,
            subject=str(User.objects.get(username=user.email).pk),
        )
        assert login is not None
        number = {user.account_number}
        assert (
            resolve(CustomerService).find_account_ids(account_numbers=number)[user.account_number]
            in login.account_ids
        )

        accounts = make_book(parameters=SMALL).accounts
        owed = find_balances(accounts=accounts)
        again = play("run", tmp_path)

        assert again[0] == f"{tmp_path} is loaded and billed already: nothing to do."
        assert play("load", tmp_path) == [f"{tmp_path} is loaded already: nothing to do."]
        assert (summary_of(tmp_path), find_balances(accounts=accounts)) == (summary, owed)
