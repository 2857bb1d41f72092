"""``/api/v1/<context>/changes/<resource>``: what has changed since a cursor, over HTTP.

``?cursor=&size=``; without a cursor from the beginning, with ``?from=now`` from here on. The answer
always has a cursor, to be kept by the reader and sent with its next question.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.core import signing
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import APIException, ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.serializers import BooleanField, CharField

from ossrep.infra.auth.rest import route_of
from ossrep.infra.feeds import reading
from ossrep.infra.feeds.reading import Position
from ossrep.infra.feeds.tables import ChangedRowBase
from ossrep.infra.web.paging import CURSOR_LENGTH_MAX, read_size
from ossrep.infra.web.serializers import StrictSerializer

SIZE_MAX = 1_000

PARAMETERS = [
    OpenApiParameter("cursor", str, description="The `nextCursor` of the answer before."),
    OpenApiParameter("size", int, description=f"Rows in the answer, 1 to {SIZE_MAX}."),
    OpenApiParameter(
        "from", str, enum=["now"], description="Without a cursor: only what changes from now on."
    ),
]


class FeedRestarted(APIException):
    """The cursor is from before the database was restored."""

    status_code = HTTPStatus.GONE
    default_code = "feed_restarted"
    default_detail = "This cursor is from before a restore; read the feed from its beginning."


class FeedShape(StrictSerializer):
    """What every feed's answer has; the feed adds its ``items``."""

    next_cursor = CharField()
    has_more = BooleanField()


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Changed rows in order, the cursor after them, and whether more can be had at once."""

    rows: Sequence[Any]
    next_cursor: str
    has_more: bool

    def body(self, shape: Callable[[Any], Any]) -> dict[str, Any]:
        """``{items, next_cursor, has_more}``."""
        return {
            "items": [shape(row) for row in self.rows],
            "next_cursor": self.next_cursor,
            "has_more": self.has_more,
        }


def feed_page(request: Request, queryset: QuerySet[Any], *, key: str = "pk") -> FeedPage:
    """The rows changed since the request's cursor. 400 on a bad cursor, 410 after a restore.

    ``queryset`` is of a table with ``changed_xid``; ``key`` names its whole-number key.
    """
    size = read_size(request, size_max=SIZE_MAX)
    after = _position(request, context=queryset.db)
    rows = reading.read_changes(queryset, after=after, limit=size + 1, key=key)
    shown = rows[:size]
    if shown:
        last = shown[-1]
        after = Position(after.incarnation, last.changed_xid, getattr(last, key))
    return FeedPage(shown, _cursor(request, after), len(rows) > size)


def followed_body(
    request: Request,
    changed: type[ChangedRowBase],
    *,
    resource: str,
    records: Callable[[Sequence[int]], Mapping[int, Any]],
) -> dict[str, Any]:
    """The answer of a followed table: ``{id, is_deleted, record}`` of each changed row.

    ``records`` gives the records as they are now, by key, in a fixed number of queries; one that is
    gone by now has none, and its deletion follows.
    """
    page = feed_page(request, changed._default_manager.filter(resource=resource), key="key")
    found = records([row.key for row in page.rows if not row.is_deleted])
    return page.body(
        lambda row: {
            "id": row.key,
            "is_deleted": row.is_deleted,
            "record": None if row.is_deleted else found.get(row.key),
        }
    )


def _position(request: Request, *, context: str) -> Position:
    text = request.query_params.get("cursor", "")
    if not text:
        start = request.query_params.get("from", "")
        if start not in ("", "now"):
            raise _refusal("from", "unknown_value", "from is now, or left out.")
        return reading.present(context=context) if start else reading.beginning(context=context)
    try:
        if len(text) > CURSOR_LENGTH_MAX:
            raise signing.BadSignature("too long")
        position = Position(*signing.loads(text, salt=_salt(request)))
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise _refusal("cursor", "invalid_cursor", "This cursor is not for this feed.") from error
    if not reading.is_good(position, context=context):
        raise FeedRestarted
    return position


def _cursor(request: Request, position: Position) -> str:
    return signing.dumps(
        [position.incarnation, position.xid, position.key], salt=_salt(request), compress=False
    )


def _salt(request: Request) -> str:
    """A reader may renew its client, so the caller is not in it; the route and filters are."""
    filters = sorted(
        (name, values)
        for name, values in request.query_params.lists()
        if name not in ("cursor", "size", "from")
    )
    return repr(("feed", route_of(request), filters))


def _refusal(name: str, code: str, text: str) -> ValidationError:
    return ValidationError({name: [ErrorDetail(text, code=code)]})
