"""Addresses in one form."""

from __future__ import annotations

import pytest

from ossrep.market.domain.addresses import (
    StreetKeys,
    read_wanted,
    street_key_columns,
    street_keys,
    unit_text,
)


class TestStreetKeys:
    @pytest.mark.parametrize(
        ("street", "number", "start", "end"),
        [
            ("100 SAMPLE DR", 100, "SAMP", "MPLE"),
            ("100 N SAMPLE DR", 100, "SAMP", "MPLE"),
            ("100 Sample Drive North", 100, "SAMP", "MPLE"),
            ("12 FM 1960 RD W", 12, "FM19", "1960"),
            ("7 OLD MILL RD", 7, "OLDM", "MILL"),
            ("7 ST MARY'S ST", 7, "STMA", "ARYS"),
            ("1234A OAK", 1234, "OAK", "OAK"),
            ("NORTH ST", None, "NORT", "ORTH"),
            ("12345678901 OAK ST", None, "OAK", "OAK"),
            ("", None, "", ""),
            ("100", 100, "", ""),
        ],
    )
    def test_are_of_number_and_name(self, street, number, start, end):
        assert street_keys(street) == StreetKeys(number, start, end)


class TestReadWanted:
    @pytest.mark.parametrize(
        ("text", "number", "name", "unit", "rest", "zip_code"),
        [
            ("100 Sample Dr", 100, "SAMPLE", "", "", ""),
            ("100 sample drive, apt 2, Baytown, TX 77520", 100, "SAMPLE", "2", "BAYTOWN", "77520"),
            ("100 sample drive #2 baytown tx 77520-1234", 100, "SAMPLE", "2", "BAYTOWN", "77520"),
            ("100 sample", 100, "SAMPLE", "", "", ""),
            ("12 fm 1960", 12, "FM1960", "", "", ""),
            ("nothing", None, "NOTHING", "", "", ""),
        ],
    )
    def test_takes_it_apart(self, text, number, name, unit, rest, zip_code):
        wanted = read_wanted(text)

        assert (wanted.house_number, wanted.names[0], wanted.unit, wanted.rest) == (
            number,
            name,
            unit,
            rest,
        )
        assert wanted.zip_code == zip_code

    def test_knows_that_a_city_may_follow_without_comma(self):
        assert read_wanted("9 bluebonnet dallas").names == ("BLUEBONNETDALLAS", "BLUEBONNET")

    def test_makes_nothing_of_nothing(self):
        assert read_wanted(" , # ").names == ()


class TestUnitText:
    @pytest.mark.parametrize("text", ["APT 2B", "#2B", "unit 2-b", "2b"])
    def test_is_the_mark_alone(self, text):
        assert unit_text(text) == "2B"


class TestStreetKeyColumns:
    def test_are_the_keys_of_each(self):
        streets = ["100 SAMPLE DR", "1234A OAK", "NORTH ST", "", "12345678901 OAK ST", "7"]
        singly = [street_keys(street) for street in streets]

        numbers, starts, ends = street_key_columns(streets, null="-")

        assert numbers == ["100", "1234", "-", "-", "-", "7"]
        assert starts == [keys.start for keys in singly]
        assert ends == [keys.end for keys in singly]
