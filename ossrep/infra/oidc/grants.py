"""Codes and refresh tokens: each good once, and what a second use ends.

Every decision is made under a row lock. A refusal is returned, not raised, until the transaction
has ended: what it revokes must stay revoked.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import QuerySet
from oidc_provider.models import Client

from ossrep.infra import database
from ossrep.infra.auth.revocation import revoke
from ossrep.infra.oidc.issuer import ACCESS_TOKEN_LIFE, CODE_LIFE, GRANT_LIFE, issuer
from ossrep.infra.oidc.models import AuthorizationCode, Grant, RefreshToken
from ossrep.infra.oidc.secret_forms import digest, new_secret
from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_KEPT_AFTER_END = dt.timedelta(days=1)
_PRUNED_AT_ONCE = 100


class GrantRefused(DomainError):
    """The token endpoint's ``error`` is the code; nothing says which check failed."""

    code = "invalid_grant"


class ScopeRefused(GrantRefused):
    """A refresh asks for more than was granted."""

    code = "invalid_scope"


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """A grant in force and the refresh token to go on with."""

    grant: Grant
    refresh_token: str
    scope: Sequence[str]
    nonce: str = ""


def issue_code(
    *,
    client: Client,
    user: User,
    browser: str,
    redirect_uri: str,
    scope: Sequence[str],
    nonce: str,
    code_challenge: str,
    auth_time: dt.datetime,
) -> str:
    """A code that only the holder of the challenge's verifier can use, once, within a minute."""
    code = new_secret()
    AuthorizationCode.objects.create(
        code_hash=digest(code),
        client=client,
        user=user,
        browser=browser,
        redirect_uri=redirect_uri,
        scope=" ".join(scope),
        nonce=nonce,
        code_challenge=code_challenge,
        auth_time=auth_time,
        expires_at=clock.now() + CODE_LIFE,
    )
    return code


def exchange_code(*, client: Client, code: str, redirect_uri: str, verifier: str) -> Renewed:
    """Raises GrantRefused. Any use spends the code; a second one ends what the first one gave."""
    with database.transaction("default"):
        rows = AuthorizationCode.objects.select_for_update()
        kept = rows.filter(code_hash=digest(code)).first()
        renewed = None if kept is None else _use(kept, client, redirect_uri, verifier)
    if renewed is None:
        raise GrantRefused("the code is not valid")
    return renewed


def _use(
    kept: AuthorizationCode, client: Client, redirect_uri: str, verifier: str
) -> Renewed | None:
    if kept.used_at is not None:
        if kept.grant_id is not None:
            end_grants(Grant.objects.filter(pk=kept.grant_id), by="code replayed")
        return None
    kept.used_at = clock.now()
    fits = (
        kept.client_id == client.pk
        and kept.redirect_uri == redirect_uri
        and kept.expires_at > kept.used_at
        and _fits_challenge(verifier, kept.code_challenge)
        and kept.user.is_active
    )
    if fits:
        kept.grant = _start(kept)
    kept.save(update_fields=["used_at", "grant"])
    if kept.grant is None:
        return None
    scope = kept.scope.split()
    return Renewed(
        grant=kept.grant, refresh_token=_add_refresh(kept.grant), scope=scope, nonce=kept.nonce
    )


def _fits_challenge(verifier: str, challenge: str) -> bool:
    if not _VERIFIER.fullmatch(verifier):
        return False
    hashed = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    return hmac.compare_digest(hashed.decode().rstrip("="), challenge)


def _start(kept: AuthorizationCode) -> Grant:
    _prune()
    now = clock.now()
    return Grant.objects.create(
        client=kept.client,
        user=kept.user,
        sid=new_secret(),
        browser=kept.browser,
        scope=kept.scope,
        nonce=kept.nonce,
        auth_time=kept.auth_time,
        started_at=now,
        expires_at=now + GRANT_LIFE,
    )


def _add_refresh(grant: Grant) -> str:
    token = new_secret()
    RefreshToken.objects.create(token_hash=digest(token), grant=grant, issued_at=clock.now())
    return token


def refresh(*, client: Client, token: str, scope: Sequence[str]) -> Renewed:
    """Raises GrantRefused. A used token that comes again ends the whole grant, whoever has it."""
    with database.transaction("default"):
        kept = RefreshToken.objects.filter(token_hash=digest(token)).first()
        renewed = None if kept is None else _rotate(kept, client, scope)
    if renewed is None:
        raise GrantRefused("the refresh token is not valid")
    if set(renewed.scope) - set(renewed.grant.scope.split()):
        raise ScopeRefused("more scope than was granted")
    return renewed


def _rotate(kept: RefreshToken, client: Client, scope: Sequence[str]) -> Renewed | None:
    grant = Grant.objects.select_for_update().get(pk=kept.grant_id)
    if grant.client_id != client.pk:
        return None
    # Read again: whoever held the lock before us may have used it.
    kept.refresh_from_db(fields=["used_at"])
    now = clock.now()
    if kept.used_at is not None:
        end_grants(Grant.objects.filter(pk=grant.pk), by="refresh token used again")
        return None
    if grant.ended_at is not None or grant.expires_at <= now or not grant.user.is_active:
        return None
    granted = grant.scope.split()
    asked = list(scope) or granted
    if set(asked) - set(granted):
        # Not spent: the caller may ask again for what was granted.
        return Renewed(grant=grant, refresh_token="", scope=asked)
    kept.used_at = now
    kept.save(update_fields=["used_at"])
    return Renewed(grant=grant, refresh_token=_add_refresh(grant), scope=asked)


def end_grants(grants: QuerySet[Grant], *, by: str) -> int:
    """Ends them and every token of theirs, in force within seconds; gives how many."""
    with database.transaction("default"):
        open_ones = grants.filter(ended_at=None).select_for_update().order_by("pk")
        found = dict(open_ones.values_list("pk", "sid"))
        now = clock.now()
        Grant.objects.filter(pk__in=found).update(ended_at=now, ended_by=by)
        _revoke_sessions(found.values())
    return len(found)


def _revoke_sessions(sids: Iterable[str]) -> None:
    until = clock.now() + ACCESS_TOKEN_LIFE + dt.timedelta(minutes=5)
    revoke(issuer=issuer(), expires_at=until, session_ids=list(sids))


def end_browser(browser: str, *, by: str) -> None:
    """Ends what was granted from one browser's sign-in, codes that are still under way too."""
    if not browser:
        return
    with database.transaction("default"):
        codes = AuthorizationCode.objects.filter(browser=browser, used_at=None)
        codes.update(used_at=clock.now())
        end_grants(Grant.objects.filter(browser=browser), by=by)


def end_user(user: User, *, by: str) -> None:
    """Ends everything that was granted to a user."""
    with database.transaction("default"):
        AuthorizationCode.objects.filter(user=user, used_at=None).update(used_at=clock.now())
        end_grants(Grant.objects.filter(user=user), by=by)


def _prune() -> None:
    """Forgets a few of those that ended long ago, so that the tables stay as large as a day."""
    before = clock.now() - _KEPT_AFTER_END
    for model in (Grant, AuthorizationCode):
        old = model.objects.filter(expires_at__lt=before).order_by("expires_at")
        chosen = list(old.values_list("pk", flat=True)[:_PRUNED_AT_ONCE])
        model.objects.filter(pk__in=chosen).delete()
