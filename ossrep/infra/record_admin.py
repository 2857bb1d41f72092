"""Base of the admin's pages: records are read, what changes them are use cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

if TYPE_CHECKING:
    RecordAdmin = admin.ModelAdmin[Any]
    RecordInline = admin.TabularInline[Any, Any]
else:
    RecordAdmin = admin.ModelAdmin
    RecordInline = admin.TabularInline


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
