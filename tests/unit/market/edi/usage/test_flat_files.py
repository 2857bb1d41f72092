from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from ossrep.market.edi.errors import EdiError
from ossrep.market.edi.flat.model import FlatFile, Unread
from ossrep.market.edi.flat.pipe import read_pipe, write_pipe
from ossrep.market.edi.flat.prism import read_prism, write_prism
from ossrep.market.edi.flat.reading import is_flat, read_flat
from ossrep.market.edi.texas_set.intervals import IntervalSeries
from ossrep.market.edi.texas_set.model import Moment, Party
from ossrep.market.edi.texas_set.remittance import InvoicePayment, Remittance
from ossrep.market.edi.texas_set.usage import Estimate, MonthlyUsage
from tests.unit.market.edi.usage.files import FOLDER, transactions_of, usage_of


def data_of(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def file_of(name: str) -> FlatFile:
    return read_flat(data_of(name))


class TestSyntaxes:
    @pytest.mark.parametrize(
        ("x12", "flat"),
        [
            ("monthly.edi", "monthly_pipe.txt"),
            ("monthly.edi", "monthly_prism.txt"),
            ("invoice.edi", "invoice_pipe.txt"),
            ("invoice.edi", "invoice_prism.txt"),
            ("initial.edi", "initial_prism.txt"),
        ],
    )
    def test_give_the_same_transactions(self, x12: str, flat: str) -> None:
        assert transactions_of(flat) == transactions_of(x12)

    @pytest.mark.parametrize(
        "name",
        [
            "monthly_pipe.txt",
            "monthly_prism.txt",
            "invoice_pipe.txt",
            "invoice_prism.txt",
            "initial_prism.txt",
            "interval_prism.txt",
            "remittance_prism.txt",
        ],
    )
    def test_are_read_whole_and_again_from_what_is_written(self, name: str) -> None:
        file = file_of(name)
        found = [each.transaction for each in file.documents if each.transaction]

        assert file.faults == ()
        assert [each.faults for each in file.documents] == [()] * len(found)
        assert [each.unread for each in file.documents] == [()] * len(found)
        if file.layout == "pipe":
            written = write_pipe(file=file, transactions=found)
        else:
            written = write_prism(partner="LSTX", transactions=found)
        assert [each.transaction for each in read_flat(written).documents] == found

    def test_are_told_apart(self) -> None:
        assert is_flat(data_of("monthly_pipe.txt"))
        assert is_flat(b"\xef\xbb\xbf" + data_of("monthly_prism.txt"))
        assert not is_flat(data_of("monthly.edi"))


class TestPipe:
    def test_reads_the_header(self) -> None:
        file = file_of("monthly_pipe.txt")

        assert (file.number, file.sender, file.receiver) == (
            "00000201",
            "183529049",
            "1234567890000",
        )
        assert file.sent == Moment(dt.date(2026, 3, 4), dt.time(4, 10))
        assert [(each.reference, each.line, len(each.lines)) for each in file.documents] == [
            ("USG000000000000000011", 3, 4),
            ("USG000000000000000012", 7, 2),
        ]

    def test_writes_the_lines_that_came(self) -> None:
        file = file_of("monthly_pipe.txt")
        found = [each.transaction for each in file.documents if each.transaction]

        written = write_pipe(file=file, transactions=found).decode()

        came = data_of("monthly_pipe.txt").decode()
        came = came.replace("~3/4/2026~", "~03/04/2026~").replace("~1/30/2026~", "~01/30/2026~")
        assert written == came

    def test_takes_the_columns_in_any_order(self) -> None:
        lines = data_of("invoice_pipe.txt").decode().splitlines()
        turned = [
            "~".join([line.split("~")[0], *reversed(line.split("~")[1:])])
            if line[:1] in "LD"
            else line
            for line in lines
        ]

        found = read_pipe("\n".join(turned).encode()).documents[0].transaction

        assert found == transactions_of("invoice.edi")[0]

    def test_lets_a_bad_document_leave_the_others_be(self) -> None:
        data = data_of("monthly_pipe.txt").replace(b"~21005~", b"~2100x~")

        good, bad = read_pipe(data).documents

        assert good.transaction == transactions_of("monthly.edi")[0]
        assert bad.transaction is None
        assert [fault.message for fault in bad.faults] == [
            "line 7, Ending_Read: expected a decimal number, found '2100x'"
        ]

    def test_keeps_columns_that_no_layout_knows(self) -> None:
        lines = data_of("invoice_pipe.txt").decode().splitlines()
        lines = [
            f"{line}~{'Novelty' if line[0] == 'L' else 'x'}" if line[0] in "LD" else line
            for line in lines
        ]

        document = read_pipe("\n".join(lines).encode()).documents[0]

        assert document.transaction is not None
        assert document.unread == tuple(Unread(line, "Novelty", "x") for line in range(3, 7))

    def test_shows_another_commodity(self) -> None:
        data = data_of("invoice_pipe.txt").replace(b"~E~4/9/2026", b"~G~4/9/2026", 1)

        assert read_pipe(data).documents[0].unread == (Unread(3, "Commodity", "G"),)

    def test_counts_the_rows(self) -> None:
        data = data_of("monthly_pipe.txt").replace(b"867_03~6", b"867_03~7")

        assert [fault.code for fault in read_pipe(data).faults] == ["flat_count"]

    def test_refuses_rows_of_a_document_that_disagree(self) -> None:
        data = data_of("invoice_pipe.txt").replace(b"~96.41", b"~96.42", 1)

        document = read_pipe(data).documents[0]

        assert document.transaction is None
        assert document.faults[0].message.startswith(
            "line 4, Invoice_Total_Amount: expected '96.42'"
        )

    def test_keeps_the_reasons_of_estimates(self) -> None:
        lines = data_of("monthly_pipe.txt").decode().splitlines()
        tail = "~O1~TDSP Reason~~N~000~002"
        all_rows = [
            line.rstrip("~") + "~" * (57 - line.rstrip("~").count("~")) + tail
            if line.startswith("D~") and "012~" in line
            else line
            for line in lines
        ]
        one_row = [*all_rows[:7], *lines[7:]]
        expected = Estimate(
            reason="O1", text="TDSP Reason", door_hanger_left="N", denials=0, estimates=2
        )

        of_all = read_pipe("\n".join(all_rows).encode()).documents[1].transaction
        of_one = read_pipe("\n".join(one_row).encode()).documents[1].transaction

        assert isinstance(of_all, MonthlyUsage)
        assert isinstance(of_one, MonthlyUsage)
        assert of_all.estimates == (expected,)
        assert [loop.estimates for loop in of_all.loops] == [(), ()]
        assert of_one.estimates == ()
        assert [loop.estimates for loop in of_one.loops] == [(expected,), ()]
        for each in (of_all, of_one):
            written = write_pipe(file=file_of("monthly_pipe.txt"), transactions=[each])
            assert read_pipe(written).documents[0].transaction == each

    def test_refuses_to_write_what_it_has_no_column_for(self) -> None:
        usage = usage_of("exchange.edi")

        with pytest.raises(EdiError, match="no place for action"):
            write_pipe(file=file_of("monthly_pipe.txt"), transactions=[usage])


class TestPrism:
    def test_reads_every_loop_of_an_interval_meter(self) -> None:
        usage = transactions_of("interval_prism.txt")[0]

        assert isinstance(usage, MonthlyUsage)
        assert [loop.kind for loop in usage.loops] == ["IA", "PP", "BO", "PM"]
        assert (usage.load_profile, usage.rate_class, usage.rate_subclass) == (
            "BUSIDRRQ_NCENT_IDR_NWS_NOTOU",
            "D1",
            "S2",
        )
        assert usage.order_reference == "ORDER000000000000037"
        assert usage.estimates == (
            Estimate(reason="O1", text="TDSP REASON", door_hanger_left="N", denials=0, estimates=2),
        )
        total = usage.loops[2].readings[0]
        assert (total.multiplier, total.power_factor, total.loss_factor) == (
            Decimal(40),
            Decimal("0.95"),
            Decimal("1.02"),
        )
        assert usage.loops[3].channel == "4"

    def test_tells_the_doubled_hour_by_the_order(self) -> None:
        usage = transactions_of("interval_prism.txt")[0]

        assert isinstance(usage, MonthlyUsage)
        series = usage.loops[3].intervals
        assert isinstance(series, IntervalSeries)
        assert [str(start) for start in series.starts()] == [
            "2026-11-01T06:30",
            "2026-11-01T06:45",
            "2026-11-01T07:00",
            "2026-11-02T05:45",
        ]
        assert series.quantities() == (
            Decimal("0.125"),
            Decimal("0.25"),
            Decimal("0.5"),
            Decimal(1),
        )
        assert series.qualifiers == ("QD", "KA", "QD", "QD")

    def test_reads_a_remittance(self) -> None:
        assert transactions_of("remittance_prism.txt") == [
            Remittance(
                reference="TRACE00000031",
                date=dt.date(2026, 4, 9),
                tdsp=Party("PRAIRIE WIRES", "1039940674000"),
                retailer=Party("LONE STAR RETAIL", "1234567890000"),
                total_usd=Decimal("84.21"),
                credit_or_debit="C",
                method="ACH",
                payments=(
                    InvoicePayment(
                        invoice_reference="INV0000000000000031",
                        amount_usd=Decimal("96.41"),
                        esi_id="10443720000000031",
                    ),
                    InvoicePayment(
                        invoice_reference="INV0000000000000030",
                        amount_usd=Decimal("-12.20"),
                        esi_id="10443720000000030",
                    ),
                ),
            )
        ]

    def test_writes_the_records_that_came(self) -> None:
        found = transactions_of("remittance_prism.txt")

        written = write_prism(partner="LSTX1039940674000REM", transactions=found)

        assert written == data_of("remittance_prism.txt")

    def test_lets_a_bad_document_leave_the_others_be(self) -> None:
        data = data_of("monthly_prism.txt").replace(b"|QD|7.2|K1|", b"|QD|7,2|K1|")

        bad, good = read_prism(data).documents

        assert good.transaction == transactions_of("monthly.edi")[1]
        assert (bad.transaction, bad.faults[0].segment) == (None, 12)
        assert "expected a decimal number, found '7,2'" in bad.faults[0].message

    @pytest.mark.parametrize(
        ("old", "new", "code"),
        [
            (b"TL|2", b"TL|3", "flat_count"),
            (b"TL|2\n", b"", "flat_count"),
            (b"TL|2", b"TL|2\n16|a|b", "flat_order"),
        ],
    )
    def test_checks_the_trailer(self, old: bytes, new: bytes, code: str) -> None:
        file = read_prism(data_of("monthly_prism.txt").replace(old, new))

        assert [fault.code for fault in file.faults] == [code]
        assert len(file.documents) == 2

    @pytest.mark.parametrize(
        ("old", "new", "code"),
        [
            (b"08|LSTX", b"99|LSTX", "flat_record"),
            (b"07|LSTX183529049USE|||M", b"07|LSTX183529049USE|||X", "flat_value"),
            (b"01|LSTX183529049USE|TX|00", b"07|LSTX183529049USE|TX|00", "flat_order"),
            (b"07|LSTX183529049USE|||M||KH|MON|\n", b"", "flat_order"),
            (b"|51|20260202|20260303|\n07", b"|51|2026-02-02|20260303|\n07", "flat_date"),
        ],
    )
    def test_refuses_a_document_it_cannot_place(self, old: bytes, new: bytes, code: str) -> None:
        document = read_prism(data_of("monthly_prism.txt").replace(old, new, 1)).documents[0]

        assert document.transaction is None
        assert [fault.code for fault in document.faults] == [code]


class TestReadFlat:
    @pytest.mark.parametrize(
        "data",
        [b"", b"\n\n", b"ISA*00*", b"L~a\nD~b", b"\xff\xfeH\0~\0", b"H~1\0", b"X|1", b"\x80\x81"],
    )
    def test_refuses_what_is_no_file_of_a_provider(self, data: bytes) -> None:
        with pytest.raises(EdiError):
            read_flat(data)
