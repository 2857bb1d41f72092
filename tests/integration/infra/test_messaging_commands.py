"""The commands around outboxes and inboxes, on the product's own handlers."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Iterator

import pytest
from django.core.management import call_command

from ossrep.infra import database, services
from ossrep.infra.outbox import append
from ossrep.infra.outbox.running import Running, run_relay
from ossrep.published.customer import CustomerService
from ossrep.published.market import UsageReceived
from tests.fakes.customer import InMemoryCustomers, a_contract, an_account
from tests.integration.infra.facts import Noted, rows, write
from tests.integration.infra.test_relay_in_process import Broker

pytestmark = pytest.mark.django_db(databases="__all__")

ESI_ID = a_contract(contract_id=1, account_id=1).esi_id


def _run(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out, stderr=out)
    return out.getvalue()


def _usage_received() -> UsageReceived:
    return UsageReceived(
        esi_id=ESI_ID,
        start_date=dt.date(2026, 9, 3),
        end_date=dt.date(2026, 10, 5),
        import_kwh="1234",
        export_kwh="0",
        peak_kw=None,
        is_estimated=False,
        is_final=False,
        source_reference="867-1",
        received_at=dt.datetime(2026, 10, 6, 12, tzinfo=dt.UTC),
    )


def _tell(times: int = 1) -> None:
    for _ in range(times):
        with database.transaction("market"):
            append(context="market", event=_usage_received())


@pytest.fixture
def _known_meter_point() -> Iterator[None]:
    customers = InMemoryCustomers([an_account(account_id=1)])
    with services.standing_in(CustomerService, customers):
        yield


@pytest.mark.usefixtures("_known_meter_point")
class TestRelayCommand:
    def test_takes_events_to_the_context_that_handles_them(self) -> None:
        _tell()

        printed = json.loads(_run("relay", "--until-empty").splitlines()[-1])

        assert (printed["progress"], printed["done"]) == ("events published", 1)
        assert rows(
            "meter", "SELECT consumer, aggregate_type, aggregate_id, last_seq FROM inbox_stream"
        ) == [("meter", "meter-point", ESI_ID, 1)]
        assert rows("market", "SELECT count(*) FROM outbox_event WHERE published_at IS NULL") == [
            (0,)
        ]
        assert rows("meter", "SELECT count(*) FROM inbox_parked") == [(0,)]

    def test_says_what_was_parked(self) -> None:
        unknown = InMemoryCustomers()
        _tell()

        with services.standing_in(CustomerService, unknown):
            printed = _run("relay", "--until-empty")

        assert f"parked: market.usage-received.v1 meter-point:{ESI_ID}#1: " in printed
        assert rows("meter", "SELECT seq FROM inbox_parked") == [(1,)]

    def test_lets_a_parked_meter_point_go_on_when_it_is_known(self) -> None:
        _tell(times=2)
        with services.standing_in(CustomerService, InMemoryCustomers()):
            _run("relay", "--until-empty")

        printed = _run("outbox", "unpark", "meter", f"meter-point:{ESI_ID}")

        assert printed == "2 applied, 0 parked\n"
        assert rows("meter", "SELECT count(*) FROM inbox_parked") == [(0,)]

    def test_has_an_effect_once_when_the_event_comes_twice(self) -> None:
        _tell()
        _run("relay", "--until-empty")
        stored = rows("meter", "SELECT count(*) FROM register_usage")

        _run("outbox", "replay", "market", f"meter-point:{ESI_ID}")
        _run("relay", "--until-empty")

        assert stored == [(1,)]
        assert rows("meter", "SELECT count(*) FROM register_usage") == stored


class TestOutboxCommand:
    def test_tells_what_waits(self) -> None:
        write(Noted(sheet="s", number=1))

        lines = [json.loads(line) for line in _run("outbox", "status", "--json").splitlines()]

        billing = next(line for line in lines if line["context"] == "billing")
        assert (billing["unpublished"], billing["kept"], billing["quarantined"]) == (1, 0, 0)

    def test_refuses_to_unpark_where_nothing_is_handled(self) -> None:
        with pytest.raises(Exception, match="billing: this context handles no event"):
            _run("outbox", "unpark", "billing", "sheet:s")

    def test_prunes(self) -> None:
        write(Noted(sheet="s", number=1))
        run_relay(
            contexts=["billing"],
            transport=Broker(),
            how=Running(until_empty=True, timeout_s=30),
        )
        rows(
            "billing",
            "UPDATE outbox_event SET published_at = now() - interval '20 days' RETURNING 1",
        )

        assert _run("outbox", "prune") == "1 events deleted\n"


class TestVerifyCommand:
    def test_lists_every_rule_and_succeeds(self) -> None:
        write(Noted(sheet="s", number=1))

        verdicts = [json.loads(line) for line in _run("verify", "--json").splitlines()]

        assert {v["context"] for v in verdicts} == {
            "customer",
            "product",
            "meter",
            "market",
            "billing",
        }
        assert [v["name"] for v in verdicts if not v["holds"]] == []

    def test_fails_with_the_rows_that_break_a_rule(self) -> None:
        write(Noted(sheet="s", number=1), Noted(sheet="s", number=2))
        rows("billing", "UPDATE outbox_event SET published_at = now() WHERE seq = 2 RETURNING 1")
        out = io.StringIO()

        with pytest.raises(SystemExit) as exit_info:
            call_command("verify", "--context", "billing", stdout=out, stderr=out)

        assert exit_info.value.code == 1
        assert "billing: outbox_published_in_order" in out.getvalue()
        assert "  sheet, s, 1, 2" in out.getvalue()
