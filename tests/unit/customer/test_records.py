"""What the cells of a customer book may hold."""

from __future__ import annotations

import re

import pytest

from ossrep.customer.domain import cells as checks
from ossrep.customer.domain.cells import FieldRefused
from ossrep.customer.domain.records import KINDS, Kind
from tests.factories.customer_book import PLURALS, cells

BY_NAME = {kind.name: kind for kind in KINDS}


def clean(kind: str, **changes: str) -> dict[str, str]:
    found: Kind = BY_NAME[kind]
    return found.clean(cells(kind, **changes), found.columns.values())


class TestClean:
    @pytest.mark.parametrize("kind", list(PLURALS))
    def test_leaves_a_good_record_as_it_is(self, kind: str) -> None:
        assert clean(kind) == cells(kind)

    def test_strips_and_normalizes(self) -> None:
        account = clean("account", mailing_state=" tx ", customer_class="Residential")
        premises = clean("premises", read_cycle="7", service_state="")

        assert (account["mailing_state"], account["customer_class"]) == ("TX", "residential")
        assert (premises["read_cycle"], premises["service_state"]) == ("07", "TX")

    @pytest.mark.parametrize(
        ("kind", "column", "value", "told"),
        [
            ("customer", "customer_number", "", "is required"),
            ("customer", "customer_number", "C 1", "is not a number of 1 to 40 letters"),
            ("customer", "customer_number", "C\n1", "is not a number of 1 to 40 letters"),
            ("customer", "customer_number", "x" * 41, "is not a number of 1 to 40 letters"),
            ("customer", "type", "robot", "is none of individual, business"),
            ("customer", "last_name", "", "is required for an individual"),
            ("customer", "business_name", "Acme", "must be empty for an individual"),
            ("customer", "first_name", "A\x07", "has a control character"),
            ("customer", "first_name", "x" * 101, "has 101 characters, at most 100 are kept"),
            ("account", "mailing_zip", "7520", "is not a ZIP code"),
            ("account", "mailing_state", "Texas", "is not a state of two letters"),
            ("account", "delivery", "fax", "is none of paper, email"),
            ("account", "delivery", "email", "is required where bills go by email"),
            ("account", "email", "nobody", "is not an e-mail address"),
            ("account", "parent_account_number", "A1", "is the account itself"),
            ("account", "language", "fr", "is none of en, es"),
            ("premises", "esi_id", "1.04437E+16", "what a spreadsheet makes of an ESI ID"),
            ("premises", "esi_id", "1044372000000000", "does not have 17 or 22 digits"),
            ("premises", "esi_id", "1044372000000000x", "does not have 17 or 22 digits"),
            ("premises", "esi_id", "１0443720000000001", "does not have 17 or 22 digits"),
            ("premises", "read_cycle", "123", "is not a read cycle like 07"),
            ("premises", "service_zip", "K1A 0B1", "is not a ZIP code"),
            ("premises", "tax_place", "", "is required"),
            ("meter", "installed_date", "01/31/2026", "is not a date like 2026-11-24"),
            ("meter", "installed_date", "2026-02-30", "is not a date like 2026-11-24"),
            ("meter", "installed_date", "20260101", "is not a date like 2026-11-24"),
            ("meter", "installed_date", "0202-01-01", "is not a date like 2026-11-24"),
            ("meter", "removed_date", "2020-01-01", "does not come after installed_date"),
            ("contract", "status", "live", "is none of pending, active, ended, cancelled"),
            ("contract", "status", "ended", "is required where the status is ended"),
            ("contract", "end_date", "2026-06-01", "must be empty where the status is active"),
            ("contract", "term_end_date", "2026-01-01", "does not come after start_date"),
            ("contract", "plan_version", "0", "is not a whole number"),
            ("contract", "plan_version", "1.0", "is not a whole number"),
            ("contract", "plan_version", "9" * 5000, "is not a whole number"),
            ("certificate", "exemption", "diplomat", "is none of sales_tax"),
            ("certificate", "to_date", "2025-01-01", "does not come after from_date"),
        ],
    )
    def test_refuses_with_the_column(self, kind: str, column: str, value: str, told: str) -> None:
        with pytest.raises(FieldRefused, match=re.escape(told)) as refusal:
            clean(kind, **{column: value})

        follows = {"delivery": "email", "status": "end_date"}
        where = follows.get(column, column) if "is required where" in told else column
        assert refusal.value.where == where

    def test_wants_an_end_and_its_reason_of_an_ended_contract(self) -> None:
        with pytest.raises(FieldRefused, match="is required where the status is ended") as refusal:
            clean("contract", status="ended", end_date="2026-06-01")

        assert refusal.value.where == "end_reason"

    def test_keeps_a_business_from_having_a_person_s_name(self) -> None:
        with pytest.raises(FieldRefused, match="must be empty for a business"):
            clean("customer", type="business", business_name="Acme")

    def test_refuses_a_record_without_a_required_column(self) -> None:
        record = cells("premises")
        del record["esi_id"]
        kind = BY_NAME["premises"]

        with pytest.raises(FieldRefused, match="is required") as refusal:
            kind.clean(record, kind.columns.values())

        assert refusal.value.where == "esi_id"


class TestPostalCode:
    @pytest.mark.parametrize("value", ["75201", "75201-1234", "K1A 0B1", "SW1A 1AA"])
    def test_takes_foreign_codes_for_mail(self, value: str) -> None:
        assert checks.postal_code(value) == value

    @pytest.mark.parametrize("value", ["2134", "752011", "75201-", "-----"])
    def test_refuses_what_a_spreadsheet_broke(self, value: str) -> None:
        with pytest.raises(FieldRefused):
            checks.postal_code(value)


class TestShown:
    def test_shortens_long_values(self) -> None:
        assert checks.shown("x" * 61) == '"' + "x" * 57 + '..."'
        assert checks.shown("x" * 60) == '"' + "x" * 60 + '"'
