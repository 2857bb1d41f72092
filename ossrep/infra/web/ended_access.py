"""``GET /api/v1/ended-access``: what has ended here, for processes that verify tokens elsewhere."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict

from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, ChoiceField, DateTimeField

from ossrep.infra.auth.revocation import list_in_force
from ossrep.infra.web.records import refused
from ossrep.infra.web.serializers import StrictSerializer
from ossrep.infra.web.views import InternalView
from ossrep.kernel import clock

# Longer than any transaction that ends access is under way: told twice is as told once.
_TOLD_AGAIN = dt.timedelta(minutes=1)


class EndedShape(StrictSerializer):
    """A token id, a session, or all that a subject was given until `recordedAt`."""

    issuer = CharField()
    kind = ChoiceField(choices=["token", "session", "subject"])
    value = CharField()
    recorded_at = DateTimeField()
    expires_at = DateTimeField()


class EndedAccessShape(StrictSerializer):
    """What has ended; `asOf` is the next question's `since`."""

    as_of = DateTimeField()
    items = EndedShape(many=True)


class EndedAccessView(InternalView):
    """For other processes, every two seconds."""

    @extend_schema(
        operation_id="listEndedAccess",
        summary="Access that has ended before its tokens did",
        description="Whoever verifies our tokens refuses those named here.",
        parameters=[
            OpenApiParameter("since", dt.datetime, description="The `asOf` of the answer before.")
        ],
        responses=EndedAccessShape,
    )
    def get(self, request: Request) -> Response:
        """All that can still matter, or what is new."""
        as_of = clock.now()
        since = _since(request)
        rows = list_in_force(since=since and since - _TOLD_AGAIN)
        shape = EndedAccessShape({"as_of": as_of, "items": [asdict(row) for row in rows]})
        return Response(shape.data)


def _since(request: Request) -> dt.datetime | None:
    text = request.query_params.get("since")
    if text is None:
        return None
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not 2000 <= found.year < 9999:
        raise refused("since", "invalid_instant", "since is an instant, as asOf was.")
    return found
