"""``/api/v1/customer/changes/...``: changed customers, accounts, premises and contracts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from ossrep.customer.models import ChangedRow
from ossrep.customer.queries import records
from ossrep.customer.rest import internal_shapes as shapes
from ossrep.infra.web.feeds import PARAMETERS, followed_body
from ossrep.infra.web.views import InternalView


def _answer(
    request: Request,
    resource: str,
    rows: Callable[[], QuerySet[Any]],
    shape: type[Serializer[Any]],
) -> Response:
    def shown(keys: Any) -> dict[int, Any]:
        return {key: shape(row).data for key, row in records.by_key(rows(), keys).items()}

    return Response(followed_body(request, ChangedRow, resource=resource, records=shown))


class ChangedCustomersView(InternalView):
    """Customers."""

    @extend_schema(
        operation_id="listChangedCustomers",
        summary="Customers changed since",
        parameters=PARAMETERS,
        responses=shapes.CustomerFeedShape,
    )
    def get(self, request: Request) -> Response:
        """Changed customers, in order."""
        return _answer(request, "customer", records.customers, shapes.OperatorsCustomerShape)


class ChangedAccountsView(InternalView):
    """Accounts."""

    @extend_schema(
        operation_id="listChangedAccounts",
        summary="Accounts changed since",
        parameters=PARAMETERS,
        responses=shapes.AccountFeedShape,
    )
    def get(self, request: Request) -> Response:
        """Changed accounts, in order."""
        return _answer(request, "account", records.accounts, shapes.OperatorsAccountShape)


class ChangedPremisesView(InternalView):
    """Premises."""

    @extend_schema(
        operation_id="listChangedPremises",
        summary="Premises changed since",
        parameters=PARAMETERS,
        responses=shapes.PremisesFeedShape,
    )
    def get(self, request: Request) -> Response:
        """Changed premises, in order."""
        return _answer(request, "premises", records.premises, shapes.OperatorsPremisesShape)


class ChangedContractsView(InternalView):
    """Contracts."""

    @extend_schema(
        operation_id="listChangedContracts",
        summary="Contracts changed since",
        parameters=PARAMETERS,
        responses=shapes.ContractFeedShape,
    )
    def get(self, request: Request) -> Response:
        """Changed contracts, in order."""
        return _answer(request, "contract", records.contracts, shapes.OperatorsContractShape)
