from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import RequestFactory
from django.urls import Resolver404
from rest_framework import exceptions
from rest_framework.response import Response

from ossrep.infra.web.problems import answer_with, handle_exception, unknown_address
from ossrep.kernel.errors import DomainError


class NothingThere(DomainError):
    code = "nothing_there_for_this_test"


class Refused(DomainError):
    code = "refused_for_this_test"


def _handled(error: Exception) -> Response:
    response = handle_exception(error, {})
    assert response is not None
    assert response.content_type == "application/problem+json"
    return response


class TestHandleException:
    def test_turns_a_domain_error_into_422(self) -> None:
        response = _handled(Refused("too late", where="start_date"))

        assert response.status_code == 422
        assert response.data == {
            "type": "urn:ossrep:problem:refused_for_this_test",
            "title": "Unprocessable Entity",
            "status": 422,
            "code": "refused_for_this_test",
            "detail": "too late",
            "where": "start_date",
        }

    def test_takes_the_status_that_a_context_gives_a_code(self) -> None:
        answer_with(statuses={NothingThere.code: HTTPStatus.NOT_FOUND})

        assert _handled(NothingThere("no such thing")).status_code == 404

    def test_names_each_field_by_pointer(self) -> None:
        detail: Any = {
            "lines": [{}, {"amount": ["must not be empty"]}],
            "a/b": ["no"],
            "customer_type": ["unknown"],
            "non_field_errors": ["both are given"],
        }

        response = _handled(exceptions.ValidationError(detail))

        assert response.status_code == 400
        assert response.data["code"] == "invalid_request"
        assert [(e["pointer"], e["detail"]) for e in response.data["errors"]] == [
            ("/lines/1/amount", "must not be empty"),
            ("/a~1b", "no"),
            ("/customerType", "unknown"),
            ("/", "both are given"),
        ]

    @pytest.mark.parametrize(
        ("error", "status", "code"),
        [
            (Http404("row 7 of table x"), 404, "not_found"),
            (PermissionDenied("secret"), 403, "permission_denied"),
            (exceptions.NotAuthenticated(), 401, "not_authenticated"),
            (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
            (exceptions.Throttled(wait=7), 429, "throttled"),
            (exceptions.ParseError("bad", code="not_json"), 400, "not_json"),
        ],
    )
    def test_keeps_status_and_code(self, error: Exception, status: int, code: str) -> None:
        response = _handled(error)

        assert (response.status_code, response.data["code"]) == (status, code)
        assert "secret" not in response.data["detail"]
        assert "table" not in response.data["detail"]

    def test_says_when_to_come_again(self) -> None:
        assert _handled(exceptions.Throttled(wait=7))["Retry-After"] == "7"

    def test_leaves_a_defect_to_be_raised(self) -> None:
        assert handle_exception(ZeroDivisionError(), {}) is None


class TestUnknownAddress:
    def test_under_the_api_is_answered_as_a_problem(self) -> None:
        answer = unknown_address(RequestFactory().get("/api/v1/no/such?secret=1"), Resolver404())

        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
        assert json.loads(answer.getvalue()) == {
            "type": "urn:ossrep:problem:not_found",
            "title": "Not Found",
            "status": 404,
            "code": "not_found",
            "detail": "Not found.",
        }

    @pytest.mark.parametrize("address", ["/", "/apiary", "/oidc/nothing", "/x/api/v1"])
    def test_elsewhere_is_answered_as_a_page(self, address: str) -> None:
        answer = unknown_address(RequestFactory().get(address), Resolver404())

        assert answer.status_code == 404
        assert answer["Content-Type"].startswith("text/html")
