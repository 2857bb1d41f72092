"""What operators' tools and other services see of this context, and by what they may filter it."""

from __future__ import annotations

import django_filters
from rest_framework.serializers import (
    BooleanField,
    CharField,
    ChoiceField,
    DateField,
    IntegerField,
)

from ossrep.customer.domain import contract_life
from ossrep.customer.domain.records import (
    CONTACT_ROLES,
    CUSTOMER_CLASSES,
    CUSTOMER_TYPES,
    DELIVERIES,
    LANGUAGES,
)
from ossrep.infra.web.feeds import FeedShape
from ossrep.infra.web.records import BY_ID, NumberIn, RecordFilters, Sorts, TextIn
from ossrep.infra.web.serializers import StrictSerializer


class OperatorsContactShape(StrictSerializer):
    """Whom to call or write to; without an account for all of the customer's."""

    contact_id = IntegerField(source="pk")
    number = CharField()
    account_id = IntegerField(allow_null=True)
    role = ChoiceField(choices=CONTACT_ROLES)
    name = CharField()
    email = CharField()
    phone = CharField()


class OperatorsCustomerShape(StrictSerializer):
    """A person or a business."""

    customer_id = IntegerField(source="pk")
    number = CharField()
    type = ChoiceField(choices=CUSTOMER_TYPES)
    name = CharField()
    first_name = CharField()
    last_name = CharField()
    business_name = CharField()
    contacts = OperatorsContactShape(many=True)


class OperatorsAccountShape(StrictSerializer):
    """What is billed together."""

    account_id = IntegerField(source="pk")
    number = CharField()
    customer_id = IntegerField()
    customer_name = CharField(source="customer.name")
    parent_account_id = IntegerField(source="parent_id", allow_null=True)
    brand_id = IntegerField()
    customer_class = ChoiceField(choices=CUSTOMER_CLASSES)
    nickname = CharField()
    bill_to_name = CharField()
    mailing_line1 = CharField()
    mailing_line2 = CharField()
    mailing_city = CharField()
    mailing_state = CharField()
    mailing_zip = CharField()
    delivery = ChoiceField(choices=DELIVERIES)
    email = CharField()
    language = ChoiceField(choices=LANGUAGES)


class OperatorsPremisesMeterShape(StrictSerializer):
    """A meter over local dates ``[installed, removed)``."""

    meter_id = IntegerField(source="pk")
    number = CharField()
    installed_date = DateField()
    removed_date = DateField(allow_null=True)


class OperatorsMeterShape(OperatorsPremisesMeterShape):
    """A meter and where it is."""

    premises_id = IntegerField()
    esi_id = CharField(source="premises.esi_id")


class OperatorsPremisesShape(StrictSerializer):
    """A place with one ESI ID."""

    premises_id = IntegerField(source="pk")
    number = CharField()
    esi_id = CharField()
    tdsp_code = CharField()
    read_cycle = CharField()
    rate_class = CharField()
    service_line1 = CharField()
    service_line2 = CharField()
    service_city = CharField()
    service_state = CharField()
    service_zip = CharField()
    county = CharField()
    tax_place = CharField()
    meters = OperatorsPremisesMeterShape(many=True)


class OperatorsContractShape(StrictSerializer):
    """Service over local dates ``[start, end)`` at the price of one plan version."""

    contract_id = IntegerField(source="pk")
    number = CharField()
    account_id = IntegerField()
    account_number = CharField(source="account.number")
    premises_id = IntegerField()
    esi_id = CharField(source="premises.esi_id")
    plan_version_id = IntegerField()
    status = CharField(help_text="pending, active, ended or cancelled")
    start_date = DateField()
    end_date = DateField(allow_null=True)
    term_end_date = DateField(allow_null=True)
    signed_date = DateField(allow_null=True)
    end_reason = CharField()


