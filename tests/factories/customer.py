"""Rows of the customer context with sensible values; every number differs unless given."""

from __future__ import annotations

import datetime as dt
from itertools import count
from typing import Any

from ossrep.customer.models import (
    Account,
    Contract,
    Customer,
    ExemptionCertificate,
    Meter,
    Premises,
)

_serial = count(100_001)  # clear of the small numbers that tests write themselves


def a_person(**fields: Any) -> Customer:
    number = next(_serial)
    values = {"type": "individual", "first_name": "Ada", "last_name": f"Lovelace {number}"}
    return Customer.objects.create(**{"number": f"CU-{number}", **values, **fields})


def a_business(**fields: Any) -> Customer:
    number = next(_serial)
    values = {"type": "business", "business_name": f"Works {number} LLC"}
    return Customer.objects.create(**{"number": f"CU-{number}", **values, **fields})


def an_account(*, customer: Customer | None = None, **fields: Any) -> Account:
    values = {
        "number": f"A-{next(_serial)}",
        "brand_id": 1,
        "customer_class": "residential",
        "mailing_line1": "PO Box 5",
        "mailing_city": "Austin",
        "mailing_state": "TX",
        "mailing_zip": "78701",
    }
    return Account.objects.create(customer=customer or a_person(), **{**values, **fields})


def a_premises(**fields: Any) -> Premises:
    number = next(_serial)
    values = {
        "number": f"P-{number:06d}",
        "esi_id": f"1044372{number:010d}",
        "tdsp_code": "ONCOR_ELEC",
        "read_cycle": "07",
        "rate_class": "residential",
        "service_line1": f"{number} Elm St",
        "service_city": "Dallas",
        "service_zip": "75201",
        "tax_place": "DALLAS",
    }
    return Premises.objects.create(**{**values, **fields})


def a_meter(*, premises: Premises, **fields: Any) -> Meter:
    values = {"number": f"M{next(_serial)}", "installed_date": dt.date(2020, 1, 1)}
    return Meter.objects.create(premises=premises, **{**values, **fields})


def a_contract(
    *, account: Account | None = None, premises: Premises | None = None, **fields: Any
) -> Contract:
    values = {
        "number": f"K-{next(_serial)}",
        "plan_version_id": 1,
        "status": "active",
        "start_date": dt.date(2026, 1, 1),
    }
    return Contract.objects.create(
        account=account or an_account(),
        premises=premises or a_premises(),
        **{**values, **fields},
    )


def a_certificate(*, account: Account, **fields: Any) -> ExemptionCertificate:
    values = {
        "number": f"E-{next(_serial)}",
        "exemption": "sales_tax",
        "from_date": dt.date(2026, 1, 1),
    }
    return ExemptionCertificate.objects.create(account=account, **{**values, **fields})
