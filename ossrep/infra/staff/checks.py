"""What must fit before anybody can sign in; Django's system checks say it at start."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error

from ossrep.infra.auth.issuers import IssuerMisconfigured
from ossrep.infra.staff.provider import is_configured, known_issuers


def staff_issuer_is_known(**kwargs: Any) -> list[CheckMessage]:
    """OSSREP_STAFF_ISSUER is the embedded provider or one of OSSREP_ISSUERS."""
    try:
        found, known = known_issuers()
    except IssuerMisconfigured as error:
        return [Error(str(error), id="ossrep.E005")]
    if not is_configured() or found in known:
        return []
    return [
        Error(
            f"OSSREP_STAFF_ISSUER {found} is neither the embedded provider nor one of "
            "OSSREP_ISSUERS.",
            hint=f"Known are: {', '.join(known) or 'none'}.",
            id="ossrep.E006",
        )
    ]
