"""Sign-ins, sign-outs and disabled users, whichever page they happen on."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db.models.signals import post_save

from ossrep.infra.oidc import browser
from ossrep.infra.staff.names import BACKEND


def connect() -> None:
    """Connects the receivers, once however often it is called."""
    user_logged_in.connect(_signed_in, dispatch_uid="oidc.signed_in")
    user_logged_out.connect(_signed_out, dispatch_uid="oidc.signed_out")
    post_save.connect(_user_saved, sender=User, dispatch_uid="oidc.user_saved")


def _signed_in(sender: Any, request: Any, **kwargs: Any) -> None:
    # Who came by another provider, or by a way round through this one, has typed no password now.
    by = getattr(kwargs.get("user"), "backend", "")
    if hasattr(request, "session") and by != BACKEND:
        browser.remember_sign_in(request)


def _signed_out(sender: Any, request: Any, **kwargs: Any) -> None:
    from ossrep.infra.oidc.grants import end_browser

    if hasattr(request, "session"):
        end_browser(browser.known_mark(request), by="signed out")


def _user_saved(sender: Any, instance: User, raw: bool = False, **kwargs: Any) -> None:
    from ossrep.infra.oidc.grants import end_user

    if not raw and not instance.is_active:
        end_user(instance, by="user disabled")
