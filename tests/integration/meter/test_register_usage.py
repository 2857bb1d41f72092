"""Monthly register usage from the market."""

from __future__ import annotations

import datetime as dt
import json
import uuid

import pytest

from ossrep.infra.inbox import apply, find_consumers
from ossrep.infra.outbox.messages import Message
from ossrep.kernel.events import to_payload
from ossrep.kernel.identifiers import EsiId
from ossrep.meter.models import InboxParked, RegisterUsage
from ossrep.meter.service import MeterService
from ossrep.meter.usecases.record_register_usage import (
    InvalidRegisterUsage,
    cancel_register_usage,
    record_register_usage,
)
from ossrep.published.market import UsageCancelled, UsageReceived
from ossrep.published.meter import UsageRequest
from tests.factories.interval_files import esi_id

pytestmark = pytest.mark.django_db(databases="__all__")

JANUARY, FEBRUARY, MARCH = dt.date(2026, 1, 9), dt.date(2026, 2, 10), dt.date(2026, 3, 12)
RECEIVED_AT = dt.datetime(2026, 3, 13, 12, tzinfo=dt.UTC)


def usage(**changes: object) -> UsageReceived:
    fields: dict[str, object] = {
        "esi_id": esi_id(1),
        "start_date": FEBRUARY,
        "end_date": MARCH,
        "import_kwh": "1234.567",
        "export_kwh": "12",
        "peak_kw": "5.4",
        "is_estimated": False,
        "is_final": False,
        "source_reference": "867-1",
        "received_at": RECEIVED_AT,
    }
    return UsageReceived(**{**fields, **changes})  # type: ignore[arg-type]


CANCELLED = UsageCancelled(
    esi_id=esi_id(1),
    start_date=FEBRUARY,
    end_date=MARCH,
    source_reference="867-1",
    cancelled_at=RECEIVED_AT,
)


def periods() -> tuple[tuple[tuple[dt.date, dt.date], ...], ...]:
    return tuple(MeterService().list_usage_periods(esi_ids=[EsiId(esi_id(1))], since=JANUARY))


def message(seq: int, event: UsageReceived | UsageCancelled, **extra: object) -> Message:
    return Message(
        event_id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{event.esi_id}{seq}")),
        event_type=event.event_type,
        aggregate_type=event.aggregate_type,
        aggregate_id=event.aggregate_id,
        incarnation=1,
        seq=seq,
        payload=json.dumps({**to_payload(event), **extra}),
        headers="{}",
    )


class TestRecordRegisterUsage:
    def test_keeps_whole_wh_and_w(self) -> None:
        assert record_register_usage(usage=usage())

        row = RegisterUsage.objects.get()
        assert (row.import_wh, row.export_wh, row.peak_w) == (1_234_567, 12_000, 5_400)

    def test_keeps_the_same_usage_once(self) -> None:
        record_register_usage(usage=usage())

        assert not record_register_usage(usage=usage())
        assert RegisterUsage.objects.count() == 1

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"import_kwh": "1.2345"}, "import_kwh: 1.2345 has more than three decimals"),
            ({"import_kwh": "-1"}, "import_kwh: -1 is out of range"),
            ({"export_kwh": "NaN"}, "export_kwh: NaN has more than three decimals"),
            ({"peak_kw": "many"}, "peak_kw: 'many' is not a number"),
            ({"end_date": FEBRUARY}, "end_date: the period ends before it starts"),
            (
                {"esi_id": "10443729999999999"},
                "esi_id: no premises has the ESI ID 10443729999999999",
            ),
        ],
    )
    def test_refuses_what_cannot_be_kept_exactly(
        self, changes: dict[str, object], message: str
    ) -> None:
        with pytest.raises(InvalidRegisterUsage) as refused:
            record_register_usage(usage=usage(**changes))

        assert str(refused.value) == message
        assert RegisterUsage.objects.count() == 0


