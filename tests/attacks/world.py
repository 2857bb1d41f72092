"""A small demo, billed, with two of its customers: one attacks, the other must not be seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.db import connections

from ossrep.customer.models import Account, Contract
from ossrep.customer.usecases.logins import link_login
from ossrep.kernel import clock
from ossrep.kernel.identifiers import AccountId, CustomerId
from ossrep.published.customer import LoginRight
from tests.token_issuer import ISSUER, TokenIssuer


@dataclass(frozen=True, slots=True, kw_only=True)
class Victim:
    """A customer whose ids the attacker knows, and the texts that would give them away."""

    login_id: int
    ids: Mapping[str, str]
    markers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Tokens by caller; ``own`` are the attacker's own ids.

    ``limited`` may reach one account of a customer who has more; ``sibling`` is another of them.
    """

    victim: Victim
    own: Victim
    limited: Victim
    sibling: Victim
    tokens: Mapping[str, str] = field(default_factory=dict)


def make_world(*, folder: Path, issuer: TokenIssuer) -> World:
    """Loads and bills the demo, then gives two residential customers a login each."""
    options = ("--accounts", "24", "--months", "2", "--to", str(folder))
    call_command("demo", "run", *options, stdout=StringIO())
    billed = _billed_ids()
    attacker, victim = _two_homes(billed)
    limited, sibling = _two_of_one_customer(billed)
    return World(
        victim=_person(victim, subject="victim"),
        own=_person(attacker, subject="attacker"),
        limited=_person(limited, subject="limited"),
        sibling=_person(sibling, subject="sibling"),
        tokens=make_tokens(issuer),
    )


def _billed_ids() -> list[int]:
    with connections["billing"].cursor() as cursor:
        cursor.execute("SELECT account_id FROM invoice GROUP BY account_id ORDER BY account_id")
        return [row[0] for row in cursor.fetchall()]


def _two_homes(billed: Sequence[int]) -> tuple[Account, Account]:
    homes = Account.objects.filter(
        pk__in=billed, customer_class="residential", parent=None, customer__type="individual"
    ).order_by("pk")
    first = homes[0]
    second = homes.exclude(customer_id=first.customer_id).exclude(
        customer__last_name=first.customer.last_name
    )[0]
    return first, second


def _two_of_one_customer(billed: Sequence[int]) -> tuple[Account, Account]:
    sites = Account.objects.filter(pk__in=billed, parent__isnull=False).order_by("pk")
    first = sites[0]
    return first, sites.exclude(pk=first.pk).filter(customer_id=first.customer_id)[0]


def _person(account: Account, *, subject: str) -> Victim:
    login_id = link_login(
        issuer=ISSUER,
        subject=subject,
        customer_id=CustomerId(account.customer_id),
        rights=tuple(LoginRight),
        account_ids=[AccountId(account.pk)],
    )
    contract = Contract.objects.filter(account=account).select_related("premises")[0]
    with connections["billing"].cursor() as cursor:
        cursor.execute(
            "SELECT id, number FROM invoice WHERE account_id = %s ORDER BY id LIMIT 1", [account.pk]
        )
        invoice_id, invoice_number = cursor.fetchone()
    ids = {
        "customer_id": str(account.customer_id),
        "account_id": str(account.pk),
        "account_number": account.number,
        "contract_id": str(contract.pk),
        "premises_id": str(contract.premises_id),
        "esi_id": contract.premises.esi_id,
        "invoice_id": str(invoice_id),
        "login_id": str(login_id),
    }
    markers = (
        account.number,
        contract.number,
        contract.premises.esi_id,
        str(invoice_number),
    )
    return Victim(login_id=login_id, ids=ids, markers=markers)


def make_tokens(issuer: TokenIssuer) -> dict[str, str]:
    """Good for as long as the longest test of a module may take."""
    end = int(clock.now().timestamp()) + 3_600
    roles = {
        "attacker": ["customer"],
        "limited": ["customer"],
        "stranger": ["customer"],
        "unknown role": ["operator"],
        **{role: [role] for role in ("csr", "billing", "market", "product", "admin", "service")},
        "service-point user": ["centerpoint-service-point-user"],
    }
    return {
        name: issuer.token(
            sub=name, roles=given, jti=f"token {name}", sid=f"session {name}", exp=end
        )
        for name, given in roles.items()
    }
