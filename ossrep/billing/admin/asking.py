"""A question between an action and its use case: what is chosen, why, and only then the deed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse

from ossrep.infra.record_admin import RecordAdmin

_SHOWN_MAX = 30


class ReasonForm(forms.Form):
    """Why; every decision is kept with its reason."""

    reason = forms.CharField(
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept with the decision.",
    )


def ask(
    page: RecordAdmin,
    request: HttpRequest,
    queryset: QuerySet[Any],
    *,
    form_class: type[forms.Form],
    title: str,
    note: str = "",
    act: Callable[[forms.Form], object],
) -> TemplateResponse | None:
    """Shows the form, or, where it is filled in, acts; None sends the browser back to the list.

    The action's own name and the chosen records travel in the form, so that the answer comes
    back to the same action with the same permissions checked.
    """
    form = form_class(request.POST if "answered" in request.POST else None)
    if form.is_bound and form.is_valid():
        act(form)
        return None
    count = queryset.count()
    context = {
        **page.admin_site.each_context(request),
        "title": title,
        "note": note,
        "opts": page.opts,
        "form": form,
        "action": request.POST.get("action", ""),
        "chosen": [str(row) for row in queryset[:_SHOWN_MAX]],
        "more": max(count - _SHOWN_MAX, 0),
        "keys": list(queryset.values_list("pk", flat=True)),
        "checkbox": ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "admin/billing/ask.html", context)
