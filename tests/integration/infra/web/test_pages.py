"""Pages under a policy that lets no script or style stand inside them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from ossrep.infra.web.headers import PAGE_POLICY
from tests.token_issuer import TokenIssuer

pytestmark = pytest.mark.django_db(databases="__all__")
INLINE = re.compile(
    r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)(?![^>]*application/json)"
)


def _lists() -> list[str]:
    return sorted(model._meta.label_lower for model in admin.site._registry)


def assert_keeps_the_policy(answer: Any) -> None:
    assert answer.status_code == 200
    assert answer["Content-Security-Policy"] == PAGE_POLICY
    assert "unsafe" not in PAGE_POLICY
    assert INLINE.findall(answer.content.decode()) == []


class TestAdmin:
    def test_signs_in_under_the_policy(self) -> None:
        assert_keeps_the_policy(Client().get("/admin/login/"))

    @pytest.mark.parametrize("label", _lists())
    def test_lists_under_the_policy(self, label: str, admin_client: Client) -> None:
        model = apps.get_model(label)._meta

        assert_keeps_the_policy(
            admin_client.get(
                reverse(
                    f"admin:{model.app_label}_{model.model_name}_changelist",
                    urlconf="config.urls_internal",
                )
            )
        )

    def test_shows_its_first_page_under_the_policy(self, admin_client: Client) -> None:
        assert_keeps_the_policy(admin_client.get("/admin/"))


class TestDocumentPages:
    def test_show_the_calls_of_each_surface(self) -> None:
        external, internal = (Client().get(path) for path in ("/docs/", "/docs/internal/"))

        assert_keeps_the_policy(external)
        assert_keeps_the_policy(internal)
        assert b"/api/plans" in external.content
        assert b"/api/v1/tdsps" not in external.content
        assert b"/api/v1/tdsps" in internal.content
        assert b"/api/plans" not in internal.content

    def test_stand_beside_documents_for_programs(self) -> None:
        document = Client().get("/docs/openapi.json").json()

        assert document["openapi"] == "3.1.0"
        shape = document["components"]["schemas"]["PlanShape"]["properties"]
        assert shape["ratePerKwh"] == {"type": "number", "format": "double"}
        assert document["components"]["schemas"]["Problem"]["required"][-1] == "detail"

    def test_name_the_token_where_one_is_needed(self, token_issuer: TokenIssuer) -> None:
        external, internal = (
            Client().get(path).json()["paths"]
            for path in ("/docs/openapi.json", "/docs/internal/openapi.json")
        )

        assert "security" not in external["/api/plans"]["get"]
        assert internal["/api/v1/tdsps"]["get"]["security"] == [{"accessToken": []}]

    def test_are_found_at_docs(self) -> None:
        answer = Client().get("/docs")

        assert (answer.status_code, answer["Location"]) == (302, "/docs/")
