from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connections

from ossrep.billing.db import transaction
from ossrep.billing.domain.taxes import GrossReceiptsTier, LocalTax, Place, TaxRates
from ossrep.billing.models import LawRate, LocalTaxRate, Payment, TaxPlace
from ossrep.billing.queries.tax_places import NoLawRate, get_tax_places, get_tax_rates
from ossrep.billing.usecases.import_taxes import (
    TaxCorrectionNeedsReason,
    TaxesImported,
    TaxFileRefused,
    import_taxes,
)
from ossrep.infra.audit import history_context

pytestmark = pytest.mark.django_db(databases="__all__")

DALLAS = """\
places:
  - code: dallas
    name: Dallas
    population: 1304379
    local_taxes:
      - {code: city, label: City Sales Tax, rate: "0.01", from: 2020-01-01}
      - {code: transit, label: Transit Tax, rate: "0.01", residential: true, from: 2020-01-01}
  - {code: parker-county, name: Parker County}
"""


def load(tmp_path: Path, text: str, *, correct: bool = False, reason: str = "") -> TaxesImported:
    path = tmp_path / "taxes.yaml"
    path.write_text(text)
    return import_taxes(path=path, correct=correct, reason=reason)


def counts(done: TaxesImported) -> dict[str, int]:
    return {name: count for name, count in asdict(done).items() if count}


def dallas() -> Place:
    return get_tax_places(codes=["dallas"])["dallas"]


class TestImportTaxes:
    def test_loads_places_with_their_taxes_in_order(self, tmp_path: Path) -> None:
        done = load(tmp_path, DALLAS)

        assert counts(done) == {"new_places": 2, "added": 2}
        assert get_tax_places(codes=["dallas", "parker-county", "nowhere"]) == {
            "dallas": Place(
                "dallas",
                "Dallas",
                1_304_379,
                (
                    LocalTax(
                        "city", "City Sales Tax", Fraction(1, 100), False, dt.date(2020, 1, 1), None
                    ),
                    LocalTax(
                        "transit", "Transit Tax", Fraction(1, 100), True, dt.date(2020, 1, 1), None
                    ),
                ),
            ),
            "parker-county": Place("parker-county", "Parker County", None, ()),
        }

    def test_changes_nothing_the_second_time(self, tmp_path: Path) -> None:
        load(tmp_path, DALLAS)

        assert counts(load(tmp_path, DALLAS)) == {"same": 2}

    def test_ends_an_open_rate_and_adds_the_next(self, tmp_path: Path) -> None:
        load(tmp_path, DALLAS)
        old = '{code: city, label: City Sales Tax, rate: "0.01", from: 2020-01-01}'
        new = (
            '{code: city, label: City Sales Tax, rate: "0.01", from: 2020-01-01, to: 2027-01-01}\n'
            '      - {code: city, label: City Sales Tax, rate: "0.015", from: 2027-01-01}'
        )

        done = load(tmp_path, DALLAS.replace(old, new))

        assert counts(done) == {"added": 1, "ended": 1, "same": 1}
        assert [(tax.rate, tax.to_date) for tax in dallas().local_taxes] == [
            (Fraction(1, 100), dt.date(2027, 1, 1)),
            (Fraction(15, 1000), None),
            (Fraction(1, 100), None),
        ]

    @pytest.mark.parametrize(
        ("old", "new", "line", "text"),
        [
            ('Tax, rate: "0.01", from', 'Tax, rate: "0.02", from', 5, "is stored otherwise"),
            ("population: 1304379", "population: 9", 2, "population 1304379"),
            (
                'City Sales Tax, rate: "0.01", from: 2020-01-01',
                'City Sales Tax, rate: "0.01", from: 2021-01-01',
                5,
                "meets the stored one from 2020-01-01",
            ),
        ],
    )
    def test_refuses_what_contradicts_stored_data(
        self, tmp_path: Path, old: str, new: str, line: int, text: str
    ) -> None:
        load(tmp_path, DALLAS)
        before = dallas()

        with pytest.raises(TaxFileRefused, match=text) as refused:
            load(tmp_path, DALLAS.replace(old, new))

        assert str(refused.value).startswith(f"{tmp_path}/taxes.yaml:{line}: ")
        assert dallas() == before

    def test_corrects_what_the_file_names_and_keeps_history(self, tmp_path: Path) -> None:
        load(tmp_path, DALLAS)
        new = DALLAS.replace("1304379", "9").replace('Sales Tax, rate: "0.01"', 'X, rate: "0.02"')

        with history_context(reason="census"):
            done = load(tmp_path, new, correct=True, reason="census")

        assert counts(done) == {"changed_places": 1, "corrected": 1, "same": 1}
        assert (dallas().population, dallas().local_taxes[0].rate) == (9, Fraction(2, 100))
        with connections["billing"].cursor() as cursor:
            cursor.execute(
                "SELECT population, pgh_context->>'reason' FROM tax_place_event "
                "WHERE code = 'dallas' ORDER BY pgh_id"
            )
            assert cursor.fetchall() == [(1_304_379, None), (9, "census")]

    def test_asks_for_the_reason_of_a_correction(self, tmp_path: Path) -> None:
        with pytest.raises(TaxCorrectionNeedsReason):
            load(tmp_path, DALLAS, correct=True)

    def test_takes_the_file_as_a_whole_or_not_at_all(self, tmp_path: Path) -> None:
        text = DALLAS + '  - {code: x, population: -1, local_taxes: [{code: a, rate: "2"}]}\n'

        with pytest.raises(TaxFileRefused) as refused:
            load(tmp_path, text)

        assert [line.split(": ")[1] for line in str(refused.value).splitlines()] == [
            "places[2].local_taxes[0].rate",
            "places[2].population",
        ]
        assert TaxPlace.objects.count() == 0

    def test_refuses_what_the_tables_cannot_hold(self, tmp_path: Path) -> None:
        code = "x" * 41
        text = f'places: [{{code: {code}, local_taxes: [{{code: a, rate: "1/3"}}]}}]\n'

        with pytest.raises(TaxFileRefused) as refused:
            load(tmp_path, text)

        assert [line.split(": ")[1] for line in str(refused.value).splitlines()] == [
            "places[0].code",
            "places[0].local_taxes[0].rate",
        ]

    def test_runs_as_a_command(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "taxes.yaml").write_text(DALLAS)

        call_command("bill", "import-taxes", str(tmp_path / "taxes.yaml"))

        assert capsys.readouterr().out.splitlines()[1].split("\t")[1:] == list("2020000")


