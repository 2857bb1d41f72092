"""Calls of the API pass by sessions and forms; pages do not."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import structlog
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from ossrep.infra.web.api_path import ApiPathMiddleware
from ossrep.infra.web.request_log import RequestLogMiddleware

pytestmark = pytest.mark.django_db(databases="__all__")


def _signed_in() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("pat", password="x"))
    return client


class TestApiPath:
    def test_knows_no_session(self) -> None:
        client = _signed_in()

        api = client.get("/api/accounts")
        page = client.get("/admin/")

        assert not hasattr(api.wsgi_request, "session")
        assert not hasattr(api.wsgi_request, "user") or not api.wsgi_request.user
        assert page.wsgi_request.user.get_username() == "pat"

    def test_keeps_headers_and_length(self) -> None:
        answer = Client().get("/api/accounts")

        assert answer.status_code == 401
        assert {
            name: answer.headers.get(name)
            for name in ("Content-Length", "X-Frame-Options", "X-Content-Type-Options")
        } == {
            "Content-Length": str(len(answer.content)),
            "X-Frame-Options": "DENY",
            "X-Content-Type-Options": "nosniff",
        }

    def test_refuses_a_foreign_host(self) -> None:
        assert Client().get("/api/accounts", HTTP_HOST="evil.example").status_code == 400

    def test_is_not_set_up_without_its_end(self) -> None:
        def view(request: HttpRequest) -> HttpResponse:
            return HttpResponse()

        with pytest.raises(ImproperlyConfigured, match="no RequestLogMiddleware"):
            ApiPathMiddleware(view)


class TestRequestLog:
    @pytest.fixture(params=["WARNING", "INFO"])
    def level(self, request: Any, caplog: pytest.LogCaptureFixture) -> str:
        caplog.set_level(request.param, logger="django_structlog.middlewares.request")
        return str(request.param)

    def test_tells_id_and_address_to_all_lines(self, level: str) -> None:
        bound: dict[str, Any] = {}

        def view(request: HttpRequest) -> HttpResponse:
            bound.update(structlog.contextvars.get_contextvars())
            return HttpResponse()

        request = RequestFactory().get(
            "/api/accounts", REMOTE_ADDR="192.0.2.7", HTTP_X_FORWARDED_FOR="198.51.100.9"
        )
        RequestLogMiddleware(view)(request)

        assert bound["ip"] == "192.0.2.7"
        assert len(bound["request_id"]) == 36
        assert structlog.contextvars.get_contextvars() == {}

    def test_has_a_line_for_each_request_where_somebody_reads(
        self, level: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        RequestLogMiddleware(lambda request: HttpResponse())(RequestFactory().get("/api/accounts"))

        lines = [r for r in caplog.records if r.name.startswith("django_structlog")]
        assert len(lines) == (2 if level == "INFO" else 0)

    def test_has_a_line_for_what_was_refused(
        self, level: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        request = RequestFactory().get("/api/accounts")
        RequestLogMiddleware(lambda request: HttpResponse(status=403))(request)

        lines = [r for r in caplog.records if r.levelno == logging.WARNING]
        assert len(lines) == 1
