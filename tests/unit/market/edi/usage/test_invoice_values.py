from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

import pytest

from ossrep.market.edi.errors import EdiError
from ossrep.market.edi.texas_set.codes import code_lists
from ossrep.market.edi.texas_set.invoice import (
    Charge,
    DeliveryInvoice,
    InvoiceItem,
    SubLine,
    Tax,
)
from ossrep.market.edi.texas_set.invoice_checks import (
    check_against_usage,
    check_invoice,
    list_unmapped_codes,
)
from ossrep.market.edi.texas_set.invoice_codes import (
    charge_code_count,
    find_charge_code,
    is_final_invoice,
    is_standalone,
    signed_amount,
)
from ossrep.market.edi.texas_set.model import Party, Placed
from ossrep.market.edi.texas_set.writing import write_transaction
from tests.unit.market.edi.usage.files import (
    against,
    day,
    invoice_of,
    read_set,
    read_text,
    sets_of,
    usage_of,
)

BIG = "BIG*20260305*INV1***USG1**ME*00~REF*Q5**10443720000000031~"


def charge(code: str, amount: str, rate: str, unit: str, quantity: str, text: str) -> Charge:
    return Charge(
        indicator="C",
        agency="EU",
        code=code,
        amount=Decimal(amount),
        rate=Decimal(rate),
        unit=unit,
        quantity=Decimal(quantity),
        text=text,
    )


def codes(invoice: DeliveryInvoice, **more: Decimal) -> list[tuple[str, str, str]]:
    return [(f.code, f.expected, f.found) for f in check_invoice(invoice, **more)]


