"""The second lock: what a customer's call can read, whatever its query says."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connections, transaction
from django.db.migrations.operations.base import Operation

from ossrep.customer.models import Account, Contract, Customer, Meter, OutboxEvent, Premises
from ossrep.infra import database
from ossrep.infra.auth.scope import CustomerScope
from ossrep.infra.external_role import SETTINGS, external
from ossrep.infra.row_security import OF_ACCOUNT, protect, served_on
from ossrep.kernel.identifiers import AccountId, EsiId
from ossrep.published.customer import ServedPeriod
from tests.customer_login import PortalUser

pytestmark = pytest.mark.django_db(databases="__all__")


def _settings(alias: str) -> list[str | None]:
    names = ", ".join(f"current_setting('{name}', true)" for name in SETTINGS)
    with connections[alias].cursor() as cursor:
        cursor.execute(f"SELECT {names}")
        return list(cursor.fetchone())


class TestRoles:
    def test_of_contexts_pass_the_policies_and_the_external_ones_do_not(self) -> None:
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "SELECT rolname, rolbypassrls, rolcanlogin FROM pg_roles "
                "WHERE rolname = ANY (%s) ORDER BY rolname",
                [[*database.CONTEXTS, *map(database.external_role, database.CONTEXTS)]],
            )
            found = cursor.fetchall()

        assert found == [
            row
            for context in sorted(database.CONTEXTS)
            for row in ((context, True, False), (f"{context}_external", False, False))
        ]


class TestExternal:
    def test_shows_the_scope_s_rows_only(
        self, customer_login: PortalUser, other_login: PortalUser
    ) -> None:
        with external("customer", scope=customer_login.scope):
            seen = {
                model: set(model._default_manager.values_list("pk", flat=True))
                for model in (Customer, Account, Contract, Premises)
            }
            meters = set(Meter.objects.values_list("premises_id", flat=True))

        assert seen == {
            Customer: {customer_login.customer.pk},
            Account: {account.pk for account in customer_login.accounts},
            Contract: {contract.pk for contract in customer_login.contracts},
            Premises: {place.pk for place in customer_login.premises},
        }
        assert meters == {place.pk for place in customer_login.premises}
        assert Account.objects.count() == 4

    def test_refuses_tables_that_customers_do_not_read(self, customer_login: PortalUser) -> None:
        with (
            pytest.raises(DatabaseError, match="permission denied for table outbox_event"),
            external("customer", scope=customer_login.scope),
        ):
            OutboxEvent.objects.count()

    def test_refuses_to_write(self, customer_login: PortalUser) -> None:
        with (
            pytest.raises(DatabaseError, match="permission denied for table account"),
            external("customer", scope=customer_login.scope),
        ):
            Account.objects.update(nickname="mine")

    def test_shows_nothing_to_an_empty_scope(self, customer_login: PortalUser) -> None:
        nobody = CustomerScope(customer_id=0, account_ids=(), esi_ids=(), rights=frozenset())

        with external("customer", scope=nobody):
            assert Account.objects.count() == 0
            assert Customer.objects.count() == 0

    def test_shows_nothing_to_the_role_without_a_scope(self, customer_login: PortalUser) -> None:
        with transaction.atomic(using="customer"), connections["customer"].cursor() as cursor:
            cursor.execute("SET LOCAL ROLE customer_external")
            cursor.execute("SELECT count(*) FROM account")
            found = cursor.fetchone()
            cursor.execute("RESET ROLE")
            cursor.execute("SET ROLE customer")

        assert found == (0,)

    @pytest.mark.parametrize("alias", database.CONTEXTS)
    def test_leaves_role_and_settings_as_they_were(
        self, alias: str, customer_login: PortalUser
    ) -> None:
        scope = customer_login.scope
        before = _settings(alias)
        with external(alias, scope=scope):
            inside = _settings(alias)
        with contextlib.suppress(ZeroDivisionError), external(alias, scope=scope):
            raise ZeroDivisionError

        assert inside[:2] == [f"{alias}_external", str(scope.customer_id)]
        assert [value or "" for value in _settings(alias)] == [value or "" for value in before]
        assert before[0] == alias


@contextlib.contextmanager
def _table(*operations: Operation) -> Iterator[None]:
    with connections["meter"].cursor() as cursor:
        cursor.execute("SET ROLE meter_owner")
        cursor.execute("CREATE TABLE probe (account_id bigint, esi_id text, day date)")
        cursor.execute(
            "INSERT INTO probe VALUES (1, 'A', '2026-01-31'), (1, 'A', '2026-02-01'), "
            "(2, 'A', '2026-03-01'), (2, 'B', '2026-02-01')"
        )
        for operation in operations:
            for text in operation.sql:  # type: ignore[attr-defined]
                cursor.execute(text)
        cursor.execute("SET ROLE meter")
    yield


def _seen(scope: CustomerScope) -> list[tuple[object, ...]]:
    with external("meter", scope=scope), connections["meter"].cursor() as cursor:
        cursor.execute("SELECT account_id, esi_id, day::text FROM probe ORDER BY 1, 2, 3")
        return list(cursor.fetchall())


def _scope(*served: tuple[str, str, str | None]) -> CustomerScope:
    periods = tuple(
        ServedPeriod(
            account_id=AccountId(1),
            esi_id=EsiId(esi_id),
            start_date=dt.date.fromisoformat(start),
            end_date=dt.date.fromisoformat(end) if end else None,
        )
        for esi_id, start, end in served
    )
    return CustomerScope(
        customer_id=7,
        account_ids=(1,),
        esi_ids=tuple(period.esi_id for period in periods),
        rights=frozenset({"view"}),
        served=periods,
    )


class TestProtect:
    def test_narrows_by_account(self) -> None:
        with _table(protect(context="meter", table="probe", key_sql=OF_ACCOUNT)):
            assert _seen(_scope()) == [(1, "A", "2026-01-31"), (1, "A", "2026-02-01")]

    def test_narrows_usage_to_the_days_of_service(self) -> None:
        key = served_on(day="day")
        with _table(protect(context="meter", table="probe", key_sql=key)):
            assert _seen(_scope(("A", "2026-02-01", "2026-03-01"))) == [(1, "A", "2026-02-01")]
            assert _seen(_scope(("B", "2026-01-01", None))) == [(2, "B", "2026-02-01")]
            assert _seen(_scope()) == []

    def test_leaves_all_rows_to_owner_and_runtime(self) -> None:
        with (
            _table(protect(context="meter", table="probe", key_sql=OF_ACCOUNT)),
            connections["meter"].cursor() as cursor,
        ):
            cursor.execute("SELECT count(*) FROM probe")
            by_runtime = cursor.fetchone()
            cursor.execute("SET ROLE meter_owner")
            cursor.execute("SELECT count(*) FROM probe")
            by_owner = cursor.fetchone()
            cursor.execute("SET ROLE meter")

        assert (by_runtime, by_owner) == ((4,), (4,))


_GRANTED = """
    SELECT c.relname::text, c.relrowsecurity AND c.relforcerowsecurity,
        has_any_column_privilege(%(role)s, c.oid, 'INSERT, UPDATE')
        OR has_table_privilege(%(role)s, c.oid, 'DELETE, TRUNCATE')
    FROM pg_class c
    WHERE c.relnamespace = %(schema)s::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
        AND (has_any_column_privilege(%(role)s, c.oid, 'SELECT, INSERT, UPDATE')
            OR has_table_privilege(%(role)s, c.oid, 'DELETE, TRUNCATE'))
"""


# Texts that many invoices share, and no word of a customer in them.
_SHARED = {"line_template", "printed_part", "tax_template"}


class TestReadableTables:
    @pytest.mark.parametrize("context", database.CONTEXTS)
    def test_are_all_protected_and_never_written(self, context: str) -> None:
        names = {"role": database.external_role(context), "schema": context}
        with connections[context].cursor() as cursor:
            cursor.execute(_GRANTED, names)
            found = cursor.fetchall()

        unprotected = {table for table, is_protected, _ in found if not is_protected}
        assert unprotected - _SHARED == set()
        assert [table for table, _, is_written in found if is_written] == []
