"""Customers and their contacts, for operators."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, ChoiceField, IntegerField

from ossrep.customer.domain.records import CONTACT_ROLES
from ossrep.customer.queries import records
from ossrep.customer.rest import internal_shapes as shapes
from ossrep.customer.usecases.set_contact import set_contact
from ossrep.infra.web.records import RecordsView, RecordView, list_parameters, page_of
from ossrep.infra.web.serializers import StrictSerializer
from ossrep.kernel import clock
from ossrep.kernel.identifiers import AccountId, CustomerId


class CustomersView(RecordsView):
    """All customers."""

    records = records.customers
    shape = shapes.OperatorsCustomerShape
    filters = shapes.CustomerFilters
    sorts = shapes.BY_NUMBER

    @extend_schema(
        operation_id="listCustomers",
        summary="Customers",
        parameters=list_parameters(shapes.CustomerFilters, shapes.BY_NUMBER),
        responses=page_of(shapes.OperatorsCustomerShape),
    )
    def get(self, request: Request) -> Response:
        """Customers with their contacts."""
        return self.listed(request)


class CustomerView(RecordView):
    """One customer."""

    records = records.customers
    shape = shapes.OperatorsCustomerShape

    @extend_schema(
        operation_id="getCustomerRecord",
        summary="One customer",
        responses=shapes.OperatorsCustomerShape,
    )
    def get(self, request: Request, record_id: int) -> Response:
        """The customer with its contacts, or 404."""
        return self.shown(request, record_id)


class ContactBody(StrictSerializer):
    """A contact; with the number of one, that one is changed."""

    number = CharField(required=False, max_length=40)
    account_id = IntegerField(required=False, allow_null=True, min_value=1, max_value=2**63 - 1)
    role = ChoiceField(choices=CONTACT_ROLES)
    name = CharField(max_length=200)
    email = CharField(required=False, allow_blank=True, max_length=254)
    phone = CharField(required=False, allow_blank=True, max_length=40)


class ContactNumberShape(StrictSerializer):
    """The contact's number."""

    number = CharField()


class ContactsView(RecordView):
    """A customer's contacts."""

    records = records.customers

    @extend_schema(
        operation_id="setContact",
        summary="Add a contact, or change the one with that number",
        request=ContactBody,
        responses=ContactNumberShape,
    )
    def post(self, request: Request, record_id: int) -> Response:
        """The contact's number."""
        body = ContactBody(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        account_id = wanted.pop("account_id", None)
        number = set_contact(
            customer_id=CustomerId(self.found(record_id).pk),
            account_id=None if account_id is None else AccountId(account_id),
            as_of=clock.market_today(),
            **wanted,
        )
        return Response({"number": number})
