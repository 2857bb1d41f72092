"""Lists in pieces: numbered pages for people, cursors for programs. Both have a cap."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from django.core import signing
from django.db.models import Model, Q, QuerySet
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from ossrep.infra.auth.principal import Principal
from ossrep.infra.auth.rest import route_of

SIZE_DEFAULT = 20
SIZE_MAX = 200
PAGE_MAX = 1_000_000
CURSOR_LENGTH_MAX = 1_000

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class PageRequest:
    """``?page=0&size=20``; pages count from 0."""

    page: int
    size: int

    @property
    def rows(self) -> slice:
        """Which rows of the whole list."""
        return slice(self.page * self.size, (self.page + 1) * self.size)


@dataclass(frozen=True, slots=True)
class CursorPage:
    """Some rows, and the cursor of what follows (empty: nothing does)."""

    rows: Sequence[Any]
    next_cursor: str

    def body(self, shape: Callable[[Any], Any]) -> dict[str, Any]:
        """``{items, next_cursor}`` as all new calls answer it."""
        return {"items": [shape(row) for row in self.rows], "next_cursor": self.next_cursor or None}


def read_page(request: Request, *, size_max: int = SIZE_MAX) -> PageRequest:
    """The page asked for. Raises ValidationError beyond the limits."""
    return PageRequest(
        page=_whole(request, "page", default=0, least=0, most=PAGE_MAX),
        size=_whole(request, "size", default=SIZE_DEFAULT, least=1, most=size_max),
    )


def read_size(request: Request, *, size_max: int = SIZE_MAX) -> int:
    """The rows asked for in one answer. Raises ValidationError beyond the limits."""
    return _whole(request, "size", default=SIZE_DEFAULT, least=1, most=size_max)


def page_body(page: PageRequest, *, content: Sequence[Any], total: int) -> dict[str, Any]:
    """``{content, page, size, total_elements, total_pages}`` of the service-point contract."""
    return {
        "content": list(content),
        "page": page.page,
        "size": page.size,
        "total_elements": total,
        "total_pages": -(-total // page.size),
    }


def cursor_page(
    request: Request,
    queryset: QuerySet[Row],
    *,
    order: Sequence[str] = ("pk",),
    size_max: int = SIZE_MAX,
) -> CursorPage:
    """The rows after the cursor, by the fields of ``order`` (``-name`` falls; together unique).

    A cursor is signed for its caller, route and filters: any other use is refused.
    """
    size = _whole(request, "size", default=SIZE_DEFAULT, least=1, most=size_max)
    salt = _salt(request, order)
    rows = queryset.order_by(*order)
    if text := request.query_params.get("cursor", ""):
        rows = rows.filter(_after(order, _read(text, salt, len(order))))
    found = list(rows[: size + 1])
    if len(found) <= size:
        return CursorPage(found, "")
    position = [_packed(getattr(found[size - 1], name.lstrip("-"))) for name in order]
    return CursorPage(found[:size], signing.dumps(position, salt=salt))


def _salt(request: Request, order: Sequence[str]) -> str:
    caller = request.auth.pk if isinstance(request.auth, Principal) else ""
    filters = sorted(
        (name, values)
        for name, values in request.query_params.lists()
        if name not in ("cursor", "size")
    )
    kwargs = sorted((request.parser_context or {}).get("kwargs", {}).items())
    return repr((route_of(request), caller, kwargs, filters, tuple(order)))


def _read(text: str, salt: str, length: int) -> list[Any]:
    try:
        if len(text) > CURSOR_LENGTH_MAX:
            raise signing.BadSignature("too long")
        position = signing.loads(text, salt=salt)
        values = [_unpacked(item) for item in position]
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise _refusal("cursor", "invalid_cursor", "This cursor is not for this list.") from error
    if len(values) != length:
        raise _refusal("cursor", "invalid_cursor", "This cursor is not for this list.")
    return values


_PACKERS: dict[type, tuple[str, Callable[[Any], Any]]] = {
    dt.datetime: ("at", lambda value: value.isoformat()),
    dt.date: ("on", lambda value: value.isoformat()),
    Decimal: ("dec", str),
}
_UNPACKERS: dict[str, Callable[[Any], Any]] = {
    "at": dt.datetime.fromisoformat,
    "on": dt.date.fromisoformat,
    "dec": Decimal,
    "": lambda value: value,
}


def _packed(value: Any) -> list[Any]:
    kind, pack = _PACKERS.get(type(value), ("", lambda plain: plain))
    return [kind, pack(value)]


def _unpacked(item: Any) -> Any:
    kind, value = item
    return _UNPACKERS[kind](value)


def _after(order: Sequence[str], values: Sequence[Any]) -> Q:
    found = Q()
    for place, name in enumerate(order):
        equal = {earlier.lstrip("-"): values[n] for n, earlier in enumerate(order[:place])}
        beyond = f"{name[1:]}__lt" if name.startswith("-") else f"{name}__gt"
        found |= Q(**equal, **{beyond: values[place]})
    return found


def _whole(request: Request, name: str, *, default: int, least: int, most: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and least <= int(text) <= most):
        raise _refusal(name, "out_of_range", f"{name} is a whole number from {least} to {most}.")
    return int(text)


def _refusal(name: str, code: str, text: str) -> ValidationError:
    return ValidationError({name: [ErrorDetail(text, code=code)]})
