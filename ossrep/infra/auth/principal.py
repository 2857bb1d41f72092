"""The caller of a request, as the verified token says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A verified caller; DRF's ``request.auth``, and ``request.user`` where there is no account.

    ``roles`` are ours (customer, csr, billing, market, product, admin, service); ``rights`` are
    scoped ones that foreign role names map to (``service-point:admin``), never a role at large.
    """

    issuer: str
    subject: str
    roles: frozenset[str]
    rights: frozenset[str] = frozenset()
    client_id: str = ""
    session_id: str = ""
    token_id: str = ""
    issued_at: int = 0
    """Seconds since 1970; 0 where the token does not say."""
    email: str = ""
    is_email_verified: bool = False

    @property
    def is_authenticated(self) -> bool:
        """Always: a principal is made from a verified token only."""
        return True

    @property
    def pk(self) -> str:
        """What throttles and logs name the caller by."""
        return f"{self.issuer}|{self.subject}"
