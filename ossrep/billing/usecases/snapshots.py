"""What an invoice prints of its customer, sites and earlier periods, kept with the invoice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from ossrep.billing.models import TransferKind
from ossrep.billing.usecases.batch import AccountMoney, Movement, Site
from ossrep.billing.usecases.catalog import Catalog
from ossrep.kernel.events import text_json, to_json
from ossrep.kernel.money import dollars_text
from ossrep.published.customer import Address, BillingAccount
from ossrep.published.product import Brand

HISTORY_PERIODS_MAX = 13

_MOVEMENT_LABELS = {
    TransferKind.PAYMENT: "Payment, thank you",
    TransferKind.REVERSAL: "Correction of an earlier bill",
    TransferKind.OPENING: "Balance from your earlier account",
}


def snapshot_json(
    *,
    account: BillingAccount,
    sites: Sequence[Site],
    money: AccountMoney,
    usage: Sequence[tuple[int, int]],
) -> str:
    """The invoice's snapshot as JSON; ``usage`` is imported and exported Wh of each site.

    Written part by part: a run makes one for each bill, and most of it is text that differs.
    """
    sites_text = ",".join([_site(site) for site in sites])
    payments = ",".join([_payment(movement) for movement in money.movements])
    return (
        f'{{"customer":{_customer(account)},"bill_to":{_bill_to(account)},'
        f'"payments":[{payments}],"history":{_history(sites, usage)},"sites":[{sites_text}]}}'
    )


def _customer(account: BillingAccount) -> str:
    return (
        f'{{"name":{text_json(account.customer_name)},"class":{text_json(account.customer_class)},'
        f'"email":{text_json(account.email)},"delivery":{text_json(account.delivery)},'
        f'"language":{text_json(account.language)}}}'
    )


def _bill_to(account: BillingAccount) -> str:
    return f'{{"name":{text_json(account.bill_to_name)},{_address(account.mailing_address)}}}'


def _address(address: Address) -> str:
    return (
        f'"line1":{text_json(address.line1)},"line2":{text_json(address.line2)},'
        f'"city":{text_json(address.city)},"state":{text_json(address.state)},'
        f'"zip_code":{text_json(address.zip_code)}'
    )


def _payment(movement: Movement) -> str:
    label = _MOVEMENT_LABELS.get(TransferKind(movement.kind), "Adjustment")
    return (
        f'{{"date":{to_json(movement.effective_date)},"label":{text_json(label)},'
        f'"amount_usd":"{dollars_text(movement.cents)}"}}'
    )


def brand_part(brand: Brand) -> Mapping[str, Any]:
    """What is printed of who sells (16 TAC §25.479(c))."""
    return {
        "name": brand.display_name,
        "legal_name": brand.legal_name,
        "certificate_number": brand.certificate_number,
        "address_lines": list(brand.address_lines),
        "billing_phone": brand.billing_phone,
        "billing_hours": brand.billing_hours,
        "outage_phones": dict(brand.outage_phones),
        "email": brand.email,
        "website": brand.website,
    }


def plan_part(site: Site, catalog: Catalog) -> Mapping[str, Any]:
    """What is printed of a site's plan and TDSP."""
    version = catalog.plan_version(site.contract.plan_version_id)
    plan = catalog.plan(site.contract.plan_version_id)
    tdsp = catalog.tdsp(site.contract.tdsp_code)
    outage_phone = catalog.brand(site.account.brand_id).outage_phones.get(tdsp.code)
    return {
        "name": version.name,
        "plan": version.plan_code,
        "version": version.version,
        "product_type": str(plan.product_type),
        "tdsp": tdsp.code,
        "tdsp_name": tdsp.name,
        "outage_phone": outage_phone or tdsp.outage_phone,
        "rate_class": site.contract.rate_class,
    }


def _site(site: Site) -> str:
    contract = site.contract
    return (
        f'{{"site_no":{site.site_no},"contract_id":{contract.contract_id},'
        f'"premises_id":{contract.premises_id},"esi_id":{text_json(contract.esi_id)},'
        f'"meter_number":{text_json(contract.meter_number)},'
        f'"address":{{{_address(contract.service_address)}}},'
        f'"term_end_date":{to_json(contract.term_end_date)},'
        f'"tax_place":{text_json(contract.tax_place)},"exemption":{text_json(contract.exemption)}}}'
    )


def _history(sites: Sequence[Site], usage: Sequence[tuple[int, int]]) -> str:
    """Last day, imported and exported Wh of earlier periods and this one, sites added up."""
    sums: dict[dt.date, tuple[int, int]] = {}
    for site, (import_wh, export_wh) in zip(sites, usage, strict=True):
        for period in site.history.periods:
            before = sums.get(period.end, (0, 0))
            sums[period.end] = before[0] + period.import_wh, before[1] + period.export_wh
        before = sums.get(site.due.end, (0, 0))
        sums[site.due.end] = before[0] + import_wh, before[1] + export_wh
    rows = [
        f'["{_day_before(end)}",{imported},{exported}]'
        for end, (imported, exported) in sorted(sums.items())[-HISTORY_PERIODS_MAX:]
    ]
    return f"[{','.join(rows)}]"


@lru_cache(maxsize=4096)
def _day_before(end: dt.date) -> str:
    return (end - dt.timedelta(days=1)).isoformat()
