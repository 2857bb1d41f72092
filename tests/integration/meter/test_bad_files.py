"""Bad input: a clear reason with file and line, the good days loaded, no half day ever."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import resource
import zipfile
from pathlib import Path

import pytest

from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.meter.domain.revisions import Outcome
from ossrep.meter.models import Intake, QuarantinedRecord
from tests.factories.interval_files import (
    ESI_ID,
    NORMAL_DAY,
    SMT_HEADER,
    ADay,
    SmtStyle,
    esi_id,
    interval_csv,
    lse,
    smt_csv,
    smt_rows,
)
from tests.integration.meter.importing import (
    count_rows,
    current_values,
    import_bytes,
    run_import,
)

pytestmark = pytest.mark.django_db(databases="__all__")

GOOD = ADay(esi_id=esi_id(2))
UNKNOWN = "10443729999999999"


def kept() -> list[tuple[str, str, int]]:
    """(reason, message, line) of what is in quarantine."""
    return list(
        QuarantinedRecord.objects.order_by("first_line", "id").values_list(
            "reason", "message", "first_line"
        )
    )


class TestWholeFiles:
    @pytest.mark.parametrize(
        ("data", "reason", "message"),
        [
            (b"a,b,c\n1,2,3\n", "wrong_header", "line 1: begins with 'a,b,c'; expected the header"),
            (b"", "wrong_header", "line 1: the file is empty"),
            (
                SMT_HEADER.replace("USAGE_KWH", "KW").encode() + b"\n",
                "wrong_header",
                "line 1: column 6 is 'KW'; SMT's portal CSV has USAGE_KWH there",
            ),
            (SMT_HEADER.encode("utf-16"), "wrong_header", "line 1: the text is UTF-16"),
            (
                SMT_HEADER.encode() + b"\n" + b"9" * 200_000,
                "line_too_long",
                "line 2 or a later one has no end within 64 KiB",
            ),
        ],
    )
    def test_are_refused_with_their_name(
        self, tmp_path: Path, data: bytes, reason: str, message: str
    ) -> None:
        report = import_bytes(tmp_path, "bad.csv", data)

        path = tmp_path / "bad.csv"
        assert report.error.startswith(f"{path}: {message}")
        assert [(r, m, line) for r, m, line in kept() if r == reason] == [(reason, report.error, 0)]
        assert Intake.objects.get().state == "refused"
        assert count_rows("interval_day") == 0

    def test_are_settled_when_they_come_again_in_order(self, tmp_path: Path) -> None:
        import_bytes(tmp_path, "a.csv", b"wrong\n")

        import_bytes(tmp_path, "a.csv", smt_csv([GOOD]))

        record = QuarantinedRecord.objects.get()
        assert (record.state, record.decision) == ("loaded", "the file was imported again")

    def test_do_not_stop_the_others(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_bytes(b"wrong\n")
        (tmp_path / "b.csv").write_bytes(smt_csv([GOOD]))

        reports = run_import(tmp_path)

        assert [bool(report.error) for report in reports] == [True, False]
        assert len(current_values()) == 1

    def test_that_end_inside_their_packing_load_up_to_there(self, tmp_path: Path) -> None:
        days = [
            ADay(esi_id=esi_id(1 + i % 10), date=NORMAL_DAY + dt.timedelta(days=i // 10))
            for i in range(40)
        ]
        packed = gzip.compress(smt_csv(days), mtime=0)

        report = import_bytes(tmp_path, "a.csv.gz", packed[: len(packed) * 3 // 4])

        assert "cannot be read" in report.error
        assert 0 < report.tally.outcomes[Outcome.ACCEPTED] < 40
        assert set(report.tally.refusals) >= {"input_refused", "wrong_interval_count"}
        assert all(len(values) == 96 for values, _ in current_values().values())

    def test_with_mark_and_crlf_load(self, tmp_path: Path) -> None:
        report = import_bytes(
            tmp_path, "a.csv", smt_csv([GOOD], SmtStyle(newline="\r\n", bom=True))
        )

        assert report.tally.outcomes == {Outcome.ACCEPTED: 1}


class TestArchives:
    def test_refuse_a_name_that_leads_out(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr("../../etc/evil.csv", smt_csv([ADay()]))
            archive.writestr("good.csv", smt_csv([GOOD]))

        reports = run_import(tmp_path / "a.zip")

        assert [report.error for report in reports] == [
            f"{tmp_path / 'a.zip'}/../../etc/evil.csv: its name leads out of the archive",
            "",
        ]
        assert [key[0] for key in current_values()] == [esi_id(2)]

    @pytest.mark.parametrize("line", [b"0", b"0\n"])
    def test_refuse_a_bomb_without_unpacking_it_whole(self, tmp_path: Path, line: bytes) -> None:
        bomb = io.BytesIO()
        with (
            zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive,
            archive.open("bomb.csv", "w") as out,
        ):
            out.write(SMT_HEADER.encode() + b"\n")
            for _ in range(40):
                out.write(line * ((1 << 20) // len(line)))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

        report = import_bytes(tmp_path, "bomb.zip", bomb.getvalue())

        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        assert "bomb.csv" in report.error
        assert grown < 200 * 1024
        assert count_rows("interval_day") == 0

    def test_refuse_what_is_no_archive(self, tmp_path: Path) -> None:
        report = import_bytes(tmp_path, "a.zip", b"PK but not really")

        assert "cannot be read" in report.error


class TestDays:
    @pytest.mark.parametrize(
        ("bad", "reason", "text"),
        [
            (ADay(esi_id=UNKNOWN), "unknown_esi_id", f"ESI ID {UNKNOWN}, 2026-02-18 import: no pr"),
            (ADay(date=dt.date(2027, 2, 18)), "future_date", "the day lies after 2026-11-20"),
            (ADay(date=dt.date(2009, 2, 18)), "date_too_old", "the day lies before 2010-01-01"),
            (
                ADay(known_at=dt.datetime(2030, 1, 1, tzinfo=MARKET_ZONE)),
                "future_source_time",
                "the time of the values lies more than a day after 2026-11-20",
            ),
            (
                ADay(known_at=dt.datetime(2026, 2, 17, 23, 59, tzinfo=MARKET_ZONE)),
                "source_time_before_day",
                "the time of the values lies before the day itself",
            ),
        ],
    )
    def test_that_cannot_be_true_are_kept_aside(
        self, tmp_path: Path, bad: ADay, reason: str, text: str
    ) -> None:
        report = import_bytes(tmp_path, "a.lse", lse([bad, GOOD]))

        assert report.tally.refusals == {reason: 1}
        assert [key[0] for key in current_values()] == [esi_id(2)]
        ((found, message, line),) = kept()
        assert (found, line) == (reason, 1)
        assert message.startswith("line 1: ESI ID ")
        assert text in message
        record = QuarantinedRecord.objects.get()
        assert (record.esi_id, record.date) == (bad.esi_id, bad.date)
        assert record.file == str(tmp_path / "a.lse")

    def test_with_a_bad_cell_are_kept_whole(self, tmp_path: Path) -> None:
        rows = smt_rows(ADay())
        rows[9] = rows[9].replace(",0.109,", ",abc,")
        data = "\n".join([SMT_HEADER, *rows, *smt_rows(GOOD), ""]).encode()

        report = import_bytes(tmp_path, "a.csv", data)

        assert report.tally.outcomes == {Outcome.ACCEPTED: 1}
        assert kept() == [("not_a_number", "line 11: 'abc' is not a number of kWh", 2)]
        record = QuarantinedRecord.objects.get()
        assert bytes(record.raw).decode().splitlines() == rows
        assert (record.format, record.last_line) == ("smt_csv", 97)
        assert (ESI_ID, NORMAL_DAY, 0) not in current_values()

    def test_are_one_case_however_often_they_come(self, tmp_path: Path) -> None:
        data = interval_csv([ADay(wh=[1] * 92)])
        import_bytes(tmp_path, "a.csv", data)

        import_bytes(tmp_path, "b.csv", data)

        record = QuarantinedRecord.objects.get()
        assert (record.attempts, record.reason) == (2, "wrong_interval_count")

    def test_stop_a_file_that_holds_too_many_bad_ones(self, tmp_path: Path) -> None:
        rows = [f"1044372{i:010d},x" for i in range(50)]
        (tmp_path / "a.csv").write_text("\n".join([SMT_HEADER, *smt_rows(GOOD), *rows, ""]))

        (report,) = run_import(tmp_path / "a.csv", refused_max=5)

        assert "more than 5 records of it are refused" in report.error
        assert report.tally.refusals == {"wrong_field_count": 6, "too_many_refusals": 1}
        assert report.tally.outcomes == {Outcome.ACCEPTED: 1}


class TestLargeFiles:
    def test_are_read_in_bounded_memory(self, tmp_path: Path) -> None:
        rows = "\n".join(smt_rows(ADay(esi_id=UNKNOWN))) + "\n"
        path = tmp_path / "large.csv"
        with path.open("w") as out:
            out.write(SMT_HEADER + "\n")
            for _ in range(1_500):
                out.write("x,y\n" if _ % 100 == 0 else "")
                out.write(rows)
        megabytes = path.stat().st_size >> 20
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

        (report,) = run_import(path)

        grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10
        assert report.error == ""
        assert megabytes == 11
        assert grown_mb < 120
