"""Accounts, for operators."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, ChoiceField, DateField, IntegerField, ListField

from ossrep.customer.db import transaction
from ossrep.customer.domain.records import DELIVERIES, LANGUAGES
from ossrep.customer.queries import records
from ossrep.customer.rest import internal_shapes as shapes
from ossrep.customer.usecases.change_details import change_account
from ossrep.customer.usecases.move_out import move_out
from ossrep.infra.web.preconditions import etag_of, require_match
from ossrep.infra.web.records import RecordsView, RecordView, list_parameters, page_of
from ossrep.infra.web.serializers import StrictSerializer
from ossrep.kernel import clock
from ossrep.kernel.identifiers import AccountId, PremisesId
from ossrep.published.customer import Address


class AccountsView(RecordsView):
    """All accounts."""

    records = records.accounts
    shape = shapes.OperatorsAccountShape
    filters = shapes.AccountFilters
    sorts = shapes.BY_NUMBER

    @extend_schema(
        operation_id="listAccounts",
        summary="Accounts",
        parameters=list_parameters(shapes.AccountFilters, shapes.BY_NUMBER),
        responses=page_of(shapes.OperatorsAccountShape),
    )
    def get(self, request: Request) -> Response:
        """Accounts with their customer's name."""
        return self.listed(request)


class AccountChange(StrictSerializer):
    """What may be changed of an account; what is left out stays."""

    nickname = CharField(required=False, allow_blank=True, max_length=100)
    bill_to_name = CharField(required=False, allow_blank=True, max_length=200)
    mailing_line1 = CharField(required=False, max_length=100)
    mailing_line2 = CharField(required=False, allow_blank=True, max_length=100)
    mailing_city = CharField(required=False, max_length=60)
    mailing_state = CharField(required=False, max_length=2)
    mailing_zip = CharField(required=False, max_length=10)
    delivery = ChoiceField(required=False, choices=DELIVERIES)
    email = CharField(required=False, allow_blank=True, max_length=254)
    language = ChoiceField(required=False, choices=LANGUAGES)


class AccountView(RecordView):
    """One account."""

    records = records.accounts
    shape = shapes.OperatorsAccountShape

    @extend_schema(
        operation_id="getAccount", summary="One account", responses=shapes.OperatorsAccountShape
    )
    def get(self, request: Request, record_id: int) -> Response:
        """The account with its ETag, or 404."""
        return self.shown(request, record_id)

    @extend_schema(
        operation_id="changeAccount",
        summary="Change an account; If-Match says which state of it",
        request=AccountChange,
        responses=shapes.OperatorsAccountShape,
    )
    def patch(self, request: Request, record_id: int) -> Response:
        """The account as it is then, with its new ETag."""
        body = AccountChange(data=request.data)
        body.is_valid(raise_exception=True)
        with transaction():
            row = self.found(record_id, rows=records.accounts().select_for_update(of=("self",)))
            require_match(request, current=etag_of(dict(self.shape(row).data)))
            change_account(
                account_id=AccountId(row.pk),
                changes=body.validated_data,
                as_of=clock.market_today(),
            )
        return self.shown(request, record_id)


class AddressBody(StrictSerializer):
    """A postal address."""

    line1 = CharField(max_length=100)
    line2 = CharField(required=False, allow_blank=True, default="", max_length=100)
    city = CharField(max_length=60)
    state = CharField(max_length=2)
    zip_code = CharField(max_length=10)


class MoveOutBody(StrictSerializer):
    """The first day without service; without premises all of the account's service ends."""

    premises_id = IntegerField(required=False, allow_null=True, min_value=1, max_value=2**63 - 1)
    end_date = DateField()
    new_mailing_address = AddressBody(required=False)


class EndedContractsShape(StrictSerializer):
    """Contracts that end on the date."""

    contract_ids = ListField(child=IntegerField())


class MoveOutsView(RecordView):
    """Leaving."""

    records = records.accounts

    @extend_schema(
        operation_id="moveOut",
        summary="End an account's service",
        request=MoveOutBody,
        responses=EndedContractsShape,
    )
    def post(self, request: Request, record_id: int) -> Response:
        """Ends what is served and cancels what is pending."""
        body = MoveOutBody(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        premises_id = wanted.get("premises_id")
        address = wanted.get("new_mailing_address")
        ended = move_out(
            account_id=AccountId(self.found(record_id).pk),
            premises_id=None if premises_id is None else PremisesId(premises_id),
            end_date=wanted["end_date"],
            as_of=clock.market_today(),
            new_mailing_address=None if address is None else Address(**address),
        )
        return Response({"contract_ids": list(ended)})
