from __future__ import annotations

import datetime as dt
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ossrep.billing.domain.taxes import (
    SECTIONS,
    TAXES,
    LocalTax,
    Place,
    TaxBase,
    TaxColumns,
    TaxedSite,
    TaxLine,
    TaxRates,
    collect_tax_base,
    site_taxes,
    tax_invoice,
    tax_single_site,
)

START = dt.date(2026, 7, 1)
RATES = TaxRates()


def local(
    code: str = "city",
    rate: str = "0.02",
    residential: bool = False,
    from_date: dt.date = dt.date(2020, 1, 1),
    to_date: dt.date | None = None,
) -> LocalTax:
    return LocalTax(code, code.title(), Fraction(rate), residential, from_date, to_date)


def city(*taxes: LocalTax, population: int | None = 50_000, code: str = "tx-city") -> Place:
    return Place(code, "City", population, taxes)


def site(place: Place, *, residential: bool = False, exemption: str = "none", **cents: int):
    """Cents by section; every tax reaches both sections that are given."""
    reached = {(tax, section): amount for section, amount in cents.items() for tax in TAXES}
    return TaxedSite(place, residential, exemption, START, reached)  # type: ignore[arg-type]


def amounts(lines: tuple[TaxLine, ...]) -> list[tuple[str, int]]:
    return [(line.template.code, line.amount_cents) for line in lines]


def splits(line: TaxLine) -> list[tuple[int, str, int]]:
    return [(share.site, share.section, share.amount_cents) for share in line.split]


