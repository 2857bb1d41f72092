"""Customer books as files, with sensible cells; numbers follow from a serial."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.fakes.product import FakeProductService

PLURALS = {
    "customer": "customers",
    "account": "accounts",
    "contact": "contacts",
    "premises": "premises",
    "meter": "meters",
    "contract": "contracts",
    "certificate": "certificates",
}
PLAN = {
    "plan": "LS-FIX-12",
    "name": "Lone Star Fixed 12",
    "term_months": 12,
    "customer_class": "residential",
}

Cells = dict[str, str]


def a_catalogue() -> FakeProductService:
    """A brand LONESTAR with plan LS-FIX-12 version 1, and a brand OTHER with OT-FIX-12."""
    product = FakeProductService()
    product.add_plan(document=PLAN, brand=product.add_brand())
    other = product.add_brand(code="OTHER", legal_name="Other Retail LLC")
    product.add_plan(document={**PLAN, "plan": "OT-FIX-12"}, brand=other)
    return product


def cells(kind: str, serial: int = 1, **changes: str) -> Cells:
    """All cells of a record; refers to the records of the same serial."""
    found = {
        "customer": {
            "customer_number": f"C{serial}",
            "type": "individual",
            "first_name": "Ann",
            "last_name": f"Smith {serial}",
            "business_name": "",
        },
        "account": {
            "account_number": f"A{serial}",
            "customer_number": f"C{serial}",
            "brand": "LONESTAR",
            "customer_class": "residential",
            "parent_account_number": "",
            "nickname": "",
            "bill_to_name": "",
            "mailing_line1": f"{serial} Elm St",
            "mailing_line2": "",
            "mailing_city": "Dallas",
            "mailing_state": "TX",
            "mailing_zip": "75201",
            "delivery": "paper",
            "email": "",
            "language": "en",
        },
        "contact": {
            "contact_number": f"N{serial}",
            "customer_number": f"C{serial}",
            "account_number": "",
            "role": "primary",
            "name": "Ann Smith",
            "email": "ann@example.com",
            "phone": "+1 214 555 0100",
        },
        "premises": {
            "premises_number": f"P{serial}",
            "esi_id": f"1044372{serial:010d}",
            "tdsp": "ONCOR_ELEC",
            "read_cycle": "07",
            "rate_class": "residential",
            "service_line1": f"{serial} Elm St",
            "service_line2": "",
            "service_city": "Dallas",
            "service_state": "TX",
            "service_zip": "75201",
            "county": "Dallas",
            "tax_place": "DALLAS",
        },
        "meter": {
            "premises_number": f"P{serial}",
            "meter_number": f"M{serial}",
            "installed_date": "2020-01-01",
            "removed_date": "",
        },
        "contract": {
            "contract_number": f"K{serial}",
            "account_number": f"A{serial}",
            "premises_number": f"P{serial}",
            "plan": "LS-FIX-12",
            "plan_version": "1",
            "status": "active",
            "start_date": "2026-01-01",
            "end_date": "",
            "term_end_date": "2027-01-01",
            "signed_date": "2025-12-01",
            "end_reason": "",
        },
        "certificate": {
            "certificate_number": f"E{serial}",
            "account_number": f"A{serial}",
            "premises_number": "",
            "exemption": "sales_tax",
            "from_date": "2026-01-01",
            "to_date": "",
        },
    }[kind]
    assert not set(changes) - set(found), f"unknown columns {set(changes) - set(found)}"
    return {**found, **changes}


def book(*serials: int, kinds: Sequence[str] = tuple(PLURALS)) -> dict[str, list[Cells]]:
    """Records of all kinds for some serials."""
    return {kind: [cells(kind, serial) for serial in serials] for kind in kinds}


def write_book(folder: Path, records: Mapping[str, Sequence[Cells]]) -> Path:
    """A folder of CSV files; a kind's columns are those of its first record."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind, found in records.items():
        with (folder / f"{PLURALS[kind]}.csv").open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, found[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(found)
    return folder
