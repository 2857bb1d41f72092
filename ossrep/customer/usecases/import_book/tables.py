"""Where each kind of record is kept: its table, fields and references."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ossrep.customer.domain import records
from ossrep.customer.domain.records import Kind


@dataclass(frozen=True, slots=True)
class Field:
    """The column of the table that keeps a book's column, and its SQL type."""

    name: str
    type: str = "text"


@dataclass(frozen=True, slots=True)
class Reference:
    """A book's column that names another record by number; ``is_fixed`` once it is set."""

    column: str
    name: str
    table: str
    is_fixed: bool = True


@dataclass(frozen=True, slots=True)
class Overlap:
    """Rows of one ``group`` (SQL over ``{row}``) must not share a day of ``[start, end)``."""

    group: tuple[str, ...]
    start: str
    end: str
    constraints: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The table of a kind; ``unique`` names a field besides the number that no two rows share."""

    kind: Kind
    name: str
    number_column: str
    fields: Mapping[str, Field]
    references: tuple[Reference, ...] = ()
    key_reference: Reference | None = None
    overlap: Overlap | None = None
    unique: str = ""
    fixed: frozenset[str] = field(default_factory=frozenset)


def _texts(*columns: str) -> dict[str, Field]:
    return {column: Field(column) for column in columns}


def _dates(*columns: str) -> dict[str, Field]:
    return {column: Field(column, "date") for column in columns}


_CUSTOMER_OF = Reference("customer_number", "customer_id", "customer")
_ACCOUNT_OF = Reference("account_number", "account_id", "account")
_PREMISES_OF = Reference("premises_number", "premises_id", "premises")

CUSTOMERS = Table(
    records.CUSTOMER,
    "customer",
    "customer_number",
    _texts("type", "first_name", "last_name", "business_name"),
)
ACCOUNTS = Table(
    records.ACCOUNT,
    "account",
    "account_number",
    {
        "brand": Field("brand_id", "bigint"),
        **_texts(
            "customer_class",
            "nickname",
            "bill_to_name",
            "mailing_line1",
            "mailing_line2",
            "mailing_city",
            "mailing_state",
            "mailing_zip",
            "delivery",
            "email",
            "language",
        ),
    },
    (_CUSTOMER_OF, Reference("parent_account_number", "parent_id", "account", is_fixed=False)),
    fixed=frozenset({"brand"}),
)
CONTACTS = Table(
    records.CONTACT,
    "contact",
    "contact_number",
    _texts("role", "name", "email", "phone"),
    (_CUSTOMER_OF, Reference("account_number", "account_id", "account", is_fixed=False)),
)
PREMISES = Table(
    records.PREMISES,
    "premises",
    "premises_number",
    {
        "tdsp": Field("tdsp_code"),
        **_texts(
            "esi_id",
            "read_cycle",
            "rate_class",
            "service_line1",
            "service_line2",
            "service_city",
            "service_state",
            "service_zip",
            "county",
            "tax_place",
        ),
    },
    unique="esi_id",
)
METERS = Table(
    records.METER,
    "meter",
    "meter_number",
    _dates("installed_date", "removed_date"),
    (_PREMISES_OF,),
    key_reference=_PREMISES_OF,
)
CONTRACTS = Table(
    records.CONTRACT,
    "contract",
    "contract_number",
    {
        "plan": Field("plan_version_id", "bigint"),
        **_texts("status", "end_reason"),
        **_dates("start_date", "end_date", "term_end_date", "signed_date"),
    },
    (_ACCOUNT_OF, _PREMISES_OF),
    overlap=Overlap(
        (
            "{row}.premises_id",
            "CASE {row}.status WHEN 'pending' THEN 1 WHEN 'cancelled' THEN NULL ELSE 2 END",
        ),
        "start_date",
        "end_date",
        ("cust_contract_served_once", "cust_contract_pending_once"),
    ),
)
CERTIFICATES = Table(
    records.CERTIFICATE,
    "exemption_certificate",
    "certificate_number",
    {"exemption": Field("exemption"), **_dates("from_date", "to_date")},
    (_ACCOUNT_OF, _PREMISES_OF),
    overlap=Overlap(
        ("{row}.account_id", "coalesce({row}.premises_id, 0)"),
        "from_date",
        "to_date",
        ("cust_certificate_once",),
    ),
)

TABLES: Final[Mapping[str, Table]] = {
    table.kind.name: table
    for table in (CUSTOMERS, ACCOUNTS, CONTACTS, PREMISES, METERS, CONTRACTS, CERTIFICATES)
}