class TestLawRates:
    def test_start_as_the_law_has_them(self) -> None:
        assert get_tax_rates(on=dt.date(2026, 11, 22)) == TaxRates()

    def test_change_from_a_day_on(self, tmp_path: Path) -> None:
        law = (
            "law:\n"
            '  - {kind: puc, rate: "1/599", from: 2027-01-01}\n'
            '  - {kind: gross_receipts, above_population: 9999, rate: "0.02", from: 2027-01-01}\n'
        )

        done = load(tmp_path, law)

        assert counts(done) == {"added": 2, "ended": 2}
        assert get_tax_rates(on=dt.date(2026, 12, 31)) == TaxRates()
        after = get_tax_rates(on=dt.date(2027, 1, 1))
        assert after.puc == Fraction(1, 599)
        assert after.gross_receipts[2] == GrossReceiptsTier(9_999, Fraction(2, 100))
        assert counts(load(tmp_path, law)) == {"same": 2}

    def test_have_a_past_that_no_file_changes(self, tmp_path: Path) -> None:
        with pytest.raises(TaxFileRefused, match="only later ones"):
            load(tmp_path, 'law:\n  - {kind: puc, rate: "1/599", from: 1900-01-01}\n')

    def test_are_missed_where_one_is_gone(self) -> None:
        LawRate.objects.filter(kind=1).update(to_date=dt.date(2026, 1, 1))

        with pytest.raises(NoLawRate, match="PUC assessment: no rate is in force on 2026-06-01"):
            get_tax_rates(on=dt.date(2026, 6, 1))


class TestTheDatabase:
    def test_refuses_two_rates_of_a_tax_on_a_day(self, tmp_path: Path) -> None:
        load(tmp_path, DALLAS)
        row = LocalTaxRate.objects.first()
        assert row is not None
        row.pk = None
        row.from_date = dt.date(2026, 1, 1)

        with pytest.raises(IntegrityError, match="local_tax_rate_once_a_day"), transaction():
            row.save()

    def test_refuses_two_rates_of_the_law_on_a_day(self) -> None:
        with pytest.raises(IntegrityError, match="law_rate_once_a_day"), transaction():
            LawRate.objects.create(
                kind=1, numerator=1, denominator=500, from_date=dt.date(2026, 1, 1)
            )

    def test_lets_no_payment_change(self) -> None:
        payment = Payment.objects.create(
            account_id=1,
            account_number="1",
            reference="r",
            received_date=dt.date(2026, 1, 1),
            amount_usd="1.00",
        )

        with pytest.raises(Exception, match="permission denied"), transaction():
            Payment.objects.filter(pk=payment.pk).update(amount_usd="2.00")
