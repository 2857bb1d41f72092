"""What must be set in production, and where a process runs only some of the contexts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from ossrep.infra.database import CONTEXTS, installed


@register
def check_split(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Without a broker the events of a split process would reach nobody but itself."""
    missing = [context for context in CONTEXTS if context not in installed()]
    if not missing:
        return []
    found: list[CheckMessage] = []
    if not settings.OSSREP_KAFKA_BOOTSTRAP:
        found.append(
            Error(
                "Only some contexts run here, and no Kafka carries events to the others.",
                hint="Set OSSREP_KAFKA_BOOTSTRAP in every process.",
                id="ossrep.E001",
            )
        )
    unknown = [context for context in missing if context not in settings.OSSREP_SERVICES]
    if unknown:
        found.append(
            Error(
                f"Nothing says where {', '.join(unknown)} can be called.",
                hint='Give addresses: OSSREP_SERVICES={"meter": "https://..."}.',
                id="ossrep.E002",
            )
        )
    if "customer" in missing:
        found += _check_access()
    return found


def _check_access() -> list[CheckMessage]:
    """Access ends where customer runs: what ends elsewhere would be in force for the others."""
    found: list[CheckMessage] = []
    if settings.OSSREP_OIDC_ISSUER:
        found.append(
            Error(
                "The embedded OpenID provider runs in the process that has the customer context.",
                hint="Set OSSREP_OIDC_ISSUER= here, and name that one in OSSREP_ISSUERS.",
                id="ossrep.E003",
            )
        )
    if not settings.OSSREP_SERVICE_TOKEN_URL:
        found.append(
            Error(
                "Nothing says how to ask the process with the customer context which access has "
                "ended.",
                hint="Set OSSREP_SERVICE_TOKEN_URL, _CLIENT_ID and _CLIENT_SECRET.",
                id="ossrep.E004",
            )
        )
    return found


@register(Tags.security, deploy=True)
def check_mail(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Without a mail server nobody can open an account or reset a password."""
    if settings.OSSREP_HAS_EMAIL_URL:
        return []
    return [
        Warning(
            "Messages to customers are only written to files in the data folder.",
            hint="Set OSSREP_EMAIL_URL to smtp+tls://user:password@host:port, or to "
            "file:///path where that is meant.",
            id="ossrep.W001",
        )
    ]
