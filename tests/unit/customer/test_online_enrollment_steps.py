"""The steps in which a person enrolls."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from ossrep.customer.domain import online_enrollment as steps
from ossrep.customer.domain.cells import FieldRefused

TODAY = dt.date(2026, 11, 24)
SERVICE: dict[str, Any] = {
    "street": "100 Elm St",
    "city": "Dallas",
    "zip": "75201",
    "kind": "move_in",
    "start_date": TODAY,
}
ALL = {step: {"given": step} for step in steps.ANSWERED_STEPS}


class TestNextStep:
    def test_goes_through_the_seven_in_order(self) -> None:
        answers: dict[str, Any] = {}
        reached = []
        for step in steps.ANSWERED_STEPS:
            reached.append(steps.next_step(answers))
            answers[step] = {}
        assert [*reached, steps.next_step(answers)] == list(steps.STEPS)


class TestCheckReached:
    def test_refuses_to_jump(self) -> None:
        with pytest.raises(steps.StepNotReached, match='plan: answer "contact" first'):
            steps.check_reached({"customer-type": {}}, step=steps.PLAN)

    def test_lets_a_person_go_back(self) -> None:
        steps.check_reached(ALL, step=steps.CONTACT)


class TestWithAnswer:
    @pytest.mark.parametrize(
        ("step", "left"),
        [
            (steps.CUSTOMER_TYPE, {"customer-type", "service", "mailing"}),
            (steps.CONTACT, set(ALL)),
            (steps.SERVICE, {"customer-type", "contact", "service", "mailing"}),
            (steps.PLAN, set(ALL) - {"meters"}),
            (steps.METERS, set(ALL)),
            (steps.MAILING, set(ALL)),
        ],
    )
    def test_takes_back_what_was_built_on_another_answer(self, step: str, left: set[str]) -> None:
        assert set(steps.with_answer(ALL, step=step, answer={"given": "new"})) == left

    def test_takes_nothing_back_for_the_same_answer(self) -> None:
        assert steps.with_answer(ALL, step=steps.SERVICE, answer=ALL[steps.SERVICE]) == ALL


class TestCleanContact:
    def test_names_a_person_as_the_contact(self) -> None:
        given = {
            "first_name": "Ann",
            "last_name": "Smith",
            "email": "a@b.co",
            "phone": "2145550100",
        }
        assert steps.clean_contact(given, customer_type="individual") == {
            "first_name": "Ann",
            "last_name": "Smith",
            "business_name": "",
            "contact_name": "Ann Smith",
            "email": "a@b.co",
            "phone": "2145550100",
            "language": "en",
        }

    def test_asks_a_business_for_its_contact(self) -> None:
        given = {"business_name": "Acme", "email": "a@b.co", "phone": "2145550100"}
        with pytest.raises(FieldRefused, match="contact_name: is required for a business"):
            steps.clean_contact(given, customer_type="business")


class TestCleanService:
    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"start_date": None}, "start_date: is required for a move-in"),
            ({"start_date": TODAY - dt.timedelta(days=1)}, "start_date: is 2026-11-23; take a day"),
            ({"start_date": TODAY + dt.timedelta(days=91)}, "start_date: is 2027-02-23; take a"),
            ({"kind": "switch", "is_priority": True}, "is_priority: only a move-in has priority"),
            ({"state": "OK"}, "state: service is sold in Texas only"),
            ({"zip": "7520"}, "service_zip: .* is not a ZIP code"),
            ({"street": "x\x07"}, "service_line1: has a control character"),
        ],
    )
    def test_refuses(self, changes: dict[str, Any], told: str) -> None:
        with pytest.raises(FieldRefused, match=told):
            steps.clean_service({**SERVICE, **changes}, today=TODAY)

    def test_takes_the_last_day_ahead_and_a_switch_without_a_day(self) -> None:
        last = TODAY + dt.timedelta(days=90)
        moved = steps.clean_service({**SERVICE, "start_date": last}, today=TODAY)
        switched = steps.clean_service(
            {**SERVICE, "kind": "switch", "start_date": None}, today=TODAY
        )
        assert moved["start_date"] == "2027-02-22"
        assert switched["start_date"] is None


class TestCheckConsents:
    FOUR = dict.fromkeys(steps.CONSENTS[:4], True)

    def test_asks_for_the_electronic_one_only_where_bills_go_by_email(self) -> None:
        assert steps.check_consents(self.FOUR, delivery="paper") == steps.CONSENTS[:4]
        with pytest.raises(steps.ConsentMissing, match="consent is needed to: electronic_documen"):
            steps.check_consents(self.FOUR, delivery="email")

    def test_names_each_that_is_missing(self) -> None:
        given = {**self.FOUR, steps.TERMS: False, steps.AUTHORIZATION: False}
        told = "consent is needed to: terms_of_service, enrollment_authorization"
        with pytest.raises(steps.ConsentMissing, match=told):
            steps.check_consents(given, delivery="paper")
