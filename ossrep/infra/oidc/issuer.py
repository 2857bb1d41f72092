"""Who issues, for whom, and for how long."""

from __future__ import annotations

import datetime as dt

from django.conf import settings

CODE_LIFE = dt.timedelta(seconds=60)
ACCESS_TOKEN_LIFE = dt.timedelta(minutes=5)
ID_TOKEN_LIFE = dt.timedelta(minutes=10)
# From the sign-in on; no rotation makes it longer.
GRANT_LIFE = dt.timedelta(hours=12)
SCOPES = ("openid", "profile", "email")


def issuer() -> str:
    """The provider's own address, which every token carries."""
    return str(settings.OSSREP_OIDC_ISSUER)


def audience() -> str:
    """What access tokens are meant for: this installation's API."""
    return str(settings.OSSREP_OIDC_AUDIENCE)


def address_of(path: str) -> str:
    """The full address of a path below the issuer."""
    return f"{issuer()}/{path}"
