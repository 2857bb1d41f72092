"""Price files into the book, as an operator brings them."""

from __future__ import annotations

import datetime as dt
import zipfile
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from ossrep.kernel.market_time import interval_start_minutes
from ossrep.kernel.periods import DatePeriod
from ossrep.product.models import PriceCorrection, PriceDay, RefusedPriceRow
from ossrep.product.queries.prices import unpack_prices
from ossrep.product.service import ProductService
from ossrep.product.usecases.import_prices import PriceFileOutcome, import_prices
from ossrep.product.usecases.settle_refused_prices import (
    RetryOutcome,
    UnknownRefusedRow,
    discard_refused_prices,
    retry_refused_prices,
)

pytestmark = pytest.mark.django_db(databases="__all__")

HEADER = (
    "DeliveryDate,DeliveryHour,DeliveryInterval,SettlementPointName,"
    "SettlementPointType,SettlementPointPrice,DSTFlag\n"
)
NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


def _whole_day(date: dt.date, *, point: str = "LZ_NORTH", first: int = 1000) -> str:
    """Every interval of a day as ERCOT prints it, prices rising by a cent."""
    rows, seen = [], set()
    for index, minute in enumerate(interval_start_minutes(date).tolist()):
        flag = "Y" if minute in seen else "N"
        seen.add(minute)
        price = (first + index) / 100
        hour, interval = minute // 60 + 1, minute % 60 // 15 + 1
        rows.append(f"{date:%m/%d/%Y},{hour},{interval},{point},LZ,{price:.2f},{flag}\n")
    return "".join(rows)


def _import(*paths: Path, points: tuple[str, ...] = ()) -> list[PriceFileOutcome]:
    return list(import_prices(paths=paths, points=points))


