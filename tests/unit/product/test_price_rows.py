"""Rows of price files."""

from __future__ import annotations

import datetime as dt

import pytest

from ossrep.product.domain.price_rows import (
    PricePoint,
    PriceRowRefused,
    layout_of,
    parse_price,
    parse_row,
)


def _spp(text: str) -> PricePoint:
    return parse_row(layout="ercot_spp", fields=text.split(","))


class TestLayoutOf:
    def test_knows_ercots_header(self) -> None:
        header = (
            "DeliveryDate,DeliveryHour,DeliveryInterval,SettlementPointName,"
            "SettlementPointType,SettlementPointPrice,DSTFlag"
        )

        assert layout_of(header.split(",")) == "ercot_spp"

    def test_knows_the_daily_index(self) -> None:
        assert layout_of(["series", "date", "price_usd_per_mwh"]) == "daily_index"

    def test_knows_no_other(self) -> None:
        assert layout_of(["DeliveryDate", "HourEnding"]) is None


class TestParsePrice:
    @pytest.mark.parametrize(
        ("text", "price"),
        [
            ("19.27", 1927),
            ("19.2", 1920),
            ("19", 1900),
            ("-3.75", -375),
            ("-.05", -5),
            ("+0.10", 10),
            ("19.270", 1927),
            ("21474836.47", 2**31 - 1),
        ],
    )
    def test_is_exact(self, text: str, price: int) -> None:
        assert parse_price(text) == price

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("19.275", "price_decimals"),
            ("NaN", "price"),
            ("Infinity", "price"),
            ("1E2", "price"),
            ("", "price"),
            (".", "price"),
            ("-", "price"),
            ("1,000", "price"),
            ("21474836.48", "price"),
            ("9" * 5000, "price"),
        ],
    )
    def test_refuses_what_is_no_price(self, text: str, reason: str) -> None:
        with pytest.raises(PriceRowRefused) as caught:
            parse_price(text)

        assert caught.value.reason == reason


class TestParseSppRow:
    def test_counts_hours_by_their_end(self) -> None:
        assert _spp("07/30/2025,9,3,LZ_NORTH,LZ,19.27,N") == PricePoint(
            "ERCOT:LZ_NORTH", dt.date(2025, 7, 30), 34, 96, 1927
        )

    def test_keeps_the_energy_weighted_zone_apart(self) -> None:
        assert _spp("07/30/2025,1,1,LZ_NORTH,LZEW,1,N").series == "ERCOT:LZ_NORTH:LZEW"

    @pytest.mark.parametrize(
        ("hour", "interval", "flag", "index"),
        [
            (1, 4, "N", 3),
            (2, 1, "N", 4),
            (2, 4, "N", 7),
            (2, 1, "Y", 8),
            (2, 4, "Y", 11),
            (3, 1, "N", 12),
            (24, 4, "N", 99),
        ],
    )
    def test_gives_the_repeated_fall_hour_its_second_place(
        self, hour: int, interval: int, flag: str, index: int
    ) -> None:
        point = _spp(f"11/01/2026,{hour},{interval},HB_HOUSTON,HU,25.00,{flag}")

        assert (point.index, point.intervals) == (index, 100)

    @pytest.mark.parametrize(("hour", "index"), [(2, 4), (4, 8), (24, 88)])
    def test_leaves_the_spring_hour_out(self, hour: int, index: int) -> None:
        point = _spp(f"03/08/2026,{hour},1,HB_HOUSTON,HU,25.00,N")

        assert (point.index, point.intervals) == (index, 92)

    def test_refuses_an_hour_without_end(self) -> None:
        with pytest.raises(PriceRowRefused, match="the delivery hour must be 1 to 24"):
            _spp(f"07/30/2025,{'9' * 5000},1,LZ_WEST,LZ,1,N")

    @pytest.mark.parametrize(
        ("row", "reason", "message"),
        [
            (
                "03/08/2026,3,1,LZ_WEST,LZ,1,N",
                "hour_skipped",
                "hour 3 does not exist on 2026-03-08",
            ),
            (
                "11/01/2026,3,1,LZ_WEST,LZ,1,Y",
                "dst_flag",
                "hour 3 is not repeated on 2026-11-01",
            ),
            ("07/30/2025,2,1,LZ_WEST,LZ,1,Y", "dst_flag", "hour 2 is not repeated on 2025-07-30"),
            ("07/30/2025,2,1,LZ_WEST,LZ,1,", "dst_flag", "the DST flag must be N or Y, not ''"),
            (
                "07/30/2025,25,1,LZ_WEST,LZ,1,N",
                "hour",
                "the delivery hour must be 1 to 24, not '25'",
            ),
            ("07/30/2025,0,1,LZ_WEST,LZ,1,N", "hour", "the delivery hour must be 1 to 24, not '0'"),
            (
                "07/30/2025,1,5,LZ_WEST,LZ,1,N",
                "interval",
                "the delivery interval must be 1 to 4, not '5'",
            ),
            ("2025-07-30,1,1,LZ_WEST,LZ,1,N", "date", "'2025-07-30' is no date like 07/30/2026"),
            ("02/30/2025,1,1,LZ_WEST,LZ,1,N", "date", "'02/30/2025' is no date like 07/30/2026"),
            ("12/31/9999,1,1,LZ_WEST,LZ,1,N", "date", "'12/31/9999' is no date like 07/30/2026"),
            (
                "07/30/2025,007,1,LZ_WEST,LZ,1,N",
                "hour",
                "the delivery hour must be 1 to 24, not '007'",
            ),
            ("07/30/2025,1,1,,LZ,1,N", "settlement_point", "'' is no settlement point"),
            ("07/30/2025,1,1,LZ_WEST,1,1,N", "settlement_point_type", "'1' is no type of point"),
            ("07/30/2025,1,1,LZ_WEST", "columns", "has 4 fields instead of 7"),
        ],
    )
    def test_refuses_what_does_not_fit(self, row: str, reason: str, message: str) -> None:
        with pytest.raises(PriceRowRefused) as caught:
            _spp(row)

        assert (caught.value.reason, str(caught.value)) == (reason, message)


class TestParseDailyRow:
    def test_is_one_price_for_the_day(self) -> None:
        fields = ["GAS:WAHA", "2026-07-30", "-1.50"]

        assert parse_row(layout="daily_index", fields=fields) == PricePoint(
            "GAS:WAHA", dt.date(2026, 7, 30), 0, 1, -150
        )

    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            (["ERCOT:LZ_WEST", "2026-07-30", "1"], "series"),
            (["waha", "2026-07-30", "1"], "series"),
            (["GAS:WAHA", "07/30/2026", "1"], "date"),
            (["GAS:WAHA", "2026-02-30", "1"], "date"),
        ],
    )
    def test_refuses_what_does_not_fit(self, fields: list[str], reason: str) -> None:
        with pytest.raises(PriceRowRefused) as caught:
            parse_row(layout="daily_index", fields=fields)

        assert caught.value.reason == reason
