"""``/api/v1/me/premises`` and ``/api/v1/me/contracts/{contractId}``."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import (
    CharField,
    ChoiceField,
    DateField,
    DecimalField,
    IntegerField,
    ListField,
)

from ossrep.customer.models import Premises
from ossrep.customer.queries.portal.contracts import PortalContract, get_contract
from ossrep.customer.queries.portal.premises import list_premises
from ossrep.infra.auth.scope import customer_scope
from ossrep.infra.web.paging import CursorPage, cursor_page
from ossrep.infra.web.serializers import StrictSerializer
from ossrep.infra.web.views import ExternalView
from ossrep.kernel.clock import market_today

PAGING: list[OpenApiParameter | type] = [
    OpenApiParameter("cursor", str, description="nextCursor of the page before."),
    OpenApiParameter("size", int, description="Rows of a page, up to 200."),
]


class ServiceAddressShape(StrictSerializer):
    """Where power is delivered."""

    street = CharField()
    unit = CharField(allow_blank=True)
    city = CharField()
    state = CharField()
    zip = CharField()
    county = CharField(allow_blank=True)


class MeterShape(StrictSerializer):
    """A meter over ``[installedDate, removedDate)``."""

    meter_id = IntegerField()
    meter_number = CharField()
    installed_date = DateField()
    removed_date = DateField(allow_null=True)


class ServiceShape(StrictSerializer):
    """A contract of mine at the place, over ``[startDate, endDate)``."""

    contract_id = IntegerField()
    contract_number = CharField()
    account_id = IntegerField()
    account_number = CharField()
    start_date = DateField()
    end_date = DateField(allow_null=True)


class PremisesShape(StrictSerializer):
    """A place with one ESI ID."""

    premises_id = IntegerField()
    premises_number = CharField()
    esi_id = CharField()
    tdsp = CharField()
    service_address = ServiceAddressShape()
    meters = MeterShape(many=True)
    service = ServiceShape(many=True)


class PremisesPageShape(StrictSerializer):
    """One page."""

    items = PremisesShape(many=True)
    next_cursor = CharField(allow_null=True)


class MyPlanShape(StrictSerializer):
    """The plan version of a contract; ``ratePerKwh`` as docs/api/portal-fields.md says."""

    plan_id = IntegerField()
    plan_code = CharField()
    name = CharField()
    plan_type = ChoiceField(choices=["FIXED", "VARIABLE", "INDEXED"])
    term_months = IntegerField()
    rate_per_kwh = DecimalField(max_digits=12, decimal_places=6)
    base_charge = DecimalField(max_digits=12, decimal_places=2)
    early_termination_fee = DecimalField(max_digits=12, decimal_places=2)
    features = ListField(child=CharField())


class MyContractShape(StrictSerializer):
    """One contract; dates without a value are not known or not to be."""

    contract_id = IntegerField()
    contract_number = CharField()
    account_id = IntegerField()
    account_number = CharField()
    premises_id = IntegerField()
    esi_id = CharField()
    status = ChoiceField(choices=["PENDING", "ACTIVE", "EXPIRED", "CANCELLED", "RENEWED"])
    start_date = DateField()
    end_date = DateField(allow_null=True)
    term_end_date = DateField(allow_null=True)
    end_reason = CharField(allow_blank=True)
    signed_date = DateField(allow_null=True)
    plan = MyPlanShape()


class PremisesView(ExternalView):
    """``GET /api/v1/me/premises``"""

    @extend_schema(
        operation_id="listMyPremises",
        summary="Where I am, was or will be served",
        parameters=PAGING,
        responses=PremisesPageShape,
    )
    def get(self, request: Request) -> Response:
        """Places by id, each with its meters and my own contracts there."""

        page: CursorPage = list_premises(
            scope=customer_scope(request), page=lambda places: cursor_page(request, places)
        )
        return Response(page.body(_premises))


class ContractView(ExternalView):
    """``GET /api/v1/me/contracts/{contractId}``"""

    @extend_schema(
        operation_id="getMyContract", summary="One of my contracts", responses=MyContractShape
    )
    def get(self, request: Request, contract_id: int) -> Response:
        """The contract with its plan; 404 for another's as for none."""
        found = get_contract(
            scope=customer_scope(request), contract_id=contract_id, day=market_today()
        )
        return Response(_contract(found))


def _premises(place: Premises) -> dict[str, object]:
    return {
        "premises_id": place.pk,
        "premises_number": place.number,
        "esi_id": place.esi_id,
        "tdsp": place.tdsp_code,
        "service_address": {
            "street": place.service_line1,
            "unit": place.service_line2,
            "city": place.service_city,
            "state": place.service_state,
            "zip": place.service_zip,
            "county": place.county,
        },
        "meters": [
            {
                "meter_id": meter.pk,
                "meter_number": meter.number,
                "installed_date": meter.installed_date,
                "removed_date": meter.removed_date,
            }
            for meter in place.meters.all()
        ],
        "service": [
            {
                "contract_id": contract.pk,
                "contract_number": contract.number,
                "account_id": contract.account_id,
                "account_number": contract.account.number,
                "start_date": contract.start_date,
                "end_date": contract.end_date,
            }
            for contract in place.contracts.all()
        ],
    }


def _contract(contract: PortalContract) -> dict[str, object]:
    plan = contract.plan
    return {
        "contract_id": contract.contract_id,
        "contract_number": contract.number,
        "account_id": contract.account_id,
        "account_number": contract.account_number,
        "premises_id": contract.premises_id,
        "esi_id": contract.esi_id,
        "status": contract.status,
        "start_date": contract.start_date,
        "end_date": contract.end_date,
        "term_end_date": contract.term_end_date,
        "end_reason": contract.end_reason,
        "signed_date": contract.signed_date,
        "plan": {
            "plan_id": plan.plan_version_id,
            "plan_code": plan.plan_code,
            "name": plan.name,
            "plan_type": plan.product_type.upper(),
            "term_months": plan.term_months,
            "rate_per_kwh": plan.rate_usd_per_kwh,
            "base_charge": plan.base_charge_usd,
            "early_termination_fee": plan.early_termination_fee_usd,
            "features": list(plan.features),
        },
    }
