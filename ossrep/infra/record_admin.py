"""Base of the admin's pages: records are read, what changes them are use cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.text import capfirst

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
    RecordInline = admin.TabularInline[Any, Any]
    _Paginator = Paginator[Any]
else:
    _ModelAdmin = admin.ModelAdmin
    RecordInline = admin.TabularInline
    _Paginator = Paginator

COUNTED_MAX = 10_000
LAST_PLACE = 50


class CappedPaginator(_Paginator):
    """Counts no further than a person would turn pages: counting millions of rows takes long."""

    @cached_property
    def count(self) -> int:
        """At most ``COUNTED_MAX``."""
        rows = self.object_list
        if isinstance(rows, QuerySet):
            return len(rows.order_by().values_list("pk", flat=True)[:COUNTED_MAX])
        return len(rows)


class RecordAdmin(_ModelAdmin):
    """One kind of record: what people call it, where it stands in the menu, what of it waits.

    ``called`` is singular and plural. Words of the admin are not the schema's, so they are given
    here and need no migration. Pages of one app are listed by rising ``menu_place``.
    """

    called: ClassVar[tuple[str, str] | None] = None
    menu_place: ClassVar[int] = LAST_PLACE
    waiting_query: ClassVar[str] = ""
    """The list's filter that shows what ``count_waiting`` counts."""

    def __init__(self, model: type[Model], admin_site: admin.AdminSite) -> None:
        if self.called:
            model._meta.verbose_name, model._meta.verbose_name_plural = self.called
        super().__init__(model, admin_site)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list under the records' own name."""
        title = capfirst(str(self.opts.verbose_name_plural))
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """A record's page under its own name."""
        if context.get("original") is not None:
            name = str(context["original"])
            told = f"{self.opts.verbose_name} {name}" if name.isdigit() else name
            context |= {"title": capfirst(told), "subtitle": None}
        return super().render_change_form(request, context, *args, **kwargs)

    def count_waiting(self) -> int:
        """Records that wait for a person; the first page shows them where there are any."""
        return 0


class ReadOnlyAdmin(RecordAdmin):
    """Records that the admin shows and never adds, changes or deletes."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyInline(RecordInline):
    """Rows shown inside another record's page, never changed there."""

    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
