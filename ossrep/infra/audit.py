"""Who did what: the context that django-pghistory writes beside every change of a tracked record.

The library puts its context in front of statements of the ``default`` connection only; the
records people edit live on the contexts' own aliases, so this module covers all of them.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pghistory
from django.db import connections
from django.http import HttpRequest
from pghistory import config as pghistory_config
from pghistory import middleware, runtime
from psycopg.sql import Composable


@contextlib.contextmanager
def history_context(**metadata: Any) -> Iterator[None]:
    """Within it every change of a tracked record, in any schema, carries ``metadata``.

    Nested use adds to the outer context; all changes of the outermost one share one id.
    """
    is_outermost = not is_active()
    with contextlib.ExitStack() as stack:
        stack.enter_context(pghistory.context(**metadata))
        if is_outermost:
            for alias in connections:
                if alias != "default":
                    wrapper = connections[alias].execute_wrapper(_with_history)
                    stack.enter_context(wrapper)
        yield


def _with_history(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
    """The library's wrapper takes text only, and puts its values before one row's parameters."""
    if isinstance(sql, Composable):
        sql = sql.as_string(context["connection"].connection)
    if params is None and runtime._can_inject_variable(context["cursor"], sql):  # type: ignore[no-untyped-call]
        # With the library's values the driver looks for placeholders where there were none.
        sql = sql.replace("%", "%%")
    if not many:
        return runtime._inject_history_context(execute, sql, params, many, context)
    if runtime._can_inject_variable(context["cursor"], sql):  # type: ignore[no-untyped-call]
        context["cursor"].execute(_SET_CONTEXT, _context_values())
    return execute(sql, params, many, context)


_SET_CONTEXT = (
    "SELECT set_config('pghistory.context_id', %s, true), "
    "set_config('pghistory.context_metadata', %s, true)"
)


def _context_values() -> list[str]:
    context = runtime._tracker.value
    return [str(context.id), json.dumps(context.metadata, cls=pghistory_config.json_encoder())]


def is_active() -> bool:
    """True inside ``history_context`` on this thread."""
    return hasattr(runtime._tracker, "value")


def announce(alias: str) -> None:
    """Tells the database of the context once for the running transaction.

    COPY does not pass through Django's wrappers; a transaction that only copies would have none.
    """
    if not is_active():
        return
    with connections[alias].cursor() as cursor:
        cursor.execute(_SET_CONTEXT, _context_values())


class HistoryMiddleware(middleware.HistoryMiddleware):
    """Puts user, path and request into the history of every record a web request changes."""

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context(request)
        user = getattr(request, "user", None)
        name = user.get_username() if user is not None and user.is_authenticated else ""
        return {**found, "username": name, "method": request.method}

    def __call__(self, request: HttpRequest) -> Any:
        if request.method not in pghistory_config.middleware_methods():
            return self.get_response(request)
        with history_context(**self.get_context(request)):
            return super().__call__(request)  # type: ignore[no-untyped-call]
