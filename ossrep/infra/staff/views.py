"""To the provider and back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import structlog
from django.contrib import auth
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from mozilla_django_oidc.views import (
    OIDCAuthenticationCallbackView,
    OIDCAuthenticationRequestView,
)

from ossrep.infra.staff import session
from ossrep.infra.staff.provider import ProviderSilent, is_configured, oidc_setting
from ossrep.infra.web.surfaces import Route

_LOG = structlog.get_logger(__name__)


class StaffSignInView(OIDCAuthenticationRequestView):  # type: ignore[misc]
    """Leads to the provider, with a state, a nonce and a PKCE challenge of this browser's."""

    get_settings = staticmethod(oidc_setting)

    def __init__(self, **kwargs: Any) -> None:
        """The library would ask for the addresses here, before it is known whether there are."""
        super(OIDCAuthenticationRequestView, self).__init__(**kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        """302 to the provider, or back to the sign-in page when it is silent."""
        if not is_configured():
            raise Http404
        try:
            self.OIDC_OP_AUTH_ENDPOINT = oidc_setting("OIDC_OP_AUTHORIZATION_ENDPOINT")
            self.OIDC_RP_CLIENT_ID = oidc_setting("OIDC_RP_CLIENT_ID")
            answer: HttpResponse = super().get(request)
        except ProviderSilent as silence:
            _LOG.warning("staff provider silent", why=silence.message)
            return _back("silent")
        answer["Cache-Control"] = "no-store"
        return answer


class StaffCallbackView(OIDCAuthenticationCallbackView):  # type: ignore[misc]
    """Where the provider leads back to."""

    get_settings = staticmethod(oidc_setting)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Signed in, or back to the sign-in page."""
        if not is_configured():
            raise Http404
        try:
            answer: HttpResponse = super().get(request)
        except SuspiciousOperation as error:
            _LOG.warning("staff sign-in refused", why=str(error))
            return self.login_failure()
        answer["Cache-Control"] = "no-store"
        return answer

    def login_success(self) -> HttpResponse:
        """The account's session, in the place of whatever session was there."""
        after = self.success_url
        auth.login(self.request, self.user)
        session.remember(self.request.session, self.request.staff_given)
        return HttpResponseRedirect(after)

    def login_failure(self) -> HttpResponse:
        """Back to the sign-in page, which says so."""
        return _back("refused")


def _back(why: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('admin:login')}?{urlencode({'sign_in': why})}")


ROUTES: list[Route] = [
    path("admin/sign-in", StaffSignInView.as_view(), name="staff-sign-in"),
    path("admin/sign-in/callback", StaffCallbackView.as_view(), name="staff-callback"),
]
