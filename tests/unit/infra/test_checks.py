"""What ``check --deploy`` says of an installation that tells nobody anything."""

from __future__ import annotations

from typing import Any

from ossrep.infra.checks import check_mail


class TestCheckMail:
    def test_warns_without_a_mail_server(self, settings: Any) -> None:
        settings.OSSREP_HAS_EMAIL_URL = False

        assert [warning.id for warning in check_mail(None)] == ["ossrep.W001"]

    def test_is_content_with_what_was_chosen(self, settings: Any) -> None:
        settings.OSSREP_HAS_EMAIL_URL = True

        assert check_mail(None) == []
