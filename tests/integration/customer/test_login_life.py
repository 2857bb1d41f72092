"""How logins come to a customer and go: claims, invitations, rights, removal."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from ossrep.customer.models import Login, LoginClaim, LoginInvitation
from ossrep.customer.usecases.claim_account import LOCKED_FOR, TRIES
from ossrep.infra.auth.principal import Principal
from ossrep.infra.auth.revocation import RevokedSet
from ossrep.infra.services import standing_in
from ossrep.kernel import clock
from ossrep.kernel.identifiers import AccountId, CustomerId
from ossrep.published.billing import BillingService
from ossrep.published.customer import LoginRight
from tests.customer_login import PortalUser, a_portal_user
from tests.factories.customer import a_business, an_account
from tests.fakes.billing import FakeBillingService
from tests.token_issuer import ISSUER, TokenIssuer

pytestmark = pytest.mark.django_db(databases="__all__")

INVOICE, TOTAL = "1000000017", Decimal("143.27")
_keys = count(1)


@pytest.fixture
def billing() -> Iterator[FakeBillingService]:
    fake = FakeBillingService()
    with standing_in(BillingService, fake):
        yield fake


class Caller:
    """A login and its calls."""

    def __init__(self, issuer: TokenIssuer, subject: str, **claims: Any) -> None:
        self.subject, self.email = subject, f"{subject}@example.com"
        self._issuer, self._claims = issuer, claims

    def _headers(self) -> dict[str, str]:
        claims = {"email": self.email, "email_verified": True, **self._claims}
        token = self._issuer.token(sub=self.subject, **claims)
        return {"Authorization": f"Bearer {token}", "Idempotency-Key": f"key-{next(_keys):08d}"}

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        return Client().generic(
            method,
            path,
            data="" if body is None else json.dumps(body),
            content_type="application/json",
            headers={**self._headers(), **headers},
        )

    def claim(self, number: str, *, invoice: str = INVOICE, total: str = "143.27") -> Any:
        body = {"accountNumber": number, "invoiceNumber": invoice, "total": total}
        return self.call("POST", "/api/v1/claims", body)

    def invite(self, email: str, rights: list[str], account_ids: Any = None) -> Any:
        body = {"email": email, "rights": rights, "accountIds": account_ids}
        return self.call("POST", "/api/v1/me/logins", body)

    def accept(self, secret: str) -> Any:
        return self.call("POST", "/api/v1/invitations/acceptance", {"token": secret})

    def change(self, login_id: int, rights: list[str], account_ids: Any = None) -> Any:
        path = f"/api/v1/me/logins/{login_id}"
        tag = self.call("GET", path)["ETag"]
        body = {"rights": rights, "accountIds": account_ids}
        return self.call("PATCH", path, body, **{"If-Match": tag})


@pytest.fixture
def account(billing: FakeBillingService) -> Any:
    found = an_account(customer=a_business())
    billing.bills.add((AccountId(found.pk), INVOICE, TOTAL))
    return found


@pytest.fixture
def owner(token_issuer: TokenIssuer) -> PortalUser:
    return a_portal_user(token_issuer, subject="owner", customer=a_business())


@pytest.fixture
def manager(token_issuer: TokenIssuer, owner: PortalUser) -> Caller:
    return Caller(token_issuer, "owner")


def secret_of_mail() -> str:
    found = re.search(r"/invitations#(\S+)", str(mail.outbox[-1].body))
    assert found is not None
    return found[1]


class TestClaim:
    def test_gives_full_rights_where_nobody_has_any(
        self, token_issuer: TokenIssuer, account: Any
    ) -> None:
        caller = Caller(token_issuer, "cy")
        first = caller.claim(account.number)
        again = caller.claim(account.number)

        assert first.status_code == again.status_code == 200, first.content
        assert first.json() == again.json()
        assert first.json() == {"outcome": "linked", "accountNumber": account.number}
        login = Login.objects.get(issuer=ISSUER, subject="cy")
        assert login.customer_id == account.customer_id
        assert sorted(login.rights) == sorted(right.value for right in LoginRight)
        assert (login.has_all_accounts, login.email) == (True, "cy@example.com")

    @pytest.mark.parametrize("verified", [False, "true", 1, None])
    def test_needs_a_verified_address(
        self, token_issuer: TokenIssuer, account: Any, verified: Any
    ) -> None:
        answer = Caller(token_issuer, "cy", email_verified=verified).claim(account.number)

        assert (answer.status_code, answer.json()["code"]) == (403, "email_not_verified")
        assert not Login.objects.filter(subject="cy").exists()

    def test_answers_alike_for_unknown_accounts_and_wrong_facts(
        self, token_issuer: TokenIssuer, account: Any
    ) -> None:
        answers = [
            Caller(token_issuer, f"c{place}").claim(number, invoice=invoice, total=total)
            for place, (number, invoice, total) in enumerate(
                [
                    ("NO-SUCH", INVOICE, "143.27"),
                    (account.number, "1000000018", "143.27"),
                    (account.number, INVOICE, "143.28"),
                    (an_account().number, INVOICE, "143.27"),
                ]
            )
        ]

        assert {answer.status_code for answer in answers} == {422}
        assert len({answer.content for answer in answers}) == 1
        assert answers[0].json()["code"] == "claim_refused"
        assert not Login.objects.exists()

    def test_is_locked_after_five_wrong_ones_for_an_account(
        self, token_issuer: TokenIssuer, account: Any
    ) -> None:
        for number in (account.number, "NO-SUCH"):
            wrong = [
                Caller(token_issuer, f"{number}{n}").claim(number, total="1.00").status_code
                for n in range(TRIES)
            ]
            right = Caller(token_issuer, f"{number}-right").claim(number)

            assert wrong == [422] * TRIES
            assert (right.status_code, right.json()["code"]) == (429, "claim_locked")
            assert 3590 < int(right["Retry-After"]) <= 3601
        assert not Login.objects.exists()

    def test_is_locked_after_five_wrong_ones_by_a_login(
        self, token_issuer: TokenIssuer, account: Any, billing: FakeBillingService
    ) -> None:
        caller = Caller(token_issuer, "cy")
        for n in range(TRIES):
            assert caller.claim(f"NO-SUCH-{n}").status_code == 422
        locked = caller.claim(account.number)
        with clock.standing_at(clock.now() + LOCKED_FOR + dt.timedelta(seconds=1)):
            later = caller.call(
                "POST",
                "/api/v1/claims",
                {"accountNumber": account.number, "invoiceNumber": INVOICE, "total": "143.27"},
                Authorization="Bearer "
                + token_issuer.token(
                    sub="cy",
                    email="cy@example.com",
                    email_verified=True,
                    iat=int(clock.now().timestamp()),
                    exp=int(clock.now().timestamp()) + 300,
                ),
            )

        assert (locked.status_code, later.status_code) == (429, 200)

    def test_waits_for_a_manager_where_others_have_rights(
        self,
        token_issuer: TokenIssuer,
        owner: PortalUser,
        manager: Caller,
        billing: FakeBillingService,
    ) -> None:
        Login.objects.update(email="owner@example.com")
        billing.bills.add((AccountId(owner.accounts[0].pk), INVOICE, TOTAL))
        caller = Caller(token_issuer, "cy")
        asked = caller.claim(owner.accounts[0].number)
        again = caller.claim(owner.accounts[0].number)
        claims = manager.call("GET", "/api/v1/me/logins").json()["claims"]
        path = f"/api/v1/me/logins/claims/{claims[0]['claimId']}/decision"
        body = {"accept": True, "rights": ["view", "pay"], "accountIds": [owner.accounts[0].pk]}
        decided = manager.call("POST", path, body)
        late = manager.call("POST", path, {"accept": False})

        assert asked.status_code == again.status_code == 202
        assert asked.json() == again.json()
        assert [message.to for message in mail.outbox] == [["owner@example.com"]]
        assert claims[0]["email"] == "cy@example.com"
        assert (decided.status_code, late.status_code) == (204, 404)
        login = Login.objects.get(subject="cy")
        assert (login.rights, login.has_all_accounts) == (["pay", "view"], False)
        assert [h.account_id for h in login.held_to.all()] == [owner.accounts[0].pk]

    def test_of_a_login_with_another_customer_is_refused(
        self, manager: Caller, account: Any
    ) -> None:
        answer = manager.claim(account.number)

        assert (answer.status_code, answer.json()["code"]) == (409, "login_taken")

    @pytest.mark.parametrize("total", ["NaN", "1e400", "143.270", None, {"a": 1}])
    def test_refuses_amounts_that_are_none(
        self, token_issuer: TokenIssuer, account: Any, total: Any
    ) -> None:
        answer = Caller(token_issuer, "cy").claim(account.number, total=total)

        assert answer.status_code == 400


class TestInvitation:
    def test_makes_its_address_a_login_once(
        self, token_issuer: TokenIssuer, owner: PortalUser, manager: Caller
    ) -> None:
        made = manager.invite("Di@example.com", ["pay"], [owner.accounts[1].pk])
        secret = secret_of_mail()
        accepted = Caller(token_issuer, "di").accept(secret)
        again = Caller(token_issuer, "di").accept(secret)

        assert made.status_code == 201
        assert secret not in made.content.decode()
        assert mail.outbox[0].to == ["di@example.com"]
        assert (accepted.status_code, again.status_code) == (200, 404)
        login = Login.objects.get(pk=accepted.json()["loginId"])
        assert (login.subject, login.rights) == ("di", ["pay", "view"])
        assert [h.account_id for h in login.held_to.all()] == [owner.accounts[1].pk]
        assert secret not in str(LoginInvitation.objects.values().get())

    def test_is_for_its_address_alone_and_ends(
        self, token_issuer: TokenIssuer, manager: Caller
    ) -> None:
        manager.invite("di@example.com", ["view"])
        secret = secret_of_mail()
        other = Caller(token_issuer, "eve").accept(secret)
        unverified = Caller(token_issuer, "di", email_verified=False).accept(secret)
        unknown = Caller(token_issuer, "di").accept("no-such-secret")
        LoginInvitation.objects.update(expires_at=clock.now())
        over = Caller(token_issuer, "di").accept(secret)

        assert [a.status_code for a in (other, unknown, over)] == [404, 404, 404]
        assert other.content == unknown.content == over.content
        assert unverified.json()["code"] == "email_not_verified"

    def test_can_be_withdrawn_and_replaced(
        self, token_issuer: TokenIssuer, manager: Caller
    ) -> None:
        manager.invite("di@example.com", ["view"])
        first = secret_of_mail()
        second = manager.invite("di@example.com", ["pay"]).json()
        path = f"/api/v1/me/logins/invitations/{second['invitationId']}"
        listed = manager.call("GET", "/api/v1/me/logins").json()["invitations"]
        withdrawn = manager.call("DELETE", path)

        assert Caller(token_issuer, "di").accept(first).status_code == 404
        assert [i["rights"] for i in listed] == [["pay", "view"]]
        assert (withdrawn.status_code, manager.call("DELETE", path).status_code) == (204, 404)
        assert Caller(token_issuer, "di").accept(secret_of_mail()).status_code == 404

    def test_gives_no_more_than_its_manager_has(
        self, token_issuer: TokenIssuer, owner: PortalUser, other_login: PortalUser
    ) -> None:
        held = a_portal_user(
            token_issuer,
            subject="held",
            customer=owner.customer,
            accounts=1,
            rights=[LoginRight.MANAGE],
            held_to=[owner.accounts[0]],
        )
        caller = Caller(token_issuer, held.subject)
        answers = [
            caller.invite("x@example.com", rights, account_ids)
            for rights, account_ids in [
                (["pay"], [owner.accounts[0].pk]),
                (["view"], None),
                (["view"], [owner.accounts[1].pk]),
                (["view"], [other_login.accounts[0].pk]),
                (["view"], [2**62]),
            ]
        ]

        assert [a.status_code for a in answers] == [403, 403, 422, 422, 422]
        assert len({a.content for a in answers[2:]}) == 1
        assert mail.outbox == []
        assert caller.invite("x@example.com", ["view"], [owner.accounts[0].pk]).status_code == 201


def _principal(*, issued_at: int) -> Principal:
    return Principal(issuer=ISSUER, subject="clerk", roles=frozenset(), issued_at=issued_at)


class TestLogins:
    def test_are_shown_to_managers_alone(
        self, token_issuer: TokenIssuer, owner: PortalUser, manager: Caller, other_login: PortalUser
    ) -> None:
        a_portal_user(
            token_issuer, subject="clerk", customer=owner.customer, rights=[LoginRight.PAY]
        )
        shown = manager.call("GET", "/api/v1/me/logins")
        refused = Caller(token_issuer, "clerk").call("GET", "/api/v1/me/logins")
        stranger = Caller(token_issuer, "nobody").call("GET", "/api/v1/me/logins")

        assert [login["isYou"] for login in shown.json()["logins"]] == [True, False]
        assert (refused.status_code, refused.json()["code"]) == (403, "right_missing")
        assert (stranger.status_code, stranger.json()["code"]) == (403, "no_customer")

    def test_are_shown_as_far_as_their_manager_reaches(
        self, token_issuer: TokenIssuer, owner: PortalUser, manager: Caller
    ) -> None:
        own, other = (account.pk for account in owner.accounts)
        logins = {
            subject: a_portal_user(
                token_issuer,
                subject=subject,
                customer=owner.customer,
                accounts=0,
                rights=rights,
                held_to=held_to,
            ).login_id
            for subject, rights, held_to in (
                ("held", [LoginRight.MANAGE], owner.accounts[:1]),
                ("there", [LoginRight.PAY], owner.accounts[1:]),
                ("both", [LoginRight.PAY], owner.accounts),
            )
        }
        manager.invite("there@example.com", ["view"], [other])
        manager.invite("both@example.com", ["view"], [own, other])
        held = Caller(token_issuer, "held")

        shown = held.call("GET", "/api/v1/me/logins").json()
        there = held.call("GET", f"/api/v1/me/logins/{logins['there']}")

        assert [(line["loginId"], line["accountIds"]) for line in shown["logins"]] == [
            (owner.login_id, None),
            (logins["held"], [own]),
            (logins["both"], [own]),
        ]
        assert [(line["email"], line["accountIds"]) for line in shown["invitations"]] == [
            ("both@example.com", [own])
        ]
        assert there.status_code == 404
        assert len(manager.call("GET", "/api/v1/me/logins").json()["logins"]) == 4

    def test_change_their_rights_against_the_state_that_was_seen(
        self, token_issuer: TokenIssuer, owner: PortalUser, manager: Caller
    ) -> None:
        clerk = a_portal_user(
            token_issuer, subject="clerk", customer=owner.customer, rights=[LoginRight.PAY]
        )
        path = f"/api/v1/me/logins/{clerk.login_id}"
        tag = manager.call("GET", path)["ETag"]
        body = {"rights": ["view", "contracts"], "accountIds": [owner.accounts[0].pk]}
        blind = manager.call("PATCH", path, body)
        changed = manager.call("PATCH", path, body, **{"If-Match": tag})
        late = manager.call("PATCH", path, body, **{"If-Match": tag})

        assert [a.status_code for a in (blind, changed, late)] == [428, 200, 412]
        assert changed.json()["rights"] == ["contracts", "view"]
        assert clerk.scope.rights == {"view", "contracts"}
        assert clerk.scope.account_ids == (owner.accounts[0].pk,)

    def test_end_and_leave_a_history_that_says_who(
        self, token_issuer: TokenIssuer, owner: PortalUser, manager: Caller
    ) -> None:
        clerk = a_portal_user(token_issuer, subject="clerk", customer=owner.customer)
        removed = manager.call("DELETE", f"/api/v1/me/logins/{clerk.login_id}")
        later = RevokedSet()
        after = Caller(token_issuer, "clerk").call("GET", "/api/v1/me/logins")

        assert removed.status_code == 204
        assert after.status_code in (401, 403)
        # What every other process reads within two seconds.
        assert later.covers(_principal(issued_at=int(clock.now().timestamp()) - 1))
        assert not later.covers(_principal(issued_at=int(clock.now().timestamp()) + 2))
        login: Any = Login.objects.get(pk=clerk.login_id)
        last = login.events.latest("pgh_id")
        assert last.closed_at is not None
        assert last.pgh_context["username"] == "owner@example.com"

    def test_keep_one_manager(
        self, token_issuer: TokenIssuer, owner: PortalUser, manager: Caller
    ) -> None:
        a_portal_user(
            token_issuer,
            subject="held",
            customer=owner.customer,
            rights=[LoginRight.MANAGE],
            held_to=[owner.accounts[0]],
        )
        own = owner.login_id
        answers = [
            manager.call("DELETE", f"/api/v1/me/logins/{own}"),
            manager.change(own, ["view"]),
            manager.change(own, ["manage", "view"], [owner.accounts[0].pk]),
        ]

        assert [(a.status_code, a.json()["code"]) for a in answers] == [(409, "last_manager")] * 3
        assert owner.scope.rights == {right.value for right in LoginRight}

    def test_of_others_and_absent_ones_answer_alike(
        self, manager: Caller, other_login: PortalUser
    ) -> None:
        body = {"rights": ["view"], "accountIds": None}
        for method, given in (("GET", None), ("PATCH", body), ("DELETE", None)):
            answers = [
                manager.call(method, f"/api/v1/me/logins/{login_id}", given, **{"If-Match": "*"})
                for login_id in (other_login.login_id, 2**62, 2**70)
            ]

            assert {a.status_code for a in answers} == {404}
            assert len({a.content for a in answers}) == 1
        assert other_login.scope.rights == {right.value for right in LoginRight}

    @pytest.mark.parametrize(
        "extra", [{"customerId": 1}, {"loginId": 1}, {"subject": "x"}, {"hasAllAccounts": True}]
    )
    def test_take_no_fields_that_are_not_theirs(self, manager: Caller, extra: Any) -> None:
        body = {"email": "x@example.com", "rights": ["view"], "accountIds": None, **extra}
        answer = manager.call("POST", "/api/v1/me/logins", body)

        assert answer.status_code == 400
        assert answer.json()["errors"][0]["code"] == "unknown_field"

    def test_ends_with_the_account_at_the_provider(
        self, owner: PortalUser, token_issuer: TokenIssuer
    ) -> None:
        from ossrep.customer.service import CustomerService

        LoginClaim.objects.create(
            issuer=ISSUER,
            subject="owner",
            email="o@example.com",
            customer=owner.customer,
            account=owner.accounts[0],
        )
        for _ in range(2):
            CustomerService().close_identity(issuer=ISSUER, subject="owner")

        assert CustomerService().find_login(issuer=ISSUER, subject="owner") is None
        assert LoginClaim.objects.get().state == "refused"
        assert Login.objects.filter(customer_id=CustomerId(owner.customer.pk)).count() == 1
