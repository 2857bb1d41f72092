"""Interval files become stored days."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.meter.db import connection
from ossrep.meter.domain.revisions import Outcome
from ossrep.meter.models import Intake, IntervalDay, MeterPoint, VeeResult
from ossrep.meter.usecases.import_files import NothingToImport
from tests.factories.interval_files import (
    ESI_ID,
    FALL_DAY,
    NORMAL_DAY,
    SPRING_DAY,
    ADay,
    esi_id,
    interval_csv,
    lse,
    smt_csv,
)
from tests.integration.meter.importing import (
    RECEIVED_AT,
    count_rows,
    current_values,
    import_bytes,
    run_import,
)

pytestmark = pytest.mark.django_db(databases="__all__")

LATER = dt.datetime(2026, 3, 15, 12, 0, tzinfo=MARKET_ZONE)
Writer = Callable[[list[ADay]], bytes]


def events() -> list[dict[str, object]]:
    with connection().cursor() as cursor:
        cursor.execute("SELECT payload FROM outbox_event ORDER BY id")
        return [json.loads(row[0]) if isinstance(row[0], str) else row[0] for row in cursor]


class TestImportFile:
    @pytest.mark.parametrize(
        ("write", "name"), [(smt_csv, "a.csv"), (lse, "a.lse"), (interval_csv, "a.csv")]
    )
    @pytest.mark.parametrize("date", [NORMAL_DAY, SPRING_DAY, FALL_DAY])
    def test_stores_the_days_of_each_format(
        self, tmp_path: Path, write: Writer, name: str, date: dt.date
    ) -> None:
        days = [
            ADay(date=date),
            ADay(date=date, direction="export", quality="E"),
            ADay(date=date, esi_id=esi_id(2)),
        ]

        report = import_bytes(tmp_path, name, write(days))

        assert report.error == ""
        assert report.tally.outcomes == {Outcome.ACCEPTED: 3}
        assert report.tally.intervals == 3 * len(days[0].values())
        assert current_values() == {
            (ESI_ID, date, 0): (days[0].values(), days[0].letters()),
            (ESI_ID, date, 1): (days[1].values(), days[1].letters()),
            (esi_id(2), date, 0): (days[2].values(), days[2].letters()),
        }

    def test_writes_down_where_a_day_came_from_and_what_it_adds_up_to(self, tmp_path: Path) -> None:
        quality = "A" * 20 + "E" * 6 + "A" * 70
        day = ADay(quality=quality, readings=("100.0000", "109.6000"))

        report = import_bytes(tmp_path, "a.lse", lse([ADay(esi_id=esi_id(2)), day]))

        stored = IntervalDay.objects.get(meter_point__esi_id=ESI_ID)
        assert (stored.revision, stored.became_current, stored.source) == (1, True, 2)
        assert (stored.line, stored.intake_id) == (30, report.intake_id)
        assert (stored.total_wh, stored.peak_wh) == (sum(day.values()), max(day.values()))
        assert (stored.missing_intervals, stored.estimated_intervals) == (0, 6)
        assert stored.register_wh == 9_600
        assert stored.source_time == day.local_time()
        assert stored.received_at == RECEIVED_AT
        intake = Intake.objects.get(pk=report.intake_id)
        assert (intake.kind, intake.state, intake.accepted_days) == ("lse", "done", 2)
        assert intake.name == str(tmp_path / "a.lse")

    def test_keeps_one_quality_letter_for_a_day_of_one_quality(self, tmp_path: Path) -> None:
        import_bytes(tmp_path, "a.csv", smt_csv([ADay(), ADay(date=SPRING_DAY, quality="E")]))

        assert sorted(bytes(d.quality) for d in IntervalDay.objects.all()) == [b"A", b"E"]

    def test_stores_missing_values_and_what_the_rules_say_of_them(self, tmp_path: Path) -> None:
        wh = [100] * 92
        wh[7] = -1

        report = import_bytes(tmp_path, "a.csv", interval_csv([ADay(date=SPRING_DAY, wh=wh)]))

        values, letters = current_values()[ESI_ID, SPRING_DAY, 0]
        assert values == [100] * 7 + [-(2**31)] + [100] * 84
        assert letters == "A" * 7 + "M" + "A" * 84
        assert report.tally.failed_rules == {"gap": 1, "stuck": 1}
        assert set(
            VeeResult.objects.values_list("rule", "rule_version", "measured", "first_interval")
        ) == {("gap", 1, 1, 7), ("stuck", 1, 84, 8)}
        assert IntervalDay.objects.get().vee_failed == 1 + 16

    def test_finds_a_day_sent_twice_under_two_dates(self, tmp_path: Path) -> None:
        next_day = NORMAL_DAY + dt.timedelta(days=1)
        import_bytes(tmp_path, "a.lse", lse([ADay()]))

        report = import_bytes(tmp_path, "b.lse", lse([ADay(date=next_day)]))

        assert report.tally.failed_rules == {"duplicate": 1}

    def test_checks_the_sum_against_the_readings(self, tmp_path: Path) -> None:
        report = import_bytes(tmp_path, "a.lse", lse([ADay(readings=("0", "14.0"))]))

        assert report.tally.failed_rules == {"sum_check": 1}
        result = VeeResult.objects.get()
        assert (result.measured, result.allowed) == (abs(sum(ADay().values()) - 14_000), 14)

    def test_notes_the_first_day_of_export(self, tmp_path: Path) -> None:
        import_bytes(tmp_path, "a.lse", lse([ADay(date=SPRING_DAY, direction="export")]))
        import_bytes(tmp_path, "b.lse", lse([ADay(direction="export"), ADay(esi_id=esi_id(2))]))

        assert MeterPoint.objects.get(esi_id=ESI_ID).first_export_date == NORMAL_DAY
        assert MeterPoint.objects.get(esi_id=esi_id(2)).first_export_date is None


class TestRevisions:
    def test_changes_nothing_the_second_time(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_bytes(smt_csv([ADay(), ADay(esi_id=esi_id(2))]))
        run_import(tmp_path)

        (report,) = run_import(tmp_path)

        assert report.tally.outcomes == {Outcome.UNCHANGED: 2}
        assert count_rows("interval_day") == 2
        assert events() == []

    def test_replaces_an_estimate_and_says_so(self, tmp_path: Path) -> None:
        estimate = ADay(wh=[100] * 96, quality="E")
        actual = ADay(wh=[90] * 96, known_at=LATER)
        import_bytes(tmp_path, "a.lse", lse([estimate]))

        report = import_bytes(tmp_path, "b.lse", lse([actual]))

        assert report.tally.outcomes == {Outcome.REPLACED: 1}
        assert current_values()[ESI_ID, NORMAL_DAY, 0] == ([90] * 96, "A" * 96)
        assert count_rows("interval_day") == 2
        assert events() == [
            {
                "esi_id": ESI_ID,
                "date": "2026-02-18",
                "direction": "import",
                "was_estimated": True,
                "wh_before": 9_600,
                "wh_after": 8_640,
            }
        ]

    def test_keeps_an_older_read_without_letting_it_count(self, tmp_path: Path) -> None:
        import_bytes(tmp_path, "a.lse", lse([ADay(wh=[90] * 96, known_at=LATER)]))

        report = import_bytes(tmp_path, "b.lse", lse([ADay(wh=[100] * 96)]))

        assert report.tally.outcomes == {Outcome.OLDER: 1}
        assert current_values()[ESI_ID, NORMAL_DAY, 0] == ([90] * 96, "A" * 96)
        assert count_rows("interval_day") == 2
        assert events() == []

    def test_takes_the_later_file_of_two_that_are_otherwise_equal(self, tmp_path: Path) -> None:
        (tmp_path / "1.lse").write_bytes(lse([ADay(wh=[1] * 96)]))
        (tmp_path / "2.lse").write_bytes(lse([ADay(wh=[2] * 96), ADay(wh=[3] * 96)]))

        run_import(tmp_path)

        assert current_values()[ESI_ID, NORMAL_DAY, 0][0] == [3] * 96
        assert count_rows("interval_day") == 3


class TestPackedFiles:
    def test_reads_folders_gz_and_zip(self, tmp_path: Path) -> None:
        folder = tmp_path / "inbox" / "oncor"
        folder.mkdir(parents=True)
        (folder / "a.csv").write_bytes(smt_csv([ADay()]))
        (folder / "b.lse.gz").write_bytes(gzip.compress(lse([ADay(esi_id=esi_id(2))])))
        with zipfile.ZipFile(folder / "c.zip", "w") as archive:
            archive.writestr("deep/d.lse", lse([ADay(esi_id=esi_id(3))]))
            archive.writestr("e.csv", interval_csv([ADay(esi_id=esi_id(4))]))
            archive.writestr("notes.txt", "not for us")

        reports = run_import(tmp_path)

        assert [Path(report.file).name for report in reports] == [
            "a.csv",
            "b.lse.gz",
            "d.lse",
            "e.csv",
        ]
        assert [report.error for report in reports] == [""] * 4
        assert sorted(key[0] for key in current_values()) == [esi_id(i) for i in range(1, 5)]

    def test_refuses_a_path_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(NothingToImport) as refused:
            run_import(tmp_path / "none.csv")

        assert str(refused.value) == f"{tmp_path / 'none.csv'}: there is no such file or folder"

    def test_refuses_a_folder_without_interval_files(self, tmp_path: Path) -> None:
        (tmp_path / "readme.txt").write_text("nothing")

        with pytest.raises(NothingToImport):
            run_import(tmp_path)

        assert Intake.objects.count() == 0
