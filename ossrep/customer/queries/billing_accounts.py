"""Accounts and contracts as the bill run needs them: set-based, no query per account."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from ossrep.customer.db import rows
from ossrep.kernel.identifiers import AccountId
from ossrep.published.customer import Address, BillingAccount, BillingContract, ContractRef

_ACCOUNTS = """
    SELECT a.id, a.number, a.customer_id,
           CASE c.type WHEN 'business' THEN c.business_name
                       ELSE btrim(c.first_name || ' ' || c.last_name) END,
           a.customer_class, a.brand_id, a.bill_to_name, a.mailing_line1, a.mailing_line2,
           a.mailing_city, a.mailing_state, a.mailing_zip, a.email, a.delivery, a.language
    FROM account a JOIN customer c ON c.id = a.customer_id
    WHERE a.id = ANY(%(ids)s::bigint[])
"""

# The order of columns is that of BillingContract's fields; the address's five come in between.
_CONTRACTS = """
    SELECT k.id, k.account_id, k.premises_id, p.esi_id,
           coalesce((SELECT string_agg(m.number, ', ' ORDER BY m.number) FROM meter m
                     WHERE m.premises_id = p.id AND m.installed_date <= %(day)s
                       AND (m.removed_date IS NULL OR m.removed_date > %(day)s)), ''),
           p.tdsp_code, p.rate_class, p.read_cycle, k.plan_version_id,
           k.start_date, k.end_date, k.term_end_date,
           p.service_line1, p.service_line2, p.service_city, p.service_state, p.service_zip,
           p.tax_place,
           coalesce(
               (SELECT e.exemption FROM exemption_certificate e
                WHERE e.account_id = k.account_id
                  AND (e.premises_id = k.premises_id OR e.premises_id IS NULL)
                  AND e.from_date <= %(day)s AND (e.to_date IS NULL OR e.to_date > %(day)s)
                ORDER BY e.premises_id NULLS LAST LIMIT 1), 'none')
    FROM contract k JOIN premises p ON p.id = k.premises_id
    WHERE k.account_id = ANY(%(ids)s::bigint[]) AND k.status IN ('active', 'ended')
    ORDER BY k.account_id, p.number, k.start_date
"""

_REFS = """
    SELECT k.id, k.account_id, p.esi_id, p.tdsp_code, p.read_cycle, k.start_date, k.end_date
    FROM contract k JOIN premises p ON p.id = k.premises_id
    WHERE {accounts} AND k.status IN ('active', 'ended')
      AND k.start_date < %(before)s
      AND (%(cycle)s::text IS NULL OR p.read_cycle = %(cycle)s)
    ORDER BY k.account_id, k.id
    LIMIT %(limit)s
"""
_PAGE = _REFS.format(accounts="k.account_id > %(account)s")
_ONE_ACCOUNT = _REFS.format(accounts="k.account_id = %(account)s")


def get_billing_accounts(
    *, account_ids: Sequence[AccountId], period_end: dt.date
) -> Sequence[BillingAccount]:
    """Accounts by id in the order asked, with their contracts that serve or served.

    Two queries, whatever the number of ids; unknown ids are left out.
    """
    # One text is far quicker to make than a parameter of many values.
    ids = f"{{{','.join(map(str, account_ids))}}}"
    parameters = {"ids": ids, "day": period_end - dt.timedelta(days=1)}
    contracts: dict[int, list[BillingContract]] = {}
    for row in rows(_CONTRACTS, parameters):
        contracts.setdefault(row[1], []).append(_contract(row))
    accounts = rows(_ACCOUNTS, parameters)
    found = {row[0]: _account(row, contracts.get(row[0], ())) for row in accounts}
    return [found[account_id] for account_id in account_ids if account_id in found]


def _contract(row: tuple[Any, ...]) -> BillingContract:
    fields: tuple[Any, ...] = (*row[:12], Address(*row[12:17]), *row[17:])
    return BillingContract(*fields)


def _account(row: tuple[Any, ...], contracts: Sequence[BillingContract]) -> BillingAccount:
    name, bill_to = row[3], row[6]
    address = Address(*row[7:12])
    fields: tuple[Any, ...] = (*row[:6], bill_to or name, address, *row[12:], tuple(contracts))
    return BillingAccount(*fields)


def list_contract_refs(
    *, read_cycle: str | None, started_before: dt.date, after: AccountId, limit: int
) -> Sequence[ContractRef]:
    """The next page of contracts that serve or served, by account id; whole accounts only.

    At most ``limit`` rows, unless the first account alone has more. Empty when there are no more.
    """
    refs = _refs(_PAGE, read_cycle, started_before, after, limit + 1)
    if len(refs) <= limit:
        return refs
    cut = refs[-1].account_id
    whole = [ref for ref in refs if ref.account_id != cut]
    return whole or _refs(_ONE_ACCOUNT, read_cycle, started_before, cut, None)


def _refs(
    text: str, cycle: str | None, before: dt.date, account_id: int, limit: int | None
) -> list[ContractRef]:
    parameters = {"cycle": cycle, "before": before, "account": account_id, "limit": limit}
    return [ContractRef(*row) for row in rows(text, parameters)]
