"""Brands, plans and shared calendars: read here, changed by files and use cases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from ossrep.infra.record_admin import ReadOnlyAdmin
from ossrep.infra.yaml_files import dump_yaml
from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError
from ossrep.product.domain.plan_words import describe_plan
from ossrep.product.models import Brand, PlanDraft, PlanVersion, SharedDefinition
from ossrep.product.queries.labels import Label, labels_of
from ossrep.product.queries.plan_sources import find_plan_source, read_plan_source
from ossrep.product.usecases.publish_plan import publish_plan
from ossrep.product.usecases.retire_plan import retire_plan
from ossrep.rating import Plan


@admin.register(Brand)
class BrandAdmin(ReadOnlyAdmin):
    menu_place = 3
    list_display = [
        "code",
        "display_name",
        "legal_name",
        "certificate_number",
        "billing_phone",
        "email",
    ]
    search_fields = ["code", "display_name", "legal_name", "certificate_number", "duns"]


class _ContentAdmin(ReadOnlyAdmin):
    """What drafts and versions show alike: components, label, file."""

    search_fields = ["plan__code", "name", "plan__brand__code", "plan__brand__display_name"]
    list_filter = ["plan__brand", "product_type", "customer_class", "term_months"]
    list_select_related = ["plan__brand"]
    ordering = ["plan__code", "-version"]

    def has_sell_permission(self, request: HttpRequest) -> bool:
        """Who may put plans on sale and take them off."""
        return bool(request.user.has_perm("product.change_planversion"))

    @admin.display(description="plan", ordering="plan__code")
    def code(self, row: Any) -> str:
        return str(row.plan.code)

    @admin.display(description="brand", ordering="plan__brand__code")
    def brand(self, row: Any) -> str:
        return str(row.plan.brand.display_name)

    @admin.display(description="type", ordering="product_type")
    def type(self, row: Any) -> str:
        return str(row.get_product_type_display())

    @admin.display(description="class", ordering="customer_class")
    def sold_to(self, row: Any) -> str:
        return str(row.get_customer_class_display())

    @admin.display(description="months", ordering="term_months")
    def months(self, row: Any) -> int:
        return int(row.term_months)

    @admin.display(description="components")
    def components(self, row: Any) -> SafeString | str:
        plan = _plan_of(row)
        return _component_table(plan) if isinstance(plan, Plan) else plan

    @admin.display(description="average prices, cents per kWh")
    def label_prices(self, row: Any) -> SafeString | str:
        plan = _plan_of(row)
        if not isinstance(plan, Plan):
            return plan
        return _label_table(labels_of(plan=plan, today=_label_day(row), everywhere=True))

    @admin.display(description="file")
    def source(self, row: Any) -> SafeString:
        return format_html('<pre class="source">{}</pre>', row.source_text)


class _StateFilter(admin.SimpleListFilter):
    """On sale, or retired."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("published", "published"), ("retired", "retired")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[PlanVersion]
    ) -> QuerySet[PlanVersion]:
        if self.value() in ("published", "retired"):
            return queryset.filter(retired_at__isnull=self.value() == "published")
        return queryset


@admin.register(PlanVersion)
class PlanVersionAdmin(_ContentAdmin):
    menu_place = 1
    list_display = [
        "code",
        "version",
        "name",
        "state",
        "brand",
        "type",
        "sold_to",
        "months",
        "published_on",
        "contracts",
    ]
    list_filter = [_StateFilter, *_ContentAdmin.list_filter]
    fieldsets = [
        (
            None,
            {"fields": ["code", "version", "name", "brand", "state", "published_at", "retirement"]},
        ),
        (
            "What it says",
            {"fields": ["product_type", "customer_class", "term_months", "components"]},
        ),
        ("Electricity Facts Label", {"fields": ["label_prices"]}),
        ("Where it comes from", {"fields": ["source_name", "shared", "source", "contracts"]}),
    ]
    actions = ["retire"]

    @admin.display(description="published", ordering="published_at")
    def published_on(self, row: PlanVersion) -> str:
        return f"{localtime(row.published_at):%Y-%m-%d}"

    @admin.display(description="state", ordering="retired_at")
    def state(self, row: PlanVersion) -> str:
        return row.status

    @admin.display(description="retired")
    def retirement(self, row: PlanVersion) -> str:
        if row.retired_at is None:
            return "no"
        return f"{localtime(row.retired_at):%Y-%m-%d %H:%M} {row.retired_reason}".strip()

    @admin.display(description="shared calendars taken")
    def shared(self, row: PlanVersion) -> str:
        taken = [f"{t['kind']} {t['name']}, version {t['version']}" for t in row.resolved_from]
        return "; ".join(taken) or "none"

    @admin.display(description="contracts")
    def contracts(self, row: PlanVersion) -> SafeString:
        url = f"/admin/customer/contract/?plan_version_id={row.pk}"
        return format_html('<a href="{}">contracts</a>', url)

    @admin.action(description="Take off the shelf (retire)", permissions=["sell"])
    def retire(self, request: HttpRequest, queryset: QuerySet[PlanVersion]) -> None:
        for row in queryset.select_related("plan"):
            _do(
                self,
                request,
                f"{row} is retired",
                lambda row=row: retire_plan(
                    plan_code=row.plan.code,
                    version=row.version,
                    as_of=clock.now(),
                    reason=f"by {request.user} in the admin",
                ),
            )


