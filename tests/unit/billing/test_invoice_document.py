from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pypdf
import pytest

from ossrep.billing.documents.content import DocumentLine, InvoiceDocument
from ossrep.billing.documents.layout import template_data
from ossrep.billing.documents.notices import invoice_notices
from ossrep.billing.documents.rendering import invoice_pdf
from ossrep.billing.documents.wording import line_detail, money, unit_price
from tests.factories import documents


def pages(document: InvoiceDocument) -> list[str]:
    reader = pypdf.PdfReader(io.BytesIO(invoice_pdf(document)))
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def long_invoice(rows: int) -> InvoiceDocument:
    """A shop's bill with so many more delivery rows, all with long labels."""
    bill = documents.commercial_invoice()
    row = replace(
        bill.sites[0].delivery_lines[1], label="TDU Delivery Charges, a rider of the TDSP"
    )
    site = replace(bill.sites[0], delivery_lines=bill.sites[0].delivery_lines + (row,) * rows)
    return replace(bill, sites=(site,))


class TestInvoicePdf:
    @pytest.mark.parametrize(
        "text",
        [
            "Bluebonnet Retail Electric LLC",
            "PUCT certificate no. 10999",
            "P.O. Box 4410, Houston, TX 77210-4410",
            "Billing questions: (800) 555-0142 · Monday to Friday, 7 am to 8 pm",
            "Power out? Call at any hour Oncor Electric Delivery: (888) 313-4747",
            "1402 Pecan Street, Dallas, TX 75201",
            "ESI ID 10443720000000017",
            "Meter 125881904LG",
            "Account number 70012345",
            "Invoice number 2611-004417-6",
            "Oct 20, 2026 to Nov 18, 2026, 30 days",
            "Issue date Nov 22, 2026",
            "Amount due by Dec 8, 2026 $187.48",
            "Weekday energy 803 kWh at 14.4¢ $115.63",
            "Weekend energy (free) 333 kWh at 0¢ $0.00",
            "Delivery by Oncor Electric Delivery $67.88",
            "PUC Assessment 1/600 $0.31",
            "Miscellaneous Gross Receipts Tax Reimbursement, Dallas 1.997% $3.66",
            "Current charges $187.48",
            "The average price you paid for electric service this month 16.2¢ per kWh",
            "Previous balance $210.34",
            "Payment, thank you, Nov 4, 2026 -$210.34",
            "Usage 1,136 kWh",
            "Contract ends Mar 31, 2028",
            "Public Utility Commission of Texas",
            "www.powertochoose.com",
            "donation",
            "Page 1 of 1",
        ],
    )
    def test_prints_what_the_rule_asks_for(self, text: str) -> None:
        assert [text in page for page in pages(documents.home_invoice())] == [True]

    @pytest.mark.parametrize(
        "text",
        [
            "Before this bill $12.00",
            "Earned by what you sent to the grid $83.72",
            "Used on this bill -$55.35",
            "After this bill $40.37",
            "930.25 kWh at -9¢ -$55.35",
            "Amount due by Dec 8, 2026 $25.00",
        ],
    )
    def test_prints_the_credit_bank_of_a_solar_roof(self, text: str) -> None:
        assert [text in page for page in pages(documents.solar_invoice())] == [True]

    @pytest.mark.parametrize(
        "text",
        [
            "TDU demand charge 61.7 kW at $12.38 $763.85",
            "Highest demand 61.7 kW",
            "Usage 18,400 kWh (Estimated)",
            "One-time charges and credits $25.00",
            "Disconnect visit fee $25.00",
            "City Sales Tax, Abilene 2% $43.59",
            "kW is four times the highest quarter-hour use in kWh.",
        ],
    )
    def test_prints_demand_taxes_and_fees_of_a_shop(self, text: str) -> None:
        assert [text in page for page in pages(documents.commercial_invoice())] == [True]

    def test_gives_each_location_of_a_business_a_section_after_the_first_page(self) -> None:
        first, *others = pages(documents.several_premises_invoice(3))

        assert "Charges of your 3 locations $6,425.56" in first
        assert "Amount due by Dec 8, 2026 $6,651.55" in first
        assert [text.count("Charges of this location $2,133.52") for text in others] == [2]

    @pytest.mark.parametrize(("rows", "count", "text"), [(12, 1, "1 of 1"), (60, 2, "1 of 2")])
    def test_counts_pages_where_they_may_be_several(self, rows: int, count: int, text: str) -> None:
        found = pages(long_invoice(rows))

        assert (len(found), f"Page {text}" in found[0]) == (count, True)

    def test_is_sure_of_one_page_only_where_it_is_one(self) -> None:
        sure = [rows for rows in range(40) if template_data(long_invoice(rows))["is_one_page"]]

        assert sure == list(range(12))
        assert len(pages(long_invoice(sure[-1]))) == 1

    def test_uses_the_shipped_fonts_only(self) -> None:
        reader = pypdf.PdfReader(io.BytesIO(invoice_pdf(documents.home_invoice())))
        fonts = reader.pages[0]["/Resources"]["/Font"].values()

        names = {str(font.get_object()["/BaseFont"]).partition("+")[2] for font in fonts}
        assert names == {
            "SourceSansPro-Regular-Identity-H",
            "SourceSansPro-Bold-Identity-H",
        }

    def test_is_tagged_for_people_who_listen(self) -> None:
        reader = pypdf.PdfReader(io.BytesIO(invoice_pdf(documents.home_invoice())))

        assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"].value is True
        assert reader.metadata is not None
        assert reader.metadata.title == "Invoice 2611-004417-6"

    def test_says_that_a_reversed_invoice_no_longer_counts(self) -> None:
        bill = replace(documents.home_invoice(), reversed_on=date(2026, 12, 1))

        assert "Reversed on Dec 1, 2026: this invoice no longer counts." in pages(bill)[0]

    def test_calls_a_negative_amount_a_credit(self) -> None:
        bill = replace(documents.home_invoice(), previous_balance_cents=-100_000, payments=())

        assert "Credit on your account -$812.52" in pages(bill)[0]

    def test_gives_the_same_bytes_again(self) -> None:
        before = invoice_pdf(documents.home_invoice())
        invoice_pdf(documents.solar_invoice())

        assert invoice_pdf(documents.home_invoice()) == before

    def test_takes_names_as_text_and_not_as_markup(self) -> None:
        name = '#panic("x") *bold* $x$ <y> \\ "quoted" // ü ñ'
        bill = replace(documents.home_invoice(), mailing_lines=(name,))

        assert name in pages(bill)[0]

    def test_tells_a_term_that_is_over_from_one_to_come(self) -> None:
        home = documents.home_invoice()
        terms = (None, date(2026, 10, 20), date(2026, 10, 21))
        bills = [
            replace(home, sites=(replace(home.sites[0], term_end_date=term),)) for term in terms
        ]

        found = [pages(bill)[0] for bill in bills]

        assert "Contract month to month" in found[0]
        assert "Contract ended Oct 20, 2026" in found[1]
        assert "Contract ends Oct 21, 2026" in found[2]

    def test_names_the_chart_by_what_it_shows(self) -> None:
        home = documents.home_invoice()

        found = pages(replace(home, usage_months=home.usage_months[-3:]))[0]

        assert ("Your use by month, kWh" in found, "13 months" in found) == (True, False)

    def test_prints_a_bill_without_history_or_average(self) -> None:
        bill = replace(
            documents.home_invoice(),
            usage_months=(),
            usage_days=(),
            average_price_cents_per_kwh=None,
            taxes=(),
        )

        (page,) = pages(bill)

        assert ("average price" in page, "13 months" in page) == (False, False)


