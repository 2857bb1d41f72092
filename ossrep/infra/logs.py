"""Log lines: readable text, or one JSON object a line with request and user."""

from __future__ import annotations

from typing import Any, Literal

import structlog


def without_query_values(logger: Any, name: str, event: dict[str, Any]) -> dict[str, Any]:
    """Leaves of a request's query only the names of its fields: values may be tokens or people."""
    request = event.get("request")
    if not isinstance(request, str) or "?" not in request:
        return event
    path, _, query = request.partition("?")
    names = "&".join(field.partition("=")[0] for field in query.split("&"))
    return {**event, "request": f"{path}?{names}"}


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    without_query_values,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
]


def settings_for(*, log_format: Literal["text", "json"], level: str) -> dict[str, Any]:
    """Django's LOGGING; also sets structlog up, whose lines pass through the same handler.

    With JSON each request is logged with its id, user, status and duration (django-structlog);
    the same id stands on every line logged while it is answered.
    """
    structlog.configure(
        # First, so that a line that nobody reads costs nothing.
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    is_json = log_format == "json"
    renderer = structlog.processors.JSONRenderer() if is_json else _PLAIN
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    renderer,
                ],
                "foreign_pre_chain": _SHARED,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": level},
        # Requests are worth a line each where a program reads the log.
        "loggers": {"django_structlog": {"level": "INFO" if is_json else "WARNING"}},
    }


class _Plain:
    """``time level logger: event key=value``, and the traceback below it."""

    def __call__(self, logger: Any, name: str, event: dict[str, Any]) -> str:
        trace = event.pop("exception", None)
        head = [event.pop(key, "") for key in ("timestamp", "level", "logger", "event")]
        rest = "".join(f" {key}={value!r}" for key, value in sorted(event.items()))
        line = f"{head[0]} {head[1]} {head[2]}: {head[3]}{rest}"
        return f"{line}\n{trace}" if trace else line


_PLAIN = _Plain()