class TestTaxInvoice:
    def test_adds_assessment_and_gross_receipts_to_a_residential_bill(self) -> None:
        bill = site(city(), residential=True, retailer=11568, delivery=8015)

        lines = tax_invoice(rates=RATES, sites=[bill])

        assert amounts(lines) == [("puc_assessment", 33), ("gross_receipts", 391)]

    def test_taxes_a_commercial_bill_on_top_of_the_assessments(self) -> None:
        bill = site(city(local()), retailer=133400, delivery=79952)

        lines = tax_invoice(rates=RATES, sites=[bill])

        assert amounts(lines) == [
            ("puc_assessment", 356),
            ("gross_receipts", 4261),
            ("state_sales", 13623),
            ("city", 4359),
        ]
        assert [line.base_cents for line in lines] == [213352, 213352, 217969, 217969]

    def test_leaves_an_exempt_certificate_its_assessments_only(self) -> None:
        bill = site(city(local()), exemption="sales_tax", retailer=133400, delivery=79952)

        lines = tax_invoice(rates=RATES, sites=[bill])

        assert amounts(lines) == [("puc_assessment", 356), ("gross_receipts", 4261)]

    def test_charges_a_school_district_the_assessment_only(self) -> None:
        bill = site(
            city(local()), exemption="public_school_district", retailer=133400, delivery=79952
        )

        lines = tax_invoice(rates=RATES, sites=[bill])

        assert amounts(lines) == [("puc_assessment", 356)]

    def test_charges_a_home_only_local_taxes_that_opted_in(self) -> None:
        place = city(local("old_city", "0.01", residential=True), local("county", "0.005"))

        lines = tax_invoice(rates=RATES, sites=[site(place, residential=True, retailer=10000)])

        assert amounts(lines)[2:] == [("old_city", 102)]

    def test_counts_a_local_tax_when_the_period_begins_inside_it(self) -> None:
        place = city(
            local("ended", to_date=START),
            local("begins", from_date=START),
            local("later", from_date=START + dt.timedelta(days=1)),
            population=None,
        )

        lines = tax_invoice(rates=RATES, sites=[site(place, retailer=10000)])

        assert amounts(lines)[2:] == [("begins", 200)]

    def test_gives_the_last_section_the_residual_cent(self) -> None:
        bill = site(city(), residential=True, retailer=300, delivery=300)

        puc = tax_invoice(rates=RATES, sites=[bill])[0]

        assert (puc.amount_cents, splits(puc)) == (1, [(0, "retailer", 1), (0, "delivery", 0)])

    def test_gives_the_last_local_tax_the_residual_of_their_sum(self) -> None:
        place = city(local("a", "0.005"), local("b", "0.005"), population=None)
        plain = TaxRates(puc=Fraction(1, 10**9))

        lines = tax_invoice(rates=plain, sites=[site(place, retailer=100)])

        assert amounts(lines)[2:] == [("a", 1), ("b", 0)]

    def test_gives_a_section_that_a_tax_does_not_reach_no_share(self) -> None:
        reached = {("puc", "retailer"): 10000, ("puc", "delivery"): 5000, ("sales", "delivery"): 0}
        bill = TaxedSite(city(population=None), False, "none", START, reached)

        lines = tax_invoice(rates=RATES, sites=[bill])

        assert amounts(lines) == [("puc_assessment", 25), ("state_sales", 1)]
        assert lines[1].base_cents == 8
        assert splits(lines[1]) == [(0, "delivery", 1)]

    def test_has_no_line_on_a_base_of_zero_or_less(self) -> None:
        bill = site(city(local()), retailer=-500, delivery=500)

        assert tax_invoice(rates=RATES, sites=[bill]) == ()

    def test_prints_a_tax_that_comes_to_nothing(self) -> None:
        bill = site(city(population=None), residential=True, retailer=100)

        lines = tax_invoice(rates=RATES, sites=[bill])

        assert amounts(lines) == [("puc_assessment", 0)]

    def test_computes_the_city_taxes_over_its_premises_and_the_others_over_all(self) -> None:
        first, second = city(local("a"), code="one"), city(local("b"), code="two", population=2_000)
        sites = [site(first, retailer=150), site(second, retailer=150), site(first, retailer=300)]

        lines = tax_invoice(rates=RATES, sites=sites)

        found = [(x.template.code, x.template.place, x.base_cents, x.amount_cents) for x in lines]
        assert found == [
            ("puc_assessment", None, 600, 1),
            ("gross_receipts", "one", 450, 9),
            ("gross_receipts", "two", 150, 1),
            ("state_sales", None, 611, 38),
            ("a", "one", 460, 9),
            ("b", "two", 151, 3),
        ]
        assert splits(lines[0]) == [(0, "retailer", 0), (1, "retailer", 0), (2, "retailer", 1)]
        assert splits(lines[1]) == [(0, "retailer", 3), (2, "retailer", 6)]
        assert splits(lines[4]) == [(0, "retailer", 3), (2, "retailer", 6)]

    def test_leaves_out_a_site_without_taxes(self) -> None:
        sites = [None, site(city(population=None), residential=True, retailer=60000)]

        lines = tax_invoice(rates=RATES, sites=sites)

        assert splits(lines[0]) == [(1, "retailer", 100)]


class TestGrossReceiptsRate:
    def test_follows_the_population_of_the_city(self) -> None:
        rates = {
            population: RATES.gross_receipts_rate(population)
            for population in (None, 0, 1_000, 1_001, 2_499, 2_500, 9_999, 10_000, 2_000_000)
        }

        assert rates == {
            None: 0,
            0: 0,
            1_000: 0,
            1_001: Fraction("0.00581"),
            2_499: Fraction("0.00581"),
            2_500: Fraction("0.0107"),
            9_999: Fraction("0.0107"),
            10_000: Fraction("0.01997"),
            2_000_000: Fraction("0.01997"),
        }


class TestCollectTaxBase:
    def test_counts_only_what_is_printed(self) -> None:
        printed = np.array([True, False])

        base = collect_tax_base(
            size=2,
            lines=[
                ("retailer", TAXES, np.array([100, 200]), printed),
                ("retailer", ["sales"], np.array([7, 7]), np.array([True, True])),
                ("delivery", [], np.array([1, 1]), printed),
            ],
        )

        assert base.cents.tolist() == [
            [[100, 0], [0, 0]],
            [[100, 0], [0, 0]],
            [[107, 7], [0, 0]],
        ]
        assert base.present.tolist() == [
            [[True, False], [False, False]],
            [[True, False], [False, False]],
            [[True, True], [False, False]],
        ]


