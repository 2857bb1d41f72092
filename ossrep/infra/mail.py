"""Messages to people by e-mail: a text template whose first line is the subject."""

from __future__ import annotations

import smtplib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import get_template

from ossrep.kernel.errors import DomainError

TIMEOUT_SECONDS = 10
_BACKENDS = "django.core.mail.backends"


class MailNotSent(DomainError):
    """The mail server does not take a message now."""

    code = "mail_not_sent"


class MailUrlUnknown(DomainError):
    """``OSSREP_EMAIL_URL`` names no way of sending that there is."""

    code = "mail_url_unknown"


def settings_for(*, url: str, var_dir: Path) -> dict[str, Any]:
    """Django's settings for an ``OSSREP_EMAIL_URL``: smtp, smtps, smtp+tls, console or file."""
    parts = urlsplit(url)
    if not url or parts.scheme == "file":
        folder = parts.path if url else str(var_dir / "mail")
        return {"EMAIL_BACKEND": f"{_BACKENDS}.filebased.EmailBackend", "EMAIL_FILE_PATH": folder}
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": f"{_BACKENDS}.console.EmailBackend"}
    if parts.scheme not in ("smtp", "smtps", "smtp+tls") or not parts.hostname:
        raise MailUrlUnknown(
            "give smtp://, smtps:// or smtp+tls://user:password@host:port, console: or file:///path",
            where="OSSREP_EMAIL_URL",
        )
    return {
        "EMAIL_BACKEND": f"{_BACKENDS}.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or {"smtp": 25, "smtps": 465, "smtp+tls": 587}[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_TIMEOUT": TIMEOUT_SECONDS,
    }


def send(*, to: str, template: str, context: Mapping[str, Any]) -> None:
    """Sends one message. Raises MailNotSent; whoever calls has committed before."""
    told = {"site": settings.OSSREP_SITE_NAME, **context}
    subject, _, body = get_template(template).render(told).partition("\n")
    message = EmailMessage(subject=subject.strip(), body=body.strip() + "\n", to=[to])
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        raise MailNotSent("the message cannot be sent now; try again in a few minutes") from error
