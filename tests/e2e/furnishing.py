"""What an installation needs before a portal's user sees anything: a plan, a customer, a login."""

from __future__ import annotations

import datetime as dt
from io import StringIO
from pathlib import Path

from django.contrib.auth.models import Group, User
from django.core.management import call_command

import ossrep.demo
from ossrep.infra.oidc.clients import PORTAL_CLIENT_ID, register_portal
from ossrep.infra.oidc.models import VerifiedEmail
from ossrep.kernel import clock
from ossrep.product.models import PlanVersion
from tests.factories.customer import a_contract, a_meter, a_person, a_premises, an_account

DEMO = Path(ossrep.demo.__file__).parent
EMAIL, PASSWORD = "robin@example.com", "long-Winter-evening-7"
ACCOUNT = "A-900001"


def furnish(portal: str, *, issuer: str) -> None:
    """The portal's client and its user, whose customer has an account on a published plan."""
    register_portal(
        client_id=PORTAL_CLIENT_ID,
        name="Customer portal",
        redirect_uris=[f"{portal}/"],
        post_logout_redirect_uris=[f"{portal}/"],
    )
    user = User.objects.create_user(EMAIL, EMAIL, PASSWORD, first_name="Robin", last_name="Reyes")
    user.groups.add(Group.objects.get(name="customer"))
    VerifiedEmail.objects.create(user=user, email=EMAIL, verified_at=clock.now())
    _customer(_plan_version_id())
    _run("customer", "link-login", ACCOUNT, "--issuer", issuer, "--subject", str(user.pk))


def _plan_version_id() -> int:
    _run("product", "import-brands", str(DEMO / "brands.yaml"))
    _run("product", "import-tariffs")
    _run("product", "import", str(DEMO / "plans/flat-12.yaml"))
    _run("product", "publish", "PL-FLAT-12")
    return PlanVersion.objects.get(plan__code="PL-FLAT-12").pk


def _customer(plan_version_id: int) -> None:
    person = a_person(first_name="Robin", last_name="Reyes")
    account = an_account(customer=person, number=ACCOUNT, nickname="Home")
    place = a_premises(service_line2="Unit 4")
    a_meter(premises=place)
    a_contract(
        account=account,
        premises=place,
        plan_version_id=plan_version_id,
        signed_date=dt.date(2025, 12, 15),
        term_end_date=dt.date(2027, 1, 1),
    )


def _run(*command: str) -> None:
    call_command(*command, stdout=StringIO())
