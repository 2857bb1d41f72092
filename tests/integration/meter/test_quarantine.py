"""Records that did not load: listed, tried again, dismissed."""

from __future__ import annotations

from pathlib import Path

import pytest

from ossrep.meter.models import Intake, IntervalDay, QuarantinedRecord
from ossrep.meter.queries.quarantine import list_quarantined
from ossrep.meter.usecases.decide_quarantine import (
    NotInQuarantine,
    dismiss_quarantined,
    retry_quarantined,
)
from tests.factories.interval_files import (
    FALL_DAY,
    NORMAL_DAY,
    SMT_HEADER,
    ADay,
    esi_id,
    lse,
    lse_rows,
    smt_rows,
)
from tests.integration.meter.importing import (
    RECEIVED_AT,
    count_rows,
    current_values,
    import_bytes,
    known_esi_ids,
)

pytestmark = pytest.mark.django_db(databases="__all__")

NEW = "10443729999999999"


class TestRetryQuarantined:
    @pytest.mark.parametrize(
        "day", [ADay(esi_id=NEW), ADay(esi_id=NEW, date=FALL_DAY, quality="E")]
    )
    def test_loads_a_day_whose_esi_id_is_known_now(self, tmp_path: Path, day: ADay) -> None:
        import_bytes(tmp_path, "a.lse", lse([day]))

        with known_esi_ids(NEW):
            report = retry_quarantined(record_ids=None, received_at=RECEIVED_AT)

        assert (report.loaded, report.refused) == (1, [])
        assert current_values() == {(NEW, day.date, 0): (day.values(), day.letters())}
        assert IntervalDay.objects.get().source_time == day.local_time()
        record = QuarantinedRecord.objects.get()
        assert (record.state, record.decision, record.attempts) == ("loaded", "1 accepted", 2)
        assert record.loaded_by == Intake.objects.get(kind="retry")

    def test_leaves_open_what_is_still_refused(self, tmp_path: Path) -> None:
        import_bytes(tmp_path, "a.lse", lse([ADay(esi_id=NEW)]))

        report = retry_quarantined(record_ids=None, received_at=RECEIVED_AT)

        record = QuarantinedRecord.objects.get()
        assert report.loaded == 0
        assert report.refused == [(record.pk, record.message)]
        assert (record.state, record.attempts) == ("open", 2)
        assert count_rows("interval_day") == 0

    def test_reads_the_bytes_of_each_format_again(self, tmp_path: Path) -> None:
        rows = smt_rows(ADay())
        bad = [rows[0].replace(",A,", ",X,"), *rows[1:]]
        import_bytes(tmp_path, "a.csv", "\n".join([SMT_HEADER, *bad, ""]).encode())
        block = lse_rows(ADay(esi_id=esi_id(2)))
        import_bytes(tmp_path, "a.lse", "\n".join([*block[:-1], ""]).encode())
        for record in QuarantinedRecord.objects.all():
            # As if the sender's habit had been taught to the reader since.
            good = rows if record.format == "smt_csv" else block
            record.raw = "\n".join(good).encode()
            record.save()

        report = retry_quarantined(record_ids=None, received_at=RECEIVED_AT)

        assert report.loaded == 2
        assert sorted(key[0] for key in current_values()) == [esi_id(1), esi_id(2)]

    def test_takes_only_the_records_named(self, tmp_path: Path) -> None:
        import_bytes(
            tmp_path, "a.lse", lse([ADay(esi_id=NEW), ADay(esi_id=NEW, direction="export")])
        )
        first, second = QuarantinedRecord.objects.order_by("id")

        with known_esi_ids(NEW):
            retry_quarantined(record_ids=[second.pk], received_at=RECEIVED_AT)

        first.refresh_from_db()
        second.refresh_from_db()
        assert (first.state, second.state) == ("open", "loaded")
        assert list(current_values()) == [(NEW, NORMAL_DAY, 1)]

    def test_names_files_that_must_be_imported_again(self, tmp_path: Path) -> None:
        import_bytes(tmp_path, "a.csv", b"nonsense\n")

        report = retry_quarantined(record_ids=None, received_at=RECEIVED_AT)

        assert report.whole_files == [str(tmp_path / "a.csv")]
        assert QuarantinedRecord.objects.get().state == "open"

    def test_refuses_records_that_are_not_open(self) -> None:
        with pytest.raises(NotInQuarantine) as refused:
            retry_quarantined(record_ids=[4711], received_at=RECEIVED_AT)

        assert str(refused.value) == "no open record has the number 4711"
        assert Intake.objects.count() == 0


class TestDismissQuarantined:
    def test_closes_a_record_with_the_reason(self, tmp_path: Path) -> None:
        import_bytes(tmp_path, "a.lse", lse([ADay(esi_id=NEW)]))
        record = QuarantinedRecord.objects.get()

        count = dismiss_quarantined(record_ids=[record.pk], reason="not our customer")

        record.refresh_from_db()
        assert count == 1
        assert (record.state, record.decision) == ("dismissed", "not our customer")

    def test_refuses_without_a_reason_or_twice(self, tmp_path: Path) -> None:
        import_bytes(tmp_path, "a.lse", lse([ADay(esi_id=NEW)]))
        record = QuarantinedRecord.objects.get()

        with pytest.raises(NotInQuarantine):
            dismiss_quarantined(record_ids=[record.pk], reason=" ")
        dismiss_quarantined(record_ids=[record.pk], reason="twice")

        with pytest.raises(NotInQuarantine):
            dismiss_quarantined(record_ids=[record.pk], reason="again")


class TestListQuarantined:
    def test_filters_by_reason_and_esi_id(self, tmp_path: Path) -> None:
        future = ADay(date=NORMAL_DAY.replace(year=2030))
        import_bytes(tmp_path, "a.lse", lse([ADay(esi_id=NEW), future]))

        rows, total = list_quarantined(state="open", reason=None, esi_id=None, limit=1)
        by_reason, _ = list_quarantined(state="open", reason="future_date", esi_id=None, limit=9)
        by_esi_id, _ = list_quarantined(state="open", reason=None, esi_id=NEW, limit=9)

        assert (len(rows), total) == (1, 2)
        assert [row.esi_id for row in by_reason] == [future.esi_id]
        assert [row.reason for row in by_esi_id] == ["unknown_esi_id"]
