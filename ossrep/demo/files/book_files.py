"""The customer book as CSV, one file for each kind (``docs/formats/customer-book.md``)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ossrep.demo.book import Account, Contract, Customer, Site
from ossrep.demo.files.csv_files import write_csv
from ossrep.demo.schedule import Schedule

RATE_CLASS_HOMES = "residential"
RATE_CLASS_BUSINESSES = "secondary_above_10kw"

_CUSTOMERS = ("customer_number", "type", "first_name", "last_name", "business_name")
_ACCOUNTS = (
    "account_number", "customer_number", "brand", "customer_class", "parent_account_number",
    "nickname", "bill_to_name", "mailing_line1", "mailing_line2", "mailing_city",
    "mailing_state", "mailing_zip", "delivery", "email", "language",
)  # fmt: skip
_CONTACTS = (
    "contact_number", "customer_number", "account_number", "role", "name", "email", "phone",
)  # fmt: skip
_PREMISES = (
    "premises_number", "esi_id", "tdsp", "read_cycle", "rate_class", "service_line1",
    "service_line2", "service_city", "service_state", "service_zip", "county", "tax_place",
)  # fmt: skip
_METERS = ("premises_number", "meter_number", "installed_date", "removed_date")
_CONTRACTS = (
    "contract_number", "account_number", "premises_number", "plan", "plan_version", "status",
    "start_date", "end_date", "term_end_date", "signed_date", "end_reason",
)  # fmt: skip
_CERTIFICATES = (
    "certificate_number", "account_number", "premises_number", "exemption", "from_date", "to_date",
)  # fmt: skip

# What an old system's export has, too: each of these lands in quarantine with its reason.
_BAD_PREMISES = (
    "P9999001", "1.04E+16", "ONCOR_ELEC", "04", RATE_CLASS_HOMES, "17 Spreadsheet Ct", "",
    "Dallas", "TX", "75204", "Dallas", "dallas",
)  # fmt: skip


def write_book(*, folder: Path, accounts: Sequence[Account], schedule: Schedule) -> int:
    """Writes the seven files; returns the number of records."""
    customers = {account.customer.number: account.customer for account in accounts}
    sites = {site.number: site for account in accounts for site in account.sites}
    rows: dict[str, tuple[tuple[str, ...], Iterator[Sequence[object]]]] = {
        "customers": (_CUSTOMERS, (_customer(customer) for customer in customers.values())),
        "accounts": (_ACCOUNTS, (_account(account) for account in accounts)),
        "contacts": (_CONTACTS, (_contact(account) for account in accounts)),
        "premises": (_PREMISES, _premises(sites)),
        "meters": (_METERS, (_meter(site, schedule) for site in sites.values())),
        "contracts": (_CONTRACTS, _contracts(accounts)),
        "certificates": (_CERTIFICATES, (_certificate(a) for a in accounts if a.exemption)),
    }
    return sum(
        write_csv(path=folder / f"{kind}.csv", columns=columns, rows=records)
        for kind, (columns, records) in rows.items()
    )


def write_newcomers(*, folder: Path, accounts: Sequence[Account], schedule: Schedule) -> int:
    """The same without contracts and without rows that do not fit; the number of records."""
    sites = {site.number: site for account in accounts for site in account.sites}
    rows: dict[str, tuple[tuple[str, ...], Iterator[Sequence[object]]]] = {
        "customers": (_CUSTOMERS, (_customer(account.customer) for account in accounts)),
        "accounts": (_ACCOUNTS, (_account(account) for account in accounts)),
        "contacts": (_CONTACTS, (_contact(account) for account in accounts)),
        "premises": (_PREMISES, (_one_premises(site) for site in sites.values())),
        "meters": (_METERS, (_meter(site, schedule) for site in sites.values())),
    }
    return sum(
        write_csv(path=folder / f"{kind}.csv", columns=columns, rows=records)
        for kind, (columns, records) in rows.items()
    )


def _customer(customer: Customer) -> Sequence[object]:
    if customer.business_name:
        return (customer.number, "business", "", "", customer.business_name)
    return (customer.number, "individual", customer.first_name, customer.last_name, "")


def _account(account: Account) -> Sequence[object]:
    site = account.sites[0]
    return (
        account.number,
        account.customer.number,
        account.contracts[0].plan.brand,
        "small_commercial" if account.customer.business_name else "residential",
        account.parent_number,
        account.nickname,
        "Accounts Payable" if account.customer.business_name and account.parent_number else "",
        site.street,
        "",
        site.town.city,
        "TX",
        site.town.zip_code,
        "email" if account.email else "paper",
        account.email,
        account.language,
    )


def _contact(account: Account) -> Sequence[object]:
    customer = account.customer
    return (
        f"K{account.number}",
        customer.number,
        account.number,
        "billing" if customer.business_name else "primary",
        f"{customer.first_name} {customer.last_name}",
        account.email,
        f"1-555-01{int(account.number) % 100:02d}",
    )


def _premises(sites: dict[int, Site]) -> Iterator[Sequence[object]]:
    yield from map(_one_premises, sites.values())
    yield _BAD_PREMISES


def _one_premises(site: Site) -> Sequence[object]:
    is_home = site.kind in ("home", "solar_home")
    return (
        site.premises_number,
        site.esi_id,
        site.wires.code,
        site.cycle,
        RATE_CLASS_HOMES if is_home else RATE_CLASS_BUSINESSES,
        site.street,
        "",
        site.town.city,
        "TX",
        site.town.zip_code,
        site.town.county,
        site.tax_place,
    )


def _meter(site: Site, schedule: Schedule) -> Sequence[object]:
    installed = schedule.first_month.plus(-36 - site.number % 60).first
    return (site.premises_number, site.meter_number, installed, "")


def _contracts(accounts: Sequence[Account]) -> Iterator[Sequence[object]]:
    for account in accounts:
        for place, contract in enumerate(account.contracts):
            yield _contract(account, contract, place)
    yield _on_an_unknown_plan(accounts[0])


def _on_an_unknown_plan(account: Account) -> Sequence[object]:
    row = dict(zip(_CONTRACTS, _contract(account, account.contracts[0], 1), strict=True))
    return tuple({**row, "contract_number": "K9999001", "plan": "PL-DISCONTINUED-6"}.values())


def _contract(account: Account, contract: Contract, place: int) -> Sequence[object]:
    return (
        f"K{account.number}-{place + 1}",
        account.number,
        contract.site.premises_number,
        contract.plan.code,
        "",
        "ended" if contract.end else "active",
        contract.start,
        contract.end,
        contract.term_end,
        None,
        contract.end_reason,
    )


def _certificate(account: Account) -> Sequence[object]:
    start = min(contract.start for contract in account.contracts)
    return (f"EX-{account.number}", account.number, "", account.exemption, start, "")
