"""Rows that were refused: kept whole, listed, tried again, corrected, put away."""

from __future__ import annotations

from pathlib import Path

import pytest

from ossrep.customer.models import Customer, Premises, QuarantinedRow
from ossrep.customer.queries.quarantine import count_quarantined, list_quarantined
from ossrep.customer.usecases.import_book import import_book
from ossrep.customer.usecases.import_book.batches import Counts
from ossrep.customer.usecases.settle_quarantine import (
    QuarantineRefused,
    discard_quarantined,
    retry_quarantined,
)
from ossrep.infra.invariants import assert_invariants
from tests.factories.customer_book import cells
from tests.integration.customer.conftest import AS_OF, ImportRecords

pytestmark = pytest.mark.django_db(databases="__all__")

BAD_ESI_ID = "1.04437E+16"


@pytest.fixture
def bad(import_records: ImportRecords) -> QuarantinedRow:
    """One refused premises beside a good one."""
    import_records({"premises": [cells("premises", 1, esi_id=BAD_ESI_ID), cells("premises", 2)]})
    return QuarantinedRow.objects.get()


class TestImportRefusal:
    def test_keeps_place_reason_and_content(self, bad: QuarantinedRow) -> None:
        assert bad.file.endswith("/premises.csv")
        assert (bad.kind, bad.number, bad.line, bad.state) == ("premises", "P1", 2, "open")
        assert bad.reason_code == "field_refused"
        assert bad.reason.startswith(f'esi_id "{BAD_ESI_ID}" is what a spreadsheet makes')
        assert bad.raw.startswith(f"P1,{BAD_ESI_ID},ONCOR_ELEC,07,")
        assert bad.record == cells("premises", 1, esi_id=BAD_ESI_ID)
        assert list(Premises.objects.values_list("number", flat=True)) == ["P2"]

    def test_is_one_case_however_often_imported(
        self, bad: QuarantinedRow, import_records: ImportRecords
    ) -> None:
        import_records({"premises": [cells("premises", 1, esi_id=BAD_ESI_ID)]})

        assert QuarantinedRow.objects.get().attempts == 2

    def test_ends_when_a_good_row_of_the_number_comes(
        self, bad: QuarantinedRow, import_records: ImportRecords
    ) -> None:
        import_records({"premises": [cells("premises", 1)]})

        bad.refresh_from_db()
        assert bad.state == "superseded"
        assert bad.decided_at is not None
        assert_invariants(contexts=["customer"])

    def test_keeps_lines_that_cannot_be_read(
        self, import_records: ImportRecords, tmp_path: Path
    ) -> None:
        header = ",".join(cells("customer"))
        path = tmp_path / "customers.csv"
        nul = b"C2,individual,A\x00nn,Smith,\n"
        path.write_bytes(header.encode() + b"\nC1,individual,Jos\xe9,Smith,\n" + nul)

        result = import_book(paths=[path], as_of=AS_OF)

        assert result.counts["customer"] == Counts(refused=2)
        first, second = QuarantinedRow.objects.order_by("line")
        assert (first.record, first.reason_code) == (None, "not_utf8")
        assert first.raw == "C1,individual,Jos\\xe9,Smith,"
        assert second.reason == "first_name has a control character"
        assert second.raw == "C2,individual,A\\x00nn,Smith,"

    def test_finds_the_row_that_only_the_database_refuses(
        self, import_records: ImportRecords
    ) -> None:
        import_records({"customer": [cells("customer")], "account": [cells("account", email="")]})
        by_email = cells("account", delivery="email")
        others = [cells("account", n, customer_number="C1") for n in range(2, 8)]
        for record in (by_email, *others):
            del record["email"]

        result = import_records({"account": [*others[:3], by_email, *others[3:]]})

        assert result.counts["account"] == Counts(created=6, refused=1)
        assert QuarantinedRow.objects.get().reason == "bills by email need an address"


class TestListQuarantined:
    def test_filters_and_limits(self, import_records: ImportRecords) -> None:
        import_records(
            {
                "customer": [cells("customer", n, type="robot") for n in (1, 2, 3)],
                "meter": [cells("meter")],
            }
        )

        assert [row.number for row in list_quarantined(limit=2)] == ["C1", "C2"]
        assert [row.number for row in list_quarantined(kind="meter")] == ["P1/M1"]
        assert list_quarantined(state="discarded") == []
        assert count_quarantined() == {"field_refused": 3, "unknown_reference": 1}


