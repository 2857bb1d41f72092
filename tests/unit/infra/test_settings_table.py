"""The page of settings is that of the code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ossrep.infra.management.commands.settings_table import settings_page

ROOT = Path(__file__).resolve().parents[3]


class TestSettingsPage:
    def test_is_current(self) -> None:
        assert (ROOT / "docs/settings.md").read_text() == settings_page()

    def test_shows_type_and_default(self) -> None:
        page = settings_page()

        assert "| `OSSREP_LOG_FORMAT` | `text`, `json` | `text` |" in page
        assert "| `OSSREP_DEBUG` | true or false | `false` |" in page
        assert "| `OSSREP_VAR_DIR` | path | `var` |" in page


class TestEnvironment:
    def test_lists_all_errors_at_start(self) -> None:
        environment = {**os.environ, "OSSREP_DEBUG": "perhaps", "OSSREP_LOG_FORMAT": "moon"}

        result = subprocess.run(
            [sys.executable, "manage.py", "check"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

        assert result.returncode == 2
        assert result.stdout == ""
        lines = result.stderr.splitlines()
        assert lines[0] == "The environment does not fit; mend these variables:"
        assert [line.split(":")[0].strip() for line in lines[1:]] == [
            "OSSREP_DEBUG",
            "OSSREP_LOG_FORMAT",
        ]

    def test_leaves_a_way_to_sign_in(self) -> None:
        result = subprocess.run(
            [sys.executable, "-c", "import config.env"],
            cwd=ROOT,
            env={**os.environ, "OSSREP_LOCAL_PASSWORDS": "false"},
            capture_output=True,
            text=True,
            check=False,
        )

        assert result.returncode == 2
        assert result.stderr.splitlines()[1] == (
            "  OSSREP_LOCAL_PASSWORDS: false, and OSSREP_STAFF_ISSUER names no other way in"
        )