class TestInvoiceNotices:
    def test_tells_variable_customers_how_to_learn_the_next_price(self) -> None:
        home = documents.home_invoice()
        bill = replace(home, sites=(replace(home.sites[0], product_type="variable"),))

        assert "For the price of your next bill call us" in invoice_notices(bill)[-1]

    def test_points_only_homes_to_the_comparison_site(self) -> None:
        found = [
            any("powertochoose" in notice for notice in invoice_notices(bill))
            for bill in (documents.home_invoice(), documents.commercial_invoice())
        ]

        assert found == [True, False]


class TestWording:
    def test_writes_money_with_the_sign_first(self) -> None:
        assert [money(c) for c in (0, 5, -300, 123450)] == ["$0.00", "$0.05", "-$3.00", "$1,234.50"]

    @pytest.mark.parametrize(
        ("price", "unit", "text"),
        [
            ("0.144", "kwh", "14.4¢"),
            ("0.00000001", "kwh", "0.000001¢"),
            ("-0.09", "kwh", "-9¢"),
            ("12.38", "kw", "$12.38"),
            ("12.3456", "kw", "$12.3456"),
            ("-5", "month", "-$5.00"),
        ],
    )
    def test_writes_energy_prices_in_cents(self, price: str, unit: str, text: str) -> None:
        assert unit_price(Decimal(price), unit) == text

    def test_says_where_a_price_varies(self) -> None:
        line = DocumentLine(
            label="x", quantity=Decimal("12.5"), unit="kwh", unit_price_usd=None, amount_cents=1
        )

        assert line_detail(line) == "12.5 kWh, price varies"
