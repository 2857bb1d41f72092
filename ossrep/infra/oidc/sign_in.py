"""The sign-in page."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters

from ossrep.infra.oidc import throttle
from ossrep.infra.oidc.accounts.forms import SignInForm
from ossrep.infra.oidc.accounts.pages import next_of
from ossrep.infra.oidc.answers import policy, unkept
from ossrep.infra.oidc.authorize import client_address_in


@method_decorator(sensitive_post_parameters("password"), name="dispatch")
class SignInView(LoginView):
    """Name and password; then on to the client that sent the user here."""

    template_name = "oidc/sign_in.html"
    authentication_form = SignInForm

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Tries the password, unless it was tried too often."""
        seconds = throttle.wait_of(self._callers())
        if not seconds:
            return super().post(request, *args, **kwargs)
        form = self.get_form_class()(request)
        told = self.get_context_data(form=form, wait_seconds=seconds)
        response = self.render_to_response(told, status=429)
        response["Retry-After"] = str(seconds)
        return response

    def get_redirect_url(self, request: HttpRequest | None = None) -> str:
        """The path of ours to go on to."""
        return next_of(request or self.request)

    def get_default_redirect_url(self) -> str:
        """Where a sign-in ends that no client asked for."""
        return reverse("oidc-signed-in")

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """The right password."""
        throttle.forget_failures(username=self._username(), address=self._address())
        return super().form_valid(form)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """A wrong one: counted, and answered without saying what was wrong."""
        throttle.record_failure(self._callers())
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
        return throttle.address_of(self.request)

    def _callers(self) -> dict[str, int]:
        return throttle.callers(username=self._username(), address=self._address())
