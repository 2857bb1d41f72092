from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from ossrep.kernel.errors import DomainError
from tests.factories.malformed_edi import GOOD_FILE, malformed_files


def lint(path: Path, *args: str) -> str:
    out = io.StringIO()
    call_command("market", "lint", str(path), *args, stdout=out)
    return out.getvalue()


class TestMarketLint:
    def test_explains_a_good_file(self, tmp_path: Path) -> None:
        path = tmp_path / "usage.edi"
        path.write_bytes(GOOD_FILE)

        said = lint(path)

        assert "X12: 1 interchange, 2 groups, 3 transaction sets." in said
        assert "✓ 814_02  Switch reject response" in said
        assert "A76 — ESI ID invalid or not found" in said
        assert said.rstrip().endswith("✓ no problems")

    def test_ends_with_an_error_where_there_are_problems(self, tmp_path: Path) -> None:
        path = tmp_path / "cut.edi"
        path.write_bytes(GOOD_FILE[:-16])
        out = io.StringIO()

        with pytest.raises(DomainError, match=r"cut\.edi: 1 problem$"):
            call_command("market", "lint", str(path), stdout=out)

        assert "the interchange ends without IEA: the file seems to be cut off" in out.getvalue()

    def test_writes_json(self, tmp_path: Path) -> None:
        path = tmp_path / "usage.edi"
        path.write_bytes(GOOD_FILE)

        told = json.loads(lint(path, "--json", "--documents", "1"))

        assert told["summary"] == "X12: 1 interchange, 2 groups, 3 transaction sets."
        assert [len(g["documents"]) for g in told["envelopes"][0]["groups"]] == [1, 0]
        assert told["left_out"] == 2

    def test_shows_no_control_character_of_any_file(self, tmp_path: Path) -> None:
        path = tmp_path / "hostile.edi"
        control = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]")
        for file in [f for f in malformed_files() if f.family in ("name", "control")][::9]:
            path.write_bytes(file.data)
            out = io.StringIO()
            try:
                call_command("market", "lint", str(path), stdout=out)
            except DomainError:
                pass
            assert not control.search(out.getvalue()), file

    def test_refuses_what_cannot_be_read(self, tmp_path: Path) -> None:
        with pytest.raises(DomainError, match="cannot be read: Is a directory"):
            lint(tmp_path)
        with pytest.raises(DomainError, match="cannot be read: No such file"):
            lint(tmp_path / "none.edi")

    def test_works_without_a_database_and_from_a_pipe(self) -> None:
        ran = subprocess.run(
            [sys.executable, "manage.py", "market", "lint", "-"],
            input=GOOD_FILE[:-1],
            capture_output=True,
            cwd=settings.BASE_DIR,
            env={
                "PATH": "/usr/bin:/bin",
                "OSSREP_DATABASE_URL": "postgresql://nobody@localhost:1/none",
                "PYTHONIOENCODING": "utf-8",
            },
            check=False,
        )

        assert ran.returncode == 1
        assert ran.stderr.decode().strip() == "-: 1 problem"
        assert "the file ends without a terminator after IEA" in ran.stdout.decode()
