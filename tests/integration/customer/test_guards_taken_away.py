"""Negative controls: without a guard of the database its rule breaks, and the pack tells."""

from __future__ import annotations

from django.conf import settings

from ossrep.customer.models import Account, Contract
from ossrep.infra import database
from ossrep.infra.invariants import verify
from tests.factories.customer import a_certificate, a_contract, a_premises, an_account


def broken(name: str) -> bool:
    [verdict] = [v for v in verify(contexts=["customer"]) if v.name == name]
    return not verdict.holds


def as_superuser(statement: str) -> None:
    entry = settings.DATABASES["customer"]
    with database.superuser_connection(entry, dbname=entry["NAME"]) as server:
        server.execute("SET search_path = customer")
        server.execute(statement)  # type: ignore[call-overload]


class TestGuardTakenAway:
    def test_lets_two_contracts_serve_one_day(self, fresh_database: str) -> None:
        as_superuser("ALTER TABLE contract DROP CONSTRAINT cust_contract_served_once")
        premises = a_premises()

        a_contract(premises=premises)
        a_contract(premises=premises)

        assert Contract.objects.count() == 2
        assert broken("esi_id_served_once")

    def test_lets_two_certificates_cover_one_day(self, fresh_database: str) -> None:
        as_superuser("ALTER TABLE exemption_certificate DROP CONSTRAINT cust_certificate_once")
        account = an_account()

        a_certificate(account=account)
        a_certificate(account=account)

        assert broken("certificates_once")

    def test_lets_a_circle_close(self, fresh_database: str) -> None:
        as_superuser("ALTER TABLE account DISABLE TRIGGER ALL")
        upper = an_account()
        lower = an_account(customer=upper.customer, parent=upper)

        Account.objects.filter(pk=upper.pk).update(parent=lower)

        assert broken("hierarchy_without_circles")

    def test_lets_a_life_jump(self, fresh_database: str) -> None:
        as_superuser("ALTER TABLE contract DISABLE TRIGGER USER")
        contract = a_contract(status="cancelled")

        Contract.objects.filter(pk=contract.pk).update(status="active")

        assert Contract.objects.get().status == "active"
        assert broken("contract_life_traced")
