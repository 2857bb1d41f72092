"""Ids of others in bodies, filters and exports: answered as ids of nobody, and nothing changes."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connections

from ossrep.billing.models import Invoice
from ossrep.billing.usecases.reverse_invoices import ReversalOrder, reverse_invoices
from ossrep.customer.models import LoginClaim
from ossrep.kernel import clock
from ossrep.published.customer import LoginRight
from tests.attacks.bodies import fields_of
from tests.attacks.operations import Attack, Operation, operations
from tests.attacks.share import FULL
from tests.attacks.test_every_endpoint import told
from tests.attacks.world import Victim, World
from tests.token_issuer import ISSUER, TokenIssuer

pytestmark = pytest.mark.xdist_group("attacks")

NOBODYS = 2**62
_OF_CUSTOMERS = re.compile(r"(account|customer|contract|invoice|login|premises)(Ids?|Numbers?)$")
_CONSENT = {"email": True, "sms": False, "phone": False, "mail": False}


@dataclass(frozen=True, slots=True)
class Probe:
    """A body that would be taken but for one id in it."""

    label: str
    field: str
    body: Callable[[int, int], Any]


def _preferences(account_id: int) -> dict[str, Any]:
    return {"accountId": account_id, "billDelivery": "PAPER", "billEmail": "", "language": "en"}


PROBES = (
    Probe(
        "POST /api/v1/me/logins",
        "accountIds[]",
        lambda own, other: {
            "email": "friend@example.com",
            "rights": ["view"],
            "accountIds": [own, other],
        },
    ),
    Probe(
        "PATCH /api/v1/me/logins/{login_id}",
        "accountIds[]",
        lambda own, other: {"rights": list(LoginRight), "accountIds": [own, other]},
    ),
    Probe(
        "POST /api/v1/me/logins/claims/{claim_id}/decision",
        "accountIds[]",
        lambda own, other: {"accept": True, "rights": ["view"], "accountIds": [other]},
    ),
    Probe(
        "PUT /api/v1/me/preferences",
        "accounts[].accountId",
        lambda own, other: {
            "contactConsent": _CONSENT,
            "accounts": [_preferences(own), _preferences(other)],
        },
    ),
    Probe(
        "PATCH /api/v1/me/profile",
        "accounts[].accountId",
        lambda own, other: {
            "email": "mine@example.com",
            "accounts": [
                {"accountId": own, "nickname": "mine"},
                {"accountId": other, "nickname": "mine, too"},
            ],
        },
    ),
)
# A claim's facts go together: TestClaims below.
PROBED_ELSEWHERE = {
    ("POST /api/v1/claims", "accountNumber"),
    ("POST /api/v1/claims", "invoiceNumber"),
}


def as_caller(world: World, name: str, own: Victim) -> Attack:
    """Attacks as somebody else than the attacker, with that one's own ids."""
    tokens = {**world.tokens, "attacker": world.tokens[name]}
    return Attack(dataclasses.replace(world, own=own, tokens=tokens))


def cases(world: World) -> Iterator[tuple[Attack, Victim, Victim]]:
    """(who attacks, its own, whose ids): another customer, and one's own out of reach."""
    limited = as_caller(world, "limited", world.limited)
    yield Attack(world), world.own, world.victim
    yield limited, world.limited, world.victim
    yield limited, world.limited, world.sibling


def external() -> dict[str, Operation]:
    return {o.label: o for o in operations() if o.surface == "external"}


def records() -> dict[str, Any]:
    """All that a customer's call could change."""
    tables = {
        "customer": [
            *("customer", "account", "contract", "premises", "contact", "contact_consent"),
            *("login", "login_account", "login_invitation", "login_claim"),
        ],
        "billing": ["invoice", "transfer"],
    }
    found = {}
    for alias, names in tables.items():
        with connections[alias].cursor() as cursor:
            for name in names:
                cursor.execute(f"SELECT count(*), sum(hashtext(t::text)) FROM {name} t")
                found[name] = cursor.fetchone()
    return found


