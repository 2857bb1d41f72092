"""``GET /api/v1/me/accounts/{accountId}/usage/green-button``: usage as an ESPI file."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from ossrep.infra.auth.scope import customer_scope
from ossrep.infra.web.files import FileRenderer, attachment
from ossrep.infra.web.views import ExternalView
from ossrep.kernel import clock
from ossrep.meter.domain.usage_series import Granularity
from ossrep.meter.files.espi import green_button_xml
from ossrep.meter.queries.customer_usage import get_account_usage
from ossrep.meter.rest.questions import SPAN_PARAMETERS, usage_question

DAYS_BY_DEFAULT = 396
"""Thirteen months."""


class GreenButtonRenderer(FileRenderer):
    """An Atom feed."""

    media_type = "application/atom+xml"
    format = "xml"
    charset = "utf-8"


class GreenButtonView(ExternalView):
    """``GET /api/v1/me/accounts/{accountId}/usage/green-button?from=&to=&esiId=``"""

    renderer_classes = [GreenButtonRenderer]

    @extend_schema(
        operation_id="downloadGreenButton",
        summary="Quarter hours of an account as a Green Button file (ESPI 4.0)",
        parameters=SPAN_PARAMETERS,
        responses={(200, "application/atom+xml"): OpenApiTypes.STR},
    )
    def get(self, request: Request, account_id: int) -> Response:
        """The same usage as the usage call gives; a quarter hour without a value is left out."""
        scope = customer_scope(request)
        scope.require("view")
        today = clock.market_today()
        question = usage_question(
            request,
            account_id=account_id,
            today=today,
            days=DAYS_BY_DEFAULT,
            granularity=Granularity.QUARTER_HOUR,
        )
        points = get_account_usage(scope=scope, question=question, today=today)
        content = green_button_xml(
            title=f"Usage from {question.period.start} to before {question.period.end}",
            account_id=account_id,
            points=points,
            updated_at=clock.now(),
        )
        name = f"green-button-{account_id}-{question.period.start}-{question.period.end}.xml"
        return Response(content, headers=attachment(name))