class TestCancelledUsage:
    def test_counts_no_more(self) -> None:
        record_register_usage(usage=usage())

        assert cancel_register_usage(cancelled=CANCELLED)
        assert not cancel_register_usage(cancelled=CANCELLED)
        assert periods() == ((),)

    def test_leaves_the_others(self) -> None:
        record_register_usage(usage=usage())
        record_register_usage(usage=usage(source_reference="867-9"))

        cancel_register_usage(cancelled=CANCELLED)

        assert periods() == (((FEBRUARY, MARCH),),)

    def test_counts_again_when_it_is_told_again(self) -> None:
        record_register_usage(usage=usage())
        cancel_register_usage(cancelled=CANCELLED)

        assert record_register_usage(usage=usage())
        assert periods() == (((FEBRUARY, MARCH),),)

    def test_that_was_never_kept_is_nothing(self) -> None:
        assert not cancel_register_usage(cancelled=CANCELLED)


class TestConsumer:
    def test_takes_cancelled_usage_away(self) -> None:
        (consumer,) = find_consumers(contexts=["meter"])

        applied = apply(consumer=consumer, messages=[message(1, usage()), message(2, CANCELLED)])

        assert applied.handled == 2
        assert periods() == ((),)

    def test_stores_an_event_once_however_often_it_comes(self) -> None:
        (consumer,) = find_consumers(contexts=["meter"])

        first = apply(consumer=consumer, messages=[message(1, usage(), added_later="x")])
        second = apply(consumer=consumer, messages=[message(1, usage(), added_later="x")])

        assert (first.handled, second.handled, second.repeated) == (1, 0, 1)
        row = RegisterUsage.objects.get()
        assert (row.start_date, row.end_date, row.received_at) == (FEBRUARY, MARCH, RECEIVED_AT)

    def test_parks_an_event_that_cannot_be_kept(self) -> None:
        (consumer,) = find_consumers(contexts=["meter"])

        applied = apply(consumer=consumer, messages=[message(1, usage(import_kwh="1.2345"))])

        assert applied.parked == 1
        assert "more than three decimals" in InboxParked.objects.get().error
        assert RegisterUsage.objects.count() == 0


class TestRegistersInTheService:
    def test_stand_where_they_cover_exactly_the_period(self) -> None:
        record_register_usage(usage=usage())
        record_register_usage(usage=usage(esi_id=esi_id(2), peak_kw=None, source_reference="867-2"))

        found = MeterService().get_interval_usage(
            request=UsageRequest(
                [EsiId(esi_id(1)), EsiId(esi_id(1)), EsiId(esi_id(2))],
                [FEBRUARY, FEBRUARY, FEBRUARY],
                [MARCH, MARCH - dt.timedelta(days=1), MARCH],
            )
        )

        assert found.register_import_wh.tolist() == [1_234_567, -1, 1_234_567]
        assert found.register_export_wh.tolist() == [12_000, -1, 12_000]
        assert found.register_peak_w.tolist() == [5_400, -1, -1]

    def test_give_the_periods_that_end_after_a_date(self) -> None:
        record_register_usage(usage=usage())
        record_register_usage(
            usage=usage(start_date=JANUARY, end_date=FEBRUARY, source_reference="867-0")
        )

        service = MeterService()
        ids = [EsiId(esi_id(1)), EsiId(esi_id(2))]

        assert service.list_usage_periods(esi_ids=ids, since=JANUARY) == [
            ((JANUARY, FEBRUARY), (FEBRUARY, MARCH)),
            (),
        ]
        assert service.list_usage_periods(esi_ids=ids, since=FEBRUARY) == [
            ((FEBRUARY, MARCH),),
            (),
        ]

    def test_count_in_place_of_earlier_ones_that_they_overlap(self) -> None:
        corrected_start = FEBRUARY + dt.timedelta(days=1)
        record_register_usage(usage=usage())
        record_register_usage(
            usage=usage(
                start_date=corrected_start,
                import_kwh="1000",
                source_reference="867-3",
                received_at=RECEIVED_AT + dt.timedelta(days=1),
            )
        )

        periods = MeterService().list_usage_periods(esi_ids=[EsiId(esi_id(1))], since=JANUARY)

        assert periods == [((corrected_start, MARCH),)]
