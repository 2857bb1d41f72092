"""Links between the lists of different contexts: by what people call a record, not by its id."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString


def link_to(page: str, query: str, text: str, **filters: object) -> SafeString | str:
    """A link to the list ``<app>_<record>``, searched; plain text where there is no such page."""
    try:
        url = reverse(f"admin:{page}_changelist")
    except NoReverseMatch:
        return text
    wanted = {"q": query, **filters} if query else filters
    return format_html('<a href="{}?{}">{}</a>', url, urlencode(wanted), text)
