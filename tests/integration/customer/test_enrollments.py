"""Customers wish, the market answers, contracts follow."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command

from ossrep.customer.consumers import HANDLERS
from ossrep.customer.domain.enrollment_life import ForbiddenStep
from ossrep.customer.models import Contract, Enrollment, MoveOut, OutboxEvent
from ossrep.customer.usecases.change_enrollment import (
    EnrollmentUnknown,
    cancel_enrollment,
    change_enrollment_date,
)
from ossrep.customer.usecases.end_in_market import MoveOutRefused, request_move_out
from ossrep.customer.usecases.enroll import EnrollmentRefused, Wish, submit_enrollment
from ossrep.customer.usecases.refusals import NumberTaken
from ossrep.infra.inbox.applying import apply
from ossrep.infra.inbox.discovery import find_consumers
from ossrep.infra.invariants import assert_invariants
from ossrep.kernel.events import Event, EventEnvelope, to_payload
from ossrep.kernel.identifiers import AccountId, ContractId, PremisesId
from ossrep.published import market
from tests.factories.customer import a_contract, a_premises, an_account

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("product")]

NOW = dt.datetime(2026, 9, 1, 15, 0, tzinfo=dt.UTC)
DAY = dt.date(2026, 9, 10)
LATER = dt.date(2026, 9, 12)


def a_wish(**changes: Any) -> Wish:
    fields: dict[str, Any] = {
        "kind": "move_in",
        "account_id": AccountId(an_account().pk),
        "premises_id": PremisesId(a_premises().pk),
        "plan_code": "LS-FIX-12",
        "wanted_date": DAY,
        "number": "WEB-1",
    }
    return Wish(**{**fields, **changes})


def told(*suffixes: str) -> list[dict[str, Any]]:
    found = OutboxEvent.objects.order_by("pk")
    return [dict(e.payload) for e in found if e.event_type.split(".")[1] in suffixes]


def deliver(event: Event) -> None:
    """As the inbox would, without its bookkeeping."""
    HANDLERS[event.event_type](
        EventEnvelope(
            event_id=uuid4(),
            event_type=event.event_type,
            aggregate_type=event.aggregate_type,
            aggregate_id=event.aggregate_id,
            incarnation=1,
            seq=1,
            payload=json.loads(json.dumps(to_payload(event))),
            headers={},
        )
    )


def esi_id_of(number: str) -> str:
    return Enrollment.objects.get(number=number).contract.premises.esi_id


def accepted(number: str, date: dt.date = DAY) -> market.EnrollmentAccepted:
    return market.EnrollmentAccepted(
        enrollment_id=number,
        esi_id=esi_id_of(number),
        order_reference="CR1",
        scheduled_date=date,
        meter_numbers=("M1",),
        read_cycle="07",
        rate_class="residential",
        load_profile="RESLOWR_NCENT_IDR_WS_NOTOU",
        has_switch_hold=False,
    )


def completed(number: str, date: dt.date = DAY) -> market.EnrollmentCompleted:
    return market.EnrollmentCompleted(
        enrollment_id=number, esi_id=esi_id_of(number), order_reference="CR1", start_date=date
    )


def rejected(number: str) -> market.EnrollmentRejected:
    return market.EnrollmentRejected(
        enrollment_id=number,
        esi_id=esi_id_of(number),
        order_reference="CR1",
        reason_codes=("A76", "NFI"),
        reason_text="ESI ID NOT FOUND",
    )


class TestSubmitEnrollment:
    def test_keeps_a_pending_contract_and_tells_the_wish(self) -> None:
        number = submit_enrollment(wish=a_wish(wants_usage_history=True), now=NOW)

        enrollment = Enrollment.objects.get(number=number)
        assert (enrollment.state, enrollment.contract.status) == ("submitted", "pending")
        (event,) = told("enrollment-submitted")
        assert event["enrollment_id"] == "WEB-1"
        assert (event["kind"], event["wanted_date"]) == ("move_in", "2026-09-10")
        assert event["esi_id"] == enrollment.contract.premises.esi_id
        assert event["service_address"]["zip_code"] == "75201"
        assert event["wants_usage_history"] is True

    def test_of_the_same_number_changes_nothing(self) -> None:
        wish = a_wish()

        numbers = [submit_enrollment(wish=wish, now=NOW) for _ in range(2)]

        assert numbers == ["WEB-1", "WEB-1"]
        assert Contract.objects.count() == 1
        assert len(told("enrollment-submitted")) == 1

    def test_refuses_a_number_that_names_another_wish(self) -> None:
        wish = a_wish()
        submit_enrollment(wish=wish, now=NOW)

        with pytest.raises(NumberTaken, match="names another wish"):
            submit_enrollment(wish=replace(wish, wanted_date=LATER), now=NOW)
        assert Contract.objects.count() == 1

    def test_takes_the_next_number_where_none_is_given(self) -> None:
        number = submit_enrollment(wish=a_wish(number=None), now=NOW)

        assert number.startswith("E1000")

    def test_needs_the_day_of_a_move_in(self) -> None:
        with pytest.raises(EnrollmentRefused, match="wanted_date"):
            submit_enrollment(wish=a_wish(wanted_date=None), now=NOW)
        assert Contract.objects.count() == 0

    def test_of_a_switch_leaves_the_day_to_the_market(self) -> None:
        number = submit_enrollment(wish=a_wish(kind="switch", wanted_date=None), now=NOW)

        deliver(completed(number, date=LATER))

        contract = Enrollment.objects.get(number=number).contract
        assert (contract.status, contract.start_date) == ("active", LATER)
        assert told("enrollment-submitted")[0]["wanted_date"] is None

    def test_refuses_a_second_wish_for_the_same_contract(self) -> None:
        wish = a_wish()
        submit_enrollment(wish=wish, now=NOW)

        with pytest.raises(EnrollmentRefused, match="already"):
            submit_enrollment(wish=replace(wish, number="WEB-2"), now=NOW)


class TestAnswerOfTheMarket:
    def test_leads_from_accepted_to_an_active_contract(self) -> None:
        number = submit_enrollment(wish=a_wish(), now=NOW)

        deliver(accepted(number, date=LATER))
        scheduled = Enrollment.objects.get(number=number)
        deliver(completed(number, date=LATER))

        enrollment = Enrollment.objects.get(number=number)
        assert (scheduled.state, scheduled.scheduled_date) == ("accepted", LATER)
        assert (enrollment.state, enrollment.start_date) == ("completed", LATER)
        contract = enrollment.contract
        assert (contract.status, contract.start_date) == ("active", LATER)
        assert contract.term_end_date == dt.date(2027, 9, 12)
        assert enrollment.order_reference == "CR1"
        assert_invariants(contexts=["customer"])

    def test_ends_the_contract_of_the_tenant_before(self) -> None:
        premises = a_premises()
        former = a_contract(premises=premises, start_date=dt.date(2026, 1, 1))
        number = submit_enrollment(wish=a_wish(premises_id=PremisesId(premises.pk)), now=NOW)

        deliver(completed(number))

        former.refresh_from_db()
        assert (former.status, former.end_date, former.end_reason) == ("ended", DAY, "move_out")

    def test_of_refusal_gives_the_contract_up(self) -> None:
        number = submit_enrollment(wish=a_wish(), now=NOW)

        deliver(rejected(number))

        enrollment = Enrollment.objects.get(number=number)
        assert (enrollment.state, enrollment.reason_codes) == ("rejected", "A76 NFI")
        assert enrollment.contract.status == "cancelled"
        (event,) = told("contract-cancelled")
        assert event["reason"] == "rejected: A76 NFI ESI ID NOT FOUND"

    def test_of_a_permit_waits(self) -> None:
        number = submit_enrollment(wish=a_wish(), now=NOW)

        deliver(
            market.EnrollmentPermitPending(
                enrollment_id=number, esi_id=esi_id_of(number), order_reference="CR1"
            )
        )

        enrollment = Enrollment.objects.get(number=number)
        assert (enrollment.state, enrollment.contract.status) == ("permit_pending", "pending")

    def test_of_cancelling_gives_the_contract_up(self) -> None:
        number = submit_enrollment(wish=a_wish(), now=NOW)
        cancel_enrollment(number=number, reason="changed my mind")

        deliver(
            market.EnrollmentCancelled(
                enrollment_id=number,
                esi_id=esi_id_of(number),
                order_reference="CR1",
                reason_code="B40",
                reason_text="",
            )
        )

        enrollment = Enrollment.objects.get(number=number)
        assert (enrollment.state, enrollment.contract.status) == ("cancelled", "cancelled")

    def test_after_the_end_is_refused_and_changes_nothing(self) -> None:
        number = submit_enrollment(wish=a_wish(), now=NOW)
        deliver(rejected(number))

        with pytest.raises(ForbiddenStep, match="rejected cannot become completed"):
            deliver(completed(number))
        assert Enrollment.objects.get(number=number).contract.status == "cancelled"

    def test_of_an_unknown_enrollment_is_refused(self) -> None:
        number = submit_enrollment(wish=a_wish(), now=NOW)

        with pytest.raises(EnrollmentUnknown):
            deliver(replace(completed(number), enrollment_id="WEB-9"))


class TestChangeOfMind:
    def test_asks_to_cancel_once(self) -> None:
        number = submit_enrollment(wish=a_wish(), now=NOW)

        for _ in range(2):
            cancel_enrollment(number=number, reason="changed my mind")

        assert told("enrollment-cancel-requested") == [
            {"enrollment_id": "WEB-1", "esi_id": esi_id_of(number), "reason": "changed my mind"}
        ]

    def test_asks_for_another_day_once(self) -> None:
        number = submit_enrollment(wish=a_wish(), now=NOW)

        for _ in range(2):
            change_enrollment_date(number=number, wanted_date=LATER)

        assert [e["wanted_date"] for e in told("enrollment-date-change-requested")] == [
            "2026-09-12"
        ]

    def test_cannot_move_a_switch(self) -> None:
        number = submit_enrollment(wish=a_wish(kind="switch"), now=NOW)

        with pytest.raises(EnrollmentRefused, match="enroll anew"):
            change_enrollment_date(number=number, wanted_date=LATER)

    def test_comes_too_late_once_service_runs(self) -> None:
        number = submit_enrollment(wish=a_wish(), now=NOW)
        deliver(completed(number))

        with pytest.raises(EnrollmentRefused, match="completed"):
            cancel_enrollment(number=number, reason="late")
        assert told("enrollment-cancel-requested") == []

    def test_comes_too_late_once_the_day_of_the_market_is_past(self) -> None:
        number = submit_enrollment(wish=a_wish(), now=NOW)
        Enrollment.objects.filter(number=number).update(scheduled_date=DAY)
        later = dt.datetime.combine(DAY + dt.timedelta(days=1), dt.time(9)).isoformat()

        with pytest.raises(EnrollmentRefused, match="service began on 2026-09-10"):
            call_command("customer", "cancel-enrollment", number, "--as-of", later)
        assert told("enrollment-cancel-requested") == []

        call_command("customer", "cancel-enrollment", number, "--as-of", f"{DAY}T09:00")
        assert len(told("enrollment-cancel-requested")) == 1


class TestMoveOut:
    def ask(self, contract: Contract, number: str | None = "OUT-1") -> str:
        return request_move_out(
            contract_id=ContractId(contract.pk), wanted_date=DAY, now=NOW, number=number
        )

    def test_is_told_once_and_ends_the_contract_when_completed(self) -> None:
        contract = a_contract()
        for _ in range(2):
            self.ask(contract)
        esi_id = contract.premises.esi_id

        deliver(
            market.MoveOutScheduled(
                move_out_id="OUT-1", esi_id=esi_id, order_reference="CR1", scheduled_date=LATER
            )
        )
        contract.refresh_from_db()
        before = contract.status
        deliver(
            market.MoveOutCompleted(
                move_out_id="OUT-1", esi_id=esi_id, order_reference="CR1", end_date=LATER
            )
        )

        contract.refresh_from_db()
        assert before == "active"
        assert (contract.status, contract.end_date) == ("ended", LATER)
        assert len(told("move-out-requested")) == 1
        assert MoveOut.objects.get().state == "completed"

    def test_refused_by_the_market_lets_service_go_on(self) -> None:
        contract = a_contract()
        self.ask(contract)

        deliver(
            market.MoveOutRejected(
                move_out_id="OUT-1",
                esi_id=contract.premises.esi_id,
                order_reference="CR1",
                reason_codes=("A84",),
                reason_text="",
            )
        )

        contract.refresh_from_db()
        assert contract.status == "active"
        assert self.ask(contract, "OUT-2") == "OUT-2"

    def test_is_asked_for_once_at_a_time(self) -> None:
        contract = a_contract()
        self.ask(contract)

        with pytest.raises(MoveOutRefused, match="OUT-1 is on its way"):
            self.ask(contract, "OUT-2")

    def test_needs_service(self) -> None:
        with pytest.raises(MoveOutRefused, match="pending"):
            self.ask(a_contract(status="pending"))


class TestContractLost:
    @pytest.mark.parametrize(
        ("kind", "reason"),
        [("switch", "switch"), ("move_in", "move_out"), ("acquisition", "other")],
    )
    def test_ends_the_serving_contract_once(self, kind: str, reason: str) -> None:
        contract = a_contract()
        event = market.ContractLost(
            esi_id=contract.premises.esi_id,
            tdsp_code="ONCOR_ELEC",
            effective_date=DAY,
            kind=kind,
            order_reference="X1",
        )

        deliver(event)
        deliver(event)

        contract.refresh_from_db()
        assert (contract.status, contract.end_date, contract.end_reason) == ("ended", DAY, reason)
        assert len(told("contract-ended")) == 1

    def test_leaves_an_earlier_end_as_it_is(self) -> None:
        earlier = dt.date(2026, 9, 5)
        contract = a_contract(status="ended", end_date=earlier, end_reason="move_out")

        deliver(
            market.ContractLost(
                esi_id=contract.premises.esi_id,
                tdsp_code="ONCOR_ELEC",
                effective_date=DAY,
                kind="switch",
                order_reference="X1",
            )
        )

        contract.refresh_from_db()
        assert (contract.end_date, contract.end_reason) == (earlier, "move_out")


class TestConsumers:
    def test_are_found_with_the_market_as_source(self) -> None:
        (consumer,) = find_consumers(contexts=["customer"])

        assert consumer.sources == ("market",)
        assert apply(consumer=consumer, messages=[]).handled == 0


class TestCommands:
    def write(self, path: Path, *rows: str) -> Path:
        head = (
            "enrollment,kind,account,premises,plan,wanted_date,priority,special_needs,"
            "usage_history,consented_date,consent_channel"
        )
        path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
        return path

    def test_enroll_a_file_row_by_row(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        account, premises = an_account(), a_premises()
        path = self.write(
            tmp_path / "wishes.csv",
            f"W-1,move_in,{account.number},{premises.esi_id},LS-FIX-12,2026-09-10,N,N,Y,,web",
            f"W-2,move_in,{account.number},{premises.esi_id},LS-FIX-12,soon,N,N,Y,,web",
            "W-3,move_in",
        )

        with pytest.raises(Exception, match="soon") as refused:
            call_command("customer", "enroll", "--file", str(path), "--json")

        assert "wishes.csv:3" in str(refused.value)
        assert "wishes.csv:4: has too few or too many cells" in str(refused.value)
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [line["enrollment"] for line in lines] == ["W-1", "", ""]
        assert Enrollment.objects.get().consent_channel == "web"

    def test_lead_one_customer_through(self, capsys: pytest.CaptureFixture[str]) -> None:
        account, premises = an_account(), a_premises()
        common = ["customer", "enroll", account.number, premises.number]
        then = ("--as-of", "2026-09-08T09:00")
        call_command(
            *common, "--kind", "move_in", "--plan", "LS-FIX-12", "--date", "2026-09-10",
            "--number", "W-1", *then,
        )  # fmt: skip
        call_command("customer", "change-enrollment-date", "W-1", "--date", "2026-09-12", *then)
        call_command("customer", "cancel-enrollment", "W-1", *then)
        capsys.readouterr()

        call_command("customer", "enrollments", "--json")

        (line,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert (line["number"], line["state"], line["wanted_date"]) == (
            "W-1",
            "submitted",
            "2026-09-12",
        )

    def test_ask_for_a_move_out(self, capsys: pytest.CaptureFixture[str]) -> None:
        contract = a_contract()

        call_command("customer", "request-move-out", contract.number, "--date", "2026-09-10")

        assert "is asked for on 2026-09-10" in capsys.readouterr().out
        assert MoveOut.objects.get().contract == contract
