"""``GET /api/v1/me/accounts/{accountId}/usage``: a customer's own usage as JSON or CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import (
    CharField,
    ChoiceField,
    DateField,
    DateTimeField,
    DecimalField,
    IntegerField,
)

from ossrep.infra.auth.scope import customer_scope
from ossrep.infra.web.files import attachment
from ossrep.infra.web.json_bodies import CamelJsonRenderer
from ossrep.infra.web.serializers import StrictSerializer
from ossrep.infra.web.views import ExternalView
from ossrep.kernel import clock
from ossrep.meter.domain.formats.usage_text import usage_csv, usage_json
from ossrep.meter.domain.interval_days import DIRECTION_NAMES
from ossrep.meter.domain.usage_series import QUALITIES, Granularity, PointUsage
from ossrep.meter.queries.customer_usage import UsageQuestion, get_account_usage
from ossrep.meter.rest.questions import GRANULARITY_PARAMETER, SPAN_PARAMETERS, usage_question

DAYS_BY_DEFAULT = 31


class ReadingShape(StrictSerializer):
    """Energy from ``start`` to ``end``: local times with their offset from UTC."""

    start = DateTimeField()
    end = DateTimeField()
    kwh = DecimalField(max_digits=18, decimal_places=3, allow_null=True)
    quality = ChoiceField(choices=list(QUALITIES))
    missing_intervals = IntegerField(required=False)


class ChannelShape(StrictSerializer):
    """One direction: ``import`` from the grid, ``export`` to it."""

    direction = ChoiceField(choices=list(DIRECTION_NAMES))
    total_kwh = DecimalField(max_digits=18, decimal_places=3)
    missing_intervals = IntegerField()
    estimated_intervals = IntegerField()
    readings = ReadingShape(many=True)


class MeterReadShape(StrictSerializer):
    """What the TDSP read for its own billing, where it lies within the account's service."""

    to = DateField()
    import_kwh = DecimalField(max_digits=18, decimal_places=3)
    export_kwh = DecimalField(max_digits=18, decimal_places=3)

    def get_fields(self) -> Any:
        """``from`` is no name of Python's."""
        return {"from": DateField(), **super().get_fields()}


class ServedPeriodShape(StrictSerializer):
    """Local dates; ``to`` is the first without service."""

    to = DateField()

    def get_fields(self) -> Any:
        """``from`` is no name of Python's."""
        return {"from": DateField(), **super().get_fields()}


class ServicePointUsageShape(StrictSerializer):
    """An ESI ID of the account; ``meterReads`` with granularity month only."""

    esi_id = CharField()
    periods = ServedPeriodShape(many=True)
    meter_reads = MeterReadShape(many=True, required=False)
    channels = ChannelShape(many=True)


class UsageShape(StrictSerializer):
    """Usage of an account. See docs/api/usage.md."""

    account_id = IntegerField()
    to = DateField()
    granularity = ChoiceField(choices=[str(granularity) for granularity in Granularity])
    time_zone = CharField()
    unit = CharField()
    service_points = ServicePointUsageShape(many=True)

    def get_fields(self) -> Any:
        """``from`` is no name of Python's."""
        return {"from": DateField(), **super().get_fields()}


@dataclass(frozen=True, slots=True)
class AccountUsage:
    """What the renderers write."""

    question: UsageQuestion
    points: Sequence[PointUsage]


class UsageJsonRenderer(CamelJsonRenderer):
    """Usage as JSON text; problems as always."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The answer as UTF-8."""
        if not isinstance(data, AccountUsage):
            return super().render(data, accepted_media_type, renderer_context)
        question = data.question
        return usage_json(
            account_id=question.account_id,
            period=question.period,
            granularity=question.granularity,
            points=data.points,
        )


class UsageCsvRenderer(CamelJsonRenderer):
    """Usage as CSV text; problems as always."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The answer as UTF-8."""
        if not isinstance(data, AccountUsage):
            return super().render(data, accepted_media_type, renderer_context)
        return usage_csv(granularity=data.question.granularity, points=data.points)


class UsageView(ExternalView):
    """``GET /api/v1/me/accounts/{accountId}/usage?from=&to=&granularity=&esiId=&format=``"""

    renderer_classes = [UsageJsonRenderer, UsageCsvRenderer]

    @extend_schema(
        operation_id="getUsage",
        summary="Usage of an account, by quarter hour, hour, day or month",
        parameters=[*SPAN_PARAMETERS, GRANULARITY_PARAMETER],
        responses={
            (200, "application/json"): UsageShape,
            (200, "text/csv"): OpenApiTypes.STR,
        },
    )
    def get(self, request: Request, account_id: int) -> Response:
        """Only what was used while the account was served there; gaps are gaps, never zero."""
        scope = customer_scope(request)
        scope.require("view")
        today = clock.market_today()
        question = usage_question(
            request, account_id=account_id, today=today, days=DAYS_BY_DEFAULT, granularity=None
        )
        points = get_account_usage(scope=scope, question=question, today=today)
        return Response(AccountUsage(question, points), headers=_file_name(request, question))


def _file_name(request: Request, question: UsageQuestion) -> dict[str, str]:
    """A file where it is one."""
    renderer = getattr(request, "accepted_renderer", None)
    if not isinstance(renderer, UsageCsvRenderer):
        return {}
    name = f"usage-{question.account_id}-{question.period.start}-{question.period.end}.csv"
    return attachment(name)
