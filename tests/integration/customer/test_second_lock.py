"""With its filter taken away, no query shows a foreign row; with row-level security gone, it does.

The filter is taken away by asking for a scope that names everybody's ids, inside the role of a
scope that has its own only: just what a forgotten WHERE would do.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest

from ossrep.customer import db
from ossrep.customer.models import Account, Premises
from ossrep.customer.queries.portal.accounts import list_accounts
from ossrep.customer.queries.portal.contracts import list_contracts
from ossrep.customer.queries.portal.customers import get_customer
from ossrep.customer.queries.portal.premises import list_premises
from ossrep.customer.queries.portal.profiles import get_preferences, get_profile
from ossrep.infra.auth.scope import CustomerScope
from ossrep.infra.services import standing_in
from ossrep.published.product import ProductService
from tests.customer_login import PortalUser
from tests.factories.customer_book import a_catalogue

pytestmark = pytest.mark.django_db(databases="__all__")

DAY = dt.date(2026, 11, 24)
TABLES = ("customer", "account", "contact", "contract", "premises", "meter", "contact_consent")

# The rows that each query shows, by id.
QUERIES: dict[str, Callable[[CustomerScope], set[int]]] = {
    "accounts": lambda scope: {a.account_id for a in list_accounts(scope=scope, day=DAY)},
    "contracts": lambda scope: {c.contract_id for c in list_contracts(scope=scope, day=DAY)},
    "premises": lambda scope: {
        p.pk for p in list_premises(scope=scope, page=lambda places: list(places))
    },
    "accounts of the customer": lambda scope: {
        a.account_id for a in get_customer(scope=scope, day=DAY).accounts
    },
    "accounts of the profile": lambda scope: {
        a.account_id for a in get_profile(scope=scope).accounts
    },
    "accounts of the preferences": lambda scope: {
        a.account_id for a in get_preferences(scope=scope).accounts
    },
}


def _of_everybody(own: CustomerScope) -> CustomerScope:
    return CustomerScope(
        customer_id=own.customer_id,
        account_ids=tuple(Account.objects.values_list("pk", flat=True)),
        esi_ids=tuple(Premises.objects.values_list("esi_id", flat=True)),
        rights=own.rights,
    )


def _without_row_security() -> None:
    with db.connection().cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET ROLE customer_owner")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        cursor.execute("SET ROLE customer")


@pytest.fixture(autouse=True)
def _plans() -> Iterator[None]:
    with standing_in(ProductService, a_catalogue()):
        yield


@pytest.mark.parametrize("name", sorted(QUERIES))
class TestQueryWithoutFilter:
    def test_shows_no_foreign_row(
        self, name: str, customer_login: PortalUser, other_login: PortalUser
    ) -> None:
        own = customer_login.scope
        wide = _of_everybody(own)
        expected = QUERIES[name](own)

        with db.external(scope=own):
            shown = QUERIES[name](wide)

        assert len(shown) == 2
        assert shown == expected

    def test_leaks_once_row_security_is_gone(
        self, name: str, customer_login: PortalUser, other_login: PortalUser
    ) -> None:
        own = customer_login.scope
        wide = _of_everybody(own)
        _without_row_security()

        with db.external(scope=own):
            shown = QUERIES[name](wide)

        assert len(shown) == 4


class TestFilterAlone:
    @pytest.mark.parametrize("name", sorted(QUERIES))
    def test_shows_no_foreign_row_either(
        self, name: str, customer_login: PortalUser, other_login: PortalUser
    ) -> None:
        _without_row_security()

        assert len(QUERIES[name](customer_login.scope)) == 2
