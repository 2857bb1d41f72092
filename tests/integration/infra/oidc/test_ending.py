"""Staff see where somebody is signed in, and end it all."""

from __future__ import annotations

import io
import json

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import call_command
from django.test import Client

from ossrep.infra.auth.revocation import revoked
from ossrep.infra.oidc.clients import PORTAL_CLIENT_ID
from ossrep.infra.oidc.ending import Ended, NoSuchAccount, end_access, find_account
from ossrep.infra.oidc.models import Grant, VerifiedEmail
from ossrep.kernel import clock
from tests.integration.infra.oidc.portal import (
    PASSWORD,
    Portal,
    make_user,
    refresh,
    userinfo,
)

pytestmark = pytest.mark.django_db(databases="__all__")


class TestEndAccess:
    def test_ends_tokens_refreshing_and_browsers_of_this_user_alone(self, portal: Portal) -> None:
        other = Portal(make_user("bea"))
        theirs, given = other.tokens(), portal.tokens()

        ended = end_access(User.objects.get(username="ana"), by="ended by staff")
        revoked.cache_clear()

        assert ended == Ended(sign_ins=1, browsers=1)
        assert userinfo(given["access_token"]).status_code == 401
        assert refresh(given["refresh_token"]).status_code == 400
        assert portal.authorize(prompt="none")["Location"].find("error=login_required") > 0
        assert userinfo(theirs["access_token"]).status_code == 200
        assert "code" in other.authorize()["Location"]

    def test_leaves_the_account_able_to_sign_in_again(self, portal: Portal, user: User) -> None:
        portal.tokens()
        end_access(user, by="ended by staff")
        revoked.cache_clear()

        with clock.standing_at(clock.now()):
            answer = portal.http.post("/oidc/login", {"username": "ana", "password": PASSWORD})

        assert answer.status_code == 302
        assert "code" in portal.authorize()["Location"]


class TestFindAccount:
    def test_takes_name_verified_address_or_subject(self, user: User) -> None:
        VerifiedEmail.objects.create(user=user, email="a@b.example", verified_at=clock.now())

        assert [find_account(who) for who in ("ana", "A@B.example", str(user.pk))] == [user] * 3

    def test_does_not_take_an_address_that_nobody_verified(self, user: User) -> None:
        with pytest.raises(NoSuchAccount, match=r"ana@example\.com"):
            find_account("ana@example.com")


class TestCommands:
    def test_show_and_end(self, portal: Portal) -> None:
        portal.tokens()
        shown, ended = io.StringIO(), io.StringIO()

        call_command("oidc_account", "sessions", "ana", "--json", stdout=shown)
        call_command("oidc_account", "end-access", "ana", stdout=ended)

        assert json.loads(shown.getvalue())["client"] == PORTAL_CLIENT_ID
        assert ended.getvalue() == "1 sign-ins and 1 browser sessions ended\n"
        assert Grant.objects.get().ended_by == "ended by staff"


class TestAdmin:
    def _act(self, staff: Client, page: str, key: int) -> None:
        chosen = {"action": "end_access", "_selected_action": key}
        assert staff.post(f"/admin/{page}/", chosen).status_code in (200, 302)

    def test_ends_access_by_those_who_may_change_accounts(self, portal: Portal) -> None:
        portal.tokens()
        grant = Grant.objects.get()
        people = {}
        for name, allowed in (("reader", ["view_grant"]), ("admin", ["view_grant", "change_user"])):
            people[name] = User.objects.create_user(name, is_staff=True)
            people[name].user_permissions.set(Permission.objects.filter(codename__in=allowed))
        states = []

        for name in ("reader", "admin"):
            staff = Client()
            staff.force_login(people[name])
            self._act(staff, "oidc/grant", grant.pk)
            grant.refresh_from_db()
            states.append(grant.ended_by)

        assert states == ["", "ended by admin"]

    def test_ends_access_of_users(self, portal: Portal, user: User) -> None:
        portal.tokens()
        staff = Client()
        staff.force_login(User.objects.create_superuser("root"))

        self._act(staff, "auth/user", user.pk)

        assert Grant.objects.get().ended_by == "ended by root"
