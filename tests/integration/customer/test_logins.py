"""Logins of customers: what they reach, and since when no more."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from ossrep.customer.models import Login, LoginAccount
from ossrep.customer.service import CustomerService
from ossrep.customer.usecases.logins import LoginTaken, LoginUnknown, close_login, link_login
from ossrep.customer.usecases.refusals import NotOfThisCustomer
from ossrep.kernel.identifiers import AccountId, CustomerId, EsiId
from ossrep.published.customer import CustomerLogin, LoginRight, ServedPeriod
from tests.customer_login import PortalUser, a_portal_user
from tests.factories.customer import a_contract, a_person, a_premises, an_account
from tests.token_issuer import ISSUER, TokenIssuer

pytestmark = pytest.mark.django_db(databases="__all__")

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


def _find(subject: str) -> CustomerLogin | None:
    return CustomerService().find_login(issuer=ISSUER, subject=subject)


class TestFindLogin:
    def test_gives_accounts_and_where_they_are_served(self, customer_login: PortalUser) -> None:
        accounts, places = customer_login.accounts, customer_login.premises
        a_contract(account=accounts[0], status="pending", start_date=dt.date(2027, 1, 1))
        before = a_premises()
        a_contract(
            account=accounts[1],
            premises=before,
            status="ended",
            start_date=dt.date(2025, 1, 1),
            end_date=dt.date(2026, 1, 1),
        )

        found = _find("ann")

        served = [
            (accounts[0], places[0], dt.date(2026, 1, 1), None),
            (accounts[1], before, dt.date(2025, 1, 1), dt.date(2026, 1, 1)),
            (accounts[1], places[1], dt.date(2026, 1, 1), None),
        ]
        assert found == CustomerLogin(
            login_id=customer_login.login_id,
            customer_id=CustomerId(customer_login.customer.pk),
            account_ids=tuple(AccountId(account.pk) for account in accounts),
            esi_ids=tuple(EsiId(place.esi_id) for _, place, _, _ in served),
            rights=frozenset(LoginRight),
            served=tuple(
                ServedPeriod(
                    account_id=AccountId(account.pk),
                    esi_id=EsiId(place.esi_id),
                    start_date=start,
                    end_date=end,
                )
                for account, place, start, end in served
            ),
        )

    def test_is_held_to_the_accounts_named(self, token_issuer: TokenIssuer) -> None:
        customer = a_person()
        mine, _ = an_account(customer=customer), an_account(customer=customer)
        user = a_portal_user(
            token_issuer,
            subject="clerk",
            customer=customer,
            accounts=1,
            rights=[LoginRight.PAY],
            held_to=[mine],
        )

        found = _find("clerk")

        assert found is not None
        assert found.account_ids == (mine.pk,)
        assert found.served == ()
        assert found.rights == {LoginRight.VIEW, LoginRight.PAY}
        assert user.accounts[0].pk not in found.account_ids

    def test_is_none_for_another_issuer_or_subject(self, customer_login: PortalUser) -> None:
        assert CustomerService().find_login(issuer="https://other", subject="ann") is None
        assert _find("ANN") is None

    def test_is_none_once_closed(self, customer_login: PortalUser) -> None:
        close_login(
            login_id=customer_login.login_id,
            customer_id=CustomerId(customer_login.customer.pk),
            as_of=NOW,
        )

        assert _find("ann") is None


class TestLinkLogin:
    def test_refuses_a_login_of_another_customer(self, customer_login: PortalUser) -> None:
        with pytest.raises(LoginTaken):
            link_login(
                issuer=ISSUER, subject="ann", customer_id=CustomerId(a_person().pk), rights=[]
            )

        assert Login.objects.count() == 1

    def test_takes_a_closed_subject_again(self, customer_login: PortalUser) -> None:
        close_login(
            login_id=customer_login.login_id,
            customer_id=CustomerId(customer_login.customer.pk),
            as_of=NOW,
        )
        other = a_person()

        link_login(issuer=ISSUER, subject="ann", customer_id=CustomerId(other.pk), rights=[])

        found = _find("ann")
        assert found is not None
        assert (found.customer_id, found.account_ids) == (other.pk, ())

    def test_changes_rights_and_accounts_of_a_known_one(self, customer_login: PortalUser) -> None:
        first, second = (AccountId(account.pk) for account in customer_login.accounts)
        for account_ids in ([first], [second], [second]):
            again = link_login(
                issuer=ISSUER,
                subject="ann",
                customer_id=CustomerId(customer_login.customer.pk),
                rights=[],
                account_ids=account_ids,
            )
            assert again == customer_login.login_id

        found = _find("ann")
        assert found is not None
        assert found.account_ids == (second,)
        assert found.rights == {LoginRight.VIEW}

    def test_refuses_foreign_accounts(
        self, customer_login: PortalUser, other_login: PortalUser
    ) -> None:
        with pytest.raises(NotOfThisCustomer):
            link_login(
                issuer=ISSUER,
                subject="ann",
                customer_id=CustomerId(customer_login.customer.pk),
                rights=[],
                account_ids=[AccountId(other_login.accounts[0].pk)],
            )

        found = _find("ann")
        assert found is not None
        assert found.account_ids == customer_login.scope.account_ids

    def test_is_held_by_the_database_to_its_customer(
        self, customer_login: PortalUser, other_login: PortalUser
    ) -> None:
        with (
            pytest.raises(IntegrityError, match="cust_login_account_account"),
            transaction.atomic(using="customer"),
        ):
            LoginAccount.objects.create(
                login_id=customer_login.login_id,
                account=other_login.accounts[0],
                customer=customer_login.customer,
            )


class TestCloseLogin:
    def test_refuses_a_foreign_login(
        self, customer_login: PortalUser, other_login: PortalUser
    ) -> None:
        with pytest.raises(LoginUnknown):
            close_login(
                login_id=other_login.login_id,
                customer_id=CustomerId(customer_login.customer.pk),
                as_of=NOW,
            )

        assert _find("bob") is not None