class TestImportPrices:
    @pytest.mark.parametrize(
        ("date", "intervals"),
        [(dt.date(2026, 3, 8), 92), (dt.date(2026, 7, 30), 96), (dt.date(2026, 11, 1), 100)],
    )
    def test_keeps_each_day_at_its_own_length(
        self, tmp_path: Path, date: dt.date, intervals: int
    ) -> None:
        path = tmp_path / "spp.csv"
        path.write_text(HEADER + _whole_day(date))

        (outcome,) = _import(path)

        assert outcome == PriceFileOutcome(name=str(path), rows=intervals, added=intervals)
        prices = ProductService().get_prices(
            series=["ERCOT:LZ_NORTH"], period=DatePeriod(date, date + dt.timedelta(days=2))
        )["ERCOT:LZ_NORTH"]
        assert prices.start == date
        assert prices.days[0] is not None
        assert prices.days[0].tolist() == list(range(1000, 1000 + intervals))
        assert prices.days[1] is None

    def test_changes_nothing_the_second_time(self, tmp_path: Path) -> None:
        path = tmp_path / "spp.csv"
        path.write_text(HEADER + _whole_day(dt.date(2026, 7, 30)) + "07/30/2026,1,1,X,LZ,?,N\n")
        _import(path)
        before = list(PriceDay.objects.values_list("pk", "updated_at", "prices"))

        (again,) = _import(path)

        assert (again.rows, again.added, again.same, again.refused) == (97, 0, 96, 1)
        assert list(PriceDay.objects.values_list("pk", "updated_at", "prices")) == before
        assert RefusedPriceRow.objects.count() == 1

    def test_fills_a_day_from_files_of_single_intervals(self, tmp_path: Path) -> None:
        rows = _whole_day(dt.date(2026, 7, 30)).splitlines(keepends=True)
        for number, row in enumerate(rows):
            (tmp_path / f"cdr.{number:03}.csv").write_text(HEADER + row)

        outcomes = _import(tmp_path)

        assert [o.added for o in outcomes] == [1] * 96
        day = PriceDay.objects.get()
        assert day.missing == 0
        assert unpack_prices(day.prices).tolist() == list(range(1000, 1096))

    def test_gives_an_unfinished_day_as_missing(self, tmp_path: Path) -> None:
        path = tmp_path / "spp.csv"
        path.write_text(HEADER + "07/30/2026,9,3,LZ_NORTH,LZ,19.27,N\n")
        _import(path)
        period = DatePeriod(dt.date(2026, 7, 30), dt.date(2026, 7, 31))

        prices = ProductService().get_prices(series=["ERCOT:LZ_NORTH", "X"], period=period)

        assert prices["ERCOT:LZ_NORTH"].days == (None,)
        assert prices["X"].days == (None,)
        assert PriceDay.objects.get().missing == 95

    def test_keeps_what_a_correction_replaced(self, tmp_path: Path) -> None:
        first, second = tmp_path / "a.csv", tmp_path / "b.csv"
        first.write_text(HEADER + "07/30/2026,9,3,LZ_NORTH,LZ,19.27,N\n")
        second.write_text(HEADER + "07/30/2026,9,3,LZ_NORTH,LZ,-3.75,N\n")

        outcomes = _import(first, second)

        assert [(o.added, o.corrected) for o in outcomes] == [(1, 0), (0, 1)]
        assert PriceCorrection.objects.values_list(
            "series", "date", "interval", "price_before", "price_after", "source_name"
        ).get() == ("ERCOT:LZ_NORTH", dt.date(2026, 7, 30), 34, 1927, -375, "b.csv")

    def test_keeps_bad_rows_apart_and_loads_the_good(self, tmp_path: Path) -> None:
        path = tmp_path / "spp.csv"
        good = "07/30/2026,9,3,LZ_NORTH,LZ,19.27,N\n"
        path.write_bytes(
            ("\ufeff" + HEADER + good).replace("\n", "\r\n").encode()
            + b"07/30/2026,9,4,LZ_NORTH,LZ,1.234,N\r\n\r\n07/30/2026,9,3,LZ_NORTH,LZ,5,N\r\n"
        )

        (outcome,) = _import(path)

        assert (outcome.rows, outcome.added, outcome.refused) == (3, 1, 2)
        rows = RefusedPriceRow.objects.order_by("line")
        assert [(r.file_name, r.line, r.raw_row, r.reason_code, r.message) for r in rows] == [
            (
                "spp.csv",
                3,
                "07/30/2026,9,4,LZ_NORTH,LZ,1.234,N",
                "price_decimals",
                "'1.234' has more than two decimals",
            ),
            (
                "spp.csv",
                5,
                "07/30/2026,9,3,LZ_NORTH,LZ,5,N",
                "contradiction",
                "the file gave 19.27 for this interval in an earlier line",
            ),
        ]

    def test_refuses_a_file_with_another_header_and_goes_on(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_text("DeliveryDate,HourEnding\n07/30/2026,01:00\n")
        (tmp_path / "b.csv").write_text(HEADER + "07/30/2026,9,3,LZ_NORTH,LZ,19.27,N\n")

        bad, good = _import(tmp_path)

        assert bad.refusal.startswith(f"{tmp_path}/a.csv:1: the first line must be DeliveryDate,")
        assert good.added == 1

    def test_loads_nothing_of_a_file_that_breaks_off(self, tmp_path: Path) -> None:
        path = tmp_path / "spp.csv"
        path.write_bytes((HEADER + _whole_day(dt.date(2026, 7, 30))).encode() + b"\xff\xfe\n")

        (outcome,) = _import(path)

        assert outcome.refusal == f"{path}:98: is not UTF-8"
        assert PriceDay.objects.count() == 0

    def test_takes_only_the_points_asked_for(self, tmp_path: Path) -> None:
        path = tmp_path / "spp.csv"
        path.write_text(
            HEADER + "07/30/2026,9,3,LZ_NORTH,LZ,19.27,N\n07/30/2026,9,3,A4_DGR1_RN,RN,19.27,N\n"
        )

        (outcome,) = _import(path, points=("LZ_NORTH",))

        assert (outcome.added, outcome.skipped) == (1, 1)
        assert [d.series for d in PriceDay.objects.all()] == ["ERCOT:LZ_NORTH"]

    def test_reads_the_members_of_a_zip(self, tmp_path: Path) -> None:
        path = tmp_path / "spp.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("index.csv", "series,date,price_usd_per_mwh\nIDX,2026-07-30,31.02\n")

        (outcome,) = _import(path)

        assert outcome.added == 1
        day = PriceDay.objects.get()
        assert (day.series, unpack_prices(day.prices).tolist()) == ("IDX", [3102])

    def test_reads_the_market_original(self, samples: Path) -> None:
        (outcome,) = _import(samples / "ercot_rtm_spp_excerpt.csv")

        assert (outcome.rows, outcome.added, outcome.refused) == (2, 2, 0)
        day = PriceDay.objects.get(series="ERCOT:7RNCHSLR_ALL", date=dt.date(2025, 7, 30))
        assert unpack_prices(day.prices)[34] == 1927


class TestQuarantine:
    def _refuse_one(self, tmp_path: Path) -> RefusedPriceRow:
        path = tmp_path / "spp.csv"
        path.write_text(HEADER + "07/30/2026,9,3,LZ_NORTH,LZ,19.275,N\n")
        _import(path)
        return RefusedPriceRow.objects.get()

    def test_retries_what_fits_now(self, tmp_path: Path) -> None:
        row = self._refuse_one(tmp_path)
        assert retry_refused_prices(as_of=NOW) == RetryOutcome(loaded=0, still_refused=1)
        RefusedPriceRow.objects.update(raw_row="07/30/2026,9,3,LZ_NORTH,LZ,19.27,N")

        outcome = retry_refused_prices(as_of=NOW)

        assert outcome == RetryOutcome(loaded=1, still_refused=0)
        row.refresh_from_db()
        assert (row.settlement, row.settled_at) == ("loaded", NOW)
        assert unpack_prices(PriceDay.objects.get().prices)[34] == 1927

    def test_lays_rows_aside(self, tmp_path: Path) -> None:
        row = self._refuse_one(tmp_path)

        discard_refused_prices(row_ids=[row.pk], as_of=NOW)

        row.refresh_from_db()
        assert row.settlement == "discarded"
        assert retry_refused_prices(as_of=NOW) == RetryOutcome(loaded=0, still_refused=0)

    def test_refuses_unknown_numbers_and_discards_nothing(self, tmp_path: Path) -> None:
        row = self._refuse_one(tmp_path)

        with pytest.raises(UnknownRefusedRow, match=f"no open row has the number {row.pk + 1}"):
            discard_refused_prices(row_ids=[row.pk, row.pk + 1], as_of=NOW)

        row.refresh_from_db()
        assert row.settled_at is None

    def test_is_listed_by_command(self, tmp_path: Path) -> None:
        row = self._refuse_one(tmp_path)
        out = StringIO()

        call_command("product", "quarantine", "list", stdout=out)

        assert out.getvalue().splitlines()[1] == (
            f"{row.pk}\tspp.csv:2\tprice_decimals\t'19.275' has more than two decimals\t"
            "07/30/2026,9,3,LZ_NORTH,LZ,19.275,N"
        )
