"""Shapes of logins, invitations and claims."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.serializers import (
    BooleanField,
    CharField,
    ChoiceField,
    DateTimeField,
    DecimalField,
    EmailField,
    IntegerField,
    ListField,
)

from ossrep.customer.usecases.login_grants import Grant
from ossrep.infra.web.serializers import StrictSerializer
from ossrep.kernel.identifiers import AccountId
from ossrep.published.customer import LoginRight

ID_MAX = 2**63 - 1
ACCOUNTS_MAX = 500


def _rights(**kwargs: Any) -> ListField:
    right = ChoiceField(choices=[right.value for right in LoginRight])
    return ListField(child=right, max_length=len(LoginRight), **kwargs)


def _account_ids(**kwargs: Any) -> ListField:
    account_id = IntegerField(min_value=1, max_value=ID_MAX)
    return ListField(child=account_id, allow_null=True, max_length=ACCOUNTS_MAX, **kwargs)


class LoginShape(StrictSerializer):
    """A login in force; `accountIds` null: all accounts, those to come included."""

    login_id = IntegerField()
    email = CharField()
    rights = _rights()
    account_ids = _account_ids()
    created_at = DateTimeField()
    is_you = BooleanField()


class InvitationShape(StrictSerializer):
    """An invitation that nobody accepted yet."""

    invitation_id = IntegerField()
    email = CharField()
    rights = _rights()
    account_ids = _account_ids()
    created_at = DateTimeField()
    expires_at = DateTimeField()


class ClaimShape(StrictSerializer):
    """Somebody who has shown a bill of the account and waits for a manager."""

    claim_id = IntegerField()
    email = CharField()
    account_id = IntegerField()
    account_number = CharField()
    created_at = DateTimeField()


class LoginListShape(StrictSerializer):
    """Who may, who is invited, who asks; oldest first."""

    logins = LoginShape(many=True)
    invitations = InvitationShape(many=True)
    claims = ClaimShape(many=True)


class GrantShape(StrictSerializer):
    """What a login may do; `view` always comes with it. `accountIds` null: all accounts."""

    rights = _rights()
    account_ids = _account_ids()


class InviteShape(GrantShape):
    """Whom to invite, to what."""

    email = EmailField(max_length=254)


class DecisionShape(StrictSerializer):
    """`accept` with what is granted, or without to refuse."""

    accept = BooleanField()
    rights = _rights(required=False)
    account_ids = _account_ids(required=False)


class ClaimRequestShape(StrictSerializer):
    """What stands on a bill: account number, invoice number and amount due in dollars."""

    account_number = CharField(max_length=40)
    invoice_number = CharField(max_length=40)
    total = DecimalField(max_digits=18, decimal_places=2)


class ClaimOutcomeShape(StrictSerializer):
    """`linked`: sign in again, if need be, and the account is there. `pending`: it waits."""

    outcome = ChoiceField(choices=["linked", "pending"])
    account_number = CharField()
    claim_id = IntegerField(required=False)


class AcceptanceShape(StrictSerializer):
    """The invitation's token, in the body: addresses stand in logs."""

    token = CharField(max_length=200)


class AcceptedShape(StrictSerializer):
    """The login that has the customer now."""

    login_id = IntegerField()


def grant_of(given: Mapping[str, Any]) -> Grant:
    """The grant of a validated body."""
    account_ids = given.get("account_ids")
    return Grant(
        rights=frozenset(LoginRight(right) for right in given.get("rights", ())),
        account_ids=None
        if account_ids is None
        else tuple(AccountId(account_id) for account_id in dict.fromkeys(account_ids)),
    )