class TestBodies:
    def test_have_no_id_that_is_not_tried(self) -> None:
        found = {
            (operation.label, field)
            for operation in external().values()
            if "requestBody" in operation.document
            for field in fields_of(operation)
            if _OF_CUSTOMERS.search(field.removesuffix("[]"))
        }

        assert found == {(p.label, p.field) for p in PROBES} | PROBED_ELSEWHERE

    def test_with_ids_of_others_are_as_with_ids_of_nobody(self, world: World) -> None:
        known = external()
        findings: list[str] = []
        tried = 0
        for attack, own, other in cases(world):
            attack.values["claim_id"] = _asked_for(own)
            before = records()
            for probe in PROBES:
                mine = int(own.ids["account_id"])
                foreign, absent = (
                    attack.call(known[probe.label], body=probe.body(mine, account_id))
                    for account_id in (int(other.ids["account_id"]), NOBODYS)
                )
                tried += 1
                is_alike = (foreign.status_code, told(foreign)) == (
                    absent.status_code,
                    told(absent),
                )
                leaked = [marker for marker in other.markers if marker in told(foreign)]
                if foreign.status_code not in (403, 404, 422) or not is_alike or leaked:
                    findings.append(f"{probe.label}: {told(foreign)} / {told(absent)} {leaked}")
            assert records() == before
        assert findings == []
        assert tried == 15

    def test_would_be_taken_with_ids_of_ones_own(self, world: World) -> None:
        """Else the test above would fail for another reason than the id."""
        attack = as_caller(world, "limited", world.limited)
        attack.values["claim_id"] = _asked_for(world.limited)
        mine = int(world.limited.ids["account_id"])
        known = external()

        answers = {
            p.label: attack.call(known[p.label], body=p.body(mine, mine)).status_code
            for p in PROBES
            if p.field == "accountIds[]"
        }

        assert answers == {
            "POST /api/v1/me/logins": 201,
            "PATCH /api/v1/me/logins/{login_id}": 200,
            "POST /api/v1/me/logins/claims/{claim_id}/decision": 204,
        }


def _asked_for(own: Victim) -> str:
    """A claim of the customer that waits for its decision."""
    claim, _ = LoginClaim.objects.get_or_create(
        issuer=ISSUER,
        subject=f"asks {own.login_id}",
        state="pending",
        defaults={
            "email": "asks@example.com",
            "customer_id": own.ids["customer_id"],
            "account_id": own.ids["account_id"],
        },
    )
    return str(claim.pk)


QUERY_NAMES = (
    *("accountId", "account_id", "accountIds", "account", "customerId", "customer", "id", "pk"),
    *("esiId", "esiIds", "invoiceId", "number", "login", "account__customer", "user", "sub"),
    *("sort", "order", "ordering", "fields", "expand", "include", "q", "search"),
    *("filter[accountId]", "$filter", "where", "impersonate"),
)


def reads() -> Iterator[Operation]:
    """What a customer may read."""
    for operation in external().values():
        if operation.method == "GET" and "/me/" in f"{operation.path}/me/" and _is_own(operation):
            yield operation


def _is_own(operation: Operation) -> bool:
    return operation.path.startswith("/api/v1/me/") or operation.path in (
        "/api/accounts",
        "/api/contracts",
        "/api/customer",
    )


class TestFilters:
    @FULL
    def test_reach_nothing_of_others(self, world: World, step: int) -> None:
        findings: list[str] = []
        tried = 0
        for attack, _, other in cases(world):
            values = [*other.ids.values(), f"-{other.ids['account_id']}"]
            for operation in list(reads())[:: min(step, 3)]:
                plain = attack.call(operation)
                assert plain.status_code == 200, operation.label
                for name in QUERY_NAMES[::step]:
                    answer = attack.call(operation, query={name: values[tried % len(values)]})
                    tried += 1
                    said = told(answer)
                    leaked = [marker for marker in other.markers if marker in said]
                    grown = answer.status_code == 200 and len(said) > len(told(plain)) + 60
                    if answer.status_code not in (200, 400, 404) or leaked or grown:
                        findings.append(f"{operation.label}?{name}: {answer.status_code} {leaked}")
        assert findings == []
        assert tried >= 1_000 // (step * min(step, 3))

    def test_by_esi_ids_of_others_are_as_by_unknown_ones(self, world: World) -> None:
        tried = 0
        for attack, _, other in cases(world):
            for operation in reads():
                if "esiId" not in operation.parameters:
                    continue
                for kind in ("json", "csv"):
                    query = {"format": kind} if "format" in operation.parameters else {}
                    foreign, absent = (
                        attack.call(operation, query={**query, "esiId": esi_id})
                        for esi_id in (other.ids["esi_id"], "10" * 8 + "1")
                    )
                    assert told(foreign).replace(other.ids["esi_id"], "10" * 8 + "1") == told(
                        absent
                    ), operation.label
                    assert foreign.status_code in (200, 404)
                    tried += 1
        assert tried == 12