class TestDeliveryInvoice:
    def test_has_the_values_that_the_file_has(self) -> None:
        assert invoice_of("invoice.edi") == DeliveryInvoice(
            reference="INV0000000000000031",
            date=dt.date(2026, 3, 5),
            esi_id="10443720000000031",
            tdsp=Party("PRAIRIE WIRES", "1039940674000"),
            retailer=Party("LONE STAR RETAIL", "1234567890000"),
            type="FE",
            purpose="00",
            usage_reference="USG000000000000000011",
            due_date=dt.date(2026, 4, 9),
            items=(
                InvoiceItem(
                    line="1",
                    service_qualifier="SV",
                    service="ELECTRIC",
                    level_qualifier="C3",
                    level="RATE",
                    rate_class="D0",
                    start=day(2026, 2, 2),
                    end=day(2026, 3, 3),
                    sub_lines=(
                        SubLine(
                            number="1",
                            relationship="A",
                            charges=(
                                charge("BAS001", "4.4", "4.4", "EA", "1", "CUSTOMER CHARGE"),
                                replace(
                                    charge(
                                        "DIS001",
                                        "54",
                                        "4.5",
                                        "RA",
                                        "12",
                                        "DISTRIBUTION SYSTEM CHARGE",
                                    ),
                                    registered_quantity=Decimal("7.2"),
                                ),
                                charge(
                                    "TRN002",
                                    "38.45",
                                    "0.030001",
                                    "KH",
                                    "1281.6",
                                    "TRANSMISSION COST RECOVERY FACTOR",
                                ),
                                Charge(
                                    indicator="A",
                                    agency="EU",
                                    code="CRE027",
                                    amount=Decimal("0.44"),
                                    text="QUALITY CREDIT",
                                ),
                            ),
                        ),
                    ),
                ),
            ),
            total=Decimal("96.41"),
            line_count=1,
        )

    def test_of_the_reference_has_its_amounts(self) -> None:
        invoice = invoice_of("constructed_810_02.edi")

        assert [
            (c.code, str(c.amount), c.unit, str(c.quantity)) for _, _, c in invoice.lines()
        ] == [
            ("TRN002", "36.21", "K1", "10"),
            ("BAS003", "30.82", "EA", "1"),
            ("MSC025", "1.64", "RA", "31"),
            ("BAS001", "9.25", "EA", "1"),
            ("DIS001", "139.42", "RA", "31"),
            ("MSC041", "0.24", "KH", "695"),
            ("MSC042", "3.09", "RA", "31"),
            ("MSC024", "0.23", "KH", "695"),
        ]
        assert invoice.total == Decimal("220.90")
        assert check_invoice(invoice) == ()
        assert against(invoice, usage_of("constructed_867_03_monthly.edi")) == ()

    @pytest.mark.parametrize("name", ["invoice.edi", "constructed_810_02.edi"])
    def test_is_written_back_as_it_came(self, name: str) -> None:
        found = sets_of(name)[0]

        assert write_transaction(invoice_of(name)) == [list(each) for each in found.segments]

    def test_takes_charges_in_and_out_of_sub_lines(self) -> None:
        text = (
            f"{BIG}IT1*1~SAC*C**EU*BAS001*100~SLN*1**A~SAC*C**EU*BAS003*250~TXI*ST*0.21****A~"
            "SLN*2**A~SAC*C**EU*SER029*1000~TDS*1371~"
        )
        found = read_text(text, "810")

        assert isinstance(found, DeliveryInvoice)
        assert [(s.number, c.code) for _, s, c in found.lines()] == [
            ("", "BAS001"),
            ("1", "BAS003"),
            ("2", "SER029"),
        ]
        assert check_invoice(found) == ()
        assert read_set(write_transaction(found)[1:-1], "810") == found

    def test_reads_taxes(self) -> None:
        text = f"{BIG}IT1*1~SLN*1**A~SAC*C**EU*BAS003*250~TXI*ST*0.21*****A~TDS*271~"
        found = read_text(text, "810")

        assert isinstance(found, DeliveryInvoice)
        (_, _, only), *_ = found.lines()
        assert only.taxes == (Tax(type="ST", amount=Decimal("0.21"), relationship="A"),)
        assert signed_amount(only) == Decimal("2.71")

    @pytest.mark.parametrize(
        "text",
        [
            f"{BIG}IT1*1~SAC*C**EU*BAS001*1.00~TDS*100~",
            f"{BIG}IT1*1~SAC*C**EU*BAS001*~TDS*100~",
            f"{BIG}IT1*1~SAC*C**EU**100~TDS*100~",
            f"{BIG}IT1*1~SAC*C**EU*BAS001*100~",
            "BIG*20260305****USG1**ME*00~REF*Q5**10443720000000031~TDS*1~",
        ],
    )
    def test_refuses_what_is_no_invoice(self, text: str) -> None:
        with pytest.raises(EdiError):
            read_text(text, "810")

    def test_is_standalone_by_type_or_by_level(self) -> None:
        invoice = invoice_of("invoice.edi")
        between = replace(invoice, items=(replace(invoice.items[0], level="B2B"),))

        assert [
            is_standalone(replace(invoice, type=kind)) for kind in ("ME", "26", "A5", "ZZ")
        ] == [
            False,
            True,
            True,
            False,
        ]
        assert is_standalone(between)
        assert not is_standalone(replace(invoice, items=()))
        assert is_final_invoice(invoice)


