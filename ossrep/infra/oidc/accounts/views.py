"""The pages: sign up, forgotten password, and one's own account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth import login, logout, update_session_auth_hash
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from ossrep.infra.oidc.accounts import forms, life
from ossrep.infra.oidc.accounts.links import LinkRefused, find_link
from ossrep.infra.oidc.accounts.pages import (
    FormPage,
    SignedInPage,
    count_password,
    next_of,
    wait_first,
)
from ossrep.infra.oidc.answers import page, redirect

_BACKEND = "django.contrib.auth.backends.ModelBackend"


class SignUpView(FormPage):
    """Name, address, password; the answer is the same whether or not there is such an account."""

    form_class = forms.SignUpForm
    template = "oidc/sign_up.html"
    sends_messages = True

    def done(self, form: forms.Form) -> HttpResponse:
        """Sends the link."""
        given = form.cleaned_data
        life.ask_to_sign_up(**given, leads_to=next_of(self.request))
        return page(self.request, "oidc/link_sent.html", {"email": given["email"]})


class _LinkPage(FormPage):
    """A page that is opened by a link of a message; a link is spent by POST only."""

    purpose = ""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The form, if the link is good. Programs that look at mail open links, too."""
        try:
            find_link(purpose=self.purpose, token=self.token)
        except LinkRefused:
            return page(request, "oidc/link_refused.html", status=410)
        return super().get(request)

    @property
    def token(self) -> str:
        """The link's."""
        return self.request.POST.get("token", self.request.GET.get("token", ""))

    def context(self) -> Mapping[str, Any]:
        """The token goes on with the form."""
        email = find_link(purpose=self.purpose, token=self.token).email
        return {"token": self.token, "username": email}


class ConfirmSignUpView(_LinkPage):
    """The link of a new account."""

    form_class = forms.ConfirmSignUpForm
    template = "oidc/sign_up_confirm.html"
    purpose = "sign_up"

    def leads_to(self) -> str:
        """Where the user was going when they signed up."""
        return find_link(purpose=self.purpose, token=self.token).leads_to

    def done(self, form: forms.Form) -> HttpResponse:
        """Opens the account and signs in."""
        name = f"sign up {find_link(purpose=self.purpose, token=self.token).email}"
        wait_first(self.request, name=name)
        try:
            user, leads_to = life.open_account(
                token=self.token, password=form.cleaned_data["password"]
            )
        except life.PasswordWrong:
            count_password(self.request, name=name, is_right=False)
            raise
        login(self.request, user, backend=_BACKEND)
        return redirect(leads_to or reverse("oidc-signed-in"))


class ForgottenView(FormPage):
    """The answer is the same whether or not there is such an account."""

    form_class = forms.ForgottenForm
    template = "oidc/forgotten.html"
    sends_messages = True

    def done(self, form: forms.Form) -> HttpResponse:
        """Sends the link."""
        email = form.cleaned_data["email"]
        life.ask_for_new_password(email=email)
        return page(self.request, "oidc/link_sent.html", {"email": email, "is_reset": True})


class NewPasswordView(_LinkPage):
    """The link of a forgotten password."""

    form_class = forms.NewPasswordForm
    template = "oidc/new_password.html"
    purpose = "reset"

    def done(self, form: forms.Form) -> HttpResponse:
        """Sets it; signing in with it is the next step."""
        life.reset_password(token=self.token, password=form.cleaned_data["password"])
        logout(self.request)
        return page(self.request, "oidc/done.html", {"what": "password", "signs_in": True})


class ConfirmEmailView(_LinkPage):
    """The link of a new address."""

    template = "oidc/email_confirm.html"
    purpose = "change"

    def done(self, form: forms.Form) -> HttpResponse:
        """The address is the user's."""
        life.change_email(token=self.token)
        return page(self.request, "oidc/done.html", {"what": "email"})


class AccountView(SignedInPage):
    """Who one is here, and what can be changed."""

    http_method_names = ["get"]
    template = "oidc/account.html"

    def context(self) -> Mapping[str, Any]:
        """The user, and whether the address is verified."""
        return {"user": self.user, "is_verified": life.is_verified(self.user)}


class _WithPassword(SignedInPage):
    """Asks for the present password before anything else."""

    def context(self) -> Mapping[str, Any]:
        """Whose password it is."""
        return {"user": self.user, "username": self.user.get_username()}

    def done(self, form: forms.Form) -> HttpResponse:
        """Goes on where the password is right."""
        name = self.user.get_username()
        wait_first(self.request, name=name)
        is_right = self.user.check_password(form.cleaned_data["current"])
        count_password(self.request, name=name, is_right=is_right)
        if not is_right:
            raise life.PasswordWrong("the password is not right")
        return self.trusted(form)

    def trusted(self, form: forms.Form) -> HttpResponse:
        """What the user wants."""
        raise NotImplementedError


class ChangePasswordView(_WithPassword):
    """Another password; this browser stays signed in, others do not."""

    form_class = forms.ChangePasswordForm
    template = "oidc/change_password.html"

    def trusted(self, form: forms.Form) -> HttpResponse:
        """Sets it."""
        user = self.user
        life.set_password(user, form.cleaned_data["password"], by="password changed")
        update_session_auth_hash(self.request, user)
        return page(self.request, "oidc/done.html", {"what": "password"})


class ChangeEmailView(_WithPassword):
    """Another address, or the same to show that it is one's own."""

    form_class = forms.ChangeEmailForm
    template = "oidc/change_email.html"
    sends_messages = True

    def trusted(self, form: forms.Form) -> HttpResponse:
        """Sends the new address a link."""
        email = form.cleaned_data["email"]
        life.ask_to_change_email(user=self.user, email=email)
        return page(self.request, "oidc/link_sent.html", {"email": email})


class CloseView(_WithPassword):
    """The end of an account; staff's are ended by staff."""

    form_class = forms.CloseForm
    template = "oidc/close.html"

    def trusted(self, form: forms.Form) -> HttpResponse:
        """Closes it and signs out."""
        if self.user.is_staff:
            raise PermissionDenied
        life.close_account(self.user)
        logout(self.request)
        return page(self.request, "oidc/done.html", {"what": "closed"})
