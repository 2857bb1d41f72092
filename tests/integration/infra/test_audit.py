"""Who did what stands beside each change of a tracked record, in the record's own schema."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import ProgrammingError, connections, transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from psycopg import sql

from ossrep.customer.models import Customer
from ossrep.infra import audit, database
from ossrep.infra.commands import OssrepCommand
from tests.integration.infra.facts import rows

pytestmark = pytest.mark.django_db(databases="__all__")


def _rename(number: str, name: str) -> None:
    Customer.objects.filter(number=number).update(business_name=name)


def _contexts(number: str) -> list[dict[str, Any] | None]:
    """The context of each event of a customer, oldest first."""
    found = rows(
        "customer",
        "SELECT pgh_context FROM customer_event WHERE number = %s ORDER BY pgh_id",
        [number],
    )
    return [json.loads(context) if isinstance(context, str) else context for (context,) in found]


@pytest.fixture
def number() -> str:
    Customer.objects.create(number="C-1", type="business", business_name="Acme")
    return "C-1"


class TestHistoryContext:
    def test_stands_in_the_event_of_the_context_own_schema(self, number: str) -> None:
        with audit.history_context(reason="asked by phone"), database.transaction("customer"):
            _rename(number, "Acme Ltd")

        assert _contexts(number) == [None, {"reason": "asked by phone"}]

    def test_is_seen_by_a_transaction_that_only_copies(self, number: str) -> None:
        with audit.history_context(reason="moved"), transaction.atomic(using="customer"):
            audit.announce("customer")
            with connections["customer"].cursor() as cursor:
                cursor.execute("SELECT current_setting('pghistory.context_metadata')")

                assert json.loads(cursor.fetchone()[0]) == {"reason": "moved"}

    def test_adds_up_when_nested_and_ends_outside(self, number: str) -> None:
        with audit.history_context(command="import"), audit.history_context(reason="typo"):
            _rename(number, "Acme Ltd")
        assert not audit.is_active()

        assert _contexts(number)[-1] == {"command": "import", "reason": "typo"}

    def test_without_it_the_event_has_no_context(self, number: str) -> None:
        _rename(number, "Acme Ltd")

        assert _contexts(number) == [None, None]

    def test_reaches_composed_statements(self) -> None:
        with (
            audit.history_context(reason="because"),
            transaction.atomic(using="market"),
            connections["market"].cursor() as cursor,
        ):
            cursor.execute("CREATE TEMP TABLE thing (id int) ON COMMIT DROP")
            cursor.execute(sql.SQL("UPDATE {} SET id = id").format(sql.Identifier("thing")))
            cursor.execute("SELECT current_setting('pghistory.context_metadata')")

            assert json.loads(cursor.fetchone()[0]) == {"reason": "because"}

    def test_reaches_statements_of_many_rows(self) -> None:
        with (
            audit.history_context(reason="because"),
            transaction.atomic(using="market"),
            connections["market"].cursor() as cursor,
        ):
            cursor.execute("CREATE TEMP TABLE thing (id int) ON COMMIT DROP")
            cursor.executemany("INSERT INTO thing VALUES (%s)", [[1], [2]])
            cursor.execute(
                "SELECT count(*), current_setting('pghistory.context_metadata') FROM thing"
            )
            count, metadata = cursor.fetchone()

        assert (count, json.loads(metadata)) == (2, {"reason": "because"})

    def test_leaves_percent_signs_of_bare_statements_alone(self, number: str) -> None:
        with (
            audit.history_context(reason="rounded"),
            database.transaction("customer"),
            connections["customer"].cursor() as cursor,
        ):
            cursor.execute("UPDATE customer SET business_name = '5 % off' WHERE number = 'C-1'")

        assert Customer.objects.get().business_name == "5 % off"
        assert _contexts(number)[-1] == {"reason": "rounded"}


class TestHistoryMiddleware:
    def test_names_the_user_and_the_page(self, number: str) -> None:
        def view(request: HttpRequest) -> HttpResponse:
            _rename(number, "Acme Ltd")
            return HttpResponse()

        request = RequestFactory().post("/admin/customer/customer/1/change/")
        request.user = User.objects.create_user("pat")
        audit.HistoryMiddleware(view)(request)

        context = _contexts(number)[-1]
        assert context == {
            "user": request.user.pk,
            "username": "pat",
            "method": "POST",
            "url": "/admin/customer/customer/1/change/",
        }


class _Rename(OssrepCommand):
    def handle(self, *args: Any, **options: Any) -> None:
        _rename("C-1", "Acme Ltd")


class TestCommandHistory:
    def test_names_the_command_the_person_and_the_reason(
        self, number: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys, "argv", ["manage.py", "customer", "rename", "Acme Ltd"])

        call_command(_Rename(), reason="merger")

        context = _contexts(number)[-1]
        assert context is not None
        assert context["command"] == "manage.py customer rename 'Acme Ltd'"
        assert context["reason"] == "merger"
        assert context["os_user"]


class TestHistoryItself:
    @pytest.mark.parametrize(
        "statement", ["UPDATE customer_event SET number = 'x'", "DELETE FROM customer_event"]
    )
    def test_cannot_be_changed_by_the_runtime_role(self, number: str, statement: str) -> None:
        with (
            connections["customer"].cursor() as cursor,
            pytest.raises(ProgrammingError, match="permission denied"),
        ):
            cursor.execute(statement)
