"""Contracts, for operators."""

from __future__ import annotations

from http import HTTPStatus

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, DateField, IntegerField

from ossrep.customer.queries import records
from ossrep.customer.rest import internal_shapes as shapes
from ossrep.customer.usecases.cancel_contract import cancel_contract
from ossrep.customer.usecases.move_in import move_in
from ossrep.infra.web.records import ID_MAX, RecordsView, RecordView, list_parameters, page_of
from ossrep.infra.web.serializers import StrictSerializer
from ossrep.kernel import clock
from ossrep.kernel.identifiers import AccountId, ContractId, PremisesId


class MoveInBody(StrictSerializer):
    """A contract that wants service from a date on; without a version the newest published."""

    account_id = IntegerField(min_value=1, max_value=ID_MAX)
    premises_id = IntegerField(min_value=1, max_value=ID_MAX)
    plan_code = CharField(max_length=64)
    plan_version = IntegerField(required=False, allow_null=True, min_value=1, max_value=2**31 - 1)
    start_date = DateField()
    signed_date = DateField(required=False, allow_null=True)
    number = CharField(required=False, allow_null=True, max_length=40)


class ContractsView(RecordsView):
    """All contracts."""

    records = records.contracts
    shape = shapes.OperatorsContractShape
    filters = shapes.ContractFilters
    sorts = shapes.BY_START

    @extend_schema(
        operation_id="listContracts",
        summary="Contracts",
        parameters=list_parameters(shapes.ContractFilters, shapes.BY_START),
        responses=page_of(shapes.OperatorsContractShape),
    )
    def get(self, request: Request) -> Response:
        """Contracts with account number and ESI ID."""
        return self.listed(request)

    @extend_schema(
        operation_id="moveIn",
        summary="Sign a contract that waits for the market",
        request=MoveInBody,
        responses={201: shapes.OperatorsContractShape},
    )
    def post(self, request: Request) -> Response:
        """The pending contract."""
        body = MoveInBody(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        account_id = AccountId(wanted.pop("account_id"))
        premises_id = PremisesId(wanted.pop("premises_id"))
        contract_id = move_in(account_id=account_id, premises_id=premises_id, **wanted)
        row = records.contracts().get(pk=contract_id)
        return Response(self.shape(row).data, status=HTTPStatus.CREATED)


class ContractView(RecordView):
    """One contract."""

    records = records.contracts
    shape = shapes.OperatorsContractShape

    @extend_schema(
        operation_id="getContract", summary="One contract", responses=shapes.OperatorsContractShape
    )
    def get(self, request: Request, record_id: int) -> Response:
        """The contract, or 404."""
        return self.shown(request, record_id)


class CancellationBody(StrictSerializer):
    """Why it is given up."""

    reason = CharField(max_length=200)


class CancellationsView(RecordView):
    """Giving up a contract that never served."""

    records = records.contracts
    shape = shapes.OperatorsContractShape

    @extend_schema(
        operation_id="cancelContract",
        summary="Give up a contract that never served",
        request=CancellationBody,
        responses=shapes.OperatorsContractShape,
    )
    def post(self, request: Request, record_id: int) -> Response:
        """The contract as it is then."""
        body = CancellationBody(data=request.data)
        body.is_valid(raise_exception=True)
        contract_id = ContractId(self.found(record_id).pk)
        cancel_contract(
            contract_id=contract_id,
            reason=body.validated_data["reason"],
            as_of=clock.market_today(),
        )
        return Response(self.shape(self.found(record_id)).data)
