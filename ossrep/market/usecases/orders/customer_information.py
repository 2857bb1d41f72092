"""Whom we serve, told to the wires company by 814_PC: at the start of service and on each change.

Only partners marked ``wants_customer_information`` are told by itself: the market sends it under
Options 2 and 3 (customers call the TDSP in an outage) and to co-operatives that ask for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from ossrep.infra.services import resolve
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import AccountId, EsiId
from ossrep.market.db import transaction
from ossrep.market.domain.order_requests import RequestRefused, check_esi_id, market_date
from ossrep.market.models import Order, TradingPartner
from ossrep.market.usecases.orders.starting import OrderId, Person, create_order, person_fields
from ossrep.market.usecases.work_items import open_work_item
from ossrep.published.customer import (
    BillingContact,
    ContractActivated,
    CustomerDetailsChanged,
    CustomerService,
)

KIND = "customer_information"
GAINS = ("switch", "move_in", "csa_return", "transition_gain", "inadvertent_loss",
         "rescission_return")  # fmt: skip
"""Processes by which we become REP of record."""


def send_customer_information(
    *,
    esi_id: str,
    now: dt.datetime,
    tdsp_code: str = "",
    customer: Person | None = None,
    membership_id: str = "",
    again: bool = False,
    brand_id: int | None = None,
    account_number: str = "",
    by: str = "",
) -> OrderId:
    """Tells the TDSP the customer's name, address and phone by 814_PC; an 814_PD answers.

    Without ``customer`` it is whom the bill of the ESI ID goes to today. What the TDSP was told
    last is not sent twice, unless ``again``: its order is given back. Raises RequestRefused.
    """
    if customer is None:
        contact = _find_contacts([esi_id.strip()], now).get(EsiId(esi_id.strip()))
        if contact is None:
            raise RequestRefused(f"nobody is served at {esi_id} today", where="esi_id")
        customer, brand_id = _person(contact), contact.brand_id
        account_number = contact.account_number
    with transaction():
        point = check_esi_id(esi_id, tdsp_code=tdsp_code)
        told = {"membership_id": membership_id.strip(), **person_fields(customer)}
        last = Order.objects.filter(kind=KIND, esi_id=point.esi_id).order_by("-pk").first()
        if last is not None and not again and last.state != "rejected" and last.request == told:
            return OrderId(last.pk)
        return create_order(
            kind=KIND,
            esi_id=point.esi_id,
            tdsp_code=point.tdsp_code,
            partner=point.tdsp_code,
            request=told,
            brand_id=brand_id,
            account_number=account_number,
            now=now,
            by=by,
        )


def tell_of_new_customer(*, contract: ContractActivated, now: dt.datetime) -> None:
    """We have become REP of record by an order of the market, and the contract is active.

    A contract that no order began on that day (a renewal, a book of another system) tells nothing
    new to the TDSP.
    """
    began = Order.objects.filter(
        esi_id=contract.esi_id, kind__in=GAINS, effective_date=contract.start_date
    )
    if began.exists() and contract.tdsp_code in _who_wants_it():
        _tell([contract.esi_id], now)


def tell_of_changed_customer(*, change: CustomerDetailsChanged, now: dt.datetime) -> None:
    """Name, address or phone may have changed; what is as the TDSP knows it is not sent."""
    wanting = _who_wants_it()
    if not wanting:
        return
    accounts = resolve(CustomerService).get_billing_accounts(
        account_ids=[AccountId(change.account_id)], period_end=market_date(now)
    )
    contracts = [contract for account in accounts for contract in account.contracts]
    _tell(sorted({c.esi_id for c in contracts if c.tdsp_code in wanting}), now)


def _tell(esi_ids: Collection[str], now: dt.datetime) -> None:
    for esi_id, contact in _find_contacts(esi_ids, now).items():
        try:
            send_customer_information(
                esi_id=esi_id,
                customer=_person(contact),
                brand_id=contact.brand_id,
                account_number=contact.account_number,
                now=now,
            )
        except DomainError as refusal:
            open_work_item(
                kind="customer-information-not-sent",
                key=f"{esi_id} {market_date(now)}",
                title=f"Not sent: customer's data of ESI ID {esi_id}",
                text=f"{refusal}. Mend the customer's account; that sends them again.",
                esi_id=esi_id,
                now=now,
            )


def _who_wants_it() -> frozenset[str]:
    wanting = TradingPartner.objects.filter(wants_customer_information=True, is_active=True)
    return frozenset(wanting.values_list("code", flat=True))


def _find_contacts(esi_ids: Collection[str], now: dt.datetime) -> dict[EsiId, BillingContact]:
    if not esi_ids:
        return {}
    service = resolve(CustomerService)
    return dict(service.find_billing_contacts(esi_ids=esi_ids, served_on=market_date(now)))


def _person(contact: BillingContact) -> Person:
    name = contact.company_name or f"{contact.first_name} {contact.last_name}".strip()
    return Person(
        name=name,
        contact_name=contact.contact_name,
        phone=contact.phone,
        address=contact.address,
    )