def lines_of(columns: TaxColumns, row: int) -> list[tuple[object, ...]]:
    return [
        (
            template,
            int(columns.base_cents[row, k]),
            int(columns.amount_cents[row, k]),
            int(columns.retailer_cents[row, k]),
            int(columns.delivery_cents[row, k]),
        )
        for k, template in enumerate(columns.templates)
        if columns.present[row, k]
    ]


def as_row(line: TaxLine) -> tuple[object, ...]:
    share = dict.fromkeys(SECTIONS, 0)
    share |= {part.section: part.amount_cents for part in line.split}
    return (line.template, line.base_cents, line.amount_cents, share["retailer"], share["delivery"])


cents = st.one_of(st.integers(-500, 1_000), st.integers(-(10**6), 10**8), st.integers(0, 10**14))
reached = st.dictionaries(
    st.tuples(st.sampled_from(TAXES), st.sampled_from(SECTIONS)), cents, max_size=6
)
local_taxes = st.lists(
    st.builds(
        LocalTax,
        code=st.sampled_from("abc"),
        label=st.just("Local"),
        rate=st.sampled_from([Fraction(r) for r in ("0.01", "0.00333333", "0.0025", "0.02")]),
        residential=st.booleans(),
        from_date=st.sampled_from([START - dt.timedelta(days=1), START, dt.date(2027, 1, 1)]),
        to_date=st.sampled_from([None, START, dt.date(2028, 1, 1)]),
    ),
    max_size=4,
)
places = st.builds(
    Place,
    code=st.just("p"),
    name=st.just("P"),
    population=st.sampled_from([None, 900, 2_000, 5_000, 10_000]),
    local_taxes=local_taxes.map(tuple),
)


class TestTaxSingleSite:
    @given(
        place=places,
        residential=st.booleans(),
        exemption=st.sampled_from(["none", "sales_tax", "public_school_district"]),
        rows=st.lists(reached, min_size=1, max_size=5),
    )
    def test_agrees_with_the_invoice_of_one_site(self, place, residential, exemption, rows) -> None:
        base = TaxBase(np.zeros((3, 2, len(rows)), np.int64), np.zeros((3, 2, len(rows)), np.bool_))
        for n, row in enumerate(rows):
            for (tax, section), amount in row.items():
                at = TAXES.index(tax), SECTIONS.index(section), n
                base.cents[at], base.present[at] = amount, True

        taxes = site_taxes(
            rates=RATES,
            place=place,
            residential=residential,
            exemption=exemption,
            period_start=START,
        )
        columns = tax_single_site(taxes=taxes, base=base)

        for n, row in enumerate(rows):
            one = TaxedSite(place, residential, exemption, START, row)
            expected = [as_row(line) for line in tax_invoice(rates=RATES, sites=[one])]
            assert lines_of(columns, n) == expected

    def test_splits_add_up_to_the_amount(self) -> None:
        base = TaxBase(np.full((3, 2, 1), 333, np.int64), np.ones((3, 2, 1), np.bool_))

        taxes = site_taxes(
            rates=RATES,
            place=city(local("a", "0.01"), local("b", "0.01")),
            residential=False,
            exemption="none",
            period_start=START,
        )
        columns = tax_single_site(taxes=taxes, base=base)

        assert [t.code for t in columns.templates] == [
            "puc_assessment",
            "gross_receipts",
            "state_sales",
            "a",
            "b",
        ]
        assert columns.amount_cents.tolist() == [[1, 13, 43, 7, 7]]
        assert (columns.retailer_cents + columns.delivery_cents).tolist() == [[1, 13, 43, 7, 7]]
