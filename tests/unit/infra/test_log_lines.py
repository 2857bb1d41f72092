"""What log lines leave out."""

from __future__ import annotations

import pytest

from ossrep.infra.logs import without_query_values


class TestWithoutQueryValues:
    @pytest.mark.parametrize(
        ("request_line", "logged"),
        [
            ("GET /oidc/end-session?id_token_hint=ey.J.x&state=1", "id_token_hint&state"),
            ("GET /oidc/userinfo?access_token=a=b", "access_token"),
        ],
    )
    def test_keeps_the_names_of_fields_only(self, request_line: str, logged: str) -> None:
        event = without_query_values(None, "info", {"request": request_line, "event": "done"})

        assert event["request"] == f"{request_line.partition('?')[0]}?{logged}"
        assert event["event"] == "done"

    @pytest.mark.parametrize("event", [{"request": "GET /oidc/jwks"}, {"event": "why?"}, {}])
    def test_leaves_everything_else(self, event: dict[str, str]) -> None:
        assert without_query_values(None, "info", event) == event
