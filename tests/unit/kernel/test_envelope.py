from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import pytest

from ossrep.kernel.clock import market_today, now
from ossrep.kernel.errors import DomainError
from ossrep.kernel.events import EventEnvelope, to_payload
from ossrep.kernel.identifiers import is_valid_esi_id


@dataclass(frozen=True, slots=True)
class Part:
    amount_usd: Decimal
    dates: tuple[dt.date, ...]


@dataclass(frozen=True, slots=True)
class Whole:
    number: UUID
    parts: tuple[Part, ...]
    notes: dict[int, str]


class TestToPayload:
    def test_is_ready_for_json(self) -> None:
        number = UUID("00000000-0000-0000-0000-000000000001")
        whole = Whole(number, (Part(Decimal("1.50"), (dt.date(2026, 7, 1),)),), {1: "a"})

        assert to_payload(whole) == {
            "number": str(number),
            "parts": [{"amount_usd": "1.50", "dates": ["2026-07-01"]}],
            "notes": {"1": "a"},
        }


class TestEventEnvelope:
    def test_keeps_an_aggregate_on_one_partition(self) -> None:
        envelope = EventEnvelope(
            event_id=UUID(int=1),
            event_type="billing.invoice-issued.v1",
            aggregate_type="invoice",
            aggregate_id="42",
            incarnation=1,
            seq=7,
            payload={},
            headers={},
        )

        assert envelope.key == "invoice:42"


class TestDomainError:
    def test_says_where(self) -> None:
        assert str(DomainError("is missing", where="components[2]")) == "components[2]: is missing"
        assert str(DomainError("is missing")) == "is missing"


class TestEsiId:
    @pytest.mark.parametrize(
        ("text", "valid"),
        [
            ("10443720000123456", True),
            ("1008901023456789012345", True),
            ("104437200001234567", False),
            ("1044372000012345A", False),
            ("１０４４３７２００００１２３４５６", False),
            ("", False),
        ],
    )
    def test_has_17_or_22_digits(self, text: str, valid: bool) -> None:
        assert is_valid_esi_id(text) is valid


class TestClock:
    def test_is_aware_and_knows_the_market_s_date(self) -> None:
        instant = now()

        assert instant.tzinfo is dt.UTC
        assert abs((market_today() - instant.date()).days) <= 1
