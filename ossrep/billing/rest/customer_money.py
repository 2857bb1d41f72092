"""What a customer owes and has paid: balance and payments of an own account."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from ossrep.billing.queries.customer_bills import get_account_money, list_payments
from ossrep.billing.rest.filters import CURSOR_PARAMETERS, SPAN_PARAMETERS, filter_payments
from ossrep.billing.rest.shapes import BalanceShape, PaymentsShape, balance_body
from ossrep.infra.auth.scope import customer_scope
from ossrep.infra.web.paging import cursor_page
from ossrep.infra.web.views import ExternalView
from ossrep.kernel import clock

NEWEST_FIRST = ("-received_date", "-id")


class BalanceView(ExternalView):
    """``GET /api/v1/me/accounts/{accountId}/balance``"""

    @extend_schema(
        operation_id="getBalance",
        summary="What an account owes today",
        responses=BalanceShape,
    )
    def get(self, request: Request, account_id: int) -> Response:
        """Open charges and credit, and what of it is overdue."""
        scope = customer_scope(request)
        scope.require("view")
        today = clock.market_today()
        money = get_account_money(scope=scope, account_id=account_id, today=today)
        return Response(balance_body(account_id, money, today=today))


class PaymentsView(ExternalView):
    """``GET /api/v1/me/accounts/{accountId}/payments?from=&to=&cursor=&size=``"""

    @extend_schema(
        operation_id="listPayments",
        summary="Payments of an account, newest first",
        parameters=[*SPAN_PARAMETERS, *CURSOR_PARAMETERS],
        responses=PaymentsShape,
    )
    def get(self, request: Request, account_id: int) -> Response:
        """By the date on which the money arrived."""
        scope = customer_scope(request)
        scope.require("view")
        page = list_payments(
            scope=scope,
            account_id=account_id,
            cut=lambda rows: cursor_page(
                request, filter_payments(request, rows), order=NEWEST_FIRST
            ),
        )
        return Response(page.body(_payment))


def _payment(row: Any) -> dict[str, Any]:
    return {
        "payment_id": row.pk,
        "account_id": row.account_id,
        "received_date": row.received_date,
        "amount_usd": row.amount_usd,
        "reference": row.reference,
    }
