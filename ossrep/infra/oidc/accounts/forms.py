"""What people fill in on the account pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import (
    password_validators_help_texts,
    validate_password,
)

from ossrep.infra.oidc.accounts.life import find_user

EMAIL_LENGTH_MAX = 150
PASSWORD_LENGTH_MAX = 200


class EmailField(forms.EmailField):
    """An address in small letters, plain ASCII: look-alike letters must not be anybody else's."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"})
        given = {"label": "E-mail", "max_length": EMAIL_LENGTH_MAX, "widget": widget, **kwargs}
        super().__init__(**given)

    def clean(self, value: Any) -> str:
        """The address, or a message what is wrong with it."""
        text: str = super().clean(value)
        if not text.isascii():
            raise forms.ValidationError("Use an address of letters a to z.", code="not_ascii")
        return text.lower()


class PasswordField(forms.CharField):
    """A password, not trimmed; ``autocomplete`` tells password managers which."""

    def __init__(self, *, label: str, autocomplete: str, help_text: str = "") -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            strip=False,
            max_length=PASSWORD_LENGTH_MAX,
            widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
        )


class Form(forms.Form):
    """Fields in the order of the page; ids as the names, one form a page."""

    use_required_attribute = True

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="%s", label_suffix="")


class _NewPassword(Form):
    """A new password, held to the rules; ``user`` is whose it is to be."""

    password = PasswordField(label="New password", autocomplete="new-password")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["password"].help_text = " ".join(password_validators_help_texts())

    def clean(self) -> dict[str, Any]:
        """Also holds the password to the rules."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        if "password" in found:
            try:
                validate_password(found["password"], self.user_of(found))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return found

    def user_of(self, found: dict[str, Any]) -> User:
        """Whose password it is to be, as far as rules compare."""
        return User(username="")


class SignUpForm(_NewPassword):
    """A new account."""

    first_name = forms.CharField(
        label="First name",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label="Last name",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    email = EmailField()
    field_order = ["first_name", "last_name", "email", "password"]

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["password"].label = "Password"

    def user_of(self, found: dict[str, Any]) -> User:
        """The user that is to be."""
        names = {name: found.get(name, "") for name in ("email", "first_name", "last_name")}
        return User(username=names["email"], **names)


class ConfirmSignUpForm(Form):
    """The password again, by whoever asked for the account."""

    password = PasswordField(label="Password", autocomplete="current-password")


class ForgottenForm(Form):
    """Whose password was forgotten."""

    email = EmailField()


class NewPasswordForm(_NewPassword):
    """By the link of a message."""


class ChangePasswordForm(_NewPassword):
    """By a signed-in user."""

    current = PasswordField(label="Present password", autocomplete="current-password")
    field_order = ["current", "password"]


class ChangeEmailForm(Form):
    """The new address."""

    email = EmailField(label="New e-mail")
    current = PasswordField(label="Password", autocomplete="current-password")


class CloseForm(Form):
    """Meant, and by the user."""

    current = PasswordField(label="Password", autocomplete="current-password")


class SignInForm(AuthenticationForm):
    """User name or the e-mail address that was shown to be theirs."""

    def clean_username(self) -> str:
        """The user name of an address."""
        given: str = self.cleaned_data["username"]
        user = find_user(given) if "@" in given else None
        return user.get_username() if user else given
