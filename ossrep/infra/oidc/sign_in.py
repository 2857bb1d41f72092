"""The sign-in page, and how often a password may be tried."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters

from ossrep.infra import database
from ossrep.infra.oidc.answers import policy, unkept
from ossrep.infra.oidc.authorize import client_address_in
from ossrep.infra.oidc.models import SignInFailure
from ossrep.infra.web.addresses import client_address
from ossrep.kernel import clock

FORGOTTEN_AFTER = dt.timedelta(minutes=15)
BLOCK_MAX = dt.timedelta(minutes=15)
# Failures before the first wait. Someone else's tries from elsewhere block a name last.
NAME_AT_ADDRESS_FREE, NAME_FREE, ADDRESS_FREE = 5, 25, 50


def callers(*, username: str, address: str) -> dict[str, int]:
    """Hashed keys that failures are counted by, with how many are free of a wait."""
    name = username.strip().lower()
    named = {
        f"name {name} at {address}": NAME_AT_ADDRESS_FREE,
        f"name {name}": NAME_FREE,
        f"address {address}": ADDRESS_FREE,
    }
    return {hashlib.sha256(key.encode()).hexdigest(): free for key, free in named.items()}


def wait_of(keys: Mapping[str, int]) -> int:
    """Seconds until a password may be tried again; 0: now."""
    now = clock.now()
    blocked = SignInFailure.objects.filter(caller_hash__in=keys, blocked_until__gt=now)
    until = max(blocked.values_list("blocked_until", flat=True), default=now)
    seconds = (until - now).total_seconds()
    return int(seconds) + 1 if seconds > 0 else 0


def record_failure(keys: Mapping[str, int]) -> None:
    """Counts a wrong password; every one over the free ones doubles the wait."""
    now = clock.now()
    with database.transaction("default"):
        SignInFailure.objects.filter(last_at__lt=now - FORGOTTEN_AFTER).delete()
        for key in sorted(keys):
            # The row's own lock makes tries at the same time count one after the other.
            SignInFailure.objects.bulk_create(
                [SignInFailure(caller_hash=key, failures=0, last_at=now, blocked_until=now)],
                ignore_conflicts=True,
            )
            row = SignInFailure.objects.filter(caller_hash=key)
            row.update(failures=F("failures") + 1, last_at=now)
            over = row.values_list("failures", flat=True).get() - keys[key]
            if over >= 0:
                wait = min(dt.timedelta(seconds=2 ** min(over, 20)), BLOCK_MAX)
                row.update(blocked_until=now + wait)


def forget_failures(*, username: str, address: str) -> None:
    """After a right password: the name starts anew at this address."""
    keys = callers(username=username, address=address)
    own = [key for key, free in keys.items() if free == NAME_AT_ADDRESS_FREE]
    SignInFailure.objects.filter(caller_hash__in=own).delete()


@method_decorator(sensitive_post_parameters("password"), name="dispatch")
class SignInView(LoginView):
    """Name and password; then on to the client that sent the user here."""

    template_name = "oidc/sign_in.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Tries the password, unless it was tried too often."""
        seconds = wait_of(self._callers())
        if not seconds:
            return super().post(request, *args, **kwargs)
        form = self.get_form_class()(request)
        told = self.get_context_data(form=form, wait_seconds=seconds)
        response = self.render_to_response(told, status=429)
        response["Retry-After"] = str(seconds)
        return response

    def get_default_redirect_url(self) -> str:
        """Where a sign-in ends that no client asked for."""
        return reverse("oidc-signed-in")

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """The right password."""
        forget_failures(username=self._username(), address=self._address())
        return super().form_valid(form)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """A wrong one: counted, and answered without saying what was wrong."""
        record_failure(self._callers())
        return super().form_invalid(form)

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """The page, which may lead to the client that sent the user."""
        response = unkept(super().render_to_response(context, **kwargs))
        leads_to = client_address_in(self.get_redirect_url())
        response["Content-Security-Policy"] = policy(leads_to=leads_to)
        return response

    def _username(self) -> str:
        return self.request.POST.get("username", "")[:150]

    def _address(self) -> str:
        return str(client_address(self.request) or "unknown")

    def _callers(self) -> dict[str, int]:
        return callers(username=self._username(), address=self._address())
