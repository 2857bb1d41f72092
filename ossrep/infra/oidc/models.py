"""What the provider keeps, on ``default``: no secret in a form that could be used from a copy."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from oidc_provider.models import Client


class SigningKey(models.Model):
    """An RSA key; the private half is sealed with a key from outside the database."""

    kid = models.CharField(max_length=64, unique=True)
    sealed_private_key = models.BinaryField()
    public_jwk = models.JSONField()
    created_at = models.DateTimeField()
    published_until = models.DateTimeField(null=True)
    """Null: it signs. Else it was replaced, and is published until what it signed has ended."""

    class Meta:
        db_table = "oidc_signing_key"

    def __str__(self) -> str:
        return self.kid


class Grant(models.Model):
    """One sign-in of a user to one client: every token of it ends with it, at the latest then."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    sid = models.CharField(max_length=64, unique=True)
    browser = models.CharField(max_length=64, db_index=True)
    scope = models.TextField()
    nonce = models.CharField(max_length=255)
    auth_time = models.DateTimeField()
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=40)

    class Meta:
        db_table = "oidc_grant"

    def __str__(self) -> str:
        return f"{self.user} at {self.client}"


class AuthorizationCode(models.Model):
    """A code, hashed. A used one is kept until long after, to know it when it comes again."""

    code_hash = models.CharField(max_length=64, unique=True)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    browser = models.CharField(max_length=64, db_index=True)
    redirect_uri = models.TextField()
    scope = models.TextField()
    nonce = models.CharField(max_length=255)
    code_challenge = models.CharField(max_length=43)
    auth_time = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)
    grant = models.ForeignKey(Grant, null=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        db_table = "oidc_authorization_code"

    def __str__(self) -> str:
        return f"code of {self.user} at {self.client}"


class RefreshToken(models.Model):
    """A refresh token, hashed; each is good for one use."""

    token_hash = models.CharField(max_length=64, unique=True)
    grant = models.ForeignKey(Grant, on_delete=models.CASCADE, related_name="+")
    issued_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "oidc_refresh_token"

    def __str__(self) -> str:
        return f"refresh token of {self.grant}"


class SignInFailure(models.Model):
    """Wrong passwords in a row, by whom they were tried (hashed: name, address or both)."""

    caller_hash = models.CharField(max_length=64, unique=True)
    failures = models.IntegerField()
    last_at = models.DateTimeField()
    blocked_until = models.DateTimeField()

    class Meta:
        db_table = "oidc_sign_in_failure"

    def __str__(self) -> str:
        return f"{self.failures} failures"


class VerifiedEmail(models.Model):
    """The address that a user has shown to be theirs; nobody else has it."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="verified_email"
    )
    email = models.CharField(max_length=150, unique=True)
    verified_at = models.DateTimeField()

    class Meta:
        db_table = "oidc_verified_email"

    def __str__(self) -> str:
        return self.email


class EmailLink(models.Model):
    """A link that was sent to an address, its secret hashed; good once and for a while.

    A row is written for every message asked for, whether or not the address has an account, so
    that an address gets only so many and the askers learn nothing.
    """

    PURPOSES = (
        ("sign_up", "open an account"),
        ("reset", "set a new password"),
        ("change", "change the e-mail address"),
    )

    purpose = models.CharField(max_length=7, choices=PURPOSES)
    email = models.CharField(max_length=150)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+"
    )
    secret_hash = models.CharField(max_length=64, unique=True)
    first_name = models.CharField(max_length=150, default="")
    last_name = models.CharField(max_length=150, default="")
    password_hash = models.CharField(max_length=128, default="")
    leads_to = models.TextField(default="")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "oidc_email_link"
        indexes = [models.Index(fields=["email", "created_at"], name="oidc_email_link_by_email")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(purpose__in=["sign_up", "reset", "change"]),
                name="oidc_email_link_purpose",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}: {self.email}"
