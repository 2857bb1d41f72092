"""A published service called over HTTP, as far as one process can play both sides."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.test import Client

from ossrep.infra.remote.client import RemoteService
from ossrep.infra.remote.codec import NotOverHttp
from ossrep.infra.remote.errors import (
    CallRefused,
    RemoteDomainError,
    ServiceFailed,
    ServiceUnavailable,
)
from ossrep.infra.remote.tokens import ServiceClient, ServiceTokens
from ossrep.infra.services import ServiceNotConfigured, resolve, standing_in
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import AccountId, EsiId
from ossrep.published.billing import BillingService
from ossrep.published.customer import CustomerService
from ossrep.published.meter import MeterService, UsageRequest
from tests.fakes.customer import InMemoryCustomers, a_contract, an_account
from tests.fakes.meter import FakeMeterService
from tests.token_issuer import TokenIssuer

pytestmark = pytest.mark.django_db(databases="__all__")
HERE = "http://localhost"


class Strange(DomainError):
    code = "a_code_that_two_classes_have"


class StrangeToo(DomainError):
    code = "a_code_that_two_classes_have"


class FailingBilling:
    context = "billing"

    def __init__(self, error: Exception) -> None:
        self.error = error

    def get_balances(self, *, account_ids: Any) -> Any:
        raise self.error


class _Tokens(ServiceTokens):
    """Tokens of the tests' issuer."""

    def __init__(self, issuer: TokenIssuer, **claims: Any) -> None:
        self._make: Callable[[], str] = lambda: issuer.token(**{"roles": ["service"], **claims})

    def get(self) -> str:
        return self._make()

    def forget(self, token: str) -> None:
        pass


def _take(request: httpx.Request) -> httpx.Response:
    """Our own handlers, without a server between."""
    answer = Client(raise_request_exception=False).post(
        request.url.path,
        request.content,
        content_type="application/json",
        headers={name: value for name, value in request.headers.items() if name == "authorization"},
    )
    return httpx.Response(answer.status_code, content=answer.content)


def _over_http(protocol: Any, tokens: ServiceTokens | None) -> Any:
    return RemoteService(
        protocol=protocol,
        base_url=HERE,
        http=httpx.Client(transport=httpx.MockTransport(_take)),
        tokens=tokens,
        sleep=lambda _: None,
    )


