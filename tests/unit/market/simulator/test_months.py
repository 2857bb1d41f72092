"""Usage, invoices, intervals and corrections of the simulated market."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.unit.market.simulator.retailer import FIRST_DAY, Got, Retailer, dtm

END = dt.date(2026, 11, 20)


def served(folder: Path, *, faults: str = "", tdsp: str = "ONCOR_ELEC", **words: Any) -> Retailer:
    """A retailer whose customer at one premises is served from 3 September on."""
    retailer = Retailer(folder, faults=faults, premises=40, **words)
    day = dtm("375", dt.date(2026, 9, 3))
    retailer.ask("16", reference="CR1", premises=retailer.of(tdsp), more=[day])
    return retailer


def loops(got: Got) -> list[list[list[str]]]:
    """The PTD loops of an 867."""
    found: list[list[list[str]]] = []
    for segment in got.transaction.segments:
        if segment[0] == "PTD":
            found.append([])
        if found:
            found[-1].append(list(segment))
    return found


def kwh(got: Got, loop: str = "SU") -> int:
    """The energy of a summary (or detail) loop."""
    rows = next(rows for rows in loops(got) if rows[0][1] == loop)
    return int(next(row[2] for row in rows if row[0] == "QTY"))


def lse_wh(folder: Path, channel: str = "4") -> dict[str, int]:
    """Wh of each day in all LSE files."""
    days: dict[str, int] = {}
    for path in sorted(folder.glob("intervals/*/*.lse")):
        date = ""
        for line in path.read_text(encoding="ascii").splitlines():
            cells = line.split(",")
            if cells[0] == "00000001":
                date = cells[3][:8] if cells[2] == channel else ""
            elif cells[0] >= "10000000" and date:
                wh = sum(int(Decimal(value) * 1000) for value in cells[1::3] if value)
                days[date] = days.get(date, 0) + wh
    return days


class TestMonth:
    def test_usage_equals_the_sum_of_its_intervals(self, tmp_path: Path) -> None:
        retailer = served(tmp_path)

        retailer.play(END)

        days = lse_wh(tmp_path)
        months = retailer.got("867_03")
        assert len(months) > 1
        for month in months:
            start, end = month.value("DTM", 2, "150"), month.value("DTM", 2, "151")
            of_month = [wh for date, wh in days.items() if start <= date < end]
            assert kwh(month) * 1000 == sum(of_month)

    def test_periods_and_registers_follow_each_other(self, tmp_path: Path) -> None:
        retailer = served(tmp_path)

        retailer.play(END)

        (first_read,) = retailer.got("867_04")
        register, day = first_read.value("MEA", 6), "20260903"
        for month in retailer.got("867_03"):
            detail = next(rows for rows in loops(month) if rows[0][1] == "PL")
            energy = next(row for row in detail if row[0] == "MEA" and row[1] == "AA")
            assert (month.value("DTM", 2, "150"), energy[5]) == (day, register)
            assert int(energy[6]) == (int(energy[5]) + kwh(month)) % 100_000
            day, register = month.value("DTM", 2, "151"), energy[6]

    def test_invoice_follows_with_exact_amounts(self, tmp_path: Path) -> None:
        retailer = served(tmp_path)

        retailer.play(END)

        usages = {g.value("BPT", 2): g for g in retailer.got("867_03")}
        invoices = retailer.got("810_02")
        assert [invoice.value("BIG", 5) for invoice in invoices] == list(usages)
        for invoice in invoices:
            lines = [s for s in invoice.transaction.segments if s[0] == "SAC"]
            for line in lines:
                exact = Decimal(line[8]) * Decimal(line[10])
                assert int(line[5]) == int(exact * 100 + Decimal("0.5"))
            assert invoice.value("TDS", 1) == str(sum(int(line[5]) for line in lines))
            energy = [line[10] for line in lines if line[9] == "KH"]
            assert set(energy) == {str(kwh(usages[invoice.value("BIG", 5)]))}

    def test_of_a_shop_has_demand(self, tmp_path: Path) -> None:
        retailer = Retailer(tmp_path, premises=60)
        shop = next(row for row in retailer.premises if row["kind"] == "shop")
        retailer.ask("16", reference="CR1", premises=shop)

        retailer.play(dt.date(2026, 9, 25))

        month = retailer.got("867_03")[0]
        assert [rows[0][1] for rows in loops(month)] == ["SU", "SU", "PL", "PL"]
        assert month.values("REF", 2, "MT") == ["KHMON", "K1MON", "KHMON", "K1MON"]

    def test_of_a_roof_has_the_out_flow(self, tmp_path: Path) -> None:
        retailer = Retailer(tmp_path, premises=60, portal_tdsps=())
        roof = next(row for row in retailer.premises if row["kind"] == "solar_home")
        retailer.ask("16", reference="CR1", premises=roof, more=[dtm("375", FIRST_DAY)])

        retailer.play(dt.date(2026, 9, 30))

        month = retailer.got("867_03")[-1]
        out_flow = next(rows for rows in loops(month) if ["REF", "JH", "I"] in rows)
        start, end = month.value("DTM", 2, "150"), month.value("DTM", 2, "151")
        exported = lse_wh(tmp_path, channel="1")
        of_month = [wh for date, wh in exported.items() if start <= date < end]
        assert int(out_flow[6][2]) * 1000 == sum(of_month)

    def test_clock_changes_have_their_quarter_hours(self, tmp_path: Path) -> None:
        retailer = served(tmp_path)

        retailer.play(dt.date(2026, 11, 3))

        blocks = "".join(
            p.read_text(encoding="ascii") for p in sorted(tmp_path.glob("intervals/*/*.lse"))
        ).split("00000001,")
        rows = {block.split(",")[2][:8]: block.count("\n100000") for block in blocks[1:]}
        assert (rows["20261031"], rows["20261101"]) == (24, 25)

    def test_portal_file_has_every_quarter_hour(self, tmp_path: Path) -> None:
        retailer = served(tmp_path, tdsp="AEP_NORTH")

        retailer.play(dt.date(2026, 9, 4))

        (path,) = tmp_path.glob("intervals/AEP_NORTH/*.csv")
        lines = path.read_text(encoding="ascii").splitlines()
        assert len(lines) == 97
        assert lines[1].split(",")[3:5] == ["00:00", "00:15"]


class TestFaultOfAMonth:
    def test_estimate_is_made_up_by_the_next_month(self, tmp_path: Path) -> None:
        faults = "faults: [{on: month, do: estimate, times: 1}]"
        plain = served(tmp_path / "plain")
        estimating = served(tmp_path / "estimating", faults=faults)

        plain.play(END)
        estimating.play(END)

        right, told = plain.got("867_03"), estimating.got("867_03")
        assert [g.value("QTY", 1) for g in told[:2]] == ["KA", "QD"]
        assert told[0].value("REF", 2, "5I") == "O1"
        assert kwh(told[0]) < kwh(right[0])
        assert [sum(kwh(g) for g in gots[:2]) for gots in (told, right)] == [
            kwh(right[0]) + kwh(right[1])
        ] * 2

    def test_cancel_and_replace_end_in_the_right_usage(self, tmp_path: Path) -> None:
        faults = "faults: [{on: month, do: cancel_replace, times: 1, days: 2, repeat: 2}]"
        plain = served(tmp_path / "plain")
        correcting = served(tmp_path / "correcting", faults=faults)

        plain.play(END)
        correcting.play(END)

        first, *others = correcting.got("867_03")
        start = first.value("DTM", 2, "150")
        chain = [first, *(g for g in others if g.value("DTM", 2, "150") == start)]
        assert [g.value("BPT", 1) for g in chain] == ["00", "01", "05", "01", "05"]
        assert [g.value("BPT", 9) for g in chain[1:]] == [
            chain[0].value("BPT", 2),
            chain[0].value("BPT", 2),
            chain[2].value("BPT", 2),
            chain[2].value("BPT", 2),
        ]
        assert kwh(chain[0]) == kwh(chain[4]) + 17
        assert kwh(chain[4]) == kwh(plain.got("867_03")[0])
        invoices = [g for g in correcting.got("810_02") if g.value("DTM", 2, "150") == start]
        assert [g.value("BIG", 8) for g in invoices] == ["00", "01", "05", "01", "05"]
        assert invoices[1].value("REF", 2, "OI") == invoices[0].value("BIG", 2)
        assert invoices[1].value("TDS", 1) == invoices[0].value("TDS", 1)

    def test_wrong_amount_is_a_dollar_too_much(self, tmp_path: Path) -> None:
        retailer = served(tmp_path, faults="faults: [{on: month, do: wrong_amount, times: 1}]")

        retailer.play(END)

        last = [s for s in retailer.got("810_02")[0].transaction.segments if s[0] == "SAC"][-1]
        exact = Decimal(last[8]) * Decimal(last[10])
        assert int(last[5]) - 100 == int(exact * 100 + Decimal("0.5"))

    def test_lost_days_are_in_no_file(self, tmp_path: Path) -> None:
        faults = "faults: [{on: intervals, do: lose_day, times: 2}]"
        retailer = served(tmp_path, faults=faults)

        retailer.play(dt.date(2026, 9, 10))

        assert sorted(lse_wh(tmp_path)) == [f"202609{day:02d}" for day in range(5, 10)]


class TestFaultOfAMessage:
    @pytest.mark.parametrize(
        ("do", "count"), [("lose", 0), ("duplicate", 2), ("late", 1), ("wrong_count", 1)]
    )
    def test_befalls_the_answer(self, tmp_path: Path, do: str, count: int) -> None:
        retailer = served(tmp_path, faults=f"faults: [{{on: 814_05, do: {do}}}]")

        retailer.play(dt.date(2026, 9, 8))

        answers = retailer.got("814_05")
        assert len(answers) == count
        assert [g.transaction.fault for g in answers] == [
            "4" if do == "wrong_count" else ""
        ] * count
        assert len({g.value("BGN", 2) for g in answers}) == min(count, 1)
        assert len(retailer.got("867_04")) == 1

    def test_brings_the_invoice_before_its_usage(self, tmp_path: Path) -> None:
        retailer = served(tmp_path, faults="faults: [{on: 867_03, do: out_of_order, times: 1}]")

        retailer.play(END)

        usage, invoice = retailer.got("867_03"), retailer.got("810_02")
        late = next(g for g in usage if g.value("BPT", 2) == invoice[0].value("BIG", 5))
        assert late.file > invoice[0].file

    def test_silences_a_request(self, tmp_path: Path) -> None:
        retailer = served(tmp_path, faults="faults: [{on: 814_16, do: silent}]")

        retailer.play(dt.date(2026, 9, 8))

        assert [g.transaction.code for g in retailer.got()] == ["997"]

    @pytest.mark.parametrize(
        ("do", "statuses"), [("no_acknowledgment", []), ("reject_acknowledgment", ["R"])]
    )
    def test_befalls_the_997(self, tmp_path: Path, do: str, statuses: list[str]) -> None:
        retailer = served(tmp_path, faults=f"faults: [{{on: 997, do: {do}}}]")

        retailer.play(dt.date(2026, 9, 8))

        assert [g.value("AK9", 1) for g in retailer.got("997")] == statuses


class TestFaultOfPremises:
    def test_loss_is_announced_and_ends_with_final_usage(self, tmp_path: Path) -> None:
        faults = "faults: [{on: premises, do: loss, times: 1, days: 7, code: move_in}]"
        retailer = served(tmp_path, faults=faults)

        retailer.play(dt.date(2026, 9, 20))

        (loss,) = retailer.got("814_06")
        assert (loss.file[:8], loss.value("DTM", 2, "151")) == ("20260909", "20260911")
        assert "MVI" in loss.value("LIN", 7)
        assert retailer.got("867_03")[-1].value("BPT", 7) == "F"

    def test_switch_hold_is_told(self, tmp_path: Path) -> None:
        retailer = served(tmp_path, faults="faults: [{on: premises, do: switch_hold, times: 1}]")

        retailer.play(dt.date(2026, 9, 8))

        (told,) = retailer.got("814_20")
        assert (told.value("REF", 2, "TD"), told.value("REF", 2, "ZSH")) == ("REFZSH", "Y")


class TestSimulation:
    def test_is_the_same_for_a_seed(self, tmp_path: Path) -> None:
        faults = (
            "faults: [{on: 814_05, do: late, share: 0.5}, {on: month, do: estimate, share: 0.4}]"
        )
        folders = [tmp_path / "one", tmp_path / "two"]

        for folder in folders:
            served(folder, faults=faults, seed=7).play(dt.date(2026, 10, 12))

        files = [
            {
                str(path.relative_to(folder)): path.read_bytes()
                for path in folder.rglob("*")
                if path.is_file() and path.name != "partners.yaml"
            }
            for folder in folders
        ]
        assert files[0] == files[1]

    def test_is_the_same_in_one_step_or_in_many(self, tmp_path: Path) -> None:
        folders = [tmp_path / "one", tmp_path / "many"]
        retailers = [served(folder) for folder in folders]
        last = dt.date(2026, 10, 12)

        retailers[0].play(last)
        for day in range((last - FIRST_DAY).days + 1):
            retailers[1].play(FIRST_DAY + dt.timedelta(days=day))

        files = [
            {str(p.relative_to(f)): p.read_bytes() for p in f.glob("*/from_market/*")}
            for f in folders
        ]
        assert files[0] == files[1]
        assert retailers[0].journal() == retailers[1].journal()

    def test_goes_on_where_it_broke_off(self, tmp_path: Path) -> None:
        folders = [tmp_path / "whole", tmp_path / "broken"]
        retailers = [served(folder) for folder in folders]
        retailers[1].play(dt.date(2026, 9, 5))
        state = (folders[1] / "state.json").read_bytes()
        retailers[1].play(dt.date(2026, 9, 12))
        (folders[1] / "state.json").write_bytes(state)

        for retailer in retailers:
            retailer.play(dt.date(2026, 9, 30))

        assert retailers[0].journal() == retailers[1].journal()


class TestServiceOrder:
    def order(self, retailer: Retailer, reference: str, purpose: str, original: str = "") -> None:
        kind = {"DC": "72", "RC": "79", "SH": "SH"}[purpose[:2]]
        premises = retailer.of("ONCOR_ELEC")
        segments = [
            ["BGN", "13", reference, "20260910", "", "", original, kind, "IT"],
            ["REF", "8X", purpose],
            ["REF", "Q5", "", premises["esi_id"]],
        ]
        retailer.send("ONCOR_ELEC", "MO", [("650", segments)])

    def test_disconnects_and_reconnects(self, tmp_path: Path) -> None:
        retailer = served(tmp_path)
        retailer.play(dt.date(2026, 9, 10), 10)
        self.order(retailer, "CR2", "DC001")
        retailer.play(dt.date(2026, 9, 11), 12)
        self.order(retailer, "CR3", "RC001", original="CR2")

        retailer.play(dt.date(2026, 9, 11), 15)

        done = retailer.got("650_02")
        assert [(g.value("BGN", 6), g.value("BGN", 7), g.value("BGN", 8)) for g in done] == [
            ("CR2", "72", "51"),
            ("CR3", "79", "51"),
        ]
        assert [(g.value("DTM", 2, "ZCM"), g.value("DTM", 3, "ZCM")) for g in done] == [
            ("20260911", "0919"),
            ("20260911", "1400"),
        ]

    def test_refuses_a_reconnect_without_disconnect(self, tmp_path: Path) -> None:
        retailer = served(tmp_path)
        retailer.play(dt.date(2026, 9, 10), 10)
        self.order(retailer, "CR2", "RC001")

        retailer.play(dt.date(2026, 9, 11))

        (refused,) = retailer.got("650_02")
        assert (refused.value("BGN", 8), refused.value("REF", 2, "7G")) == ("U", "RWD")

    def test_stops_a_disconnect_that_is_not_worked_yet(self, tmp_path: Path) -> None:
        retailer = served(tmp_path)
        retailer.play(dt.date(2026, 9, 10), 10)
        self.order(retailer, "CR2", "DC001")
        retailer.play(dt.date(2026, 9, 10), 12)
        self.order(retailer, "CR3", "RC001", original="CR2")

        retailer.play(dt.date(2026, 9, 15))

        void = retailer.got("650_02")
        assert [(g.value("BGN", 6), g.value("REF", 2, "G7")) for g in void] == [
            ("CR2", "V005"),
            ("CR3", "V005"),
        ]
        world = json.loads((retailer.folder / "state.json").read_text(encoding="utf-8"))
        assert world["premises"][retailer.of("ONCOR_ELEC")["esi_id"]]["energized"] is True

    def test_lifts_a_switch_hold_and_tells_it(self, tmp_path: Path) -> None:
        retailer = served(tmp_path)
        retailer.play(dt.date(2026, 9, 10), 10)
        self.order(retailer, "CR2", "SH001")
        retailer.play(dt.date(2026, 9, 11))
        self.order(retailer, "CR3", "SH002")

        retailer.play(dt.date(2026, 9, 15))

        assert [g.values("REF", 2, "ZSH") for g in retailer.got("650_02")] == [[], ["RPS"]]
        assert [g.value("REF", 2, "ZSH") for g in retailer.got("814_20")] == ["Y", "N"]


class TestMoney:
    def test_remittance_pays_invoices_and_an_unknown_one_draws_an_824(self, tmp_path: Path) -> None:
        retailer = served(tmp_path)
        retailer.play(END)
        invoice = retailer.got("810_02")[0]
        usd = Decimal(int(invoice.value("TDS", 1))) / 100
        segments = [
            ["BPR", "I", f"{usd + 1}", "C", "ACH"],
            ["TRN", "1", "TRACE1"],
            ["RMR", "IV", invoice.value("BIG", 2), "", f"{usd}"],
            ["RMR", "IV", "NOSUCH", "", "1.00"],
        ]
        retailer.send("ONCOR_ELEC", "RA", [("820", segments)])

        retailer.play(dt.date(2026, 11, 24))

        assert [line["is_whole"] for line in retailer.journal("paid")] == [True]
        assert [line["balances"] for line in retailer.journal("remitted")] == [True]
        (refused,) = retailer.got("824")
        assert refused.value("REF", 3, "7G") == "NO INVOICE NOSUCH"
        assert retailer.got("997")[-1].value("AK1", 1) == "RA"

    def test_824_of_ours_draws_a_correction(self, tmp_path: Path) -> None:
        retailer = served(tmp_path, faults="faults: [{on: month, do: wrong_amount, times: 1}]")
        retailer.play(dt.date(2026, 9, 25))
        invoice = retailer.got("810_02")[0]
        number = invoice.value("BIG", 2)
        segments = [
            ["BGN", "11", "CR9", "20260925", "", "", number],
            ["OTI", "TR", "IV", number],
            ["REF", "Q5", "", retailer.of("ONCOR_ELEC")["esi_id"]],
            ["REF", "7G", "SSS", "AMOUNT"],
        ]
        retailer.send("ONCOR_ELEC", "AG", [("824", segments)])

        retailer.play(dt.date(2026, 9, 28))

        invoices = retailer.got("810_02")
        corrected = [g for g in invoices if number in g.values("REF", 2, "OI")]
        assert [g.value("BIG", 8) for g in corrected] == ["01", "05"]
        assert [int(g.value("TDS", 1)) for g in corrected] == [
            int(invoice.value("TDS", 1)),
            int(invoice.value("TDS", 1)) - 100,
        ]