@admin.register(PlanDraft)
class PlanDraftAdmin(_ContentAdmin):
    menu_place = 2
    list_display = [
        "code",
        "version",
        "name",
        "brand",
        "type",
        "sold_to",
        "months",
        "source_name",
        "imported_at",
    ]
    fieldsets = [
        (None, {"fields": ["code", "version", "name", "brand", "imported_at"]}),
        (
            "What it says",
            {"fields": ["product_type", "customer_class", "term_months", "components"]},
        ),
        ("Electricity Facts Label", {"fields": ["label_prices"]}),
        ("Where it comes from", {"fields": ["source_name", "source"]}),
    ]
    actions = ["publish"]

    @admin.action(description="Publish", permissions=["sell"])
    def publish(self, request: HttpRequest, queryset: QuerySet[PlanDraft]) -> None:
        for row in queryset.select_related("plan"):
            _do(
                self,
                request,
                f"{row.plan} version {row.version} is published",
                lambda row=row: publish_plan(plan_code=row.plan.code, as_of=clock.now()),
            )


@admin.register(SharedDefinition)
class SharedDefinitionAdmin(ReadOnlyAdmin):
    called = ("shared calendar", "shared calendars and holidays")
    menu_place = 4
    list_display = ["name", "kind", "version", "effective_date", "source_name", "imported_at"]
    list_filter = ["kind"]
    search_fields = ["name"]
    fields = ["kind", "name", "version", "effective_date", "text", "source_name", "imported_at"]

    @admin.display(description="definition")
    def text(self, row: SharedDefinition) -> SafeString:
        return format_html('<pre class="source">{}</pre>', dump_yaml(row.definition))


def _do(page: ReadOnlyAdmin, request: HttpRequest, done: str, use_case: Any) -> None:
    try:
        use_case()
    except DomainError as refusal:
        page.message_user(request, str(refusal), messages.ERROR)
    else:
        page.message_user(request, done, messages.SUCCESS)


def _plan_of(row: PlanVersion | PlanDraft) -> Plan | str:
    named = f"{row.plan.code}@{row.version}"
    try:
        return read_plan_source(source=find_plan_source(named=named, as_of=clock.market_today()))
    except DomainError as refusal:
        return str(refusal)


def _label_day(row: PlanVersion | PlanDraft) -> dt.date:
    return row.published_at.date() if isinstance(row, PlanVersion) else clock.market_today()


def _component_table(plan: Plan) -> SafeString:
    rows = format_html_join(
        "",
        "<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
        (
            (words.code, words.label, format_html_join("", "<div>{}</div>", _single(words.lines)))
            for words in describe_plan(plan)
        ),
    )
    return format_html(
        "<table><thead><tr><th>code</th><th>line on the bill</th><th>what it costs</th></tr>"
        "</thead><tbody>{}</tbody></table>",
        rows,
    )


def _label_table(labels: list[Label]) -> SafeString | str:
    if not labels:
        return "no TDSP has a tariff of this rate class in force on the label's date"
    heads = sorted({line.kwh for label in labels for line in label.lines})
    return format_html(
        "<table><thead><tr><th>TDSP</th><th>rate class</th><th>date</th>{}</tr></thead>"
        "<tbody>{}</tbody></table>",
        format_html_join("", "<th>{} kWh</th>", _single(heads)),
        format_html_join("", "<tr>{}</tr>", _single(_label_row(label) for label in labels)),
    )


def _label_row(label: Label) -> SafeString:
    cells: list[object] = [label.tdsp_code, label.rate_class, label.label_date]
    cells += [label.refusal] if label.refusal else [_price(line) for line in label.lines]
    return format_html_join("", "<td>{}</td>", _single(cells))


def _price(line: Any) -> str:
    if line.stored_cents is None:
        return str(line.printed_cents)
    return f"{line.printed_cents} ({'as' if line.agrees else 'but'} printed {line.stored_cents})"


def _single(values: Iterable[object]) -> Iterable[tuple[object]]:
    return ((value,) for value in values)
