"""One effect for one Idempotency-Key, whatever the network and impatient callers do.

Same key and same request: the same answer again. Same key and another request: 422. While the
first is still at work, a second waits for it. Answers are kept for ``DAYS_KEPT`` days.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import re
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import connections
from django.http import Http404, HttpResponse
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from ossrep.infra.auth.principal import Principal
from ossrep.infra.models import AnsweredCall
from ossrep.infra.remote.errors import ServiceUnavailable
from ossrep.infra.web.addresses import client_address
from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError

if TYPE_CHECKING:
    from ossrep.infra.web.views import ApiView

DAYS_KEPT = 7
WAIT_STEPS_MAX = 200
WAIT_STEP_SECONDS = 0.05
_KEY = re.compile(r"[\x21-\x7e]{8,200}")
# Answers that say nothing about the call itself: a retry is judged anew.
_NOT_KEPT = {401, 403, 409, 429}
_HEADERS_KEPT = ("Content-Type", "ETag", "Location")


class KeyMissing(APIException):
    """An unsafe call came without its key."""

    status_code = HTTPStatus.BAD_REQUEST
    default_code = "idempotency_key_missing"
    default_detail = "Send an Idempotency-Key of 8 to 200 visible ASCII characters."


class KeyReused(APIException):
    """The key belongs to another request."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    default_code = "idempotency_key_reused"
    default_detail = "This Idempotency-Key was used for another request; take a new one."


class StillAtWork(APIException):
    """The first call with this key has not ended in time."""

    status_code = HTTPStatus.CONFLICT
    default_code = "idempotency_in_progress"
    default_detail = "The first call with this Idempotency-Key is still at work; try again."


class OutcomeUnknown(APIException):
    """The process that worked on the first call has died; whether it took effect is not known."""

    status_code = HTTPStatus.CONFLICT
    default_code = "idempotency_outcome_unknown"
    default_detail = (
        "The first call with this Idempotency-Key broke off. See whether it took effect, "
        "and if not, call with a new key."
    )


def answer_once(
    view: ApiView,
    handler: Callable[..., HttpResponse],
    request: Request,
    *args: Any,
    **kwargs: Any,
) -> HttpResponse:
    """Calls the handler under the request's key, or gives the answer that it gave before."""
    key = request.headers.get("Idempotency-Key", "")
    if not key and view.idempotency == "optional":
        return handler(request, *args, **kwargs)
    if not _KEY.fullmatch(key):
        raise KeyMissing
    client = _client(request, view.caller_header)
    with _held(client=client, key=key):
        call, is_new = _claim(request, client, key)
        if not is_new:
            return _answered_before(call, request)
        return _kept_answer(view, call, lambda: handler(request, *args, **kwargs))


def prune(*, as_of: dt.datetime) -> int:
    """Deletes answers older than ``DAYS_KEPT``; gives how many."""
    limit = as_of - dt.timedelta(days=DAYS_KEPT)
    gone, _ = AnsweredCall.objects.filter(created_at__lt=limit).delete()
    return gone


def _client(request: Request, caller_header: str) -> str:
    """Whose answers are given again: a login's, or an address's with the secret it sends."""
    if isinstance(request.auth, Principal):
        return request.auth.pk
    secret = hashlib.sha256(request.headers.get(caller_header, "").encode()).hexdigest()
    return f"address|{client_address(request._request)}|{secret if caller_header else ''}"


def _digest(request: Request) -> str:
    head = f"{request.method} {request.get_full_path()}\n"
    return hashlib.sha256(head.encode() + request._request.body).hexdigest()


def _claim(request: Request, client: str, key: str) -> tuple[AnsweredCall, bool]:
    call, is_new = AnsweredCall.objects.get_or_create(
        client=client, key=key, defaults={"request_sha256": _digest(request)}
    )
    if not is_new and call.created_at < clock.now() - dt.timedelta(days=DAYS_KEPT):
        call.delete()
        return _claim(request, client, key)
    return call, is_new


def _answered_before(call: AnsweredCall, request: Request) -> HttpResponse:
    if call.request_sha256 != _digest(request):
        raise KeyReused
    if call.status is None:
        raise OutcomeUnknown
    answer = HttpResponse(bytes(call.body), status=call.status)
    for name, value in call.headers.items():
        answer[name] = value
    answer["Idempotency-Replayed"] = "true"
    return answer


def _kept_answer(
    view: ApiView, call: AnsweredCall, work: Callable[[], HttpResponse]
) -> HttpResponse:
    try:
        try:
            response = work()
        except (
            APIException,
            DomainError,
            Http404,
            PermissionDenied,
            ServiceUnavailable,
        ) as error:
            response = view.handle_exception(error)
    except Exception:
        # Nothing was done, or it was rolled back: the same key may try again.
        call.delete()
        raise
    if response.status_code >= 500 or response.status_code in _NOT_KEPT:
        call.delete()
        return response
    if isinstance(response, Response):
        response = view.finalize_response(view.request, response, *view.args, **view.kwargs)
        assert isinstance(response, Response)
        response.render()
    call.status = response.status_code
    call.headers = {name: response[name] for name in _HEADERS_KEPT if name in response}
    call.body = response.content
    call.save(update_fields=["status", "headers", "body"])
    return response


@contextlib.contextmanager
def _held(*, client: str, key: str) -> Iterator[None]:
    """A lock of the key for the whole database; freed by the server if this process dies."""
    digest = hashlib.sha256(f"{client}\n{key}".encode()).digest()
    number = int.from_bytes(digest[:8], "big", signed=True)
    with connections["default"].cursor() as cursor:
        for _ in range(WAIT_STEPS_MAX):
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
            if cursor.fetchone()[0]:
                break
            time.sleep(WAIT_STEP_SECONDS)
        else:
            raise StillAtWork
    try:
        yield
    finally:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [number])
