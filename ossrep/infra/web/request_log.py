"""Each request in the log: its id, its user, and the address that it came from."""

from __future__ import annotations

import logging
import uuid
from http import HTTPStatus

import structlog
from django.http import HttpRequest, HttpResponse
from django_structlog.middlewares import RequestMiddleware

from ossrep.infra.web.addresses import client_address

_LINES = logging.getLogger(RequestMiddleware.__module__)


class RequestLogMiddleware(RequestMiddleware):
    """With the address that counts everywhere else, too; the library believes any header.

    Where nobody reads of requests that went well, a request costs its id only.
    """

    def prepare(self, request: HttpRequest) -> None:
        """Binds id, address and (of a page) user to all lines of the request."""
        if _is_read() or hasattr(request, "user"):
            super().prepare(request)
            return
        structlog.contextvars.bind_contextvars(request_id=str(uuid.uuid4()))
        self.bind_ip(request)

    def handle_response(self, request: HttpRequest, response: HttpResponse) -> None:
        """A line about the answer."""
        went_well = response.status_code < HTTPStatus.BAD_REQUEST and not response.streaming
        if went_well and not _is_read():
            structlog.contextvars.clear_contextvars()
            return
        super().handle_response(request, response)

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        """Binds ``ip`` to all lines of the request."""
        structlog.contextvars.bind_contextvars(ip=str(client_address(request) or ""))


def _is_read() -> bool:
    return _LINES.isEnabledFor(logging.INFO)