def _answering(*answers: Any) -> tuple[httpx.Client, list[httpx.Request]]:
    """A server that gives these answers, then the last one on and on."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        found = answers[min(len(asked), len(answers)) - 1]
        if isinstance(found, Exception):
            raise found
        return httpx.Response(found, json={"answer": [], "code": "c", "detail": "d"})

    return httpx.Client(transport=httpx.MockTransport(answer)), asked


def _to(http: httpx.Client, *, tokens: Any = None) -> Any:
    return RemoteService(
        protocol=BillingService, base_url=HERE, http=http, tokens=tokens, sleep=lambda _: None
    )


class TestACall:
    def test_answers_what_the_service_here_answers(self, token_issuer: TokenIssuer) -> None:
        customers = InMemoryCustomers()
        contract = a_contract(contract_id=1, account_id=7, start_date=dt.date(2026, 1, 1))
        account = an_account(account_id=7, contracts=[contract])
        customers.accounts[AccountId(7)] = account
        remote = _over_http(CustomerService, _Tokens(token_issuer))

        with standing_in(CustomerService, customers):
            found = remote.get_billing_accounts(
                account_ids=[AccountId(7)], period_end=dt.date(2026, 2, 1)
            )
            ids = remote.find_account_ids(account_numbers={account.account_number, "NONE"})
            esi_ids = remote.find_known_esi_ids(esi_ids=[contract.esi_id, "1"])

        assert found == [account]
        assert ids == {account.account_number: 7}
        assert esi_ids == frozenset({contract.esi_id})

    def test_carries_columns(self, token_issuer: TokenIssuer) -> None:
        meter = FakeMeterService()
        start, end = dt.date(2026, 11, 1), dt.date(2026, 11, 3)
        meter.put_days(esi_id="1" * 17, start=start, end=end, import_wh=250)
        request = UsageRequest([EsiId("1" * 17)], [start], [end])

        with standing_in(MeterService, meter):
            usage = _over_http(MeterService, _Tokens(token_issuer)).get_interval_usage(
                request=request
            )

        assert usage.import_wh.tolist() == [250] * 196
        assert usage.offsets.tolist() == [0, 196]

    def test_reaches_the_real_service(self, token_issuer: TokenIssuer) -> None:
        remote = _over_http(BillingService, _Tokens(token_issuer))

        assert remote.get_balances(account_ids=[AccountId(1)]) == {1: Decimal(0)}

    def test_knows_its_own_mistakes(self) -> None:
        remote = _to(_answering(200)[0])

        with pytest.raises(TypeError, match="has no argument 'ids'"):
            remote.get_balances(ids=[1])
        with pytest.raises(TypeError, match="needs 'account_ids'"):
            remote.get_balances()
        with pytest.raises(AttributeError):
            remote.get_ballances(account_ids=[])

    def test_sends_no_path(self) -> None:
        remote = _over_http(MeterService, None)

        with pytest.raises(NotOverHttp) as refusal:
            remote.read_interval_file(path=Path("/tmp/a.csv"))

        assert refusal.value.where == "meter.read_interval_file(path)"


class TestARefusal:
    def test_is_of_its_class_where_that_is_known(self, token_issuer: TokenIssuer) -> None:
        failing: Any = FailingBilling(ServiceNotConfigured("none", where="billing.x"))

        with (
            standing_in(BillingService, failing),
            pytest.raises(ServiceNotConfigured) as refusal,
        ):
            _over_http(BillingService, _Tokens(token_issuer)).get_balances(account_ids=[])

        assert (refusal.value.message, refusal.value.where) == ("none", "billing.x")

    def test_has_its_code_where_not(self, token_issuer: TokenIssuer) -> None:
        failing: Any = FailingBilling(Strange("odd"))

        with standing_in(BillingService, failing), pytest.raises(RemoteDomainError) as refusal:
            _over_http(BillingService, _Tokens(token_issuer)).get_balances(account_ids=[])

        assert (refusal.value.code, refusal.value.message) == (Strange.code, "odd")

    def test_of_the_call_itself_is_another(self, token_issuer: TokenIssuer) -> None:
        for tokens in (None, _Tokens(token_issuer, roles=["csr"])):
            with pytest.raises(CallRefused):
                _over_http(BillingService, tokens).get_balances(account_ids=[])

    def test_is_none_where_the_other_side_has_a_defect(self, token_issuer: TokenIssuer) -> None:
        failing: Any = FailingBilling(ZeroDivisionError())

        with standing_in(BillingService, failing), pytest.raises(ServiceFailed):
            _over_http(BillingService, _Tokens(token_issuer)).get_balances(account_ids=[])


@pytest.fixture
def post(token_issuer: TokenIssuer) -> Callable[..., Any]:
    client = Client(headers={"Authorization": f"Bearer {token_issuer.token(roles=['service'])}"})

    def send(path: str, body: Any) -> Any:
        text = body if isinstance(body, str) else json.dumps(body)
        return client.post(f"/api/v1/services/{path}", text, content_type="application/json")

    return send


class TestAnAnswerToAnotherVersion:
    @pytest.mark.parametrize(
        ("path", "body", "status", "code", "where"),
        [
            ("billing/get_nothing", {}, 404, "unknown_method", None),
            ("billing/__init__", {}, 404, "unknown_method", None),
            ("weather/get_balances", {}, 404, "context_not_here", None),
            ("billing/get_balances", {}, 400, "bad_value", "accountIds"),
            ("billing/get_balances", [], 400, "bad_value", None),
            ("billing/get_balances", {"accountIds": [], "x": 1}, 400, "unknown_argument", "x"),
            ("billing/get_balances", {"accountIds": [1, "2"]}, 400, "bad_value", "accountIds[1]"),
            ("billing/get_balances", '{"accountIds": [NaN]}', 400, "not_json", None),
            (
                "meter/read_interval_file",
                {"path": "/etc/passwd"},
                400,
                "argument_not_over_http",
                "path",
            ),
        ],
    )
    def test_says_what_does_not_fit(
        self, post: Any, path: str, body: Any, status: int, code: str, where: str | None
    ) -> None:
        answer = post(path, body)

        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.json().get("where") == where

    def test_says_that_the_context_is_elsewhere(self, post: Any, settings: Any) -> None:
        settings.OSSREP_SERVICES = {"billing": "http://127.0.0.1:9"}

        answer = post("billing/get_balances", {"accountIds": []})

        assert (answer.status_code, answer.json()["code"]) == (404, "context_not_here")


class TestALostAnswer:
    def test_is_asked_for_again(self) -> None:
        http, asked = _answering(httpx.ReadTimeout("slow"), 503, 200)

        assert _to(http).get_balances(account_ids=[]) == {}
        assert len(asked) == 3

    def test_is_given_up_after_three_tries(self) -> None:
        http, asked = _answering(httpx.ConnectError("refused"))

        with pytest.raises(ServiceUnavailable):
            _to(http).get_balances(account_ids=[])

        assert len(asked) == 3

    def test_does_not_fit(self) -> None:
        http, _ = _answering(200)

        with pytest.raises(CallRefused, match="does not fit"):
            RemoteService(
                protocol=MeterService, base_url=HERE, http=http, tokens=None
            ).get_usage_totals(request=UsageRequest([], [], []))


class TestTheToken:
    def _tokens(self, http: httpx.Client, now: list[float]) -> ServiceTokens:
        client = ServiceClient(token_url=f"{HERE}/token", client_id="billing", secret="s e")
        return ServiceTokens(client=client, http=http, monotonic=lambda: now[0])

    def _issuer(self, **fields: Any) -> tuple[httpx.Client, list[httpx.Request]]:
        asked: list[httpx.Request] = []

        def answer(request: httpx.Request) -> httpx.Response:
            asked.append(request)
            body = {"access_token": f"t{len(asked)}", "expires_in": 300, **fields}
            return httpx.Response(fields.get("status", 200), json=body)

        return httpx.Client(transport=httpx.MockTransport(answer)), asked

    def test_is_kept_until_shortly_before_its_end(self) -> None:
        http, asked = self._issuer()
        now = [0.0]
        tokens = self._tokens(http, now)

        found = [tokens.get(), tokens.get()]
        now[0] = 269.0
        found.append(tokens.get())
        now[0] = 270.0
        found.append(tokens.get())

        assert found == ["t1", "t1", "t1", "t2"]
        assert asked[0].content == b"grant_type=client_credentials"
        assert asked[0].headers["Authorization"].startswith("Basic ")

    def test_is_renewed_when_it_is_not_taken(self) -> None:
        http, _ = self._issuer()
        tokens = self._tokens(http, [0.0])
        services, asked = _answering(401, 200)

        assert _to(services, tokens=tokens).get_balances(account_ids=[]) == {}
        assert [r.headers["Authorization"] for r in asked] == ["Bearer t1", "Bearer t2"]

    def test_that_nobody_takes_is_refused(self) -> None:
        http, _ = self._issuer()
        services, asked = _answering(401)

        with pytest.raises(CallRefused):
            _to(services, tokens=self._tokens(http, [0.0])).get_balances(account_ids=[])

        assert len(asked) == 2

    @pytest.mark.parametrize(("status", "error"), [(401, CallRefused), (503, ServiceUnavailable)])
    def test_may_not_be_had(self, status: int, error: type[Exception]) -> None:
        http, _ = self._issuer(status=status)

        with pytest.raises(error):
            self._tokens(http, [0.0]).get()


class TestResolve:
    def test_gives_what_the_address_stands_for(self, settings: Any) -> None:
        settings.OSSREP_SERVICES = {"billing": "http://127.0.0.1:9/"}

        found: Any = resolve(BillingService)

        assert isinstance(found, RemoteService)
        assert found.context == "billing"
