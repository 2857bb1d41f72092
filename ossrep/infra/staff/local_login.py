"""The admin's own sign-in page: the way to the provider, and local passwords where they count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from ossrep.infra.oidc import throttle
from ossrep.infra.staff import session
from ossrep.infra.staff.provider import ProviderSilent, is_configured, leave_address

_TOLD = {
    "refused": "That sign-in is not let in here: it has no role of the staff, or took too long.",
    "silent": "The sign-in service does not answer. Try again in a moment.",
}


def may_enter(request: HttpRequest) -> bool:
    """False for a session that a local password opened where those are switched off."""
    return settings.OSSREP_LOCAL_PASSWORDS or session.is_from_provider(request)


def answer(
    request: HttpRequest, *, page: Callable[[dict[str, Any], int], HttpResponse]
) -> HttpResponse:
    """The page; ``page`` renders it or, by POST without trouble, tries the password."""
    told: dict[str, Any] = {
        "takes_passwords": settings.OSSREP_LOCAL_PASSWORDS,
        "has_provider": is_configured(),
        "problem": _TOLD.get(request.GET.get("sign_in", ""), ""),
    }
    if request.method != "POST":
        return page(told, 200)
    if not settings.OSSREP_LOCAL_PASSWORDS:
        return page({**told, "problem": "Passwords are switched off here."}, 403)
    username, address = request.POST.get("username", "")[:150], throttle.address_of(request)
    keys = throttle.callers(username=username, address=address)
    if seconds := throttle.wait_of(keys):
        problem = f"Too many tries. Wait {seconds} seconds and try again."
        response = page({**told, "problem": problem}, 429)
        response["Retry-After"] = str(seconds)
        return response
    response = page(told, 200)
    if response.status_code == 302:
        throttle.forget_failures(username=username, address=address)
    else:
        throttle.record_failure(keys)
    return response


def way_out(request: HttpRequest, *, back_to: str) -> str:
    """Where the browser signs out of the provider, too; empty where none signed it in."""
    hint = session.id_token(request) if session.is_from_provider(request) else ""
    if not hint:
        return ""
    try:
        return leave_address(id_token=hint, back_to=back_to)
    except ProviderSilent:
        return ""
