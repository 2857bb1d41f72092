"""The life of a contract: move in, activate, renew, move out, end, cancel."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.management import call_command

from ossrep.customer.domain.cells import FieldRefused
from ossrep.customer.domain.contract_life import ForbiddenTransition
from ossrep.customer.models import Account, Contract, OutboxEvent, Premises
from ossrep.customer.usecases.activate_contract import activate_contract
from ossrep.customer.usecases.cancel_contract import cancel_contract
from ossrep.customer.usecases.contracts import ContractUnknown, EndBeforeStart
from ossrep.customer.usecases.end_contract import end_contract
from ossrep.customer.usecases.move_in import MoveInRefused, move_in
from ossrep.customer.usecases.move_out import NothingServed, move_out
from ossrep.customer.usecases.plans import PlanNotForAccount, PlanUnknown
from ossrep.customer.usecases.refusals import ContractsOverlap, NumberTaken
from ossrep.customer.usecases.renew_contract import renew_contract
from ossrep.infra.invariants import assert_invariants
from ossrep.kernel.identifiers import AccountId, ContractId, PremisesId
from ossrep.published.customer import Address
from tests.factories.customer import a_premises, an_account
from tests.factories.customer_book import PLAN
from tests.fakes.product import FakeProductService
from tests.integration.customer.conftest import AS_OF

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("product"),
]

START = dt.date(2026, 3, 8)
LATER = dt.date(2026, 11, 1)
DAY = dt.timedelta(days=1)


def told() -> list[str]:
    found = OutboxEvent.objects.order_by("pk").values_list("event_type", flat=True)
    return [event_type.split(".")[1] for event_type in found]


def last_payload() -> dict[str, Any]:
    event = OutboxEvent.objects.order_by("-pk").first()
    assert event is not None
    return dict(event.payload)


def a_pending(
    account: Account | None = None, premises: Premises | None = None, **changes: Any
) -> ContractId:
    fields: dict[str, Any] = {"plan_code": "LS-FIX-12", "start_date": START}
    return move_in(
        account_id=AccountId((account or an_account()).pk),
        premises_id=PremisesId((premises or a_premises()).pk),
        **{**fields, **changes},
    )


def an_active(
    account: Account | None = None, premises: Premises | None = None, **changes: Any
) -> ContractId:
    contract_id = a_pending(account, premises, **changes)
    activate_contract(contract_id=contract_id)
    return contract_id


def get(contract_id: ContractId) -> Contract:
    return Contract.objects.get(pk=contract_id)


class TestMoveIn:
    def test_makes_a_pending_contract_with_the_plan_s_term_and_tells(self) -> None:
        contract = get(a_pending(signed_date=START - DAY))

        assert (contract.status, contract.start_date) == ("pending", START)
        assert contract.term_end_date == dt.date(2027, 3, 8)
        assert contract.number.startswith("K")
        assert told() == ["contract-signed"]
        assert last_payload()["plan_version_id"] == 1
        assert_invariants(contexts=["customer"])

    def test_is_done_once(self) -> None:
        account, premises = an_account(), a_premises()

        first = a_pending(account, premises)
        again = a_pending(account, premises)

        assert first == again
        assert told() == ["contract-signed"]

    def test_is_done_once_for_a_number(self) -> None:
        account, premises = an_account(), a_premises()
        first = an_active(account, premises, number="K-1")

        assert a_pending(account, premises, number="K-1") == first
        with pytest.raises(NumberTaken, match=r"^contract K-1: "):
            a_pending(account, premises, number="K-1", start_date=LATER)

    def test_may_wait_while_the_tenant_before_is_served(self) -> None:
        premises = a_premises()
        sitting = an_active(premises=premises)

        coming = a_pending(premises=premises, start_date=LATER)

        assert get(coming).status == "pending"
        with pytest.raises(ContractsOverlap, match="another contract serves this ESI ID"):
            activate_contract(contract_id=coming)
        end_contract(contract_id=sitting, end_date=LATER, reason="move_out")
        activate_contract(contract_id=coming)
        assert get(coming).status == "active"

    def test_refuses_two_that_wait_for_one_premises(self) -> None:
        premises = a_premises()
        a_pending(premises=premises)

        with pytest.raises(ContractsOverlap, match="another pending contract waits"):
            a_pending(premises=premises, start_date=LATER)

        assert Contract.objects.count() == 1

    def test_refuses_plans_that_are_not_for_the_account(self, product: FakeProductService) -> None:
        shops = {**PLAN, "plan": "LS-SHOP", "customer_class": "small_commercial"}
        product.add_plan(document=shops, brand=product.brands[1])  # type: ignore[index]

        with pytest.raises(PlanUnknown, match="plan NO is not published"):
            a_pending(plan_code="NO")
        with pytest.raises(PlanUnknown, match="plan LS-FIX-12 version 9 is not published"):
            a_pending(plan_version=9)
        with pytest.raises(PlanNotForAccount, match="sold by another brand"):
            a_pending(plan_code="OT-FIX-12")
        with pytest.raises(PlanNotForAccount, match="is for small_commercial customers"):
            a_pending(plan_code="LS-SHOP")

        assert Contract.objects.count() == 0

    def test_refuses_unknown_accounts_and_premises(self) -> None:
        with pytest.raises(MoveInRefused, match="account 0 is not known"):
            move_in(
                account_id=AccountId(0),
                premises_id=PremisesId(a_premises().pk),
                plan_code="LS-FIX-12",
                start_date=START,
            )


class TestActivateContract:
    def test_begins_service_on_the_date_that_came_true(self) -> None:
        contract_id = a_pending()

        activate_contract(contract_id=contract_id, start_date=START + DAY)

        contract = get(contract_id)
        assert (contract.status, contract.start_date) == ("active", START + DAY)
        assert contract.term_end_date == dt.date(2027, 3, 9)
        assert told() == ["contract-signed", "contract-activated"]
        assert last_payload()["start_date"] == "2026-03-09"
        assert_invariants(contexts=["customer"])

    def test_is_done_once(self) -> None:
        contract_id = an_active()

        activate_contract(contract_id=contract_id)
        activate_contract(contract_id=contract_id, start_date=START)

        assert told() == ["contract-signed", "contract-activated"]

    def test_refuses_another_start_and_a_cancelled_contract(self) -> None:
        active, cancelled = an_active(), a_pending()
        cancel_contract(contract_id=cancelled, reason="rescinded", as_of=AS_OF)

        for contract_id in (active, cancelled):
            with pytest.raises(ForbiddenTransition, match="cannot become active"):
                activate_contract(contract_id=contract_id, start_date=LATER)

        assert get(active).start_date == START

    def test_refuses_an_unknown_contract(self) -> None:
        with pytest.raises(ContractUnknown):
            activate_contract(contract_id=ContractId(0))


class TestEndContract:
    def test_ends_service_and_tells(self) -> None:
        contract_id = an_active()

        end_contract(contract_id=contract_id, end_date=LATER, reason="switch")

        contract = get(contract_id)
        assert (contract.status, contract.end_date, contract.end_reason) == (
            "ended",
            LATER,
            "switch",
        )
        assert last_payload()["end_date"] == "2026-11-01"
        assert last_payload()["reason"] == "switch"
        assert_invariants(contexts=["customer"])

    def test_is_done_once_and_corrected_on_request(self) -> None:
        contract_id = an_active()
        end = {"contract_id": contract_id, "reason": "switch"}
        end_contract(end_date=LATER, **end)  # type: ignore[arg-type]

        end_contract(end_date=LATER, **end)  # type: ignore[arg-type]
        with pytest.raises(ForbiddenTransition, match="that is ended cannot become ended"):
            end_contract(end_date=LATER + DAY, **end)  # type: ignore[arg-type]
        end_contract(end_date=LATER + DAY, is_correction=True, **end)  # type: ignore[arg-type]

        assert get(contract_id).end_date == LATER + DAY
        assert told().count("contract-ended") == 2

    def test_refuses_a_correction_that_reaches_into_the_next_contract(self) -> None:
        premises = a_premises()
        contract_id = an_active(premises=premises)
        end_contract(contract_id=contract_id, end_date=LATER, reason="move_out")
        an_active(premises=premises, start_date=LATER)

        with pytest.raises(ContractsOverlap):
            end_contract(
                contract_id=contract_id,
                end_date=LATER + DAY,
                reason="move_out",
                is_correction=True,
            )

        assert get(contract_id).end_date == LATER

    def test_refuses_an_end_without_a_day_of_service(self) -> None:
        contract_id = an_active()

        with pytest.raises(EndBeforeStart, match="service began on 2026-03-08"):
            end_contract(contract_id=contract_id, end_date=START, reason="move_out")

        assert get(contract_id).status == "active"

    def test_refuses_a_pending_contract_and_an_unknown_reason(self) -> None:
        contract_id = a_pending()

        with pytest.raises(ForbiddenTransition):
            end_contract(contract_id=contract_id, end_date=LATER, reason="move_out")
        with pytest.raises(FieldRefused, match="is none of move_out, switch"):
            end_contract(contract_id=contract_id, end_date=LATER, reason="whim")


class TestMoveOut:
    def test_ends_one_premises_and_sends_the_last_bill_on(self) -> None:
        account, premises = an_account(), a_premises()
        leaving, staying = an_active(account, premises), an_active(account)

        ended = move_out(
            account_id=AccountId(account.pk),
            premises_id=PremisesId(premises.pk),
            end_date=LATER,
            as_of=AS_OF,
            new_mailing_address=Address("1 New St", "", "Waco", "TX", "76701"),
        )

        account.refresh_from_db()
        assert list(ended) == [leaving]
        assert get(staying).status == "active"
        assert account.mailing_city == "Waco"
        assert told()[-2:] == ["contract-ended", "details-changed"]

    def test_ends_all_and_cancels_what_waits(self) -> None:
        account = an_account()
        active = [an_active(account), an_active(account)]
        waiting = a_pending(account)

        ended = move_out(
            account_id=AccountId(account.pk), premises_id=None, end_date=LATER, as_of=AS_OF
        )

        assert list(ended) == active
        assert get(waiting).status == "cancelled"
        assert_invariants(contexts=["customer"])

    def test_is_done_once(self) -> None:
        account = an_account()
        contract_id = an_active(account)
        request: dict[str, Any] = {
            "account_id": AccountId(account.pk),
            "premises_id": None,
            "end_date": LATER,
            "as_of": AS_OF,
        }

        assert list(move_out(**request)) == list(move_out(**request)) == [contract_id]
        assert told().count("contract-ended") == 1

    def test_refuses_an_account_without_service_and_changes_nothing(self) -> None:
        account = an_account()
        waiting = a_pending(account)

        with pytest.raises(NothingServed, match="has no service to end on 2026-11-01"):
            move_out(
                account_id=AccountId(account.pk), premises_id=None, end_date=LATER, as_of=AS_OF
            )

        assert get(waiting).status == "pending"
        assert told() == ["contract-signed"]


class TestRenewContract:
    def renew(self, contract_id: ContractId, **changes: Any) -> ContractId:
        fields: dict[str, Any] = {"plan_code": "LS-FIX-12", "effective_date": LATER}
        return renew_contract(contract_id=contract_id, **{**fields, **changes})

    def test_goes_on_without_a_day_between_and_tells_both(
        self, product: FakeProductService
    ) -> None:
        newer = product.add_plan(document=PLAN, brand=product.brands[1])  # type: ignore[index]
        old_id = an_active(plan_version=1)

        new_id = self.renew(old_id)

        old, new = get(old_id), get(new_id)
        assert (old.status, old.end_date, old.end_reason) == ("ended", LATER, "renewal")
        assert (new.status, new.start_date, new.end_date) == ("active", LATER, None)
        assert new.term_end_date == dt.date(2027, 11, 1)
        assert new.plan_version_id == newer.plan_version_id
        assert (new.account_id, new.premises_id) == (old.account_id, old.premises_id)
        assert told()[-2:] == ["contract-ended", "contract-activated"]
        assert_invariants(contexts=["customer"])

    def test_is_done_once(self) -> None:
        old_id = an_active()

        assert self.renew(old_id) == self.renew(old_id)
        assert Contract.objects.count() == 2
        with pytest.raises(ForbiddenTransition):
            self.renew(old_id, effective_date=LATER + DAY)

    def test_refuses_before_service_began_or_was_active(self) -> None:
        with pytest.raises(EndBeforeStart):
            self.renew(an_active(), effective_date=START)
        with pytest.raises(ForbiddenTransition):
            self.renew(a_pending())

    def test_leaves_the_old_contract_when_the_plan_is_unknown(self) -> None:
        old_id = an_active()

        with pytest.raises(PlanUnknown):
            self.renew(old_id, plan_code="NO")

        assert get(old_id).status == "active"


class TestCancelContract:
    def test_gives_up_a_pending_contract_once(self) -> None:
        contract_id = a_pending()

        for _ in range(2):
            cancel_contract(contract_id=contract_id, reason="rescinded", as_of=AS_OF)

        assert get(contract_id).status == "cancelled"
        assert told() == ["contract-signed", "contract-cancelled"]
        assert last_payload()["reason"] == "rescinded"
        assert_invariants(contexts=["customer"])

    def test_refuses_an_active_contract(self) -> None:
        contract_id = an_active()

        with pytest.raises(ForbiddenTransition, match="ended may follow"):
            cancel_contract(contract_id=contract_id, reason="rescinded", as_of=AS_OF)


class TestCommands:
    def test_lead_a_contract_through_its_life(self, capsys: pytest.CaptureFixture[str]) -> None:
        account, premises = an_account(), a_premises()
        plan = ["--plan", "LS-FIX-12"]

        call_command(
            "customer", "move-in", account.number, premises.esi_id, *plan, "--date",
            "2026-03-08", "--contract", "K-1",
        )  # fmt: skip
        call_command("customer", "activate", "K-1", "--reason", "867_04 came by mail")
        call_command(
            "customer", "renew", "K-1", *plan, "--date", "2026-11-01", "--new-contract", "K-2"
        )
        call_command("customer", "end", "K-2", "--date", "2026-12-01", "--because", "move_out")
        call_command("customer", "show", account.number)

        out = capsys.readouterr().out
        assert "Ada Lovelace" in out
        lines = [line.split("\t") for line in out.splitlines() if line.startswith("K-")]
        assert [(line[0], line[1], line[4], line[5]) for line in lines] == [
            ("K-2", "ended", "2026-11-01", "2026-12-01"),
            ("K-1", "ended", "2026-03-08", "2026-11-01"),
        ]
        history = get(ContractId(Contract.objects.get(number="K-1").pk)).events  # type: ignore[attr-defined]
        activation = history.filter(status="active").order_by("pgh_id").first()
        assert activation.pgh_context["reason"] == "867_04 came by mail"

    def test_cancel_and_move_out(self) -> None:
        account, premises = an_account(), a_premises()
        waiting = get(a_pending(account)).number
        an_active(account, premises)

        call_command("customer", "cancel", waiting, "--reason", "rescinded")
        call_command(
            "customer", "move-out", account.number, "--premises", premises.number, "--date",
            "2026-11-01",
        )  # fmt: skip

        statuses = account.contracts.order_by("pk").values_list("status", flat=True)
        assert list(statuses) == ["cancelled", "ended"]