class TestExports:
    @FULL
    def test_of_others_are_as_those_of_nobody(self, world: World, step: int) -> None:
        """Downloads by another's account, with one's own ESI ID or another's."""
        findings: list[str] = []
        tried = 0
        for attack, own, other in cases(world):
            queries: tuple[dict[str, str], ...] = (
                {},
                {"format": "csv"},
                {"esiId": own.ids["esi_id"]},
            )
            every = [
                (operation, query)
                for operation in reads()
                for query in queries
                if operation.places and set(query) <= set(operation.parameters)
            ]
            for operation, query in every[:: min(step, 4)]:
                answers = []
                for values in (other.ids, dict.fromkeys(other.ids, str(NOBODYS))):
                    attack.values |= {name: values[name] for name in operation.places}
                    answers.append(attack.call(operation, query=query))
                attack.values |= own.ids
                tried += 1
                foreign, absent = answers
                if (foreign.status_code, told(foreign)) != (404, told(absent)):
                    findings.append(f"{operation.label} {query}: {told(foreign)[:300]}")
        assert findings == []
        assert tried >= 30 // min(step, 4)


class TestClaims:
    """By real invoices: the three facts have to be of one bill."""

    @pytest.fixture
    def claim(self, world: World, token_issuer: TokenIssuer) -> Callable[..., Any]:
        attack = Attack(world)
        operation = external()["POST /api/v1/claims"]

        def call(subject: str, number: str, invoice: str, total: str) -> Any:
            token = token_issuer.token(
                sub=subject,
                jti=f"token {subject}",
                email=f"{subject}@example.com",
                email_verified=True,
            )
            attack.world = dataclasses.replace(world, tokens={"attacker": token})
            body = {"accountNumber": number, "invoiceNumber": invoice, "total": total}
            return attack.call(operation, body=body)

        return call

    def test_need_all_facts_of_one_bill(self, world: World, claim: Callable[..., Any]) -> None:
        bills = _bills()
        own, victim = (bills[p.ids["account_number"]] for p in (world.own, world.victim))
        number = world.victim.ids["account_number"]
        wrong = [
            (number, own[0], own[1]),
            (number, victim[0], own[1]),
            (number, own[0], victim[1]),
            (world.own.ids["account_number"], victim[0], victim[1]),
            (number, victim[0], f"-{victim[1]}"),
            (number, victim[0][:-1], victim[1]),
            ("9999999", victim[0], victim[1]),
        ]
        before = records()

        answers = [claim(f"thief {n}", *facts) for n, facts in enumerate(wrong)]

        said = {(answer.status_code, told(answer)) for answer in answers}
        assert [status for status, _ in said] == [422]
        assert "claim_refused" in told(answers[0])
        assert records() == before

    def test_by_a_true_bill_wait_for_who_has_the_account(
        self, world: World, claim: Callable[..., Any]
    ) -> None:
        number = world.own.ids["account_number"]
        invoice, total = _bills()[number]

        answer = claim("holder", number, f" {invoice[:4]}-{invoice[4:]} ", total)

        assert (answer.status_code, answer.json()["outcome"]) == (202, "pending")

    def test_by_a_reversed_bill_are_refused(self, world: World, claim: Callable[..., Any]) -> None:
        number = world.sibling.ids["account_number"]
        invoice, total = _bills()[number]

        reverse_invoices(
            order=ReversalOrder(
                invoice_number=invoice,
                reason="a wrong reading",
                effective_date=clock.market_today(),
            )
        )

        assert claim("late", number, invoice, total).status_code == 422


def _bills() -> Mapping[str, tuple[str, str]]:
    """(invoice number, amount due) of each account's last bill by account number."""
    rows = Invoice.objects.order_by("id").values_list("account_number", "number", "amount_due_usd")
    return {account: (str(number), str(total)) for account, number, total in rows}
