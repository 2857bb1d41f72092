"""What an invoice prints of its customer, sites and earlier periods, kept with the invoice."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

from ossrep.billing.models import TransferKind
from ossrep.billing.usecases.batch import AccountMoney, Site
from ossrep.billing.usecases.catalog import Catalog
from ossrep.kernel.money import dollars
from ossrep.published.customer import Address, BillingAccount
from ossrep.published.product import Brand

HISTORY_PERIODS_MAX = 13
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

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
    """The invoice's snapshot as JSON; ``usage`` is imported and exported Wh of each site."""
    return _ENCODER.encode(
        {
            "customer": {
                "name": account.customer_name,
                "class": account.customer_class,
                "email": account.email,
                "delivery": account.delivery,
                "language": account.language,
            },
            "bill_to": {"name": account.bill_to_name, **_address(account.mailing_address)},
            "payments": [
                {
                    "date": movement.effective_date.isoformat(),
                    "label": _MOVEMENT_LABELS.get(TransferKind(movement.kind), "Adjustment"),
                    "amount_usd": str(dollars(movement.cents)),
                }
                for movement in money.movements
            ],
            "history": _history(sites, usage),
            "sites": [_site(site) for site in sites],
        }
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


def _address(address: Address) -> dict[str, str]:
    return {
        "line1": address.line1,
        "line2": address.line2,
        "city": address.city,
        "state": address.state,
        "zip_code": address.zip_code,
    }


def _site(site: Site) -> dict[str, Any]:
    contract = site.contract
    term_end = contract.term_end_date
    return {
        "site_no": site.site_no,
        "contract_id": contract.contract_id,
        "premises_id": contract.premises_id,
        "esi_id": contract.esi_id,
        "meter_number": contract.meter_number,
        "address": _address(contract.service_address),
        "term_end_date": None if term_end is None else term_end.isoformat(),
        "tax_place": contract.tax_place,
        "exemption": contract.exemption,
    }


def _history(sites: Sequence[Site], usage: Sequence[tuple[int, int]]) -> list[list[Any]]:
    """Last day, imported and exported Wh of earlier periods and this one, sites added up."""
    sums: dict[dt.date, list[int]] = {}
    for site, (import_wh, export_wh) in zip(sites, usage, strict=True):
        periods = [(p.end, p.import_wh, p.export_wh) for p in site.history.periods]
        for end, imported, exported in [*periods, (site.due.end, import_wh, export_wh)]:
            sum_of = sums.setdefault(end - dt.timedelta(days=1), [0, 0])
            sum_of[0] += imported
            sum_of[1] += exported
    rising = sorted(sums.items())[-HISTORY_PERIODS_MAX:]
    return [[last.isoformat(), *sum_of] for last, sum_of in rising]
