"""Events are numbered without holes, in the transaction of their change."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

import pytest
from django.db import ProgrammingError, connections

from ossrep.infra import database
from ossrep.infra.invariants import assert_invariants, verify
from ossrep.infra.outbox import append, append_many
from ossrep.infra.outbox.writing import PAYLOAD_BYTES_MAX, OutboxMisuse
from tests.integration.infra.facts import Noted, notes, rows, write

pytestmark = pytest.mark.django_db(databases="__all__")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    event_type: ClassVar[str] = "billing.told.v1"
    aggregate_type: ClassVar[str] = "sheet"
    text: str
    amount_usd: Decimal
    aggregate_id: str = "s1"


def _append_and_fail(event: Noted) -> None:
    with database.transaction("billing"):
        append(context="billing", event=event)
        raise ZeroDivisionError


class TestAppendMany:
    def test_numbers_each_aggregate_from_one(self) -> None:
        write(*notes(sheets=2, each=2))
        write(*notes(sheets=1, each=1))

        assert rows(
            "billing",
            "SELECT aggregate_id, seq, payload->>'number' FROM outbox_event ORDER BY 1, 2",
        ) == [("s0", 1, "1"), ("s0", 2, "2"), ("s0", 3, "1"), ("s1", 1, "1"), ("s1", 2, "2")]
        assert_invariants(contexts=["billing"])

    def test_gives_the_numbers_back_on_rollback(self) -> None:
        write(Noted(sheet="s0", number=1))

        with pytest.raises(ZeroDivisionError):
            _append_and_fail(Noted(sheet="s0", number=2))
        write(Noted(sheet="s0", number=3))

        assert rows("billing", "SELECT seq, payload->>'number' FROM outbox_event ORDER BY 1") == [
            (1, "1"),
            (2, "3"),
        ]

    @pytest.mark.parametrize(
        "text",
        ["tab\there", "line\nbreak", "back\\slash", "\\N", "üñí ☃ 𝄞", '"quoted"', "\x01", ""],
    )
    def test_keeps_any_text(self, text: str) -> None:
        told = Told(text=text, amount_usd=Decimal("1.10"), aggregate_id=text or "empty")

        with database.transaction("billing"):
            append_many(context="billing", events=[told], headers={"by": text})

        assert rows(
            "billing",
            "SELECT aggregate_id, payload->>'text', payload->>'amount_usd', headers->>'by' "
            "FROM outbox_event",
        ) == [(text or "empty", text, "1.10", text)]

    def test_refuses_what_no_broker_takes(self) -> None:
        told = Told(text="x" * PAYLOAD_BYTES_MAX, amount_usd=Decimal(1))

        with (
            pytest.raises(OutboxMisuse, match=r"sheet:s1: .*more than 900000 bytes"),
            database.transaction("billing"),
        ):
            append(context="billing", event=told)

        assert rows("billing", "SELECT count(*) FROM outbox_event") == [(0,)]

    def test_refuses_a_nul_character(self) -> None:
        told = Told(text="a\x00b", amount_usd=Decimal(1))

        with pytest.raises(OutboxMisuse, match="NUL"), database.transaction("billing"):
            append(context="billing", event=told)


class TestRightsOnTheOutbox:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE outbox_event SET payload = '{}'",
            "UPDATE outbox_event SET seq = seq + 1",
            "DELETE FROM outbox_event",
            "TRUNCATE outbox_event",
            "DELETE FROM outbox_stream",
        ],
    )
    def test_the_runtime_role_cannot_change_what_was_told(self, statement: str) -> None:
        write(Noted(sheet="s0", number=1))

        with (
            connections["billing"].cursor() as cursor,
            pytest.raises(ProgrammingError, match="permission denied"),
        ):
            cursor.execute(statement)


class TestOutboxInvariants:
    def _as_owner(self, statement: str) -> None:
        with connections["billing"].cursor() as cursor:
            cursor.execute("SET LOCAL ROLE billing_owner")
            cursor.execute(statement)
            cursor.execute("SET LOCAL ROLE billing")

    def test_a_hole_is_found(self) -> None:
        write(*notes(sheets=1, each=3))

        self._as_owner("DELETE FROM outbox_event WHERE seq = 2")

        broken = [v for v in verify(contexts=["billing"]) if not v.holds]
        assert [v.name for v in broken] == ["outbox_without_holes"]
        assert broken[0].breaches == (("sheet", "s0", 1, 1, 3, 2, 3),)

    def test_a_stream_behind_its_events_is_found(self) -> None:
        write(*notes(sheets=1, each=3))

        self._as_owner("UPDATE outbox_stream SET last_seq = 2")

        with pytest.raises(AssertionError, match="outbox_without_holes"):
            assert_invariants(contexts=["billing"])

    def test_an_event_published_before_its_predecessor_is_found(self) -> None:
        write(*notes(sheets=1, each=2))

        self._as_owner("UPDATE outbox_event SET published_at = now() WHERE seq = 2")

        with pytest.raises(AssertionError, match="outbox_published_in_order"):
            assert_invariants(contexts=["billing"])
