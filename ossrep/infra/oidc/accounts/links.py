"""Links in messages: signed, good once, for a while, and never more than a few an hour."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.core.signing import BadSignature, Signer

from ossrep.infra import database, mail
from ossrep.infra.oidc.issuer import address_of
from ossrep.infra.oidc.models import EmailLink
from ossrep.infra.oidc.secret_forms import digest, new_secret
from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError

LIFE = {
    "sign_up": dt.timedelta(hours=24),
    "reset": dt.timedelta(minutes=30),
    "change": dt.timedelta(hours=24),
}
PATHS = {"sign_up": "sign-up/confirm", "reset": "password/new", "change": "email/confirm"}
# Messages to one address in an hour, whoever asks for them.
MESSAGES_AN_HOUR = 5
KEPT = dt.timedelta(days=7)
_PRUNED_AT_ONCE = 100

Done = TypeVar("Done")


class LinkRefused(DomainError):
    """No such link, or it is over, or was used; nothing says which."""

    code = "link_refused"


class TooManyMessages(DomainError):
    """The address got as many messages as it may in an hour."""

    code = "too_many_messages"


def send_link(
    *, purpose: str, email: str, template: str, user: User | None = None, **details: Any
) -> None:
    """Sends a link to an address. Raises TooManyMessages or MailNotSent.

    The address of the link is the provider's configured one; no header of a request is in it.
    ``details`` are fields of EmailLink.
    """
    secret = new_secret()
    now = clock.now()
    with database.transaction("default"):
        _prune()
        sent = EmailLink.objects.filter(email=email, created_at__gt=now - dt.timedelta(hours=1))
        if sent.count() >= MESSAGES_AN_HOUR:
            raise TooManyMessages("this address got several messages already; look there, or wait")
        EmailLink.objects.create(
            purpose=purpose,
            email=email,
            user=user,
            secret_hash=digest(secret),
            created_at=now,
            expires_at=now + LIFE[purpose],
            **details,
        )
    query = urlencode({"token": _signer(purpose).sign(secret)})
    told = {
        "link": f"{address_of(PATHS[purpose])}?{query}",
        "sign_in": address_of("login"),
        "sign_up": address_of("sign-up"),
        "forgotten": address_of("password/forgotten"),
    }
    mail.send(to=email, template=f"oidc/mail/{template}.txt", context=told)


def find_link(*, purpose: str, token: str) -> EmailLink:
    """The link as it stands. Raises LinkRefused."""
    link = EmailLink.objects.filter(secret_hash=_hash_of(purpose, token), purpose=purpose).first()
    if link is None or link.used_at is not None or link.expires_at <= clock.now():
        raise LinkRefused("this link is not valid any more")
    return link


def spend_link(*, purpose: str, token: str, work: Callable[[EmailLink], Done]) -> Done:
    """Does the work that a link stands for, once. Raises LinkRefused, and what the work raises.

    Where the work raises, the link stays good.
    """
    with database.transaction("default"):
        found = find_link(purpose=purpose, token=token)
        link = EmailLink.objects.select_for_update().get(pk=found.pk)
        if link.used_at is not None:
            raise LinkRefused("this link is not valid any more")
        done = work(link)
        link.used_at = clock.now()
        link.password_hash = ""
        link.save(update_fields=["used_at", "password_hash"])
    return done


def _hash_of(purpose: str, token: str) -> str:
    try:
        return digest(_signer(purpose).unsign(token))
    except BadSignature as error:
        raise LinkRefused("this link is not valid any more") from error


def _signer(purpose: str) -> Signer:
    return Signer(salt=f"ossrep.oidc.link.{purpose}")


def _prune() -> None:
    """Forgets a few that ended long ago."""
    old = EmailLink.objects.filter(expires_at__lt=clock.now() - KEPT).order_by("expires_at")
    chosen = list(old.values_list("pk", flat=True)[:_PRUNED_AT_ONCE])
    EmailLink.objects.filter(pk__in=chosen).delete()
