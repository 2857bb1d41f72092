"""What staff see of a person's sign-ins, and how they end them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session

from ossrep.infra import database
from ossrep.infra.auth import revocation
from ossrep.infra.auth.tokens import TOKEN_LIFE_MAX
from ossrep.infra.oidc.grants import end_user
from ossrep.infra.oidc.issuer import issuer
from ossrep.infra.oidc.models import Grant
from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError

_SESSIONS_AT_ONCE = 2_000


class NoSuchAccount(DomainError):
    """Nobody signs in by that name."""

    code = "no_such_account"


@dataclass(frozen=True, slots=True)
class Ended:
    """What was ended: sign-ins at clients, and browsers that were signed in here."""

    sign_ins: int
    browsers: int


def find_account(who: str) -> User:
    """By user name, verified e-mail address or subject. Raises NoSuchAccount."""
    found = User.objects.filter(username=who).first()
    found = found or User.objects.filter(verified_email__email=who.lower()).first()
    if found is None and who.isdecimal() and len(who) <= 9:
        found = User.objects.filter(pk=int(who)).first()
    if found is None:
        raise NoSuchAccount("nobody signs in by this name, address or subject", where=who)
    return found


def open_sign_ins(user: User) -> Sequence[Grant]:
    """Those in force, the newest first."""
    rows = Grant.objects.filter(user=user, ended_at=None, expires_at__gt=clock.now())
    return list(rows.select_related("client").order_by("-started_at"))


def end_access(user: User, *, by: str) -> Ended:
    """Ends every sign-in, token and browser session of the user; the account stays.

    Tokens are refused everywhere within five seconds. Looks at each browser session there is, for
    they are not kept by user: a second for some tens of thousands.
    """
    with database.transaction("default"):
        count = len(open_sign_ins(user))
        browsers = _end_browsers(user)
        end_user(user, by=by)
        # Staff's sessions at other processes know the subject alone.
        end_subject(issuer_name=issuer(), subject=str(user.pk))
    return Ended(sign_ins=count, browsers=browsers)


def end_subject(*, issuer_name: str, subject: str) -> None:
    """Ends the tokens that any issuer gave the subject until now; the issuer may give new ones."""
    until = clock.now() + TOKEN_LIFE_MAX
    revocation.revoke(issuer=issuer_name, expires_at=until, subjects=[subject])


def _end_browsers(user: User) -> int:
    rows = Session.objects.filter(expire_date__gt=clock.now()).order_by("pk")
    theirs = [
        row.pk
        for row in rows.iterator(chunk_size=_SESSIONS_AT_ONCE)
        if row.get_decoded().get(SESSION_KEY) == str(user.pk)
    ]
    Session.objects.filter(pk__in=theirs).delete()
    return len(theirs)
