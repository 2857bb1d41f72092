"""What the provider remembers of one browser's sign-in, in its session."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest

from ossrep.infra.oidc.secret_forms import new_secret
from ossrep.kernel import clock

_MARK = "oidc_browser"
_SIGNED_IN_AT = "oidc_signed_in_at"


def remember_sign_in(request: HttpRequest) -> None:
    """Notes when the user signed in; each sign-in has a mark of its own."""
    request.session[_SIGNED_IN_AT] = clock.now().timestamp()
    request.session.setdefault(_MARK, new_secret())


def signed_in_at(request: HttpRequest) -> dt.datetime:
    """When this session's user signed in; long ago for a session that does not say."""
    seconds = request.session.get(_SIGNED_IN_AT, 0)
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def mark(request: HttpRequest) -> str:
    """The mark that everything granted from this sign-in carries."""
    found: str = request.session.setdefault(_MARK, new_secret())
    return found


def known_mark(request: HttpRequest) -> str:
    """The mark, or empty where nothing was granted."""
    return str(request.session.get(_MARK, ""))
