"""Bodies of the enrollment's steps, and what is answered."""

from __future__ import annotations

from rest_framework.serializers import (
    BooleanField,
    CharField,
    ChoiceField,
    DateField,
    DateTimeField,
    EmailField,
    IntegerField,
    ListField,
    RegexField,
)

from ossrep.customer.domain import enrollment_life, online_enrollment
from ossrep.infra.web.serializers import StrictSerializer

_ZIP = r"^[0-9]{5}(-[0-9]{4})?$"


class CustomerTypeShape(StrictSerializer):
    """Step 1."""

    customer_type = ChoiceField(choices=["INDIVIDUAL", "BUSINESS"])


class ContactShape(StrictSerializer):
    """Step 2: a person gives first and last name, a business its name and whom to ask for."""

    first_name = CharField(max_length=100, required=False)
    last_name = CharField(max_length=100, required=False)
    business_name = CharField(max_length=200, required=False)
    contact_name = CharField(max_length=200, required=False)
    email = EmailField(max_length=254)
    phone = RegexField(r"^\+?[0-9 ().-]{10,20}$", help_text="Digits, spaces and +().- only.")
    language = ChoiceField(choices=["en", "es"], required=False)


class ServiceShape(StrictSerializer):
    """Step 3: the service address, and from when; a switch may leave the day open."""

    street = CharField(max_length=100)
    unit = CharField(max_length=100, required=False, allow_blank=True)
    city = CharField(max_length=60)
    state = RegexField(r"^TX$", required=False)
    zip = RegexField(_ZIP)
    kind = ChoiceField(choices=list(enrollment_life.KINDS))
    start_date = DateField(required=False, allow_null=True)
    is_priority = BooleanField(required=False)
    has_special_needs = BooleanField(required=False)


class PlanChoiceShape(StrictSerializer):
    """Step 4: the ``planId`` of ``GET /api/plans``."""

    plan_id = IntegerField(min_value=1, max_value=2**63 - 1)


class MetersShape(StrictSerializer):
    """Step 5: the ESI IDs at the address, as the address search gives them."""

    esi_ids = ListField(
        child=RegexField(r"^([0-9]{17}|[0-9]{22})$"),
        min_length=1,
        max_length=online_enrollment.METERS_MAX,
    )


class MailingAddressShape(StrictSerializer):
    """Where paper goes."""

    street = CharField(max_length=100)
    unit = CharField(max_length=100, required=False, allow_blank=True)
    city = CharField(max_length=60)
    state = RegexField(r"^[A-Z]{2}$")
    zip = CharField(max_length=10)


class MailingShape(StrictSerializer):
    """Step 6: without an address, mail goes to the service address."""

    address = MailingAddressShape(required=False, allow_null=True)
    delivery = ChoiceField(choices=["paper", "email"])


class ConsentsShape(StrictSerializer):
    """What is agreed to; the last one where bills go by e-mail."""

    terms_of_service = BooleanField()
    electricity_facts_label = BooleanField()
    customer_rights = BooleanField()
    enrollment_authorization = BooleanField()
    electronic_documents = BooleanField(required=False)


class SubmissionShape(StrictSerializer):
    """Step 7: the name as a signature."""

    signed_name = CharField(max_length=200)
    consents = ConsentsShape()


class MeterProgressShape(StrictSerializer):
    """What the market has said of one meter."""

    esi_id = CharField()
    market_state = ChoiceField(choices=list(enrollment_life.STATES))
    scheduled_date = DateField(allow_null=True)
    start_date = DateField(allow_null=True)
    reason = CharField(allow_blank=True)


class KeptContactShape(StrictSerializer):
    """Step 2 as it is kept."""

    first_name = CharField(allow_blank=True)
    last_name = CharField(allow_blank=True)
    business_name = CharField(allow_blank=True)
    contact_name = CharField()
    email = CharField()
    phone = CharField()
    language = CharField()


class KeptServiceShape(StrictSerializer):
    """Step 3 as it is kept."""

    street = CharField()
    unit = CharField(allow_blank=True)
    city = CharField()
    state = CharField()
    zip = CharField()
    kind = ChoiceField(choices=list(enrollment_life.KINDS))
    start_date = DateField(allow_null=True)
    is_priority = BooleanField()
    has_special_needs = BooleanField()


class KeptPlanShape(StrictSerializer):
    """Step 4 as it is kept."""

    plan_id = IntegerField()
    name = CharField()


class KeptMailingShape(StrictSerializer):
    """Step 6 as it is kept."""

    street = CharField()
    unit = CharField(allow_blank=True)
    city = CharField()
    state = CharField()
    zip = CharField()
    delivery = CharField()


class AnswersShape(StrictSerializer):
    """The steps that have an answer."""

    customer_type = CustomerTypeShape(required=False)
    contact = KeptContactShape(required=False)
    service = KeptServiceShape(required=False)
    plan = KeptPlanShape(required=False)
    meters = MetersShape(required=False)
    mailing = KeptMailingShape(required=False)


class ProgressShape(StrictSerializer):
    """How far the enrollment has come; ``nextStep`` is null when nothing is to be answered."""

    enrollment_id = CharField()
    state = ChoiceField(choices=list(online_enrollment.STATES))
    next_step = ChoiceField(choices=list(online_enrollment.STEPS), allow_null=True)
    answers = AnswersShape()
    expires_at = DateTimeField()
    confirmation_number = CharField(allow_null=True)
    account_number = CharField(allow_null=True)
    meters = MeterProgressShape(many=True)


class StartedShape(ProgressShape):
    """A new enrollment: keep the key, it is not shown again."""

    key = CharField()