class CustomerFilters(RecordFilters):
    """``?number=&type=&lastName=&businessName=&id=``"""

    id = NumberIn(field_name="pk", help_text="ids, separated by commas")
    number = TextIn(field_name="number", help_text="numbers, separated by commas")
    type = django_filters.ChoiceFilter(choices=[(t, t) for t in CUSTOMER_TYPES])
    last_name = django_filters.CharFilter(lookup_expr="istartswith", help_text="beginning")
    business_name = django_filters.CharFilter(lookup_expr="istartswith", help_text="beginning")


class AccountFilters(RecordFilters):
    """Of accounts."""

    id = NumberIn(field_name="pk", help_text="ids, separated by commas")
    number = TextIn(field_name="number", help_text="numbers, separated by commas")
    customer_id = django_filters.NumberFilter()
    brand_id = django_filters.NumberFilter()
    customer_class = django_filters.ChoiceFilter(choices=[(c, c) for c in CUSTOMER_CLASSES])
    delivery = django_filters.ChoiceFilter(choices=[(d, d) for d in DELIVERIES])
    esi_id = django_filters.CharFilter(
        field_name="contracts__premises__esi_id", distinct=True, help_text="of any contract"
    )


class PremisesFilters(RecordFilters):
    """Of premises."""

    id = NumberIn(field_name="pk", help_text="ids, separated by commas")
    number = TextIn(field_name="number", help_text="numbers, separated by commas")
    esi_id = TextIn(field_name="esi_id", help_text="ESI IDs, separated by commas")
    service_zip = django_filters.CharFilter()
    tdsp_code = django_filters.CharFilter()
    read_cycle = django_filters.CharFilter()


class MeterFilters(RecordFilters):
    """Of meters."""

    number = TextIn(field_name="number", help_text="numbers, separated by commas")
    esi_id = django_filters.CharFilter(field_name="premises__esi_id")
    premises_id = django_filters.NumberFilter()
    is_removed = django_filters.BooleanFilter(
        field_name="removed_date", lookup_expr="isnull", exclude=True
    )


class ContractFilters(RecordFilters):
    """Of contracts."""

    id = NumberIn(field_name="pk", help_text="ids, separated by commas")
    number = TextIn(field_name="number", help_text="numbers, separated by commas")
    account_id = django_filters.NumberFilter()
    account_number = django_filters.CharFilter(field_name="account__number")
    premises_id = django_filters.NumberFilter()
    esi_id = django_filters.CharFilter(field_name="premises__esi_id")
    plan_version_id = django_filters.NumberFilter()
    status = django_filters.ChoiceFilter(choices=[(s, s) for s in contract_life.STATUSES])
    started_before = django_filters.DateFilter(field_name="start_date", lookup_expr="lt")
    started_from = django_filters.DateFilter(field_name="start_date", lookup_expr="gte")


BY_NUMBER: Sorts = {**BY_ID, "number": ("number",), "-number": ("-number",)}
BY_START: Sorts = {
    **BY_NUMBER,
    "startDate": ("start_date", "pk"),
    "-startDate": ("-start_date", "-pk"),
}


class ChangedItemShape(StrictSerializer):
    """The id of a changed row, and whether it is gone; feeds add the record."""

    id = IntegerField()
    is_deleted = BooleanField()


class ChangedCustomerShape(ChangedItemShape):
    """A customer that changed."""

    record = OperatorsCustomerShape(allow_null=True)


class ChangedAccountShape(ChangedItemShape):
    """An account that changed."""

    record = OperatorsAccountShape(allow_null=True)


class ChangedPremisesShape(ChangedItemShape):
    """A premises that changed."""

    record = OperatorsPremisesShape(allow_null=True)


class ChangedContractShape(ChangedItemShape):
    """A contract that changed."""

    record = OperatorsContractShape(allow_null=True)


class CustomerFeedShape(FeedShape):
    """Changed customers."""

    items = ChangedCustomerShape(many=True)


class AccountFeedShape(FeedShape):
    """Changed accounts."""

    items = ChangedAccountShape(many=True)


class PremisesFeedShape(FeedShape):
    """Changed premises."""

    items = ChangedPremisesShape(many=True)


class ContractFeedShape(FeedShape):
    """Changed contracts."""

    items = ChangedContractShape(many=True)
