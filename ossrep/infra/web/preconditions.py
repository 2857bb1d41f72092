"""ETag and If-Match: an edit says which state it edits, so that none is lost."""

from __future__ import annotations

import hashlib
import json
import re
from http import HTTPStatus
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

_TAGS = re.compile(r'(?:W/)?"[^"]*"')


class MatchMissing(APIException):
    """An edit came without saying what it edits."""

    status_code = HTTPStatus.PRECONDITION_REQUIRED
    default_code = "if_match_missing"
    default_detail = "Read the record and send its ETag as If-Match."


class MatchFailed(APIException):
    """Somebody else has changed the record since it was read."""

    status_code = HTTPStatus.PRECONDITION_FAILED
    default_code = "if_match_failed"
    default_detail = "The record has changed since you read it; read it again."


def etag_of(value: Any) -> str:
    """A strong tag of what is shown of a record."""
    text = json.dumps(value, sort_keys=True, cls=DjangoJSONEncoder, separators=(",", ":"))
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def require_match(request: Request, *, current: str) -> None:
    """Refuses an edit of another state than ``current``: 428 without If-Match, 412 with another.

    Call it inside the transaction that edits, with the row locked.
    """
    given = request.headers.get("If-Match", "").strip()
    if not given:
        raise MatchMissing
    # A weak tag never matches an edit (RFC 9110 13.1.1).
    if given != "*" and current not in _TAGS.findall(given):
        raise MatchFailed


def with_etag(request: Request, value: Any) -> Response:
    """The value with its tag, or 304 when the caller has it already."""
    tag = etag_of(value)
    if is_known(request, tag=tag):
        return Response(status=HTTPStatus.NOT_MODIFIED, headers={"ETag": tag})
    return Response(value, headers={"ETag": tag})


def is_known(request: Request, *, tag: str) -> bool:
    """True when the caller reads and has what the tag stands for."""
    given = request.headers.get("If-None-Match", "")
    known = [found.removeprefix("W/") for found in _TAGS.findall(given)]
    return request.method in ("GET", "HEAD") and (given.strip() == "*" or tag in known)
