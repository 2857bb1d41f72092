"""Rights keep the billing role from changing money; triggers keep everyone from it."""

from __future__ import annotations

import psycopg
from django.db import connections

from ossrep.billing.usecases.plan_run import RunOrder
from ossrep.infra.database import superuser_connection
from tests.factories.billing_book import FIRST_READ, a_book
from tests.integration.billing.runs import run

CHANGES = (
    "UPDATE billing.invoice SET amount_due_usd = 0, previous_balance_usd = 0",
    "UPDATE billing.invoice_line SET amount_usd = 1",
    "UPDATE billing.transfer SET amount_usd = 1",
    "UPDATE billing.charge SET import_wh = 1",
    "UPDATE billing.charge SET reversal_id = 77",
    "DELETE FROM billing.charge",
    "DELETE FROM billing.transfer",
    "DELETE FROM billing.invoice_tax",
)


class TestMoneyRows:
    def test_are_not_even_a_superuser_to_change(self, fresh_database: str) -> None:
        run(a_book(accounts=1), RunOrder(as_of=FIRST_READ))
        settings = connections["billing"].settings_dict
        refused = []

        with superuser_connection(settings, dbname=fresh_database) as connection:
            for change in CHANGES:
                try:
                    connection.execute(change)
                except psycopg.errors.RestrictViolation:
                    refused.append(change)

        assert refused == list(CHANGES)
