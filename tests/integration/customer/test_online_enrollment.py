"""``/api/v1/enrollments``: from nobody to a customer with an enrollment on its way."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from ossrep.customer.models import (
    Account,
    Customer,
    Enrollment,
    EnrollmentConsent,
    OnlineEnrollment,
    OutboxEvent,
    Premises,
)
from ossrep.customer.usecases.online_enrollment.start import abandon_expired
from ossrep.infra.services import standing_in
from ossrep.kernel import clock
from ossrep.kernel.identifiers import EsiId, TdspCode
from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.published.market import MarketService, ServicePoint
from ossrep.published.product import ProductService
from tests.factories.customer_book import PLAN, a_catalogue
from tests.fakes.market import FakeMarketService
from tests.fakes.product import FakeProductService

pytestmark = pytest.mark.django_db(databases="__all__")

ESI_ID = "10443720000000001"
POINT = ServicePoint(
    esi_id=EsiId(ESI_ID),
    tdsp_code=TdspCode("ONCOR_ELEC"),
    status="Active",
    street="100 ELM ST",
    street_line2="",
    city="DALLAS",
    state="TX",
    zip_code="75201",
    county="DALLAS",
    read_cycle="07",
    premise_type="Residential",
    is_metered=True,
    has_switch_hold=None,
)
_keys = itertools.count(1)
CONSENTS = {
    "termsOfService": True,
    "electricityFactsLabel": True,
    "customerRights": True,
    "enrollmentAuthorization": True,
    "electronicDocuments": True,
}


def _tomorrow() -> str:
    day = clock.now().astimezone(MARKET_ZONE).date() + dt.timedelta(days=1)
    return day.isoformat()


STEPS: dict[str, Any] = {
    "customer-type": {"customerType": "INDIVIDUAL"},
    "contact": {
        "firstName": "Ann",
        "lastName": "Smith",
        "email": "ann@example.com",
        "phone": "214-555-0100",
    },
    "service": {"street": "100 Elm St", "city": "Dallas", "zip": "75201", "kind": "move_in"},
    "plan": {"planId": 1},
    "meters": {"esiIds": [ESI_ID]},
    "mailing": {"delivery": "email"},
}


@pytest.fixture(autouse=True)
def product() -> Iterator[FakeProductService]:
    fake = a_catalogue()
    business = {**PLAN, "plan": "BIZ", "customer_class": "small_commercial"}
    fake.add_plan(document=business, brand=next(iter(fake.brands.values())))
    with standing_in(ProductService, fake):
        yield fake


@pytest.fixture(autouse=True)
def market() -> Iterator[FakeMarketService]:
    fake = FakeMarketService()
    fake.add_tdsp(code="ONCOR_ELEC")
    fake.add_point(point=POINT)
    with standing_in(MarketService, fake):
        yield fake


class Person:
    """Fills in the steps with a browser."""

    def __init__(self) -> None:
        self.client = Client()
        answer = self._call("post", "", None)
        assert answer.status_code == 201
        self.reference, self.key = answer.json()["enrollmentId"], answer.json()["key"]

    def _call(self, method: str, path: str, body: Any, **headers: str) -> Any:
        sent = {"Idempotency-Key": f"person-{next(_keys)}", **headers}
        return getattr(self.client, method)(
            f"/api/v1/enrollments{path}", body, content_type="application/json", headers=sent
        )

    def put(self, step: str, **changes: Any) -> Any:
        body = {**STEPS[step], **changes}
        if step == "service":
            body.setdefault("startDate", _tomorrow())
        return self._call(
            "put", f"/{self.reference}/steps/{step}", body, **{"Enrollment-Key": self.key}
        )

    def answer_all(self, until: str = "mailing") -> None:
        for step in STEPS:
            assert self.put(step).status_code == 200, step
            if step == until:
                break

    def submit(self, **changes: Any) -> Any:
        body = {"signedName": "Ann Smith", "consents": CONSENTS, **changes}
        return self._call(
            "post", f"/{self.reference}/submission", body, **{"Enrollment-Key": self.key}
        )

    def see(self, key: str | None = None) -> Any:
        headers = {"Enrollment-Key": self.key if key is None else key}
        return self.client.get(f"/api/v1/enrollments/{self.reference}", headers=headers)

    def give_up(self) -> Any:
        return self._call("delete", f"/{self.reference}", None, **{"Enrollment-Key": self.key})


class TestSevenSteps:
    def test_make_a_customer_and_a_wish_to_the_market(self) -> None:
        person = Person()
        person.answer_all()

        answer = person.submit()

        assert answer.status_code == 201
        shown = answer.json()
        enrollment = Enrollment.objects.get()
        account = Account.objects.select_related("customer").get()
        assert shown["confirmationNumber"].startswith("W")
        assert (shown["state"], shown["nextStep"]) == ("submitted", None)
        assert shown["accountNumber"] == account.number
        assert shown["meters"] == [
            {
                "esiId": ESI_ID,
                "marketState": "submitted",
                "scheduledDate": None,
                "startDate": None,
                "reason": "",
            }
        ]
        assert account.customer.name == "Ann Smith"
        assert (account.delivery, account.email) == ("email", "ann@example.com")
        assert (account.mailing_line1, account.mailing_zip) == ("100 Elm St", "75201")
        assert (enrollment.kind, enrollment.consent_channel) == ("move_in", "web")
        assert str(enrollment.wanted_date) == _tomorrow()
        premises = Premises.objects.get()
        assert (premises.tdsp_code, premises.read_cycle) == ("ONCOR_ELEC", "07")
        assert (premises.rate_class, premises.tax_place) == ("residential", "dallas")
        told = OutboxEvent.objects.filter(event_type="customer.enrollment-submitted.v1").get()
        assert told.payload["enrollment_id"] == enrollment.number

    def test_keep_each_consent_with_name_and_time(self) -> None:
        person = Person()
        person.answer_all()
        person.submit()

        kept = EnrollmentConsent.objects.order_by("pk")
        assert [one.kind for one in kept] == [
            "terms_of_service",
            "electricity_facts_label",
            "customer_rights",
            "enrollment_authorization",
            "electronic_documents",
        ]
        assert {(one.signed_name, one.plan_version_id, one.address) for one in kept} == {
            ("Ann Smith", 1, "127.0.0.1")
        }

    def test_can_be_gone_on_with_later(self) -> None:
        person = Person()
        person.answer_all(until="service")

        shown = person.see().json()

        assert shown["nextStep"] == "plan"
        assert shown["answers"]["customerType"] == {"customerType": "INDIVIDUAL"}
        assert shown["answers"]["service"]["startDate"] == _tomorrow()

    def test_cannot_be_jumped(self) -> None:
        answer = Person().put("plan")
        assert answer.status_code == 409
        assert answer.json()["code"] == "step_not_reached"
        assert answer.json()["detail"] == 'answer "customer-type" first'

    def test_cannot_be_submitted_half(self) -> None:
        person = Person()
        person.answer_all(until="meters")
        assert person.submit().json()["code"] == "step_not_reached"
        assert Customer.objects.count() == 0

    def test_are_asked_anew_after_another_address(self) -> None:
        person = Person()
        person.answer_all()
        shown = person.put("service", street="200 Oak St").json()
        assert shown["nextStep"] == "plan"
        assert "meters" not in shown["answers"]

    def test_make_one_customer_however_often_they_are_submitted(self) -> None:
        person = Person()
        person.answer_all()
        numbers = {person.submit().json()["confirmationNumber"] for _ in range(3)}
        assert len(numbers) == 1
        assert (Customer.objects.count(), Enrollment.objects.count()) == (1, 1)

    def test_demand_the_consents(self) -> None:
        person = Person()
        person.answer_all()
        answer = person.submit(consents={**CONSENTS, "termsOfService": False})
        assert (answer.status_code, answer.json()["code"]) == (422, "consent_missing")
        assert Customer.objects.count() == 0


class TestKey:
    def test_of_another_answers_as_if_there_were_none(self) -> None:
        person, other = Person(), Person()
        foreign, absent = person.see(key=other.key), person.see(key="")
        other.reference = "nobody"
        unknown = other.see()
        assert foreign.status_code == absent.status_code == unknown.status_code == 404
        assert foreign.json() == absent.json() == unknown.json()

    def test_gives_no_answer_again_to_who_has_another_key(self) -> None:
        person = Person()
        path, body = f"/{person.reference}/steps/customer-type", STEPS["customer-type"]
        first, stolen, again = (
            person._call(
                "put", path, body, **{"Idempotency-Key": "one-for-both", "Enrollment-Key": key}
            )
            for key in (person.key, "another", person.key)
        )

        assert [answer.status_code for answer in (first, stolen, again)] == [200, 404, 200]
        assert again["Idempotency-Replayed"] == "true"

    def test_is_not_kept_in_clear(self) -> None:
        person = Person()
        assert person.key not in str(OnlineEnrollment.objects.values().get())


class TestPlanStep:
    @pytest.mark.parametrize(
        ("plan_id", "told"),
        [(99, "is not on sale"), (3, "is for businesses")],
    )
    def test_refuses_what_is_not_sold_to_this_person(self, plan_id: int, told: str) -> None:
        person = Person()
        person.answer_all(until="service")
        answer = person.put("plan", planId=plan_id)
        assert (answer.status_code, answer.json()["code"]) == (422, "plan_not_offered")
        assert told in answer.json()["detail"]


class TestMetersStep:
    @pytest.mark.parametrize(
        ("facts", "told"),
        [
            ({"status": "Inactive"}, "is out of use"),
            ({"is_metered": False}, "has no meter"),
            ({"has_switch_hold": True}, "has a switch hold"),
            ({"zip_code": "79601"}, "is not in ZIP 75201"),
            ({"tdsp_code": ""}, "has no known wires company"),
            ({"read_cycle": ""}, "has no known read cycle"),
            ({"premise_type": "Small Non-Residential"}, "and the plan is not for such"),
        ],
    )
    def test_refuses_a_service_point_that_cannot_be_served(
        self, market: FakeMarketService, facts: dict[str, Any], told: str
    ) -> None:
        person = Person()
        person.answer_all(until="plan")
        market.add_point(point=replace(POINT, **facts))
        answer = person.put("meters")
        assert (answer.status_code, answer.json()["code"]) == (422, "service_point_refused")
        assert told in answer.json()["detail"]
        assert answer.json()["where"] == f"ESI ID {ESI_ID}"

    def test_is_judged_again_at_the_submission(self, market: FakeMarketService) -> None:
        person = Person()
        person.answer_all()
        market.add_point(point=replace(POINT, has_switch_hold=True))
        assert person.submit().json()["code"] == "service_point_refused"
        assert Customer.objects.count() == 0

    def test_is_refused_where_another_enrollment_waits_for_it(self) -> None:
        first, second = Person(), Person()
        for person in (first, second):
            person.answer_all()
        assert first.submit().status_code == 201
        assert second.submit().json()["code"] == "contracts_overlap"
        assert Customer.objects.count() == 1


class TestGivingUp:
    def test_deletes_the_answers(self) -> None:
        person = Person()
        person.answer_all()
        assert person.give_up().status_code == 204
        kept = OnlineEnrollment.objects.get()
        assert (kept.state, kept.answers) == ("abandoned", {})
        assert person.submit().json()["code"] == "enrollment_closed"

    def test_happens_by_itself_after_thirty_days(self) -> None:
        person = Person()
        person.answer_all()
        now = OnlineEnrollment.objects.get().started_at
        assert abandon_expired(as_of=now + dt.timedelta(days=29)) == 0
        assert abandon_expired(as_of=now + dt.timedelta(days=30)) == 1
        assert OnlineEnrollment.objects.get().answers == {}
