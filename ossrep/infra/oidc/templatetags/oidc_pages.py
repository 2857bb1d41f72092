"""What every sign-in page says."""

from __future__ import annotations

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def site_name() -> str:
    """Whose pages these are."""
    return str(settings.OSSREP_SITE_NAME)