class TestCheckInvoice:
    def test_finds_a_line_that_is_no_product(self) -> None:
        text = f"{BIG}IT1*1~SLN*1**A~SAC*C**EU*BAS001*441***4.4*EA*1~TDS*441~"

        assert codes(read_invoice(text)) == [("SSS", "4.40", "4.41")]

    def test_rounds_half_a_cent_up(self) -> None:
        text = f"{BIG}IT1*1~SLN*1**A~SAC*C**EU*BAS001*13***0.125*EA*1~TDS*13~"

        assert codes(read_invoice(text)) == []

    def test_finds_a_total_that_is_no_sum(self) -> None:
        wrong = replace(invoice_of("invoice.edi"), total=Decimal("97.29"))

        assert codes(wrong) == [("SUM", "97.29", "96.41")]

    def test_cannot_sum_an_unknown_indicator(self) -> None:
        text = f"{BIG}IT1*1~SLN*1**A~SAC*N**EU*BAS001*441~TDS*441~"

        assert codes(read_invoice(text)) == [("SUM", "C or A", "N")]

    @pytest.mark.parametrize(("total", "found"), [("96.41", []), ("-96.41", [])])
    def test_takes_a_cancel_of_either_sign(self, total: str, found: list[object]) -> None:
        cancel = replace(invoice_of("invoice.edi"), purpose="01")

        assert codes(cancel, original_total=Decimal(total)) == found

    def test_finds_a_cancel_of_another_amount(self) -> None:
        cancel = replace(invoice_of("invoice.edi"), purpose="01")

        assert codes(cancel, original_total=Decimal("96.42")) == [("CAO", "96.42", "96.41")]

    def test_wants_a_text_where_the_code_needs_one(self) -> None:
        text = f"{BIG}IT1*1~SLN*1**A~SAC*C**EU*SER001*441~TDS*441~"

        assert codes(read_invoice(text)) == [("A13", "a text", "")]

    def test_tells_of_money_that_stands_nowhere(self) -> None:
        lost = replace(
            invoice_of("invoice.edi"), unknown=(Placed(2, ["SAC", "C", "", "EU", "BAS001", "5"]),)
        )

        assert codes(lost) == [("A13", "a place", "SAC*C**EU*BAS001*5")]

    def test_compares_with_the_usage(self) -> None:
        invoice, usage = invoice_of("invoice.edi"), usage_of("monthly.edi")
        later = replace(invoice.items[0], end=day(2026, 3, 4))
        less = replace(usage, loops=usage.loops[1:2])

        assert against(invoice, usage) == ()
        assert against(invoice, less) == ()
        found = against(replace(invoice, items=(later,)), usage)
        assert [(f.code, f.expected, f.found) for f in found] == [
            ("DDM", "2026-02-02..2026-03-03", "2026-02-02..2026-03-04")
        ]
        other = against(invoice, usage_of("monthly.edi", 1))
        assert [f.code for f in other] == ["A13", "DDM"]

    def test_takes_the_lines_of_one_charge_together(self) -> None:
        class Billed(NamedTuple):
            code: str
            unit: str
            quantity: Decimal | None

        def faults(*quantities: int) -> list[tuple[str, str]]:
            lines = [Billed("DIS001", "KH", Decimal(quantity)) for quantity in quantities]
            found = check_against_usage(
                billed=lines, periods=[], usage_period=None, import_kwh=Decimal(320)
            )
            return [(fault.message, fault.found) for fault in found]

        told = "DIS001: billed on other kWh than the usage has"
        assert faults(37, 283) == faults(320, 320) == faults(320) == []
        assert faults(37, 282) == [(f"line 1, 2 {told}", "319")]
        assert faults(319) == [(f"line 1 {told}", "319")]

    def test_starts_before_it_ends(self) -> None:
        invoice = invoice_of("invoice.edi")
        wrong = replace(invoice, items=(replace(invoice.items[0], end=day(2026, 2, 1)),))

        assert codes(wrong) == [("ASP", "2026-02-01", "2026-02-02")]


class TestChargeCodes:
    def test_are_a_table(self) -> None:
        assert charge_code_count() == 213

    def test_say_name_type_and_needs(self) -> None:
        found = find_charge_code("TRN002")
        late, other = find_charge_code("LPC001"), find_charge_code("SER001")

        assert found is not None
        assert (found.name, found.type) == ("Transmission Cost Recovery Factor", "transmission")
        assert late is not None
        assert late.is_between_companies
        assert other is not None
        assert other.needs_text

    def test_that_the_list_lacks_stand_beside_it_with_their_own_mark(self) -> None:
        found = find_charge_code("IS")
        entry = code_lists("charge_codes.yaml")["extra"]["IS"]

        assert found is not None
        assert (found.name, found.type) == ("Interim Surcharge", "rider or surcharge")
        assert entry["confidence"] == "inferred"

    def test_leave_unknown_ones_to_a_person(self) -> None:
        text = f"{BIG}IT1*1~SLN*1**A~SAC*C**EU*XYZ999*441~SAC*C**EU*BAS001*1~TDS*442~"
        invoice = read_invoice(text)

        assert list_unmapped_codes(invoice) == ("XYZ999",)
        assert codes(invoice) == []


def read_invoice(text: str) -> DeliveryInvoice:
    found = read_text(text, "810")
    assert isinstance(found, DeliveryInvoice)
    return found
