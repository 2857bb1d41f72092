"""The database itself keeps money right, whatever the code does."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, connections

from ossrep.billing.models import Charge, Invoice, LedgerBalance
from ossrep.billing.usecases.plan_run import RunOrder
from tests.factories.billing_book import FIRST_READ, a_book
from tests.integration.billing.runs import pay, run

pytestmark = pytest.mark.django_db(databases="__all__")

MONEY_TABLES = (
    "invoice",
    "invoice_line",
    "invoice_tax",
    "charge",
    "transfer",
    "reversal",
    "line_template",
    "tax_template",
    "printed_part",
    "ledger_balance",
)


def execute(text: str) -> None:
    with connections["billing"].cursor() as cursor:
        cursor.execute(text)


class TestBillingRole:
    @pytest.mark.parametrize("table", MONEY_TABLES)
    def test_cannot_delete_money_rows(self, table: str) -> None:
        with pytest.raises(ProgrammingError, match="permission denied"):
            execute(f"DELETE FROM {table}")

    @pytest.mark.parametrize(
        ("table", "column"),
        [
            ("invoice", "amount_due_usd"),
            ("invoice_line", "amount_usd"),
            ("invoice_tax", "amount_usd"),
            ("charge", "amount_usd"),
            ("charge", "reversal_id"),
            ("transfer", "amount_usd"),
            ("reversal", "reason"),
            ("line_template", "label"),
            ("ledger_balance", "debit_usd"),
        ],
    )
    def test_cannot_change_money_rows(self, table: str, column: str) -> None:
        with pytest.raises(ProgrammingError, match="permission denied"):
            execute(f"UPDATE {table} SET {column} = {column}")

    def test_cannot_write_balances(self) -> None:
        with pytest.raises(ProgrammingError, match="permission denied"):
            execute("INSERT INTO ledger_balance VALUES (1, 0, 5, 0)")


class TestInvoiceTable:
    def test_takes_nothing_more_once_issued(self) -> None:
        run(a_book(accounts=1), RunOrder(as_of=FIRST_READ))
        invoice = Invoice.objects.get()

        with pytest.raises(DatabaseError, match="issued invoice"):
            execute(
                "INSERT INTO invoice_line (invoice_id, line_no, site_no, template_id, quantity, "
                f"amount_usd) VALUES ({invoice.pk}, 99, 1, 1, 1, 1.00)"
            )

    def test_refuses_an_invoice_that_is_not_the_sum_of_its_lines(self) -> None:
        run(a_book(accounts=1), RunOrder(as_of=FIRST_READ))
        columns = [f.column for f in Invoice._meta.concrete_fields if f.column != "created_at"]
        changed = {
            "id": "id + 1",
            "number": "'100000099'",
            "retailer_usd": "retailer_usd + 1",
            "amount_due_usd": "amount_due_usd + 1",
        }
        values = ", ".join(changed.get(column, column) for column in columns)

        with pytest.raises(IntegrityError, match="not the sum of its lines"):
            execute(f"INSERT INTO invoice ({', '.join(columns)}) SELECT {values} FROM invoice")


class TestChargeTable:
    """Of one live charge: contract 1, kind 1, 2026-06-09 to 2026-07-08."""

    @pytest.mark.parametrize(
        ("start", "end"),
        [
            ("2026-06-09", "2026-07-09"),
            ("2026-05-01", "2026-06-10"),  # its first day
            ("2026-07-08", "2026-08-01"),  # its last day
            ("2026-06-15", "2026-06-16"),  # inside
            ("2026-01-01", "2027-01-01"),  # around it
        ],
    )
    def test_bills_no_day_of_a_contract_twice(self, start: str, end: str) -> None:
        run(a_book(accounts=1), RunOrder(as_of=FIRST_READ))

        with pytest.raises(IntegrityError, match="charge_never_twice"):
            execute(charge_sql(period_start=f"'{start}'", period_end=f"'{end}'"))

    @pytest.mark.parametrize(
        "change",
        [
            {"period_start": "'2026-05-09'", "period_end": "'2026-06-09'"},
            {"period_start": "'2026-07-09'", "period_end": "'2026-08-09'"},
            {"contract_id": "2"},
            {"contract_id": "0", "kind": "32767"},
            {"contract_id": "2", "kind": "-32768"},
            {"kind": "2"},
        ],
    )
    def test_takes_other_days_contracts_and_kinds(self, change: dict[str, str]) -> None:
        run(a_book(accounts=1), RunOrder(as_of=FIRST_READ))

        execute(charge_sql(**change))

        assert Charge.objects.count() == 2

    def test_tells_neighbours_apart_among_very_large_numbers(self) -> None:
        run(a_book(accounts=1), RunOrder(as_of=FIRST_READ))

        for contract_id in (2**36, 2**36 + 1):
            execute(charge_sql(contract_id=str(contract_id)))
        with pytest.raises(IntegrityError, match="charge_never_twice"):
            execute(charge_sql(contract_id=str(2**36 + 1)))


def charge_sql(**changes: str) -> str:
    """The one charge again, under another id."""
    columns = [f.column for f in Charge._meta.concrete_fields if f.column != "id"]
    values = [changes.get(column, column) for column in columns]
    return (
        f"INSERT INTO charge ({', '.join(columns)}) SELECT {', '.join(values)} FROM charge "
        "ORDER BY id LIMIT 1"
    )


class TestItemTable:
    @pytest.mark.parametrize("change", ["state = 'held'", "is_live = false"])
    def test_says_truly_whether_an_item_is_live(self, change: str) -> None:
        run(a_book(accounts=1), RunOrder(as_of=FIRST_READ))

        with pytest.raises(IntegrityError, match="bill_run_item_live"):
            execute(f"UPDATE bill_run_item SET {change}")


class TestTransferTable:
    def test_moves_both_balances(self) -> None:
        run(a_book(accounts=1), RunOrder(as_of=FIRST_READ))

        transfer = pay(account_id=1, amount="12.34", date=dt.date(2026, 7, 12))

        own = LedgerBalance.objects.get(ledger_account_id=transfer.credit_id)
        cash = LedgerBalance.objects.get(ledger_account_id=transfer.debit_id)
        assert (str(own.credit_usd), str(cash.debit_usd)) == ("12.34", "12.34")

    @pytest.mark.parametrize("amount", ["0", "-1.00", "'NaN'"])
    def test_takes_positive_amounts_only(self, amount: str) -> None:
        run(a_book(accounts=1), RunOrder(as_of=FIRST_READ))

        with pytest.raises(IntegrityError, match="transfer_amount_positive"):
            execute(transfer_sql(amount_usd=amount))

    def test_books_a_fact_once(self) -> None:
        run(a_book(accounts=1), RunOrder(as_of=FIRST_READ))
        execute(transfer_sql())

        with pytest.raises(IntegrityError, match="transfer_source_once"):
            execute(transfer_sql())

    @pytest.mark.parametrize(
        "change", [{"debit_id": "4711"}, {"account_id": "2"}, {"account_id": "NULL"}]
    )
    def test_needs_accounts_of_the_ledger_and_their_owner(self, change: dict[str, str]) -> None:
        run(a_book(accounts=1), RunOrder(as_of=FIRST_READ))

        with pytest.raises(IntegrityError, match="two ledger accounts"):
            execute(transfer_sql(**change))

    def test_reverses_by_the_exact_mirror_only(self) -> None:
        run(a_book(accounts=1), RunOrder(as_of=FIRST_READ))
        original = "(SELECT max(id) FROM transfer)"

        with pytest.raises(IntegrityError, match="exact mirror"):
            execute(transfer_sql(reverses_id=original))


def transfer_sql(**changes: str) -> str:
    """A payment of 5.00 on account 1."""
    columns = {
        "account_id": "1",
        "debit_id": "(SELECT id FROM ledger_account WHERE kind = 'energy_revenue')",
        "credit_id": "(SELECT id FROM ledger_account WHERE kind = 'receivable')",
        "amount_usd": "5.00",
        "kind": "3",
        "source_kind": "2",
        "source_id": "1",
        "source_leg": "1",
        "brand_id": "1",
        "effective_date": "'2026-07-12'",
    } | changes
    return f"INSERT INTO transfer ({', '.join(columns)}) VALUES ({', '.join(columns.values())})"
