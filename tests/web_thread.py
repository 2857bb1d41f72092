"""The product behind a real address, in threads of this process; for what others call back."""

from __future__ import annotations

import threading
from types import TracebackType
from wsgiref.simple_server import WSGIServer, make_server

from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.db import connections


class QuietHandler(WSGIRequestHandler):
    """Says nothing of the calls."""

    def log_message(self, format: str, *args: object) -> None:
        pass


class _Server(ThreadedWSGIServer):
    daemon_threads = True

    def close_request(self, request: object) -> None:
        connections.close_all()
        super().close_request(request)  # type: ignore[arg-type]


class WebThread:
    """Answers at ``url`` until the block ends."""

    def __enter__(self) -> WebThread:
        self._server: WSGIServer = make_server(
            "127.0.0.1", 0, WSGIHandler(), server_class=_Server, handler_class=QuietHandler
        )
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
