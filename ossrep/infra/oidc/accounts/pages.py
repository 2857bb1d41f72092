"""What the account pages have in common: a form, where it leads, how often it may be tried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views import View
from django.views.decorators.debug import sensitive_post_parameters

from ossrep.infra.mail import MailNotSent
from ossrep.infra.oidc import throttle
from ossrep.infra.oidc.accounts.forms import Form
from ossrep.infra.oidc.accounts.life import EmailTaken, PasswordWrong
from ossrep.infra.oidc.accounts.links import LinkRefused, TooManyMessages
from ossrep.infra.oidc.answers import page, redirect
from ossrep.infra.oidc.authorize import client_address_in
from ossrep.infra.web.throttling import count_call
from ossrep.kernel.errors import DomainError

MESSAGES_A_MINUTE = 10
_STATUS = {
    PasswordWrong.code: 400,
    EmailTaken.code: 409,
    LinkRefused.code: 410,
    TooManyMessages.code: 429,
    MailNotSent.code: 503,
}


class Wait(Exception):
    """The password was tried too often."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def _field_of(refusal: DomainError, form: Form) -> str | None:
    """The field that is to blame; None: the whole form."""
    if not isinstance(refusal, PasswordWrong):
        return None
    return "current" if "current" in form.fields else "password"


def next_of(request: HttpRequest) -> str:
    """The path of ours to go on to; empty where none, or another site's, is given.

    No host is taken, not even ours: what a request says of its host proves nothing.
    """
    asked = request.POST.get("next", request.GET.get("next", ""))
    is_ours = url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if is_ours and asked.startswith("/") else ""


def with_next(name: str, leads_to: str) -> str:
    """The address of a page that goes on to ``leads_to``."""
    query = f"?{urlencode({'next': leads_to})}" if leads_to else ""
    return reverse(name) + query


@method_decorator(sensitive_post_parameters("password", "current"), name="dispatch")
class FormPage(View):
    """One form. ``done`` does what it asks; what it raises stands above the form."""

    http_method_names = ["get", "post"]
    form_class: ClassVar[type[Form]] = Form
    template: ClassVar[str] = ""
    sends_messages: ClassVar[bool] = False

    def get(self, request: HttpRequest) -> HttpResponse:
        """The empty form."""
        return self.shown(self.form_class())

    def post(self, request: HttpRequest) -> HttpResponse:
        """What the form asks for, or the form with what is wrong."""
        form = self.form_class(request.POST)
        try:
            if not form.is_valid():
                return self.shown(form, status=400)
            if self.sends_messages:
                self._count()
            return self.done(form)
        except Wait as wait:
            form.add_error(None, f"Too many tries. Wait {wait.seconds} seconds and try again.")
            response = self.shown(form, status=429)
            response["Retry-After"] = str(wait.seconds)
            return response
        except (PasswordWrong, EmailTaken, TooManyMessages, MailNotSent) as refusal:
            form.add_error(
                _field_of(refusal, form), f"{refusal.message[:1].upper()}{refusal.message[1:]}."
            )
            return self.shown(form, status=_STATUS[refusal.code])
        except LinkRefused as refusal:
            return page(request, "oidc/link_refused.html", status=_STATUS[refusal.code])

    def done(self, form: Form) -> HttpResponse:
        """Does it, and answers."""
        raise NotImplementedError

    def context(self) -> Mapping[str, Any]:
        """What the template needs besides the form."""
        return {}

    def leads_to(self) -> str:
        """The path of ours that the form ends at; browsers hold its redirects to the policy."""
        return next_of(self.request)

    def shown(self, form: Form, *, status: int = 200) -> HttpResponse:
        """The page with the form."""
        told = {"form": form, "next": next_of(self.request), **self.context()}
        return page(
            self.request,
            self.template,
            told,
            status=status,
            leads_to=client_address_in(self.leads_to()),
        )

    def _count(self) -> None:
        address = throttle.address_of(self.request)
        calls, seconds = count_call(caller=f"account messages {address}")
        if calls > MESSAGES_A_MINUTE:
            raise Wait(seconds)


class SignedInPage(FormPage):
    """A page of the user who is signed in."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Asks to sign in first."""
        if not request.user.is_authenticated:
            return redirect(with_next("oidc-login", request.path))
        return super().dispatch(request, *args, **kwargs)

    @property
    def user(self) -> User:
        """Whose page it is."""
        user = self.request.user
        assert isinstance(user, User)
        return user


def count_password(request: HttpRequest, *, name: str, is_right: bool) -> None:
    """Counts a password as the sign-in page does; ``wait_first`` comes before it is looked at."""
    address = throttle.address_of(request)
    if is_right:
        throttle.forget_failures(username=name, address=address)
    else:
        throttle.record_failure(throttle.callers(username=name, address=address))


def wait_first(request: HttpRequest, *, name: str) -> None:
    """Raises Wait while passwords of this name may not be tried from this address."""
    keys = throttle.callers(username=name, address=throttle.address_of(request))
    if seconds := throttle.wait_of(keys):
        raise Wait(seconds)