class TestRetryQuarantined:
    def test_takes_a_row_whose_reason_is_gone(self, import_records: ImportRecords) -> None:
        import_records({"meter": [cells("meter")]})
        import_records({"premises": [cells("premises")]})

        result = retry_quarantined(ids=None, as_of=AS_OF)

        assert result.counts["meter"] == Counts(created=1)
        assert QuarantinedRow.objects.get().state == "imported"
        assert_invariants(contexts=["customer"])

    def test_takes_a_corrected_row(self, bad: QuarantinedRow) -> None:
        result = retry_quarantined(
            ids=[bad.pk], corrections={"esi_id": "10443720000000001"}, as_of=AS_OF
        )

        assert result.counts["premises"] == Counts(created=1)
        bad.refresh_from_db()
        assert bad.state == "imported"
        assert Premises.objects.get(number="P1").esi_id == "10443720000000001"

    def test_keeps_a_row_that_is_still_bad(self, bad: QuarantinedRow) -> None:
        result = retry_quarantined(ids=[bad.pk], corrections={"esi_id": "12"}, as_of=AS_OF)

        assert result.counts["premises"] == Counts(refused=1)
        bad.refresh_from_db()
        assert (bad.state, bad.attempts) == ("open", 2)
        assert bad.reason == 'esi_id "12" does not have 17 or 22 digits'

    def test_keeps_lines_that_cannot_be_read(self, product: object, tmp_path: Path) -> None:
        path = tmp_path / "customers.csv"
        path.write_text(",".join(cells("customer")) + "\nC1\n")
        import_book(paths=[path], as_of=AS_OF)

        result = retry_quarantined(ids=None, as_of=AS_OF)

        assert result.counts["customer"] == Counts(refused=1)
        row = QuarantinedRow.objects.get()
        assert (row.state, row.reason) == ("open", "has 1 cells, the header has 5")

    @pytest.mark.parametrize("corrections", [{"ssn": "1"}, {"customer_number": "C1"}])
    def test_refuses_corrections_of_unknown_columns(
        self, bad: QuarantinedRow, corrections: dict[str, str]
    ) -> None:
        with pytest.raises(QuarantineRefused, match="a premises has no column"):
            retry_quarantined(ids=[bad.pk], corrections=corrections, as_of=AS_OF)

        bad.refresh_from_db()
        assert bad.attempts == 1

    def test_refuses_ids_that_are_not_open(self, bad: QuarantinedRow) -> None:
        with pytest.raises(QuarantineRefused, match=f"no open row has the id {bad.pk + 1}$"):
            retry_quarantined(ids=[bad.pk, bad.pk + 1], as_of=AS_OF)

    def test_refuses_to_correct_all_rows_at_once(self, bad: QuarantinedRow) -> None:
        with pytest.raises(QuarantineRefused, match="name the rows"):
            retry_quarantined(ids=None, corrections={"county": "x"}, as_of=AS_OF)

    def test_gives_a_second_row_of_a_number_its_turn(self, import_records: ImportRecords) -> None:
        import_records({"customer": [cells("customer"), cells("customer", last_name="Jones")]})

        retry_quarantined(ids=None, as_of=AS_OF)

        assert Customer.objects.get().last_name == "Jones"
        assert QuarantinedRow.objects.get().state == "imported"


class TestDiscardQuarantined:
    def test_puts_rows_away_with_the_reason(self, bad: QuarantinedRow) -> None:
        assert discard_quarantined(ids=[bad.pk], reason=" test data ") == 1

        bad.refresh_from_db()
        assert (bad.state, bad.decision) == ("discarded", "test data")
        assert list_quarantined() == []
        assert_invariants(contexts=["customer"])

    def test_wants_a_reason(self, bad: QuarantinedRow) -> None:
        with pytest.raises(QuarantineRefused, match="say why"):
            discard_quarantined(ids=[bad.pk], reason=" ")

        bad.refresh_from_db()
        assert bad.state == "open"

    def test_refuses_what_is_put_away_already(self, bad: QuarantinedRow) -> None:
        discard_quarantined(ids=[bad.pk], reason="test data")

        with pytest.raises(QuarantineRefused, match="no open row"):
            discard_quarantined(ids=[bad.pk], reason="again")
