"""Log lines as text and as JSON."""

from __future__ import annotations

import json
import logging
import logging.config
from collections.abc import Iterator

import pytest
from django.conf import settings

from ossrep.infra import logs


@pytest.fixture(autouse=True)
def _settings_afterwards() -> Iterator[None]:
    yield
    logging.config.dictConfig(settings.LOGGING)


def _formatter(log_format: str) -> logging.Formatter:
    found = logs.settings_for(log_format=log_format, level="INFO")  # type: ignore[arg-type]
    spec = dict(found["formatters"]["lines"])
    return spec.pop("()")(**spec)


def _record(message: str, *arguments: object) -> logging.LogRecord:
    return logging.LogRecord("ossrep.test", logging.WARNING, __file__, 1, message, arguments, None)


class TestSettingsFor:
    def test_json_is_one_object_a_line(self) -> None:
        line = json.loads(_formatter("json").format(_record("%s bills", 3)))

        assert (line["event"], line["level"], line["logger"]) == (
            "3 bills",
            "warning",
            "ossrep.test",
        )
        assert line["timestamp"].endswith("Z")

    def test_json_keeps_a_traceback_on_its_line(self) -> None:
        record = _record("failed")
        try:
            raise ValueError("no such plan")
        except ValueError as error:
            record.exc_info = (ValueError, error, error.__traceback__)

        text = _formatter("json").format(record)

        assert "\n" not in text
        assert "ValueError: no such plan" in json.loads(text)["exception"]

    def test_text_is_readable(self) -> None:
        line = _formatter("text").format(_record("%s bills", 3))

        assert line.endswith(" warning ossrep.test: 3 bills")
