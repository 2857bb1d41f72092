"""``/api/v1/me/profile`` and ``/api/v1/me/preferences``: what customers change themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import (
    BooleanField,
    CharField,
    ChoiceField,
    EmailField,
    IntegerField,
)

from ossrep.customer.queries.portal.profiles import (
    AccountPreferences,
    Preferences,
    Profile,
    get_preferences,
    get_profile,
)
from ossrep.customer.usecases.change_profile import (
    AccountChange,
    change_profile,
    set_preferences,
)
from ossrep.infra.auth.scope import customer_scope
from ossrep.infra.web.preconditions import etag_of, require_match, with_etag
from ossrep.infra.web.serializers import StrictSerializer
from ossrep.infra.web.views import ExternalView
from ossrep.kernel import clock
from ossrep.kernel.identifiers import AccountId
from ossrep.published.customer import Address

ACCOUNTS_MAX = 1_000
ID_MAX = 2**63 - 1
IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, required=True, description="The ETag that was read."
)


class MailAddressShape(StrictSerializer):
    """Where mail goes."""

    street = CharField(max_length=100)
    unit = CharField(max_length=100, allow_blank=True, required=False, default="")
    city = CharField(max_length=60)
    state = CharField(max_length=2)
    zip = CharField(max_length=10)


class ProfileAccountShape(StrictSerializer):
    """An account of the profile."""

    account_id = IntegerField()
    account_number = CharField()
    nickname = CharField(allow_blank=True)
    bill_to_name = CharField(allow_blank=True)
    mailing_address = MailAddressShape()


class ProfileShape(StrictSerializer):
    """How to reach the customer."""

    customer_id = IntegerField()
    customer_number = CharField()
    customer_type = ChoiceField(choices=["INDIVIDUAL", "BUSINESS"])
    first_name = CharField(allow_blank=True)
    last_name = CharField(allow_blank=True)
    business_name = CharField(allow_blank=True)
    email = CharField(allow_blank=True)
    phone = CharField(allow_blank=True)
    accounts = ProfileAccountShape(many=True)


class ProfileAccountChange(StrictSerializer):
    """What is left out stays."""

    account_id = IntegerField(min_value=1, max_value=ID_MAX)
    nickname = CharField(max_length=100, allow_blank=True, required=False)
    mailing_address = MailAddressShape(required=False)


class ProfileChange(StrictSerializer):
    """What is left out stays."""

    email = EmailField(max_length=254, required=False)
    phone = CharField(max_length=40, required=False)
    accounts = ProfileAccountChange(many=True, required=False, max_length=ACCOUNTS_MAX)  # type: ignore[call-arg]


class AccountPreferencesShape(StrictSerializer):
    """How the bills of an account come."""

    account_id = IntegerField(min_value=1, max_value=ID_MAX)
    bill_delivery = ChoiceField(choices=["PAPER", "EMAIL"])
    bill_email = EmailField(max_length=254, allow_blank=True)
    language = ChoiceField(choices=["en", "es"])


class ContactConsentShape(StrictSerializer):
    """Whether offers may come this way; bills and notices come anyhow."""

    email = BooleanField()
    sms = BooleanField()
    phone = BooleanField()
    mail = BooleanField()


class PreferencesShape(StrictSerializer):
    """All preferences; accounts by id."""

    contact_consent = ContactConsentShape()
    accounts = AccountPreferencesShape(many=True, max_length=ACCOUNTS_MAX)  # type: ignore[call-arg]


class ProfileView(ExternalView):
    """``/api/v1/me/profile``"""

    @extend_schema(operation_id="getMyProfile", summary="How to reach me", responses=ProfileShape)
    def get(self, request: Request) -> Response:
        """The profile, with its ETag."""
        return with_etag(request, _profile(get_profile(scope=customer_scope(request))))

    @extend_schema(
        operation_id="changeMyProfile",
        summary="Change how to reach me",
        parameters=[IF_MATCH],
        request=ProfileChange,
        responses=ProfileShape,
    )
    def patch(self, request: Request) -> Response:
        """Phone, e-mail, names and mail addresses of accounts; needs the right to manage."""
        body = _validated(ProfileChange(data=request.data))
        found = change_profile(
            scope=customer_scope(request),
            email=body.get("email"),
            phone=body.get("phone"),
            accounts=[_account_change(account) for account in body.get("accounts", ())],
            check=lambda shown: require_match(request, current=etag_of(_profile(shown))),
            as_of=clock.market_today(),
        )
        return with_etag(request, _profile(found))


class PreferencesView(ExternalView):
    """``/api/v1/me/preferences``"""

    @extend_schema(
        operation_id="getMyPreferences", summary="How bills come", responses=PreferencesShape
    )
    def get(self, request: Request) -> Response:
        """The preferences, with their ETag."""
        return with_etag(request, _preferences(get_preferences(scope=customer_scope(request))))

    @extend_schema(
        operation_id="setMyPreferences",
        summary="Say how bills come",
        parameters=[IF_MATCH],
        request=PreferencesShape,
        responses=PreferencesShape,
    )
    def put(self, request: Request) -> Response:
        """Replaces all preferences; names every account. Needs the right to manage."""
        body = _validated(PreferencesShape(data=request.data))
        found = set_preferences(
            scope=customer_scope(request),
            consents=body["contact_consent"],
            accounts=[
                AccountPreferences(
                    account_id=account["account_id"],
                    number="",
                    delivery=account["bill_delivery"].lower(),
                    email=account["bill_email"],
                    language=account["language"],
                )
                for account in body["accounts"]
            ],
            check=lambda shown: require_match(request, current=etag_of(_preferences(shown))),
            as_of=clock.now(),
            day=clock.market_today(),
        )
        return with_etag(request, _preferences(found))


def _validated(serializer: StrictSerializer) -> Mapping[str, Any]:
    serializer.is_valid(raise_exception=True)
    found: Mapping[str, Any] = serializer.validated_data
    return found


def _account_change(given: Mapping[str, Any]) -> AccountChange:
    address = given.get("mailing_address")
    return AccountChange(
        account_id=AccountId(given["account_id"]),
        nickname=given.get("nickname"),
        mailing_address=address
        and Address(
            line1=address["street"],
            line2=address["unit"],
            city=address["city"],
            state=address["state"],
            zip_code=address["zip"],
        ),
    )


def _profile(profile: Profile) -> dict[str, object]:
    return {
        "customer_id": profile.customer_id,
        "customer_number": profile.number,
        "customer_type": profile.type.upper(),
        "first_name": profile.first_name,
        "last_name": profile.last_name,
        "business_name": profile.business_name,
        "email": profile.email,
        "phone": profile.phone,
        "accounts": [
            {
                "account_id": account.account_id,
                "account_number": account.number,
                "nickname": account.nickname,
                "bill_to_name": account.bill_to_name,
                "mailing_address": {
                    "street": account.mailing_address.line1,
                    "unit": account.mailing_address.line2,
                    "city": account.mailing_address.city,
                    "state": account.mailing_address.state,
                    "zip": account.mailing_address.zip_code,
                },
            }
            for account in profile.accounts
        ],
    }


def _preferences(preferences: Preferences) -> dict[str, object]:
    return {
        "contact_consent": dict(preferences.consents),
        "accounts": [
            {
                "account_id": account.account_id,
                "bill_delivery": account.delivery.upper(),
                "bill_email": account.email,
                "language": account.language,
            }
            for account in preferences.accounts
        ],
    }
