"""The fast JSON of the outbox says the same as the plain one."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

import pytest

from ossrep.kernel.events import to_json, to_json_texts, to_payload


@dataclass(frozen=True, slots=True)
class Part:
    amount_usd: Decimal
    days: tuple[dt.date, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    event_type: ClassVar[str] = "billing.told.v1"
    number: int
    is_final: bool
    note: str | None
    part: Part
    by_place: dict[Any, Any]
    at: dt.datetime
    key: UUID


class TestToJson:
    def test_says_what_to_payload_says(self) -> None:
        told = Told(
            number=3,
            is_final=True,
            note=None,
            part=Part(Decimal("1.10"), (dt.date(2026, 3, 8), dt.date(2026, 11, 1))),
            by_place={"Dallas": Decimal("0.0100"), 7: [Part(Decimal(2), ())]},
            at=dt.datetime(2026, 3, 8, 8, tzinfo=dt.UTC),
            key=UUID(int=5),
        )

        assert json.loads(to_json(told)) == to_payload(told)

    @pytest.mark.parametrize("value", [float("nan"), float("inf")])
    def test_refuses_what_is_not_finite(self, value: float) -> None:
        with pytest.raises(ValueError, match="not JSON compliant"):
            to_json({"x": value})

    def test_refuses_what_json_cannot_say(self) -> None:
        with pytest.raises(TypeError, match="set has no place in an event"):
            to_json({"x": {1}})


class TestToJsonTexts:
    def test_says_the_same_of_many_as_of_each(self) -> None:
        days = (dt.date(2026, 3, 8),)
        parts = [Part(Decimal(n), days[: n % 2]) for n in range(4)]
        told = [
            Told(
                number=n,
                is_final=n % 2 == 0,
                note=None if n == 1 else 'a "quoted" \\ line\n',
                part=parts[n],
                by_place={},
                at=dt.datetime(2026, 3, 8, n, tzinfo=dt.UTC),
                key=UUID(int=n),
            )
            for n in range(4)
        ]

        for values in ([], parts, told, [*parts, *told], [{"x": 1}, {"y": days}]):
            assert to_json_texts(values) == [to_json(value) for value in values]
            assert [json.loads(text) for text in to_json_texts(values)] == to_payload(values)
