"""What the login behind a customer's token may reach: asked once, carried through every query."""

from __future__ import annotations

from dataclasses import dataclass

from rest_framework.exceptions import APIException, NotAuthenticated
from rest_framework.request import Request

from ossrep.infra.auth.principal import Principal
from ossrep.infra.services import resolve
from ossrep.published.customer import CustomerLogin, CustomerService, ServedPeriod

_KEPT_AS = "_ossrep_customer_scope"


class NoCustomer(APIException):
    """The token is good, and its login belongs to no customer (any more)."""

    status_code = 403
    default_code = "no_customer"
    default_detail = "This login belongs to no customer; claim an account first."


class RightMissing(APIException):
    """The login belongs to the customer and may not do this."""

    status_code = 403
    default_code = "right_missing"
    default_detail = "This login may not do this."


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerScope:
    """A mandatory argument of every query for a customer's call.

    ``esi_ids`` are those that the accounts are or were served at; ``served`` says when, so that
    nobody sees the usage of who lived there before or after.
    """

    customer_id: int
    account_ids: tuple[int, ...]
    esi_ids: tuple[str, ...]
    rights: frozenset[str]
    served: tuple[ServedPeriod, ...] = ()
    login_id: int = 0

    def require(self, right: str) -> None:
        """Refuses a login without the right: 403."""
        if right not in self.rights:
            raise RightMissing(f"This login has no right to {right}.")


def customer_scope(request: Request) -> CustomerScope:
    """The scope of the caller; one question for a request, however often it is called.

    Raises NoCustomer (403) where the token's subject has no customer.
    """
    found = getattr(request._request, _KEPT_AS, None)
    if isinstance(found, CustomerScope):
        return found
    if not isinstance(request.auth, Principal):
        raise NotAuthenticated
    login = resolve(CustomerService).find_login(
        issuer=request.auth.issuer, subject=request.auth.subject
    )
    if login is None:
        raise NoCustomer
    scope = scope_of(login)
    setattr(request._request, _KEPT_AS, scope)
    return scope


def scope_of(login: CustomerLogin) -> CustomerScope:
    """The scope of a login."""
    return CustomerScope(
        customer_id=login.customer_id,
        account_ids=login.account_ids,
        esi_ids=login.esi_ids,
        rights=frozenset(login.rights),
        served=login.served,
        login_id=login.login_id,
    )
