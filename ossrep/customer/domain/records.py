"""The kinds of records in a customer book and their columns (docs/formats/customer-book.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from ossrep.customer.domain import cells, contract_life
from ossrep.customer.domain.cells import Check, FieldRefused

CUSTOMER_TYPES: Final = ("individual", "business")
CONTACT_ROLES: Final = ("primary", "billing", "technical", "authorized", "emergency")
CUSTOMER_CLASSES: Final = ("residential", "small_commercial", "large_commercial")
DELIVERIES: Final = ("paper", "email")
LANGUAGES: Final = ("en", "es")
EXEMPTIONS: Final = ("sales_tax", "public_school_district")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a kind: its name, what its cells may hold, and what an empty one means."""

    name: str
    check: Check
    is_required: bool = False
    default: str = ""


RecordCheck = Callable[[Mapping[str, str]], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record: ``name`` in JSON lines, ``plural`` in file names, columns by name.

    ``check`` refuses a record whose cells do not fit each other; it is given all columns.
    """

    name: str
    plural: str
    key: tuple[str, ...]
    columns: Mapping[str, Column]
    check: RecordCheck

    def number_of(self, record: Mapping[str, str]) -> str:
        """What people call the record: its number, for a meter premises and meter number."""
        return "/".join(record.get(name, "").strip() for name in self.key)

    def clean(self, record: Mapping[str, str], columns: Iterable[Column]) -> dict[str, str]:
        """The cells to store, by column; ``columns`` are those that the record's source has.

        Raises FieldRefused with the column as ``where``.
        """
        stored: dict[str, str] = {}
        name = ""
        try:
            for column in columns:
                name = column.name
                value = record.get(name, "").strip()
                if value:
                    stored[name] = column.check(value)
                elif column.is_required:
                    raise FieldRefused("is required")
                else:
                    stored[name] = column.default
        except FieldRefused as refusal:
            raise FieldRefused(refusal.message, where=name) from None
        self.check(stored)
        return stored


def _required(name: str, check: Check) -> Column:
    return Column(name, check, is_required=True)


def _kind(
    name: str, plural: str, check: RecordCheck, *columns: Column, key_columns: int = 1
) -> Kind:
    by_name = {column.name: column for column in columns}
    return Kind(name, plural, tuple(by_name)[:key_columns], by_name, check)


def _no_more(_: Mapping[str, str]) -> None:
    """Nothing to compare."""


def check_customer(record: Mapping[str, str]) -> None:
    """An individual has a last name, a business a business name, and not each other's."""
    person = record.get("first_name", "") + record.get("last_name", "")
    business = record.get("business_name", "")
    if record["type"] == "business":
        if not business:
            raise FieldRefused("is required for a business", where="business_name")
        if person:
            raise FieldRefused("must be empty for a business", where="last_name")
        return
    if not record.get("last_name"):
        raise FieldRefused("is required for an individual", where="last_name")
    if business:
        raise FieldRefused("must be empty for an individual", where="business_name")


def check_account(record: Mapping[str, str]) -> None:
    """A bill by e-mail needs an address; no account is above itself."""
    if record.get("delivery") == "email" and "email" in record and not record["email"]:
        raise FieldRefused("is required where bills go by email", where="email")
    parent = record.get("parent_account_number")
    if parent and parent == record.get("account_number"):
        raise FieldRefused("is the account itself", where="parent_account_number")


def check_contract(record: Mapping[str, str]) -> None:
    """Dates rise, and a contract has an end with a reason exactly when it is ended."""
    has_end = bool(record.get("end_date"))
    has_reason = bool(record.get("end_reason"))
    if record["status"] == contract_life.ENDED:
        if not has_end:
            raise FieldRefused("is required where the status is ended", where="end_date")
        if not has_reason:
            raise FieldRefused("is required where the status is ended", where="end_reason")
    elif has_end or has_reason:
        where = "end_date" if has_end else "end_reason"
        raise FieldRefused(f"must be empty where the status is {record['status']}", where=where)
    _rising(record, "start_date", "end_date")
    _rising(record, "start_date", "term_end_date")


def _rising(record: Mapping[str, str], start: str, end: str) -> None:
    if record.get(end) and record[end] <= record[start]:
        raise FieldRefused(f"{record[end]} does not come after {start} {record[start]}", where=end)


_street = cells.text(100)
_city = cells.text(60)

CUSTOMER = _kind(
    "customer",
    "customers",
    check_customer,
    _required("customer_number", cells.number),
    _required("type", cells.one_of(*CUSTOMER_TYPES)),
    Column("first_name", cells.text(100)),
    Column("last_name", cells.text(100)),
    Column("business_name", cells.text(200)),
)

ACCOUNT = _kind(
    "account",
    "accounts",
    check_account,
    _required("account_number", cells.number),
    _required("customer_number", cells.number),
    _required("brand", cells.text(40)),
    _required("customer_class", cells.one_of(*CUSTOMER_CLASSES)),
    Column("parent_account_number", cells.number),
    Column("nickname", cells.text(100)),
    Column("bill_to_name", cells.text(200)),
    _required("mailing_line1", _street),
    Column("mailing_line2", _street),
    _required("mailing_city", _city),
    _required("mailing_state", cells.state),
    _required("mailing_zip", cells.postal_code),
    Column("delivery", cells.one_of(*DELIVERIES), default="paper"),
    Column("email", cells.email),
    Column("language", cells.one_of(*LANGUAGES), default="en"),
)

CONTACT = _kind(
    "contact",
    "contacts",
    _no_more,
    _required("contact_number", cells.number),
    _required("customer_number", cells.number),
    Column("account_number", cells.number),
    _required("role", cells.one_of(*CONTACT_ROLES)),
    _required("name", cells.text(200)),
    Column("email", cells.email),
    Column("phone", cells.text(40)),
)

PREMISES = _kind(
    "premises",
    "premises",
    _no_more,
    _required("premises_number", cells.number),
    _required("esi_id", cells.esi_id),
    _required("tdsp", cells.text(20)),
    _required("read_cycle", cells.read_cycle),
    _required("rate_class", cells.text(40)),
    _required("service_line1", _street),
    Column("service_line2", _street),
    _required("service_city", _city),
    Column("service_state", cells.state, default="TX"),
    _required("service_zip", cells.zip_code),
    Column("county", _city),
    _required("tax_place", cells.text(40)),
)

METER = _kind(
    "meter",
    "meters",
    lambda record: _rising(record, "installed_date", "removed_date"),
    _required("premises_number", cells.number),
    _required("meter_number", cells.number),
    _required("installed_date", cells.date),
    Column("removed_date", cells.date),
    key_columns=2,
)

CONTRACT = _kind(
    "contract",
    "contracts",
    check_contract,
    _required("contract_number", cells.number),
    _required("account_number", cells.number),
    _required("premises_number", cells.number),
    _required("plan", cells.text(60)),
    Column("plan_version", cells.whole_number),
    _required("status", cells.one_of(*contract_life.STATUSES)),
    _required("start_date", cells.date),
    Column("end_date", cells.date),
    Column("term_end_date", cells.date),
    Column("signed_date", cells.date),
    Column("end_reason", cells.one_of(*contract_life.END_REASONS)),
)

CERTIFICATE = _kind(
    "certificate",
    "certificates",
    lambda record: _rising(record, "from_date", "to_date"),
    _required("certificate_number", cells.number),
    _required("account_number", cells.number),
    Column("premises_number", cells.number),
    _required("exemption", cells.one_of(*EXEMPTIONS)),
    _required("from_date", cells.date),
    Column("to_date", cells.date),
)

KINDS: Final = (CUSTOMER, ACCOUNT, CONTACT, PREMISES, METER, CONTRACT, CERTIFICATE)
"""In the order in which they are read, so that a record may refer to those before."""
