"""What the pages of this context share: changing by use case, history, names and links."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ossrep.customer.models import Account
from ossrep.customer.queries.history import HistoryLine, get_history
from ossrep.infra import audit
from ossrep.infra.admin_links import link_to as link_to
from ossrep.infra.record_admin import RecordAdmin
from ossrep.infra.services import resolve
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import BrandId, PlanVersionId
from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.published.product import ProductService

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[models.Model]
else:
    _ModelForm = forms.ModelForm

WHY: Any = ("Why it changes", {"fields": ["reason"]})
HISTORY: Any = ("History", {"fields": ["history"], "classes": ["collapse"]})


class Names:
    """Brands and plans by id, asked once for each id; one object serves one request."""

    def __init__(self) -> None:
        self._brands: dict[int, str] = {}
        self._plans: dict[int, str] = {}

    def learn(self, *, brand_ids: Collection[int] = (), plan_ids: Collection[int] = ()) -> None:
        """Asks for all of these at once, so that a list needs one call."""
        product = resolve(ProductService)
        new_brands = {BrandId(i) for i in brand_ids if i not in self._brands}
        if new_brands:
            self._brands |= {i: f"brand {i}" for i in new_brands}
            found = product.get_brands(brand_ids=new_brands)
            self._brands |= {i: brand.display_name for i, brand in found.items()}
        new_plans = {PlanVersionId(i) for i in plan_ids if i not in self._plans}
        if new_plans:
            self._plans |= {i: f"plan version {i}" for i in new_plans}
            plans = product.get_plan_versions(plan_version_ids=new_plans)
            self._plans |= {i: f"{plan.name} v{plan.version}" for i, plan in plans.items()}

    def brand(self, brand_id: int) -> str:
        """What people call a brand."""
        self.learn(brand_ids=[brand_id])
        return self._brands[brand_id]

    def plan(self, plan_version_id: int) -> str:
        """Name and version of a plan."""
        self.learn(plan_ids=[plan_version_id])
        return self._plans[plan_version_id]


def names_of(request: HttpRequest) -> Names:
    """The request's own names."""
    found: Names | None = getattr(request, "_ossrep_names", None)
    if found is None:
        found = Names()
        request._ossrep_names = found  # type: ignore[attr-defined]
    return found


class ReasonForm(_ModelForm):
    """A form that asks why a record is changed; the answer goes into its history."""

    reason = forms.CharField(
        max_length=200, label="Reason", help_text="Why; kept in the history of the record."
    )


class UseCaseAdmin(RecordAdmin):
    """A record whose fields are changed by a use case, and never added or deleted here.

    ``editable`` maps the form's fields to the names that the use case knows.
    """

    form = ReasonForm
    editable: ClassVar[Mapping[str, str]] = {}
    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj):
            return fieldsets
        return [fieldset for fieldset in fieldsets if fieldset is not WHY]

    def change_by_use_case(self, record: Any, changes: dict[str, str]) -> None:
        """Calls the use case with what differs."""
        raise NotImplementedError

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        changes = {
            self.editable[name]: _as_text(form.cleaned_data[name])
            for name in form.changed_data
            if name in self.editable
        }
        with audit.history_context(reason=form.cleaned_data["reason"]):
            self.change_by_use_case(obj, changes)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except DomainError as refusal:
            self.message_user(request, f"Nothing was changed. {refusal}", messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def history(self, record: Any) -> SafeString | str:
        """The latest changes, as a table."""
        lines = get_history(record=record)
        body = format_html_join("", "<tr>" + "<td>{}</td>" * 5 + "</tr>", map(_cells, lines))
        head = format_html_join("", "<th>{}</th>", ((h,) for h in _HISTORY))
        return format_html("<table><thead><tr>{}</tr></thead>{}</table>", head, body)


_HISTORY: Any = ("when", "what", "who", "why", "changed")


def _cells(line: HistoryLine) -> tuple[object, ...]:
    at = f"{line.at.astimezone(MARKET_ZONE):%Y-%m-%d %H:%M}"
    changes = format_html_join(SafeString("<br>"), "{}", ((c,) for c in line.changes))
    return at, line.what, line.by, line.why, changes


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return value.number if isinstance(value, Account) else str(value)
