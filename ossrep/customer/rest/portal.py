"""The customer portal's own three calls with a token, in the shapes that it has always read."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import (
    BooleanField,
    CharField,
    ChoiceField,
    DateField,
    DateTimeField,
    FloatField,
    IntegerField,
)

from ossrep.customer.queries.portal.accounts import PortalAccount, PortalPremises, list_accounts
from ossrep.customer.queries.portal.contracts import PortalContract, list_contracts
from ossrep.customer.queries.portal.customers import PortalCustomer, get_customer
from ossrep.infra.auth.scope import customer_scope
from ossrep.infra.services import resolve
from ossrep.infra.web.serializers import StrictSerializer
from ossrep.infra.web.views import ExternalView
from ossrep.kernel.clock import market_today
from ossrep.kernel.identifiers import AccountId
from ossrep.kernel.market_time import local_midnight
from ossrep.published.billing import BillingService

INSTANT = "%Y-%m-%dT%H:%M:%SZ"
STATUSES = ["PENDING", "ACTIVE", "INACTIVE"]


class CustomerAccountShape(StrictSerializer):
    """An account in short."""

    account_id = IntegerField()
    account_number = CharField()
    nickname = CharField(required=False)
    status = ChoiceField(choices=STATUSES)


class CustomerShape(StrictSerializer):
    """The customer behind the token; a person has names, a business its business name."""

    customer_id = IntegerField()
    customer_type = ChoiceField(choices=["INDIVIDUAL", "BUSINESS"])
    first_name = CharField(required=False)
    last_name = CharField(required=False)
    business_name = CharField(required=False)
    email = CharField(allow_blank=True)
    phone = CharField(allow_blank=True)
    status = ChoiceField(choices=STATUSES)
    created_at = DateTimeField()
    accounts = CustomerAccountShape(many=True)


class PortalMeterShape(StrictSerializer):
    """A meter."""

    meter_id = IntegerField()
    meter_number = CharField()
    meter_type = ChoiceField(choices=["ELECTRIC"])
    status = ChoiceField(choices=["AVAILABLE", "ACTIVE", "INACTIVE"])


class PortalPremisesShape(StrictSerializer):
    """Where an account is served."""

    premise_id = IntegerField()
    street = CharField()
    unit = CharField(required=False)
    city = CharField()
    state = CharField()
    zip = CharField()
    is_primary = BooleanField()
    meters = PortalMeterShape(many=True)


class PortalAccountShape(StrictSerializer):
    """An account; ``currentBalance`` is what is owed, below 0 a credit."""

    account_id = IntegerField()
    account_number = CharField()
    customer_id = IntegerField()
    nickname = CharField(required=False)
    status = ChoiceField(choices=STATUSES)
    current_balance = FloatField()
    created_at = DateTimeField()
    premises = PortalPremisesShape(many=True)


class PortalAccountsShape(StrictSerializer):
    """All accounts of the token."""

    accounts = PortalAccountShape(many=True)


class ContractPlanShape(StrictSerializer):
    """The plan of a contract; see docs/api/portal-fields.md."""

    plan_id = IntegerField()
    name = CharField()
    rate_per_kwh = FloatField()
    term_months = IntegerField()
    plan_type = ChoiceField(choices=["FIXED", "VARIABLE", "INDEXED"])


class ContractAccountShape(StrictSerializer):
    """The account of a contract."""

    account_id = IntegerField()
    account_number = CharField()


class PortalContractShape(StrictSerializer):
    """A contract; see docs/api/portal-fields.md for ``endDate`` and ``status``."""

    contract_id = IntegerField()
    contract_number = CharField()
    customer_id = IntegerField()
    plan = ContractPlanShape()
    start_date = DateField()
    end_date = DateField()
    status = ChoiceField(choices=["PENDING", "ACTIVE", "EXPIRED", "CANCELLED", "RENEWED"])
    early_termination_fee = FloatField()
    signed_at = DateTimeField(required=False)
    accounts = ContractAccountShape(many=True)


class PortalContractsShape(StrictSerializer):
    """All contracts of the token."""

    contracts = PortalContractShape(many=True)


class CustomerView(ExternalView):
    """``GET /api/customer``"""

    @extend_schema(
        operation_id="getCustomer", summary="The signed-in customer", responses=CustomerShape
    )
    def get(self, request: Request) -> Response:
        """The customer whose login the token is."""
        found = get_customer(scope=customer_scope(request), day=market_today())
        return Response(customer_shape(found))


class AccountsView(ExternalView):
    """``GET /api/accounts``"""

    @extend_schema(
        operation_id="listMyAccounts",
        summary="Accounts of the signed-in customer",
        responses=PortalAccountsShape,
    )
    def get(self, request: Request) -> Response:
        """All accounts, by id, with balance, places and meters."""
        found = list_accounts(scope=customer_scope(request), day=market_today())
        owed = resolve(BillingService).get_balances(
            account_ids=[AccountId(account.account_id) for account in found]
        )
        shapes = [_account(account, owed[AccountId(account.account_id)]) for account in found]
        return Response({"accounts": shapes})


class ContractsView(ExternalView):
    """``GET /api/contracts``"""

    @extend_schema(
        operation_id="listMyContracts",
        summary="Contracts of the signed-in customer",
        responses=PortalContractsShape,
    )
    def get(self, request: Request) -> Response:
        """All contracts, the latest start first."""
        found = list_contracts(scope=customer_scope(request), day=market_today())
        return Response({"contracts": [_contract(contract) for contract in found]})


def _given(**fields: object) -> dict[str, object]:
    """Optional fields: left out where there is nothing in them."""
    return {name: value for name, value in fields.items() if value}


def _instant(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime(INSTANT)


def customer_shape(customer: PortalCustomer) -> dict[str, object]:
    """As ``CustomerShape``."""
    return {
        "customer_id": customer.customer_id,
        "customer_type": customer.type.upper(),
        **_given(
            first_name=customer.first_name,
            last_name=customer.last_name,
            business_name=customer.business_name,
        ),
        "email": customer.email,
        "phone": customer.phone,
        "status": customer.status,
        "created_at": _instant(customer.created_at),
        "accounts": [
            {
                "account_id": account.account_id,
                "account_number": account.number,
                **_given(nickname=account.nickname),
                "status": account.status,
            }
            for account in customer.accounts
        ],
    }


def _account(account: PortalAccount, owed: Decimal) -> dict[str, object]:
    return {
        "account_id": account.account_id,
        "account_number": account.number,
        "customer_id": account.customer_id,
        **_given(nickname=account.nickname),
        "status": account.status,
        "current_balance": float(owed),
        "created_at": _instant(account.created_at),
        "premises": [_premises(place) for place in account.premises],
    }


def _premises(place: PortalPremises) -> dict[str, object]:
    return {
        "premise_id": place.premises_id,
        "street": place.street,
        **_given(unit=place.unit),
        "city": place.city,
        "state": place.state,
        "zip": place.zip_code,
        "is_primary": place.is_primary,
        "meters": [
            {
                "meter_id": meter.meter_id,
                "meter_number": meter.number,
                "meter_type": "ELECTRIC",
                "status": meter.status,
            }
            for meter in place.meters
        ],
    }


def _contract(contract: PortalContract) -> dict[str, object]:
    plan = contract.plan
    signed = contract.signed_date
    return {
        "contract_id": contract.contract_id,
        "contract_number": contract.number,
        "customer_id": contract.customer_id,
        "plan": {
            "plan_id": plan.plan_version_id,
            "name": plan.name,
            "rate_per_kwh": float(plan.rate_usd_per_kwh),
            "term_months": plan.term_months,
            "plan_type": plan.product_type.upper(),
        },
        "start_date": contract.start_date.isoformat(),
        "end_date": contract.shown_end_date.isoformat(),
        "status": contract.status,
        "early_termination_fee": float(plan.early_termination_fee_usd),
        **_given(signed_at=_instant(local_midnight(signed)) if signed else None),
        "accounts": [
            {"account_id": contract.account_id, "account_number": contract.account_number}
        ],
    }
