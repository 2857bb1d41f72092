"""``manage.py meter``, as an operator runs it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

from ossrep.kernel.errors import DomainError
from ossrep.meter.models import IntervalDay, QuarantinedRecord, VeeThreshold
from ossrep.meter.usecases.import_files import FilesNotRead
from tests.factories.interval_files import ESI_ID, NORMAL_DAY, ADay, esi_id, interval_csv, lse
from tests.integration.meter.serving import AS_OF, START, a_book

pytestmark = pytest.mark.django_db(databases="__all__")

UNKNOWN = "10443729999999999"


@pytest.fixture(autouse=True)
def _book() -> Iterator[None]:
    with a_book(points=3):
        yield


def meter(*arguments: object) -> str:
    out = io.StringIO()
    call_command("meter", *map(str, arguments), stdout=out, stderr=out)
    return out.getvalue()


def rows(text: str) -> list[list[str]]:
    return [line.split("\t") for line in text.splitlines() if "\t" in line]


def import_days(folder: Path, days: list[ADay], name: str = "a.lse") -> str:
    (folder / name).write_bytes(lse(days))
    return meter("import", folder / name, "--as-of", "2026-11-20")


class TestImport:
    def test_tells_as_json_lines_what_came_of_each_file(self, tmp_path: Path) -> None:
        text = import_days(tmp_path, [ADay(), ADay(esi_id=UNKNOWN)])

        lines = [json.loads(line) for line in text.splitlines()]
        assert lines[0]["progress"] == "quarter hours"
        assert lines[0]["done"] == 192
        assert lines[1] == {
            "file": str(tmp_path / "a.lse"),
            "format": "lse",
            "accepted": 1,
            "replaced": 0,
            "older": 0,
            "unchanged": 0,
            "refused": 1,
            "reasons": {"unknown_esi_id": 1},
            "failed_rules": {},
            "error": "",
        }
        assert (lines[2]["total_files"], lines[2]["intervals"]) == (1, 96)

    def test_fails_for_a_file_that_is_none_and_loads_the_others(self, tmp_path: Path) -> None:
        (tmp_path / "a.lse").write_bytes(lse([ADay()]))
        (tmp_path / "b.csv").write_text("nonsense\n")

        with pytest.raises(FilesNotRead, match=r"1 of 2 files .*b\.csv: line 1: begins with"):
            meter("import", tmp_path, "--as-of", "2026-11-20")

        assert IntervalDay.objects.count() == 1

    def test_refuses_a_path_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(DomainError, match="there is no such file or folder"):
            meter("import", tmp_path / "none")

    def test_takes_a_date_as_the_end_of_the_day(self, tmp_path: Path) -> None:
        today = ADay(known_at=dt.datetime(2026, 2, 18, 23, tzinfo=dt.UTC))
        (tmp_path / "a.lse").write_bytes(lse([today]))

        text = meter("import", tmp_path, "--as-of", NORMAL_DAY)

        assert json.loads(text.splitlines()[1])["accepted"] == 1


class TestShow:
    def test_prints_values_and_revisions(self, tmp_path: Path) -> None:
        import_days(tmp_path, [ADay(quality="E")])
        known_at = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
        import_days(tmp_path, [ADay(known_at=known_at)], name="b.lse")

        found = rows(meter("show", ESI_ID, NORMAL_DAY))

        assert found[0] == ["from", ":00", ":15", ":30", ":45"]
        assert found[1] == ["00:00", "0.100", "0.101", "0.102", "0.103"]
        assert found[24] == ["23:00", "0.192", "0.193", "0.194", "0.195"]
        assert found[26][:5] == ["import", "2", "yes", "LSE", "2026-02-28 18:00:00"]
        assert found[27][:3] == ["import", "1", ""]
        assert found[27][6:9] == ["14.160", "0", "96"]

    def test_refuses_a_day_that_is_not_there(self) -> None:
        with pytest.raises(DomainError, match="no values of 2026-02-18 are stored"):
            meter("show", ESI_ID, NORMAL_DAY)


class TestGaps:
    def test_prints_a_table_and_writes_a_csv(self, tmp_path: Path) -> None:
        import_days(tmp_path, [ADay(date=START)])
        file = tmp_path / "gaps.csv"

        text = meter("gaps", "--cycle", "07", "--as-of", AS_OF, "--csv", file, "--limit", 2)

        assert rows(text)[1] == [ESI_ID, "2026-02-11", "import", "absent", "96", "0"]
        assert "3 service windows; days not whole and actual: 89 absent (3 ESI IDs)" in text
        with file.open(newline="") as written:
            lines = list(csv.reader(written))
        assert len(lines) == 90
        assert lines[0] == ["esi_id", "date", "direction", "state", "missing", "estimated"]


class TestValidateAndEstimate:
    def test_work_on_the_windows_of_a_cycle(self, tmp_path: Path) -> None:
        days = [
            ADay(esi_id=esi_id(1), date=START + dt.timedelta(days=n), wh=[200 + n, 5] * 48)
            for n in range(26)
        ]
        import_days(tmp_path, days)

        validated = meter("validate", "--cycle", "07", "--as-of", AS_OF, "--esi-id", esi_id(1))
        estimated = meter("estimate", "--cycle", "07", "--as-of", AS_OF, "--esi-id", esi_id(1))

        assert rows(validated) == [["rule", "failed"], ["gap", "4"]]
        assert "4 days estimated; quarter hours: 380 by like_day" in estimated


class TestQuarantine:
    def test_is_listed_retried_and_dismissed(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_bytes(interval_csv([ADay(esi_id=UNKNOWN), ADay(wh=[1] * 92)]))
        meter("import", tmp_path, "--as-of", "2026-11-20")

        listed = rows(meter("quarantine", "list"))
        retried = meter("quarantine", "retry", "--all")
        ids = list(QuarantinedRecord.objects.values_list("pk", flat=True))
        dismissed = meter("quarantine", "dismiss", *ids, "--reason", "test data")

        assert [row[5] for row in listed[1:]] == ["wrong_interval_count", "unknown_esi_id"]
        assert "0 loaded, 2 still refused" in retried
        assert dismissed == "2 dismissed\n"
        assert set(QuarantinedRecord.objects.values_list("decision", flat=True)) == {"test data"}

    def test_retry_wants_to_know_what(self) -> None:
        with pytest.raises(DomainError, match="name the records to retry, or give --all"):
            meter("quarantine", "retry")


class TestThresholds:
    def test_are_listed_and_set(self) -> None:
        assert ["gap.missing_intervals_max", "", "0"] in rows(meter("thresholds", "list"))

        meter("thresholds", "set", "gap.missing_intervals_max", "2")

        assert VeeThreshold.objects.get(rule="gap").value == 2


class TestPartitions:
    def test_are_made_ahead(self) -> None:
        first = meter("partitions", "--as-of", "2033-11-24", "--ahead", 2)
        second = meter("partitions", "--as-of", "2033-11-24", "--ahead", 2)

        assert first.splitlines() == ["made 2033-11", "made 2033-12", "made 2034-01"]
        assert second == "all months up to 2034-01 are there\n"
