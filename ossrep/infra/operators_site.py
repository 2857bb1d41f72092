"""The operators' admin site: what waits comes first, then records in the order of daily work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.views.decorators.cache import never_cache

from ossrep.infra.record_admin import LAST_PLACE, RecordAdmin
from ossrep.infra.staff import local_login

_MESSAGES = "infra"
_APPS = ("customer", "billing", "meter", "product", "market", _MESSAGES, "auth")
_MESSAGE_RECORDS = ("OutboxEvent", "InboxParked")


@dataclass(frozen=True, slots=True)
class Waiting:
    """Records that wait for a person: how many, of what, where to see them."""

    count: int
    name: str
    of: str
    url: str


class OperatorsSite(admin.AdminSite):
    """Every context's records under the product's own name."""

    site_header = "OSSREP"
    site_title = "OSSREP"
    index_title = "Work and records"

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        """Apps and records in the order of daily work; on the whole list messages are one group."""
        found: dict[str, dict[str, Any]] = self._build_app_dict(request, app_label)
        if app_label is None:
            _gather_messages(found)
        known = {label: place for place, label in enumerate(_APPS)}
        chosen = sorted(found.values(), key=lambda app: known.get(app["app_label"], len(_APPS)))
        for app in chosen:
            app["models"].sort(key=self._place)
        return chosen

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """The first page: what waits, then all records."""
        waiting = list(self._waiting(request))
        return super().index(request, {**(extra_context or {}), "waiting": waiting})

    def has_permission(self, request: HttpRequest) -> bool:
        """Operators; where local passwords are switched off, those whom a provider let in."""
        return super().has_permission(request) and local_login.may_enter(request)

    @method_decorator(never_cache)
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The sign-in page: to the provider, with a local password, or both."""

        def page(told: dict[str, Any], status: int) -> HttpResponse:
            context = {**(extra_context or {}), "title": "Sign in", **told}
            if status == HTTPStatus.OK:
                return super(OperatorsSite, self).login(request, context)
            fields = {"next": request.POST.get("next", ""), "app_path": request.get_full_path()}
            told_all = {**self.each_context(request), **fields, **context}
            return TemplateResponse(request, "admin/login.html", told_all, status=status)

        return local_login.answer(request, page=page)

    @method_decorator(never_cache)
    def logout(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Signs out here and, where a provider signed in, leads there to sign out, too."""
        back_to = request.build_absolute_uri(reverse("admin:login"))
        way_out = local_login.way_out(request, back_to=back_to)
        return super().logout(request, {**(extra_context or {}), "way_out": way_out})

    def _place(self, entry: dict[str, Any]) -> tuple[int, str]:
        page = self._registry.get(entry["model"])
        place = page.menu_place if isinstance(page, RecordAdmin) else LAST_PLACE
        return place, str(entry["name"])

    def _waiting(self, request: HttpRequest) -> Iterator[Waiting]:
        for model, page in self._registry.items():
            if not isinstance(page, RecordAdmin) or not page.has_view_permission(request):
                continue
            count = page.count_waiting()
            if count:
                meta = model._meta
                yield Waiting(
                    count=count,
                    name=str(meta.verbose_name if count == 1 else meta.verbose_name_plural),
                    of=str(meta.app_config.verbose_name),
                    url=reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
                    + page.waiting_query,
                )


def _gather_messages(found: dict[str, dict[str, Any]]) -> None:
    """Moves each context's events into one group, so that lists of records stay short."""
    gathered: list[dict[str, Any]] = []
    for label in list(found):
        app = found[label]
        for entry in app["models"]:
            if entry["object_name"] in _MESSAGE_RECORDS:
                context = apps.get_app_config(label).verbose_name
                gathered.append({**entry, "name": f"{context}: {entry['name'].lower()}"})
        kept = [entry for entry in app["models"] if entry["object_name"] not in _MESSAGE_RECORDS]
        app["models"] = kept
        if not kept:
            del found[label]
    if gathered:
        config = apps.get_app_config(_MESSAGES)
        group = found.setdefault(
            _MESSAGES,
            {
                "name": capfirst(str(config.verbose_name)),
                "app_label": _MESSAGES,
                "app_url": gathered[0]["admin_url"],
                "has_module_perms": True,
                "models": [],
            },
        )
        group["models"].extend(gathered)
