"""Commands that commit: migrations of the six schemas, a new incarnation after a restore."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command

from ossrep.infra import database
from ossrep.infra.invariants import assert_invariants
from ossrep.infra.outbox import keeping
from tests.integration.infra.facts import Noted, rows, write

pytestmark = pytest.mark.usefixtures("fresh_database")


def _run(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out, stderr=out)
    return out.getvalue()


class TestMigrateCommand:
    def test_says_that_nothing_is_to_be_done(self) -> None:
        assert _run("migrate").splitlines() == [
            f"{schema:<9} up to date" for schema in database.SCHEMAS.values()
        ]

    def test_records_in_each_schema_its_own_migrations_only(self) -> None:
        for alias in database.CONTEXTS:
            apps = rows(alias, "SELECT DISTINCT app FROM django_migrations")
            assert apps == [(alias,)]

    def test_plans_without_applying(self) -> None:
        with database.as_owner("market"):
            rows(
                "market",
                "DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations) "
                "RETURNING name",
            )
        before = rows("market", "SELECT count(*) FROM django_migrations")

        planned = _run("migrate", "--plan").splitlines()

        market = next(line for line in planned if line.startswith("market"))
        assert "1 to apply: market.00" in market
        assert rows("market", "SELECT count(*) FROM django_migrations") == before

    def test_ends_with_status_1_when_asked_and_something_is_unapplied(self) -> None:
        with database.as_owner("market"):
            rows(
                "market", "DELETE FROM django_migrations WHERE name <> '0001_messaging' RETURNING 1"
            )

        with pytest.raises(SystemExit) as exit_info:
            _run("migrate", "--check")

        assert exit_info.value.code == 1


class TestBeginIncarnation:
    def test_new_events_carry_the_next_one(self) -> None:
        write(Noted(sheet="s", number=1))

        printed = _run("outbox", "begin-incarnation", "billing")
        write(Noted(sheet="s", number=2))

        assert printed == (
            "new events of billing carry incarnation 2\n"
            "0 changed rows come again; readers of feeds begin anew\n"
        )
        assert keeping.incarnation(context="billing") == 2
        assert rows("billing", "SELECT incarnation, seq FROM outbox_event ORDER BY id") == [
            (1, 1),
            (2, 2),
        ]
        assert_invariants(contexts=["billing"])
