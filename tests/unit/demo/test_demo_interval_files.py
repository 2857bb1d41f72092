from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path

import numpy as np

from ossrep.demo.files.interval_files import (
    PointDay,
    write_lse,
    write_smt_csv,
    write_wide_csv,
)
from ossrep.kernel.market_time import MARKET_ZONE, intervals_in_day

FALL, SPRING = dt.date(2026, 11, 1), dt.date(2026, 3, 8)


def a_day(*, date: dt.date = dt.date(2026, 2, 18), is_export: bool = False) -> PointDay:
    count = intervals_in_day(date)
    estimated = np.zeros(count, dtype=np.bool_)
    estimated[1] = True
    return PointDay(
        esi_id="10443720000000001",
        date=date,
        is_export=is_export,
        wh=np.arange(count, dtype=np.int32) + 190,
        estimated=estimated,
        read_at=dt.datetime(2026, 2, 19, 2, 30, tzinfo=MARKET_ZONE),
    )


class TestWriteLse:
    def test_writes_a_block_for_each_day(self, tmp_path: Path) -> None:
        path = tmp_path / "x.lse"

        assert write_lse(path=path, duns="1039940674000", days=[a_day(), a_day()]) == 2

        lines = path.read_text().splitlines()
        assert len(lines) == 2 * (5 + 24)
        assert lines[:6] == [
            "00000001,10443720000000001,4,20260218000000,20260218235959,Y,N",
            "00000002,,,,,,,900,01,,,,,CST",
            "00000003,103994067400020260218000000000",
            "00000004,20260219023000,M",
            "00000030,ATTRIBUTE_VALUE_PAIRS,MRE=1039940674000,Sender=1039940674000,"
            "Receiver=183529049,REP=",
            "10000000,0.190,A,,0.191,E,,0.192,A,,0.193,A,",
        ]

    def test_writes_what_the_day_has(self, tmp_path: Path) -> None:
        path = tmp_path / "x.lse"
        write_lse(path=path, duns="1", days=[a_day(date=FALL, is_export=True)])

        lines = path.read_text().splitlines()
        assert lines[0].split(",")[2] == "1"
        assert len(lines) == 5 + 25

    def test_writes_values_beyond_the_usual(self, tmp_path: Path) -> None:
        path = tmp_path / "x.lse"
        day = a_day()
        day.wh[0] = 40_000
        write_lse(path=path, duns="1", days=[day])

        assert path.read_text().splitlines()[5].startswith("10000000,40.000,A,,0.191,E,")


class TestWriteSmtCsv:
    def test_writes_a_row_for_each_quarter_hour(self, tmp_path: Path) -> None:
        path = tmp_path / "x.csv.gz"
        write_smt_csv(path=path, days=[a_day(date=SPRING, is_export=True)])

        lines = gzip.decompress(path.read_bytes()).decode().split("\r\n")
        assert len(lines) == 1 + 92 + 1
        assert lines[2] == (
            "'10443720000000001,03/08/2026,02/19/2026 02:30:00,00:15,00:30,0.191,E,"
            "Surplus Generation"
        )
        assert lines[9].split(",")[3:5] == ["03:00", "03:15"]
        assert lines[-2].split(",")[3:5] == ["23:45", "00:00"]


class TestWriteWideCsv:
    def test_writes_a_line_for_each_day(self, tmp_path: Path) -> None:
        path = tmp_path / "x.csv.gz"
        assert write_wide_csv(path=path, days=[a_day()], more=["broken"]) == 1

        header, line, last, _ = gzip.decompress(path.read_bytes()).decode().split("\n")
        assert header.startswith("esi_id,date,direction,as_of,quality,kwh_1,")
        assert header.endswith(",kwh_100")
        assert line.startswith(
            f"10443720000000001,2026-02-18,import,2026-02-19T02:30:00-06:00,AE{'A' * 94},0.190,"
        )
        assert line.endswith(",0.285,,,,")
        assert last == "broken"
