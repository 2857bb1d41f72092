"""Validation: thresholds, rulesets, results, load profiles."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from ossrep.infra.record_admin import ReadOnlyAdmin, RecordAdmin
from ossrep.meter.admin.base import ByEsiIdAdmin
from ossrep.meter.domain.day_chart import day_chart
from ossrep.meter.domain.vee.rules import PERIOD_SUM_CHECK, RULES
from ossrep.meter.domain.vee.thresholds import DEFAULTS
from ossrep.meter.models import LoadProfile, VeeResult, VeeRuleset, VeeThreshold
from ossrep.meter.usecases.set_threshold import VALUE_MAX, set_threshold

if TYPE_CHECKING:
    ThresholdModelForm = forms.ModelForm[VeeThreshold]
else:
    ThresholdModelForm = forms.ModelForm


class ThresholdForm(ThresholdModelForm):
    """Only thresholds that a rule knows."""

    class Meta:
        model = VeeThreshold
        fields = ("rule", "name", "meter_point", "value")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        rule = cleaned.get("rule", self.instance.rule)
        name = cleaned.get("name", self.instance.name)
        if (rule, name) not in DEFAULTS:
            known = ", ".join(".".join(key) for key in sorted(DEFAULTS))
            raise forms.ValidationError(f"There is no such threshold; there are {known}")
        if not 0 <= cleaned.get("value", 0) <= VALUE_MAX:
            raise forms.ValidationError(f"The value lies between 0 and {VALUE_MAX}")
        return cleaned


@admin.register(VeeThreshold)
class VeeThresholdAdmin(RecordAdmin):
    """Thresholds may be changed; days keep the ruleset that judged them."""

    form = ThresholdForm
    list_display = ("rule", "name", "value", "applies_to")
    list_filter = ("rule",)
    list_select_related = ("meter_point",)
    raw_id_fields = ("meter_point",)
    search_fields = ("rule", "name", "meter_point__esi_id")
    ordering = ("rule", "name", "meter_point")

    @admin.display(description="applies to", ordering="meter_point")
    def applies_to(self, threshold: VeeThreshold) -> str:
        return str(threshold.meter_point) if threshold.meter_point else "all others"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("rule", "name", "meter_point") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_own = obj is not None and obj.meter_point_id is not None
        return is_own and bool(super().has_delete_permission(request, obj))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        point = obj.meter_point
        set_threshold(
            rule=obj.rule,
            name=obj.name,
            value=obj.value,
            esi_id=point.esi_id if point else None,
        )
        obj.pk = VeeThreshold.objects.get(rule=obj.rule, name=obj.name, meter_point=point).pk


@admin.register(VeeRuleset)
class VeeRulesetAdmin(ReadOnlyAdmin):
    list_display = ("id", "created_at")
    ordering = ("-id",)
    fields = ("id", "created_at", "content")

    @admin.display(description="rules and thresholds")
    def content(self, ruleset: VeeRuleset) -> SafeString:
        return format_html("<pre>{}</pre>", json.dumps(ruleset.rules, indent=2, sort_keys=True))


class RuleFilter(admin.SimpleListFilter):
    """By rule; the names come from the code, not from counting millions of results."""

    title = "rule"
    parameter_name = "rule"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in (*RULES, PERIOD_SUM_CHECK)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(rule=self.value()) if self.value() else queryset


@admin.register(VeeResult)
class VeeResultAdmin(ByEsiIdAdmin):
    list_display = (
        "meter_point",
        "date",
        "end_date",
        "direction",
        "rule",
        "measured",
        "allowed",
        "from_time",
        "revision",
        "ruleset",
        "found_at",
    )
    list_filter = (RuleFilter, "direction")
    ordering = ("-id",)

    @admin.display(description="first interval")
    def from_time(self, result: VeeResult) -> str:
        return "" if result.first_interval < 0 else str(result.first_interval + 1)


@admin.register(LoadProfile)
class LoadProfileAdmin(ReadOnlyAdmin):
    list_display = ("code", "is_weekend")
    ordering = ("code", "is_weekend")
    fields = ("code", "is_weekend", "chart")

    @admin.display(description="shape")
    def chart(self, profile: LoadProfile) -> SafeString:
        minutes = range(0, 1440, 15)
        # Numbers only, made by ourselves.
        return mark_safe(  # noqa: S308
            day_chart(wh=profile.shape, quality="A" * 96, minutes=minutes)
        )
