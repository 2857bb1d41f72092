"""Switches and move-ins at the simulated market."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from tests.unit.market.simulator.retailer import FIRST_DAY, Retailer, dtm

MOVE_IN_DAY = dt.date(2026, 9, 3)


@pytest.fixture
def retailer(tmp_path: Path) -> Retailer:
    return Retailer(tmp_path)


def move_in(retailer: Retailer, reference: str = "CR1", date: dt.date = MOVE_IN_DAY) -> str:
    premises = retailer.of("ONCOR_ELEC")
    retailer.ask("16", reference=reference, premises=premises, more=[dtm("375", date)])
    return premises["esi_id"]


class TestMoveIn:
    def test_is_acknowledged_accepted_and_completed(self, retailer: Retailer) -> None:
        esi_id = move_in(retailer)

        retailer.play(MOVE_IN_DAY)

        assert [g.file.split("_", 3)[3] for g in retailer.got()] == [
            "997.edi",
            "814_05.edi",
            "867_04.edi",
        ]
        acknowledgment, accepted, read = retailer.got()
        assert acknowledgment.value("AK9", 1) == "A"
        assert (accepted.value("BGN", 6), accepted.value("BGN", 8)) == ("CR1", "5")
        assert accepted.value("ASI", 1) == "WQ"
        assert accepted.value("DTM", 2, "150") == "20260903"
        assert read.value("REF", 2, "TN") == "CR1"
        assert read.value("DTM", 2, "140") == "20260903"
        assert read.values("REF", 3, "Q5") == [esi_id]

    def test_answers_in_business_hours(self, retailer: Retailer) -> None:
        move_in(retailer)

        retailer.play(FIRST_DAY, 10)
        early = retailer.got("814_05")
        retailer.play(FIRST_DAY, 11)

        assert early == []
        assert [g.file[:14] for g in retailer.got("814_05")] == ["20260901T1600Z"]

    @pytest.mark.parametrize(
        ("zip_code", "esi_id", "code"),
        [("00000", None, "A13"), (None, "10443720000000000", "A76")],
        ids=["another ZIP", "unknown ESI ID"],
    )
    def test_is_rejected_by_ercot(
        self, retailer: Retailer, zip_code: str | None, esi_id: str | None, code: str
    ) -> None:
        premises = retailer.of("ONCOR_ELEC")
        asked = {**premises, "esi_id": esi_id or premises["esi_id"]}
        retailer.ask("16", reference="CR1", premises=asked, zip_code=zip_code)

        retailer.play(MOVE_IN_DAY)

        (reject,) = retailer.got("814_17")
        assert (reject.value("BGN", 6), reject.value("BGN", 8)) == ("CR1", "17")
        assert (reject.value("ASI", 1), reject.value("REF", 2, "7G")) == ("U", code)
        assert retailer.got("867_04") == []

    def test_finds_another_one_first(self, retailer: Retailer) -> None:
        move_in(retailer)
        move_in(retailer, reference="CR2")

        retailer.play(MOVE_IN_DAY)

        assert [g.value("REF", 2, "7G") for g in retailer.got("814_17")] == ["NFI"]
        assert len(retailer.got("867_04")) == 1

    def test_of_the_past_is_refused_by_the_tdsp_without_a_reason(self, retailer: Retailer) -> None:
        move_in(retailer, date=dt.date(2026, 8, 20))

        retailer.play(MOVE_IN_DAY)

        (refused,) = retailer.got("814_05")
        assert (refused.value("ASI", 1), refused.value("REF", 2, "7G")) == ("U", "DIP")

    def test_of_the_past_repairs_an_inadvertent_gain(self, retailer: Retailer) -> None:
        premises = retailer.of("ONCOR_ELEC")
        day = dt.date(2026, 8, 20)
        retailer.ask("16", reference="CR1", premises=premises, extra="IA", more=[dtm("375", day)])

        retailer.play(MOVE_IN_DAY)

        assert [g.value("DTM", 2, "140") for g in retailer.got("867_04")] == ["20260820"]

    def test_waits_for_a_permit(self, tmp_path: Path) -> None:
        retailer = Retailer(tmp_path, faults="faults: [{on: 814_16, do: permit, days: 2}]")
        move_in(retailer)

        retailer.play(dt.date(2026, 9, 8))

        (permit,) = retailer.got("814_28")
        assert (permit.value("BGN", 7), permit.value("BGN", 8)) == ("PT", "28")
        assert [g.file[:8] for g in retailer.got("814_05")] == ["20260903"]
        assert len(retailer.got("867_04")) == 1


class TestSwitch:
    def test_takes_the_first_available_day(self, retailer: Retailer) -> None:
        premises = retailer.of("CENTERPOINT")
        retailer.ask("1", reference="CR1", premises=premises, service="switch")

        retailer.play(MOVE_IN_DAY)

        (accepted,) = retailer.got("814_05")
        assert accepted.value("DTM", 2, "150") == "20260902"
        assert "SW" in accepted.value("LIN", 7)

    def test_is_refused_under_a_switch_hold(self, tmp_path: Path) -> None:
        retailer = Retailer(
            tmp_path, faults="faults: [{on: 814_01, do: reject, code: SHF, by: tdsp}]"
        )
        retailer.ask("1", reference="CR1", premises=retailer.of("TNMP"), service="switch")

        retailer.play(MOVE_IN_DAY)

        (refused,) = retailer.got("814_05")
        assert (refused.value("ASI", 1), refused.value("REF", 2, "7G")) == ("U", "SHF")

    def test_of_our_own_premises_is_refused(self, retailer: Retailer) -> None:
        move_in(retailer)
        retailer.play(MOVE_IN_DAY)
        retailer.ask("1", reference="CR2", premises=retailer.of("ONCOR_ELEC"), service="switch")

        retailer.play(dt.date(2026, 9, 8))

        assert [g.value("REF", 2, "7G") for g in retailer.got("814_02")] == ["NFI"]


class TestCancel:
    def test_ends_a_scheduled_move_in(self, retailer: Retailer) -> None:
        move_in(retailer)
        retailer.play(FIRST_DAY)
        retailer.ask(
            "8", reference="CR2", original="CR1", premises=retailer.of("ONCOR_ELEC"),
            maintenance="cancel", more=[["REF", "7G", "B40"]],
        )  # fmt: skip

        retailer.play(dt.date(2026, 9, 8))

        (answer,) = retailer.got("814_09")
        assert (answer.value("ASI", 1), answer.value("REF", 2, "7G")) == ("WQ", "B40")
        assert answer.value("BGN", 6) == "CR2"
        assert retailer.got("867_04") == []

    def test_on_the_day_is_too_late(self, retailer: Retailer) -> None:
        move_in(retailer)
        retailer.play(MOVE_IN_DAY, 5)
        retailer.ask("8", reference="CR2", original="CR1", premises=retailer.of("ONCOR_ELEC"))

        retailer.play(MOVE_IN_DAY)

        assert [g.value("ASI", 1) for g in retailer.got("814_09")] == ["U"]
        assert len(retailer.got("867_04")) == 1


class TestDateChange:
    def test_moves_the_day(self, retailer: Retailer) -> None:
        move_in(retailer)
        retailer.play(FIRST_DAY)
        later = dt.date(2026, 9, 10)
        retailer.ask(
            "12", reference="CR2", original="CR1", premises=retailer.of("ONCOR_ELEC"),
            maintenance="change",
            more=[["REF", "TD", "DTM375"], dtm("375", later), dtm("ZIC", FIRST_DAY, "1015")],
        )  # fmt: skip

        retailer.play(dt.date(2026, 9, 11))

        (answer,) = retailer.got("814_13")
        assert (answer.value("ASI", 1), answer.value("DTM", 2, "375")) == ("WQ", "20260910")
        assert answer.values("DTM", 3, "ZIC") == ["1015"]
        assert [g.value("DTM", 2, "140") for g in retailer.got("867_04")] == ["20260910"]

    def test_with_a_lower_counter_is_refused(self, retailer: Retailer) -> None:
        move_in(retailer)
        retailer.play(FIRST_DAY, 15)
        for reference, time in (("CR2", "1015"), ("CR3", "0900")):
            retailer.ask(
                "12", reference=reference, original="CR1", premises=retailer.of("ONCOR_ELEC"),
                more=[dtm("375", dt.date(2026, 9, 10)), dtm("ZIC", FIRST_DAY, time)],
            )  # fmt: skip

        retailer.play(dt.date(2026, 9, 2))

        assert [g.value("ASI", 1) for g in retailer.got("814_13")] == ["WQ", "U"]


class TestMoveOut:
    def test_ends_with_final_usage_and_invoice(self, retailer: Retailer) -> None:
        esi_id = move_in(retailer)
        retailer.play(dt.date(2026, 9, 10))
        retailer.ask(
            "24", reference="CR2", premises=retailer.of("ONCOR_ELEC"), service="move_out",
            maintenance="delete", more=[dtm("376", dt.date(2026, 9, 15))],
        )  # fmt: skip

        retailer.play(dt.date(2026, 9, 16))

        (answer,) = retailer.got("814_25")
        assert (answer.value("ASI", 1), answer.value("DTM", 2, "151")) == ("WQ", "20260915")
        final = retailer.got("867_03", esi_id=esi_id)[-1]
        assert final.value("BPT", 7) == "F"
        assert final.value("REF", 2, "TN") == "CR2"
        assert final.value("DTM", 2, "151") == "20260915"
        assert retailer.got("810_02", esi_id=esi_id)[-1].value("BIG", 7) == "FE"

    def test_of_a_stranger_is_refused(self, retailer: Retailer) -> None:
        retailer.ask("24", reference="CR2", premises=retailer.of("TNMP"), service="move_out")

        retailer.play(dt.date(2026, 9, 2))

        assert [g.value("REF", 2, "7G") for g in retailer.got("814_25")] == ["A84"]

    def test_hands_over_to_our_csa(self, retailer: Retailer) -> None:
        move_in(retailer)
        retailer.play(dt.date(2026, 9, 4))
        premises = retailer.of("ONCOR_ELEC")
        retailer.ask("18", reference="CR2", premises=premises, service="csa")
        retailer.play(dt.date(2026, 9, 10))
        retailer.ask(
            "24", reference="CR3", premises=premises, service="move_out",
            more=[dtm("376", dt.date(2026, 9, 15))],
        )  # fmt: skip

        retailer.play(dt.date(2026, 9, 16))

        assert [g.value("ASI", 1) for g in retailer.got("814_19")] == ["WQ"]
        assert [g.value("BGN", 6) for g in retailer.got("814_22")] == ["CR3"]
        assert [g.value("DTM", 2, "140") for g in retailer.got("867_04")] == [
            "20260903",
            "20260915",
        ]


class TestHistory:
    def test_of_twelve_months_follows_its_answer(self, retailer: Retailer) -> None:
        premises = retailer.of("ONCOR_ELEC")
        retailer.ask("26", reference="CR1", premises=premises, service="usage")

        retailer.play(dt.date(2026, 9, 3))

        assert [g.value("ASI", 1) for g in retailer.got("814_27")] == ["WQ"]
        (history,) = retailer.got("867_02")
        assert history.value("BPT", 1) == "52"
        assert history.values("DTM", 2, "150")[0] == "20250901"
        assert len(history.values("PTD", 1)) == 12


class TestFile:
    def test_that_comes_twice_has_one_effect(self, retailer: Retailer) -> None:
        move_in(retailer)
        source = retailer.folder / "ERCOT/to_market/000001.edi"
        (source.parent / "again.edi").write_bytes(source.read_bytes())

        retailer.play(MOVE_IN_DAY)

        assert len(retailer.got("814_05")) == 1
        assert [line["same_content"] for line in retailer.journal("received again")] == [True]

    def test_with_wrong_counts_is_refused_in_its_997(self, retailer: Retailer) -> None:
        retailer.send("ERCOT", "GE", [("814", [["BGN", "13", "CR1"]])], wrong_counts=True)

        retailer.play(MOVE_IN_DAY)

        (refused,) = retailer.got()
        assert (refused.value("AK5", 1), refused.value("AK5", 2)) == ("R", "4")
        assert refused.value("AK9", 1) == "R"

    def test_that_is_none_is_laid_aside(self, retailer: Retailer) -> None:
        (retailer.folder / "ERCOT/to_market/noise.edi").write_bytes(b"noise")

        retailer.play(MOVE_IN_DAY)

        assert (retailer.folder / "ERCOT/read/noise.edi").read_bytes() == b"noise"
        assert [line["file"] for line in retailer.journal("unreadable")] == ["ERCOT/read/noise.edi"]
