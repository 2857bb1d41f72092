"""Endpoints that only tests have, on the real base."""

from __future__ import annotations

import threading
import time
from typing import Any, ClassVar

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, IntegerField

from ossrep.infra.models import BrokerTopic
from ossrep.infra.web.feeds import followed_body
from ossrep.infra.web.paging import cursor_page, page_body, read_page
from ossrep.infra.web.preconditions import etag_of, require_match, with_etag
from ossrep.infra.web.serializers import StrictSerializer
from ossrep.infra.web.views import ExternalView, InternalView, PublicView
from ossrep.kernel.errors import DomainError
from ossrep.meter.models import ChangedRow

MATRIX = """
routes:
  probe-topics: {GET: [csr, service], POST: [csr], PUT: [csr]}
  probe-pages: {GET: [csr]}
  probe-open: {GET: [public], POST: [public]}
  probe-mine: {GET: [customer]}
  probe-defect: {POST: [csr]}
  probe-changes: {GET: [csr]}
"""


class TopicBody(StrictSerializer):
    topic = CharField(max_length=20)
    partitions = IntegerField(min_value=1)


class NoRoom(DomainError):
    code = "no_room_in_this_probe"


class TopicsView(InternalView):
    pause_seconds: ClassVar[float] = 0.0
    effects: ClassVar[list[str]] = []
    lock = threading.Lock()

    def get(self, request: Request) -> Response:
        page = cursor_page(request, BrokerTopic.objects.all(), order=("partitions", "topic"))
        return Response(page.body(lambda row: {"topic_name": row.topic}))

    def post(self, request: Request) -> Response:
        body = TopicBody(data=request.data)
        body.is_valid(raise_exception=True)
        time.sleep(self.pause_seconds)
        with self.lock:
            self.effects.append(body.validated_data["topic"])
        if body.validated_data["topic"] == "full":
            raise NoRoom("there is no room")
        row = BrokerTopic.objects.create(**body.validated_data)
        return Response({"topic_name": row.topic, "number": len(self.effects)}, status=201)

    def put(self, request: Request) -> Response:
        require_match(request, current=etag_of({"partitions": 3}))
        return Response({"done": True})


class PagesView(InternalView):
    def get(self, request: Request) -> Response:
        page = read_page(request)
        rows = BrokerTopic.objects.order_by("topic")
        names = [row.topic for row in rows[page.rows]]
        return Response(page_body(page, content=names, total=rows.count()))


class OpenView(PublicView):
    idempotency = "optional"

    def get(self, request: Request) -> Response:
        return with_etag(request, {"partitions": 3})

    def post(self, request: Request) -> Response:
        return Response(request.data)


class MineView(ExternalView):
    def get(self, request: Request) -> Response:
        return Response({"subject": request.auth.subject, "client_id": request.auth.client_id})


class DefectView(InternalView):
    calls: ClassVar[list[Any]] = []

    def post(self, request: Request) -> Response:
        self.calls.append(request.data)
        raise ZeroDivisionError("a defect")


class ChangesView(InternalView):
    def get(self, request: Request) -> Response:
        return Response(
            followed_body(
                request,
                ChangedRow,
                resource="probe",
                records=lambda keys: {key: {"double": 2 * key} for key in keys},
            )
        )


urlpatterns = [
    path("api/v1/topics", TopicsView.as_view(), name="probe-topics"),
    path("api/v1/pages", PagesView.as_view(), name="probe-pages"),
    path("api/v1/open", OpenView.as_view(), name="probe-open"),
    path("api/v1/mine", MineView.as_view(), name="probe-mine"),
    path("api/v1/defect", DefectView.as_view(), name="probe-defect"),
    path("api/v1/changes", ChangesView.as_view(), name="probe-changes"),
    path("api/v1/rowless", TopicsView.as_view(), name="probe-rowless"),
]
